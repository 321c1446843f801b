//! R140: two usernames change hands, in three steps where Microsoft knows them.

use oneroster::accounts::{self, Author, Error, ReadNames, Refusal, Swap, SwapAction, SwapRefusal, SwapStep};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::school::{COLLECTIONS, JAN, LOTTE, School, school};
use crate::harness::{self, TestDatabase, database};

fn ids() -> (Uuid, Uuid) {
    (JAN.parse().unwrap(), LOTTE.parse().unwrap())
}

async fn take(school: &School, action: SwapAction) -> Result<Swap, Error> {
    let by = Author::new("Els").unwrap();
    accounts::swap(&school.server, &school.tenant_id, &by, ids(), &action).await
}

async fn refused(school: &School, action: SwapAction) -> SwapRefusal {
    match take(school, action).await {
        Err(Error::Refused(Refusal::Swap(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn names(school: &School) -> (String, String) {
    let name = |id: &'static str| async move {
        sqlx::query_scalar(
            "select local_part from username.record where tenant_id = $1 and rowguid = $2::uuid",
        )
        .bind(&school.tenant_id)
        .bind(id)
        .fetch_one(&school.pool)
        .await
        .unwrap()
    };
    (name(JAN).await, name(LOTTE).await)
}

async fn found(school: &School) -> Swap {
    let swap = accounts::find_swap(&school.server, "t", ids().1).await.unwrap();
    swap.unwrap()
}

/// Moves every pull back by so much, as if that time had passed.
async fn passed(school: &School, interval: &str) {
    sqlx::query(
        "update synclog.run set first_request_at = first_request_at - $2::text::interval,
                                last_request_at = last_request_at - $2::text::interval where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .bind(interval)
    .execute(&school.pool)
    .await
    .unwrap();
}

fn begin() -> SwapAction {
    SwapAction::Begin { other_gets: None }
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

#[tokio::test]
async fn r140_names_that_were_never_served_change_hands_at_once() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    let swap = take(&school, begin()).await.unwrap();
    assert_eq!(swap.step, SwapStep::Done);
    assert_eq!(names(&school).await, pair("lotte.peeters", "jan.janssens"));
}

#[tokio::test]
async fn r140_served_names_change_hands_in_three_steps_each_refused_until_its_time() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    assert_eq!(refused(&school, SwapAction::Finish).await, SwapRefusal::NoSwap);
    let swap = take(&school, begin()).await.unwrap();
    assert_eq!(
        (swap.step, swap.read),
        (SwapStep::Temporary, ReadNames::NotPublished)
    );
    assert_eq!(names(&school).await, pair("lotte.peeters_EX", "jan.janssens_EX"));
    assert_eq!(refused(&school, begin()).await, SwapRefusal::InSwap);
    assert_eq!(
        refused(&school, SwapAction::AliasesRemoved).await,
        SwapRefusal::NotPublished
    );
    school.publish().await;
    assert_eq!(
        refused(&school, SwapAction::AliasesRemoved).await,
        SwapRefusal::NotRead
    );
    assert_eq!(
        refused(&school, SwapAction::Finish).await,
        SwapRefusal::AliasFirst
    );
    school.note_pull(COLLECTIONS, 0).await;
    let refusal = refused(&school, SwapAction::AliasesRemoved).await;
    assert!(matches!(refusal, SwapRefusal::TooSoon { .. }), "{refusal:?}");
    passed(&school, "2 hours 59 minutes").await;
    let waiting = found(&school).await;
    assert!(matches!(waiting.read, ReadNames::Read(Some(_))), "{waiting:?}");
    assert!(waiting.waits_until.is_some(), "{waiting:?}");
    // The next one reads the same names: it does not make anybody wait anew.
    school.note_pull(COLLECTIONS, 0).await;
    passed(&school, "1 minute").await;
    let swap = found(&school).await;
    assert_eq!(swap.waits_until, None, "{swap:?}");
    let aliases: Vec<(&str, &str)> = swap
        .aliases()
        .into_iter()
        .map(|(side, alias)| (side.temporary.as_str(), alias))
        .collect();
    assert_eq!(
        aliases,
        [
            ("jan.janssens_EX", "lotte.peeters"),
            ("lotte.peeters_EX", "jan.janssens")
        ]
    );
    let swap = take(&school, SwapAction::AliasesRemoved).await.unwrap();
    assert_eq!(swap.alias_removed.map(|(_, by)| by).as_deref(), Some("Els"));
    let swap = take(&school, SwapAction::Finish).await.unwrap();
    assert_eq!(swap.step, SwapStep::Done);
    assert_eq!(names(&school).await, pair("lotte.peeters", "jan.janssens"));
    assert_eq!(
        accounts::find_swap(&school.server, "t", ids().0).await.unwrap(),
        None
    );
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit.entry where source = 'username.swap' and by = 'Els'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
    assert_eq!(entries, 3, "each step is in the audit trail");
}

/// The example of the manual: `bart.bal` becomes `b.bal`, and who was `b.bal` becomes `boris.bal`.
#[tokio::test]
async fn r140_the_other_may_get_a_third_name_and_a_swap_may_be_stopped() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    school.publish().await;
    let third = || SwapAction::Begin {
        other_gets: Some("boris.bal".to_owned()),
    };
    let swap = take(&school, third()).await.unwrap();
    assert_eq!(names(&school).await, pair("lotte.peeters_EX", "boris.bal_EX"));
    assert_eq!(swap.aliases().len(), 1, "the first one's own name nobody gets");
    take(&school, SwapAction::Cancel).await.unwrap();
    assert_eq!(names(&school).await, pair("jan.janssens", "lotte.peeters"));
    let held = SwapAction::Begin {
        other_gets: Some("bert.ameel".to_owned()),
    };
    let error = take(&school, held).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Held { .. })), "{error:?}");
}

