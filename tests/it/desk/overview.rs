//! *Overzicht* and the page of all tenants: what they show, and what an operator does with a held publication.

use axum::http::StatusCode;
use oneroster::publication::State;
use serde_json::json;

use super::asking::Asking;
use crate::harness::database;
use crate::harness::group::{Shape, group, instelnr};
use crate::harness::school::{COLLECTIONS, School, school};

/// Ends the registration of a third of the pupils: the brake holds that.
async fn many_leave(school: &School) {
    let today = school.today().await;
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{today}'::date - 1 where tenant_id = $1 and p_inschr % 3 = 0"
        ))
        .await;
    assert_eq!(school.publish().await.state, State::Held);
}

/// The fingerprint that a page shows.
fn hold_of(page: &str) -> String {
    let (_, rest) = page.split_once("data-hold=\"").expect("something is held");
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn the_overview_begins_with_who_is_to_be_released_and_says_what_was_done_last() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let desk = Asking::start(&database.pool).await;
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(page.contains("Alle gebruikersnamen zijn nagekeken"), "{page}");
    assert!(page.contains("nog nooit"), "nothing was published: {page}");
    school
        .change("update username.record set sync = false where tenant_id = $1")
        .await;
    sqlx::query("update tenant.input_version set version = version + 1 where input = 'usernames'")
        .execute(&database.pool)
        .await
        .unwrap();
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(
        page.contains("3 gebruikersnamen zijn nog vrij te geven."),
        "{page}"
    );
    assert!(page.contains("/desk/zandpoort/gebruikersnamen?mark=new"));
    assert!(
        page.contains("Personen die nog vrijgegeven moeten worden"),
        "a finding: {page}"
    );
    assert_eq!(desk.page("/desk/duinen/overzicht").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_points_of_attention_follow_the_data() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    let desk = Asking::start(&database.pool).await;
    let without_class = "Leerling zonder klas";
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(!page.contains(without_class), "{page}");
    school
        .change("delete from informat.inschrklas where tenant_id = $1 and p_inschr = 1")
        .await;
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(page.contains(without_class), "{page}");
    assert!(
        page.contains("Janssens Jan") && page.contains("Zandpoort - Markt"),
        "{page}"
    );
}

#[tokio::test]
async fn pulls_are_a_chart_with_its_numbers_in_a_table() {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school.publish().await;
    let desk = Asking::start(&database.pool).await;
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(page.contains("Er is nog niets gelezen"), "{page}");
    school.note_pull(COLLECTIONS, 1).await;
    school.note_pull(COLLECTIONS, 0).await;
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert_eq!(page.matches("<rect class=\"bar").count(), 2, "{page}");
    assert_eq!(page.matches("volledig gelezen</td>").count(), 2, "{page}");
    assert!(!page.contains("style="), "the content security policy refuses it");
}

#[tokio::test]
async fn an_operator_lets_a_held_publication_through_under_their_name() {
    let database = database().await;
    let school = group(
        &database.pool,
        "zandpoort",
        Shape {
            schools: 2,
            ..Shape::TWELVE
        },
    )
    .await;
    assert_eq!(school.publish().await.state, State::Published);
    many_leave(&school).await;
    let desk = Asking::start(&database.pool).await;
    let page = desk.shown("/desk/zandpoort/overzicht").await;
    assert!(page.contains("personen zouden verdwijnen"), "{page}");
    assert!(page.contains("Doorlaten") && page.contains("Verwerpen"));
    let all = desk.shown("/desk/tenants").await;
    assert!(all.contains("tegengehouden sinds"), "{all}");

    let (status, refused) = desk
        .post(
            "/desk/api/zandpoort/hold/release",
            &json!({ "hold": "0".repeat(64) }),
        )
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    assert_eq!(refused["error"]["code"], "hold-changed");
    let (status, released) = desk
        .post(
            "/desk/api/zandpoort/hold/release",
            &json!({ "hold": hold_of(&page) }),
        )
        .await;
    assert_eq!(
        (status, &released["published"]),
        (StatusCode::OK, &json!(true)),
        "{released}"
    );
    assert_eq!(school.generations().await, 2);
    let by: String = sqlx::query_scalar("select decided_by from tenant.decision where decision = 'release'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(by, "operator");
    assert!(
        !desk
            .shown("/desk/zandpoort/overzicht")
            .await
            .contains("Doorlaten</button>")
    );
}

#[tokio::test]
async fn an_operator_discards_a_held_publication_once() {
    let database = database().await;
    let school = group(
        &database.pool,
        "zandpoort",
        Shape {
            schools: 2,
            ..Shape::TWELVE
        },
    )
    .await;
    school.publish().await;
    many_leave(&school).await;
    let desk = Asking::start(&database.pool).await;
    let hold = hold_of(&desk.shown("/desk/zandpoort/overzicht").await);
    let path = "/desk/api/zandpoort/hold/discard";
    let (status, said) = desk.post(path, &json!({ "hold": hold })).await;
    assert_eq!(
        (status, &said["published"]),
        (StatusCode::OK, &json!(false)),
        "{said}"
    );
    let (status, said) = desk.post(path, &json!({ "hold": hold })).await;
    assert_eq!(
        (status, &said["error"]["code"]),
        (StatusCode::CONFLICT, &json!("hold-gone")),
        "{said}"
    );
    assert!(
        !desk
            .shown("/desk/zandpoort/overzicht")
            .await
            .contains("data-hold")
    );
    assert_eq!(school.generations().await, 1);
}

#[tokio::test]
async fn operators_find_a_tenant_by_a_part_of_its_name() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    school(&database.pool, "duinen").await;
    let desk = Asking::start(&database.pool).await;
    let all = desk.shown("/desk/tenants").await;
    assert!(
        all.contains("2 scholengroepen") && all.contains("/desk/duinen/overzicht"),
        "{all}"
    );
    let one = desk.shown("/desk/tenants?search=GROEP%20zand").await;
    assert!(
        one.contains("1 scholengroep") && !one.contains("/desk/duinen/overzicht"),
        "{one}"
    );
    assert!(
        desk.shown("/desk/tenants?search=x%22y")
            .await
            .contains("Geen scholengroep gevonden")
    );
}

#[tokio::test]
async fn who_may_see_one_school_reads_nothing_of_another() {
    let database = database().await;
    let world = group(
        &database.pool,
        "zandpoort",
        Shape {
            schools: 2,
            ..Shape::TWELVE
        },
    )
    .await;
    world.publish().await;
    let place = format!("{} - ", instelnr(2));
    world
        .change("delete from informat.inschrklas where tenant_id = $1")
        .await;
    many_leave(&world).await;
    let operator = Asking::start(&database.pool).await;
    let all = operator.shown("/desk/zandpoort/overzicht").await;
    assert!(
        all.contains("Leerling zonder klas") && all.contains("in de hele scholengroep"),
        "{all}"
    );
    let site = crate::harness::desk::Site::start(&database.pool).await;
    let account = site
        .account(
            "els",
            &[("zandpoort", &instelnr(1), None, "iLeerlingen: Alles lezen")],
        )
        .await;
    let els = site.signed_in(&account).await;
    let answer = site.get(&els, "/desk/zandpoort/overzicht").await;
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(page.contains("Leerling zonder klas"), "{page}");
    assert!(
        !page.contains("in de hele scholengroep"),
        "counts of the other school: {page}"
    );
    assert!(
        !page.contains("Doorlaten") && !page.contains("/desk/tenants"),
        "{page}"
    );
    let names: Vec<(String, String)> = sqlx::query_as(
        "select naam, voornaam from informat.persoon p join informat.inschrijving i using (tenant_id, p_persoon)
         where i.instelnr = $1",
    )
    .bind(instelnr(2))
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert!(!names.is_empty());
    for (family, given) in names {
        let own = format!("{family} {given}");
        let shared: bool = sqlx::query_scalar(
            "select exists (select from informat.persoon p join informat.inschrijving i using (tenant_id, p_persoon)
             where i.instelnr = $1 and p.naam = $2 and p.voornaam = $3)",
        )
        .bind(instelnr(1))
        .bind(&family)
        .bind(&given)
        .fetch_one(&database.pool)
        .await
        .unwrap();
        assert!(shared || !page.contains(&own), "{own}");
    }
    assert!(!page.contains(&place));
}
