//! Changing one's own password: asked for the old one, like a sign-in; the other sessions end; for local accounts only.

use axum::http::StatusCode;
use oneroster::access::claims::Claims;
use oneroster::access::{Identity, account, sessions};
use oneroster::clock::Clock;

use crate::harness::api::Answer;
use crate::harness::desk::{Browser, PASSWORD, Site};
use crate::harness::school::school;
use crate::harness::{TestDatabase, database};

const PATH: &str = "/desk/wachtwoord";
const READS: &str = "iLeerlingen: Alles lezen";
const NEW: &str = "an even better password";

async fn world() -> (TestDatabase, Site) {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    (database, site)
}

async fn change(site: &Site, browser: &Browser, fields: [&str; 3]) -> Answer {
    let [current, new, again] = fields.map(oneroster::edge::encode);
    let form = format!("current={current}&new={new}&again={again}");
    site.form(browser, PATH, &form).await
}

async fn sign_in(site: &Site, name: &str, password: &str) -> StatusCode {
    let form = format!("name={name}&password={}", oneroster::edge::encode(password));
    site.form(&Browser::default(), "/desk/sign-in", &form)
        .await
        .status
}

fn words(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn who_knows_the_old_password_gets_a_new_one_and_the_other_sessions_end() {
    let (database, site) = world().await;
    let mia = site.account("mia", &[("zandpoort", "001507", None, READS)]).await;
    let (here, there) = (site.signed_in(&mia).await, site.signed_in(&mia).await);
    let page = words(&site.get(&here, PATH).await);
    assert!(
        page.contains("Je huidige wachtwoord") && page.contains("Minstens 12"),
        "{page}"
    );
    let menu = words(&site.get(&here, "/desk/zandpoort/gebruikersnamen").await);
    assert!(
        menu.contains("href=\"/desk/wachtwoord\""),
        "the user menu leads there"
    );
    let answer = change(&site, &here, [PASSWORD, NEW, NEW]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/desk/wachtwoord?done");
    let cookie = answer.header("set-cookie");
    let anew = Browser {
        cookie: Some(cookie.split(';').next().unwrap().to_owned()),
    };
    let done = words(&site.get(&anew, "/desk/wachtwoord?done").await);
    assert!(done.contains("Je wachtwoord is gewijzigd."), "{done}");
    for over in [&here, &there] {
        assert_eq!(site.get(over, PATH).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(sign_in(&site, "mia", PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&site, "mia", NEW).await, StatusCode::SEE_OTHER);
    // By whom and when is in the trail of the tenant, and in that of accounts.
    let trails: Vec<String> = sqlx::query_scalar(
        "select tenant_id from audit.entry where kind = 'password_set' and by = 'mia' order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(trails, ["_accounts", "zandpoort"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_changes_nothing() {
    let (_database, site) = world().await;
    let mia = site.account("mia", &[("zandpoort", "001507", None, READS)]).await;
    let browser = site.signed_in(&mia).await;
    let long = "a".repeat(257);
    for (fields, said) in [
        (["wrong password", NEW, NEW], "Je huidige wachtwoord klopt niet"),
        ([PASSWORD, NEW, "another password"], "verschillen"),
        ([PASSWORD, PASSWORD, PASSWORD], "is het oude"),
        ([PASSWORD, "short", "short"], "Minstens 12"),
        ([PASSWORD, &long, &long], "Minstens 12"),
    ] {
        let answer = change(&site, &browser, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        let page = words(&answer);
        assert!(
            page.contains("id=\"problem\"") && page.contains(said),
            "{fields:?}: {page}"
        );
        assert!(!page.contains(fields[0]), "a password is never sent back");
    }
    assert_eq!(sign_in(&site, "mia", PASSWORD).await, StatusCode::SEE_OTHER);
    // Before the old one is known to be right nothing is said of the new one.
    let answer = change(&site, &browser, ["wrong password", "short", "short"]).await;
    assert!(words(&answer).contains("Je huidige wachtwoord klopt niet"));
}

#[tokio::test]
async fn who_guesses_the_old_password_waits_as_at_the_sign_in_and_by_the_same_count() {
    let (database, site) = world().await;
    let mia = site.account("mia", &[("zandpoort", "001507", None, READS)]).await;
    let site = site.at(&database.pool, Clock::System.now()).await;
    let browser = site.signed_in(&mia).await;
    for _ in 0..3 {
        assert_eq!(
            sign_in(&site, "mia", "wrong password").await,
            StatusCode::UNAUTHORIZED
        );
    }
    for _ in 0..2 {
        let answer = change(&site, &browser, ["wrong password", NEW, NEW]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = change(&site, &browser, [PASSWORD, NEW, NEW]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        sign_in(&site, "mia", PASSWORD).await,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn for_who_signs_in_by_a_provider_there_is_no_such_page() {
    let (database, site) = world().await;
    let mut connection = site.pool.acquire().await.unwrap();
    let identity = Identity::of_issuer("https://issuer.example", "1");
    let els = account::by_identity_or_new(&mut connection, &identity, "els", "Els")
        .await
        .unwrap();
    drop(connection);
    sqlx::query("update desk.account set is_operator = true where login_name = 'els'")
        .execute(&database.pool)
        .await
        .unwrap();
    let claims = Claims::new(Vec::new(), None, true);
    let token = sessions::begin_with(&site.pool, els.account_id, &claims, Clock::System.now())
        .await
        .unwrap()
        .unwrap();
    let browser = Browser {
        cookie: Some(format!("__Host-oneroster-desk={}", token.as_str())),
    };
    let page = site.get(&browser, "/desk/zandpoort/gebruikersnamen").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !words(&page).contains("/desk/wachtwoord"),
        "nor does the menu lead there"
    );
    assert_eq!(site.get(&browser, PATH).await.status, StatusCode::NOT_FOUND);
    let answer = change(&site, &browser, [PASSWORD, NEW, NEW]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