/// Runs the command with what a person types: the names of the two and no more; returns its exit code and its report.
fn command(database: &TestDatabase, more: &[&str]) -> (Option<i32>, Value) {
    let begin = ["usernames", "swap", "--tenant", "t", "--by", "Els", "--json"];
    let output = harness::command(&database.url, &[&begin[..], more].concat())
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code(), report)
}

fn next(report: &Value) -> &str {
    report["next"].as_str().unwrap()
}

#[tokio::test]
async fn r140_the_command_leads_through_the_steps_by_the_names_that_were_typed_first() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    school.publish().await;
    let both = ["jan.janssens", "lotte.peeters"];
    let run = |more: &[&str]| command(&database, &[&both[..], more].concat());
    let (code, report) = run(&[]);
    assert_eq!(
        (code, &report["step"], &report["read"]),
        (Some(0), &"temporary".into(), &false.into())
    );
    let (code, report) = run(&["--step", "final"]);
    assert_eq!(
        (code, &report["refused"]["rule"]),
        (Some(1), &"swap-alias-first".into()),
        "{report}"
    );
    school.publish().await;
    assert!(next(&run(&[]).1).contains("next synchronisation of Microsoft"));
    school.note_pull(COLLECTIONS, 0).await;
    let (_, report) = run(&[]);
    assert_eq!(report["read"], true, "{report}");
    assert!(
        report["waits_until"].is_string() && next(&report).contains("go on after"),
        "{report}"
    );
    let (code, report) = run(&["--step", "alias"]);
    assert_eq!(
        (code, &report["refused"]["rule"]),
        (Some(1), &"swap-too-soon".into())
    );
    passed(&school, "3 hours").await;
    let (_, report) = run(&[]);
    assert!(
        report["waits_until"].is_null() && next(&report).contains("lotte.peeters of the account"),
        "{report}"
    );
    assert!(next(&report).contains("--step alias"), "{report}");
    assert_eq!(run(&["--step", "alias"]).0, Some(0));
    assert!(next(&run(&[]).1).contains("--step final"));
    let (code, report) = run(&["--step", "final"]);
    assert_eq!((code, &report["step"]), (Some(0), &"done".into()));
    assert_eq!(names(&school).await, pair("lotte.peeters", "jan.janssens"));
    // Asked once more it tells that it is done, and gives nobody another name.
    let (code, report) = run(&[]);
    assert_eq!((code, &report["step"]), (Some(0), &"done".into()), "{report}");
    assert!(report["ended_at"].is_string(), "{report}");
    assert_eq!(names(&school).await, pair("lotte.peeters", "jan.janssens"));
    let (code, report) = run(&["--cancel"]);
    assert_eq!(
        (code, &report["refused"]["rule"]),
        (Some(1), &"no-swap".into()),
        "{report}"
    );
    let (_, report) = run(&["--step", "begin"]);
    assert_eq!(report["step"], "temporary", "{report}");
}

#[tokio::test]
async fn r140_the_command_stops_a_swap_and_refuses_another_of_the_same_people() {
    let database = database().await;
    let school = school(&database.pool, "t").await;
    school.publish().await;
    let run = |arguments: &[&str]| command(&database, arguments);
    assert_eq!(run(&[JAN, LOTTE, "--b-gets", "boris.bal"]).0, Some(0));
    let (code, report) = run(&["bert.ameel", JAN]);
    assert_eq!(
        (code, &report["refused"]["rule"]),
        (Some(1), &"swap-under-way".into()),
        "{report}"
    );
    // In either order, by id or by the name of the moment.
    let (code, report) = run(&["boris.bal_EX", JAN, "--cancel"]);
    assert_eq!(
        (code, &report["step"]),
        (Some(0), &"cancelled".into()),
        "{report}"
    );
    assert_eq!(names(&school).await, pair("jan.janssens", "lotte.peeters"));
    let (code, report) = run(&["jan.janssens", "jan.janssens"]);
    assert_eq!(
        (code, &report["refused"]["rule"]),
        (Some(1), &"same-person".into()),
        "{report}"
    );
}
