//! Edits at the same time as others, and as names are given out.

use oneroster::accounts::records::allocate;
use oneroster::accounts::{self, Author, Error, Refusal};
use sqlx::PgPool;
use uuid::Uuid;

use super::Scene;
use crate::harness::school::{BERT, JAN, LOTTE};

async fn set(pool: &PgPool, user: &str, name: &str) -> Result<(), Error> {
    let by = Author::new("ict").unwrap();
    let user: Uuid = user.parse().unwrap();
    accounts::set(pool, "t", &by, user, name).await.map(|_| ())
}

/// Every name that is held, in lower case, sorted.
async fn held(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar("select lower(local_part) from username.record where tenant_id = 't' order by 1")
        .fetch_all(pool)
        .await
        .unwrap()
}

fn distinct(names: &[String]) -> bool {
    names.windows(2).all(|pair| pair[0] != pair[1])
}

/// R71, R139: of those who want one name at once, one gets it and the others are told who has it; every edit is in the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r71_of_two_admins_who_want_one_name_the_second_is_refused() {
    let scene = Scene::new().await;
    let pool = &scene.database.pool;
    for round in 0..20 {
        let name = format!("wanted{round}");
        let upper = name.to_uppercase();
        let (jan, lotte, bert) = tokio::join!(
            set(pool, JAN, &name),
            set(pool, LOTTE, &upper),
            set(pool, BERT, &name)
        );
        let outcomes = [jan, lotte, bert];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for outcome in outcomes {
            assert!(
                matches!(outcome, Ok(()) | Err(Error::Refused(Refusal::Held { .. }))),
                "{outcome:?}"
            );
        }
    }
    let edits: i64 = sqlx::query_scalar(
        "select count(*) from username.change where changed_by = 'ict' and field = 'local_part'",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(edits, 20);
}

/// Two who edit one person follow each other: the history is a chain without a gap, and ends in the record.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_edits_of_one_person_are_both_in_the_history() {
    let scene = Scene::new().await;
    let pool = &scene.database.pool;
    let edits = (0..16).map(|number| async move { set(pool, JAN, &format!("jan{number}")).await });
    for outcome in futures_util::future::join_all(edits).await {
        outcome.unwrap();
    }
    let changes: Vec<(String, String)> = sqlx::query_as(
        "select old_value, new_value from username.change
         where rowguid = $1 and field = 'local_part' order by change_id",
    )
    .bind(JAN.parse::<Uuid>().unwrap())
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(changes.len(), 16);
    for pair in changes.windows(2) {
        assert_eq!(pair[0].1, pair[1].0);
    }
    assert_eq!(scene.name(JAN).await, changes[15].1);
    assert_eq!(scene.version().await, 17);
}

/// R48, R71: an edit and an import that give out the same name at once never give it to two.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r48_an_edit_and_an_allocation_never_give_one_name_to_two() {
    let scene = Scene::new().await;
    let pool = &scene.database.pool;
    for round in 0..20 {
        // Ends with a letter: the 2 that is put behind one name must not make that of a later round.
        let name = format!("an.nieuw{round}x");
        let p_persoon = 100 + round;
        // The import has loaded its rows, and has yet to give out names.
        scene
            .school
            .change(&format!(
                "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                     values ($1, {p_persoon}, gen_random_uuid(), 'Nieuw{round}x', 'An');
                 insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                     hfdstructuur, schooljaar, begindatum, status)
                     select tenant_id, {p_persoon}, {p_persoon}, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                            begindatum, status
                     from informat.inschrijving where tenant_id = $1 and p_inschr = 1"
            ))
            .await;
        let allocation = async {
            let mut transaction = pool.begin().await.unwrap();
            let allocated = allocate(&mut transaction, "t").await.unwrap();
            transaction.commit().await.unwrap();
            allocated.created
        };
        let (created, edited) = tokio::join!(allocation, set(pool, JAN, &name));
        assert_eq!(created, 1);
        let names = held(pool).await;
        assert!(distinct(&names), "{names:?}");
        match edited {
            Ok(()) => assert!(names.contains(&format!("{name}2")), "{names:?}"),
            Err(Error::Refused(Refusal::Held { .. })) => assert!(!names.contains(&format!("{name}2"))),
            Err(error) => panic!("{error}"),
        }
    }
}
