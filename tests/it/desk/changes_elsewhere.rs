//! *Historiek* and what happens at places that are not seen.

use chrono::Days;

use super::askers::asker;
use super::role_world::{Spot, TENANT, id, switch, text_of, world};
use crate::harness::database;
use crate::harness::desk::Site;

/// What becomes of somebody at a place that is not seen is no line of theirs, and no difference between two days.
#[tokio::test]
async fn r66_what_changes_elsewhere_is_told_of_nobody() {
    let database = database().await;
    let school = world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let mia = asker(&site, "mia", &[("001507", Some(1), "iLeerlingen: Alles lezen")]).await;
    let operator = site.operator("vendor").await;
    let operator = site.signed_in(&operator).await;
    switch(&site, &operator, true, &[]).await;
    school.publish().await;
    let today = school.today().await;
    let goris = id(6);
    let pages = async |browser| {
        let yesterday = today - Days::new(1);
        let mut pages = Vec::new();
        for query in [
            format!("person={goris}"),
            format!("class={}", Spot::class_id(0)),
            format!("from={yesterday}&to={today}&compare=1"),
            "kind=published".to_owned(),
        ] {
            let page = site
                .get(browser, &format!("/desk/{TENANT}/historiek?{query}"))
                .await;
            let page = text_of(&page);
            let nonce = page.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
            let (_, lines) = page.split_once("</form>\n").unwrap();
            pages.push(lines.replace(nonce, ""));
        }
        pages
    };
    school
        .change("update informat.persoon set voornaam = 'Jef' where tenant_id = $1 and p_persoon = 3")
        .await;
    school.publish().await;
    let before = pages(&mia.browser).await;
    assert!(before[0].contains("Goris"), "{before:?}");
    let yesterday = today - Days::new(1);
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{yesterday}'
                 where tenant_id = $1 and p_persoon = 7 and instelnr = '001508'"
        ))
        .await;
    school.publish().await;
    let (after, of_operator) = (pages(&mia.browser).await, pages(&operator).await);
    // Of the tenant as a whole it is told that something was published, and no more.
    assert_eq!(after[..3], before[..3]);
    assert!(of_operator[0].contains("Merels"), "{of_operator:?}");
}
