//! The good way against `oidc-provider`, a certified provider that shares nothing with us. Fails where there is no node, or where the package
//! cannot be had.

use super::browser::Browser;
use super::{SESSION_COOKIE, is_signed_in, openid, serve};
use crate::harness::node::Node;

#[tokio::test]
async fn a_provider_of_somebody_else_signs_people_in() {
    // The provider knows the address that it sends people back to beforehand.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    let redirect_uri = format!("http://{address}/desk/openid/callback");
    let mut node = Node::start("oidc", "provider.mjs", &[&redirect_uri]).await;
    let issuer = node.line().await;
    drop(free);
    let of_settings = issuer.clone();
    let (server, database) = serve(|settings| {
        settings.server.listen = address;
        settings.desk.openid = openid(of_settings);
    })
    .await;
    let mut browser = Browser::new();
    let start = format!(
        "{}/desk/openid?next=%2Fdesk%2Fzandpoort%2Foverzicht",
        server.base_url
    );
    let wanted = format!("{}/desk/zandpoort/overzicht", server.base_url);
    let (_, page) = browser.follow(&start, |to| to != wanted).await;
    assert!(is_signed_in(&page), "{SESSION_COOKIE}: {page:?}");
    let subject: String = sqlx::query_scalar("select subject from desk.account where issuer = $1")
        .bind(&issuer)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(subject, "account-of-jan");
}
