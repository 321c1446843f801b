//! References within the mirror hold for whoever changes it by hand, and are proved at the end of a load.

use super::{add_tenant, import, school};
use crate::harness::{TestDatabase, database};

async fn imported() -> TestDatabase {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    database
}

/// Runs statements in one transaction, and returns why it could not be committed.
async fn refusal(database: &TestDatabase, statements: &'static str) -> Option<String> {
    let mut transaction = database.pool.begin().await.unwrap();
    let done = sqlx::raw_sql(statements).execute(&mut *transaction).await;
    let ended = match done {
        Ok(_) => transaction.commit().await,
        Err(error) => Err(error),
    };
    ended.err().map(|error| error.to_string())
}

#[tokio::test]
async fn by_hand_nothing_can_refer_to_what_is_not_there_when_the_transaction_ends() {
    let database = imported().await;
    for (statements, constraint) in [
        ("delete from informat.persoon", "inschrijving_persoon_fk"),
        (
            "update informat.persoon set p_persoon = p_persoon + 1000",
            "persoon_fk",
        ),
        (
            "update informat.inschrijving set p_persoon = 999",
            "inschrijving_persoon_fk",
        ),
        ("delete from informat.klassen", "_klassen_fk"),
        (
            "update informat.inschrklas set p_klas = 999",
            "inschrklas_klassen_fk",
        ),
        (
            "update informat.klassen set schooljaar = '1999-00'",
            "klassen_schooljaar_fk",
        ),
        ("delete from informat.schoolvest", "schoolvest_fk"),
        ("delete from informat.school", "school_fk"),
        (
            "update informat.opdracht set instelnr = '999999', vestnrdiscimus = null, hfdstructuur = null",
            "opdracht_school_fk",
        ),
        (
            "update informat.klasfunctiepersoon set p_persoon = 999",
            "klasfunctiepersoon_persoon_fk",
        ),
    ] {
        let why = refusal(&database, statements).await.unwrap_or_default();
        assert!(why.contains(constraint), "{statements}: {why:?}");
    }
    // The order within a transaction does not matter, and a tenant goes with all it has.
    let moved = "update informat.inschrklas set p_inschr = p_inschr + 5000;
                 update informat.inschrijving set p_inschr = p_inschr + 5000";
    assert_eq!(refusal(&database, moved).await, None);
    assert_eq!(
        refusal(&database, "delete from tenant.tenant where tenant_id = 't'").await,
        None
    );
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from informat.inschrklas) + (select count(*) from informat.schoolvest)
              + (select count(*) from informat.opdracht) + (select count(*) from informat.persoon)",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_load_that_left_something_dangling_would_be_refused() {
    let database = imported().await;
    for (dangling, table, is_refused) in [
        ("delete from informat.persoon", "persoon", true),
        ("update informat.inschrklas set p_klas = 999", "inschrklas", true),
        ("update informat.inschrklas set p_klas = 999", "school", false),
        (
            "update informat.opdracht set vestnrdiscimus = null",
            "opdracht",
            false,
        ),
    ] {
        let statements = format!(
            "set local oneroster.loading = 'on'; {dangling};
             select informat.prove_references('t', array['informat.{table}']::regclass[])"
        );
        let mut transaction = database.pool.begin().await.unwrap();
        let proved = sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
            .execute(&mut *transaction)
            .await;
        assert_eq!(proved.is_err(), is_refused, "{dangling} {table}: {proved:?}");
        transaction.rollback().await.unwrap();
    }
}
