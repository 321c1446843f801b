//! Until when a removed enrollment was true: from Informat's data to what is read.

use chrono::{Days, NaiveDate};
use oneroster::auth::client::NewSecret;
use serde_json::json;

use super::seen::{client, objects};
use crate::harness;
use crate::harness::api::Api;
use crate::harness::school::{BERT, JAN, LOTTE, School, school};

/// The last day is the one that Informat says, be it of the class or of the registration; else the day before.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one school, day by day")]
async fn a_removed_enrollment_ends_on_the_last_day_it_was_true() {
    let database = harness::database().await;
    let school = school(&database.pool, "einde").await;
    school.publish().await;
    let (told, plain) = (
        client(&school, &["ended_enrollments=true"]).await,
        client(&school, &[]).await,
    );
    let api = Api::start(&school.pool).await;
    let today = school.today().await;
    let ends = async |client: &NewSecret, who: &str| -> NaiveDate {
        let enrollments = objects(&api, client, "/enrollments").await;
        let id = json!(format!("{who}-1"));
        let found = enrollments
            .iter()
            .find(|enrollment| enrollment["sourcedId"] == id)
            .unwrap();
        found["endDate"].as_str().unwrap().parse().unwrap()
    };
    let (year_end, last_week) = (ends(&plain, JAN).await, today - Days::new(7));
    assert_eq!(
        ends(&told, JAN).await,
        year_end,
        "who is there ends as Informat says"
    );

    // Lotte left the class a week ago, which is entered today; Jan leaves the school; Bert is no longer in the class's row.
    school.jan_leaves().await;
    school
        .change(&format!(
            "update informat.inschrklas set totdatum = '{last_week}' where tenant_id = $1 and p_inschrklas = 2;
             delete from informat.klasfunctiepersoon where tenant_id = $1"
        ))
        .await;
    school.publish().await;
    let yesterday = today - Days::new(1);
    assert_eq!(ends(&told, LOTTE).await, last_week);
    assert_eq!(
        ends(&told, JAN).await,
        yesterday,
        "by the causes of the user's removal"
    );
    assert_eq!(ends(&told, BERT).await, yesterday, "no cause names a day");
    for who in [JAN, LOTTE, BERT] {
        assert_eq!(ends(&plain, who).await, year_end);
    }
    let ended = objects(
        &api,
        &told,
        &format!("/enrollments?filter=endDate%3C='{yesterday}'"),
    )
    .await;
    assert_eq!(ended.len(), 3);
    assert!(
        objects(
            &api,
            &plain,
            &format!("/enrollments?filter=endDate%3C='{yesterday}'")
        )
        .await
        .is_empty()
    );

    // A build that did not know last days wrote none: they are worked out when a generation is loaded.
    forget_last_days(&school).await;
    let expected = [(LOTTE, last_week), (JAN, yesterday), (BERT, yesterday)];
    assert_eq!(ends_of_all(&school, &told).await, expected);

    // A new date for everything leaves the last days alone, and fills them; so does one that such a build gave.
    let redate = oneroster::publication::Options {
        redate: true,
        ..oneroster::publication::Options::default()
    };
    oneroster::publication::publish(&school.server, &school.tenant_id, redate)
        .await
        .unwrap();
    let lacking: i64 = sqlx::query_scalar(
        "select count(*) from roster.object_version
         where kind = 'enrollments' and status = 'tobedeleted' and until_number is null and ended_on is null",
    )
    .fetch_one(&school.pool)
    .await
    .unwrap();
    assert_eq!(lacking, 0);
    assert_eq!(ends_of_all(&school, &told).await, expected);
    forget_last_days(&school).await;
    assert_eq!(ends_of_all(&school, &told).await, expected);
}

async fn forget_last_days(school: &School) {
    sqlx::query("update roster.object_version set ended_on = null")
        .execute(&school.pool)
        .await
        .unwrap();
}

/// What a server that just started says of the last day of each enrollment.
async fn ends_of_all(school: &School, client: &NewSecret) -> [(&'static str, NaiveDate); 3] {
    let api = Api::start(&school.pool).await;
    let enrollments = objects(&api, client, "/enrollments").await;
    [LOTTE, JAN, BERT].map(|who| {
        let id = json!(format!("{who}-1"));
        let found = enrollments
            .iter()
            .find(|enrollment| enrollment["sourcedId"] == id)
            .unwrap();
        (who, found["endDate"].as_str().unwrap().parse().unwrap())
    })
}

/// Of two ends that are entered on one day the earlier one counts: of the registration or of the time in the class, of the assignment or of
/// the teaching.
#[tokio::test]
async fn an_enrollment_that_ends_in_two_ways_ends_on_the_earlier_day() {
    let database = harness::database().await;
    let school = school(&database.pool, "twee").await;
    school.publish().await;
    let told = client(&school, &["ended_enrollments=true"]).await;
    let today = school.today().await;
    let (earlier, later) = (today - Days::new(10), today - Days::new(3));
    school
        .change(&format!(
            "update informat.inschrijving set einddatum = '{later}' where tenant_id = $1 and p_persoon = 1;
             update informat.inschrklas set totdatum = '{earlier}' where tenant_id = $1 and p_inschr = 1;
             update informat.inschrijving set einddatum = '{earlier}' where tenant_id = $1 and p_persoon = 2;
             update informat.inschrklas set totdatum = '{later}' where tenant_id = $1 and p_inschr = 2;
             update informat.opdracht set einddatum = '{later}' where tenant_id = $1 and p_persoon = 3;
             update informat.klasfunctiepersoon set einddatum = '{earlier}' where tenant_id = $1 and p_persoon = 3"
        ))
        .await;
    school.publish().await;
    let expected = [LOTTE, JAN, BERT].map(|who| (who, earlier));
    assert_eq!(ends_of_all(&school, &told).await, expected);
    forget_last_days(&school).await;
    let later = "also where it is worked out later";
    assert_eq!(ends_of_all(&school, &told).await, expected, "{later}");
}
