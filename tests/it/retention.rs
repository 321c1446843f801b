//! Retention: what stopped being current long ago is deleted, and no reader notices.

use chrono::{DateTime, Utc};
use oneroster::auth::client;
use oneroster::history::{self, Error, Happening, Range, Reason};
use oneroster::publication::retention::{self, Purged, purge};
use oneroster::serving::SnapshotCache;
use oneroster_standard::Kind;
use sqlx::AssertSqlSafe;

use crate::harness::api::Api;
use crate::harness::school::{JAN, LOTTE, School, school};
use crate::harness::{self, requests};

const DAYS: u32 = 400;

/// Five generations: Jan leaves with the second, Lotte is renamed by the third, fourth and fifth.
async fn five_generations(tenant_id: &str) -> School {
    let database = harness::database().await;
    let school = school(&database.pool, tenant_id).await;
    school.publish().await;
    school.jan_leaves().await;
    school.publish().await;
    for name in ["lot", "lotje", "lotte"] {
        rename_lotte(&school, name).await;
    }
    assert_eq!(school.generations().await, 5);
    school
}

async fn rename_lotte(school: &School, name: &str) {
    run(
        school,
        &format!(
            "update username.record set local_part = '{name}' where tenant_id = $1 and rowguid = '{LOTTE}'"
        ),
    )
    .await;
    school.change("").await;
    school.publish().await;
}

async fn run(school: &School, statement: &str) {
    sqlx::query(AssertSqlSafe(statement))
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
}

/// Makes the generations up to this one so many days older.
async fn age(school: &School, up_to: i64, days: i64) {
    run(
        school,
        &format!(
            "update roster.generation set committed_at = committed_at - interval '{days} days',
                 published_at = published_at - interval '{days} days'
             where tenant_id = $1 and number <= {up_to}"
        ),
    )
    .await;
}

/// The superseded versions that are left, as kind and generations, and the numbers of the generations that are.
async fn left(school: &School) -> (Vec<(String, i64, i64)>, Vec<i64>) {
    let superseded = sqlx::query_as(
        "select kind, from_number, until_number from roster.object_version
         where tenant_id = $1 and until_number is not null order by from_number, kind",
    );
    let superseded = superseded
        .bind(&school.tenant_id)
        .fetch_all(&school.pool)
        .await
        .unwrap();
    let generations =
        sqlx::query_scalar("select number from roster.generation where tenant_id = $1 order by 1");
    let generations = generations
        .bind(&school.tenant_id)
        .fetch_all(&school.pool)
        .await
        .unwrap();
    (superseded, generations)
}

async fn purged(school: &School) -> Purged {
    purge(&school.server, &school.tenant_id, DAYS)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn what_was_superseded_more_than_400_days_ago_goes_and_nothing_else() {
    let school = five_generations("old").await;
    let (before, _) = left(&school).await;
    assert_eq!(before.len(), 5);
    assert_eq!(purged(&school).await, Purged::default(), "all of it is young");
    age(&school, 4, 399).await;
    assert_eq!(purged(&school).await, Purged::default());
    age(&school, 3, 2).await;
    // The state of generation 3 was still current 399 days ago, when the fourth was published: it stays whole.
    let expected = Purged {
        versions: 3,
        generations: 0,
        is_unfinished: false,
    };
    assert_eq!(purged(&school).await, expected);
    let (superseded, generations) = left(&school).await;
    let users = "users".to_owned();
    assert_eq!(superseded, [(users.clone(), 3, 4), (users, 4, 5)]);
    assert_eq!(
        generations,
        [1, 2, 3, 4, 5],
        "the first two hold the dates of what is current"
    );
    assert_eq!(purged(&school).await, Purged::default(), "once is enough");
}

#[tokio::test]
async fn a_generation_goes_with_its_last_version() {
    let school = five_generations("generations").await;
    age(&school, 5, 500).await;
    assert_eq!(purged(&school).await.generations, 2, "the third and the fourth");
    let (superseded, generations) = left(&school).await;
    assert_eq!((superseded.len(), generations), (0, vec![1, 2, 5]));
}

#[tokio::test]
async fn no_answer_changes_by_a_purge() {
    let school = five_generations("answers").await;
    age(&school, 4, 450).await;
    let created = client::create(&school.server, "answers", "sds").await.unwrap();
    let ask = async || {
        // A server of its own each time, so that everything is read anew.
        let api = Api::start(&school.pool).await;
        let token = api.token(&created).await;
        let mut answers = Vec::new();
        for path in [
            "/users?filter=dateLastModified%3E'2020-01-01'".to_owned(),
            "/users?filter=status='active'".to_owned(),
            "/enrollments?filter=dateLastModified%3E'2020-01-01'".to_owned(),
            format!("/users/{JAN}"),
            "/classes".to_owned(),
        ] {
            answers.push(api.get(&token, &path).await.json());
        }
        answers
    };
    let before = ask().await;
    assert_eq!(
        before[0]["users"].as_array().unwrap().len(),
        3,
        "a tombstone among them"
    );
    assert!(purged(&school).await.versions > 0);
    assert_eq!(ask().await, before);
}

#[tokio::test]
async fn a_snapshot_built_upon_one_in_memory_is_what_it_is_loaded_whole_also_after_a_purge() {
    let school = five_generations("memory").await;
    age(&school, 4, 450).await;
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select generation_id from roster.generation where tenant_id = $1 order by number",
    )
    .bind(&school.tenant_id)
    .fetch_all(&school.pool)
    .await
    .unwrap();
    let growing = SnapshotCache::new(requests(&school.server), "https://x.example".to_owned(), 1 << 30);
    growing.get("memory", ids[1]).await.unwrap();
    growing.get("memory", ids[4]).await.unwrap();
    purged(&school).await;
    rename_lotte(&school, "lo").await;
    let newest: uuid::Uuid = sqlx::query_scalar("select generation_id from roster.head where tenant_id = $1")
        .bind(&school.tenant_id)
        .fetch_one(&school.pool)
        .await
        .unwrap();
    let whole = SnapshotCache::new(requests(&school.server), "https://x.example".to_owned(), 1 << 30);
    let text = async |snapshots: &SnapshotCache| {
        let snapshot = snapshots.get("memory", newest).await.unwrap();
        let policy = oneroster_standard::query::Policy::default();
        let query = oneroster_standard::query::ListQuery::parse(Kind::Users, &[], &policy).unwrap();
        snapshot.list(Kind::Users, &query, "r").body.concat()
    };
    assert_eq!(text(&growing).await, text(&whole).await);
}

#[tokio::test]
async fn a_ticket_keeps_its_generation_however_old_that_is() {
    let school = five_generations("dormant").await;
    // Nothing has changed for 500 days; a token is issued, and then something does.
    age(&school, 5, 500).await;
    let created = client::create(&school.server, "dormant", "sds").await.unwrap();
    let api = Api::start(&school.pool).await;
    let token = api.token(&created).await;
    rename_lotte(&school, "lo").await;
    purged(&school).await;
    let answer = api.get(&token, &format!("/users/{LOTTE}")).await;
    assert_eq!(answer.header("x-roster-generation"), "5");
    assert_eq!(answer.json()["user"]["username"], "lotte");
}

#[tokio::test]
async fn history_says_from_when_on_it_is_whole() {
    let school = five_generations("told").await;
    age(&school, 3, 401).await;
    purged(&school).await;
    let found = history::generations(&school.server, "told").await.unwrap();
    assert_eq!(found.whole_from, 3);
    let of =
        async |id: &str| history::of_object(&school.server, "told", Kind::Users, id, Range::default()).await;
    let lotte = of(LOTTE).await.unwrap();
    let users = lotte.entries.iter().filter(|entry| entry.kind == Kind::Users);
    let happened: Vec<_> = users.map(|entry| (entry.generation, entry.happening)).collect();
    let expected = [
        (3, Happening::OldestKept),
        (4, Happening::Changed),
        (5, Happening::Changed),
    ];
    assert_eq!(happened, expected);
    let jan = of(JAN).await.unwrap();
    assert_eq!(
        jan.entries[0].happening,
        Happening::Removed,
        "his tombstone is current, and has the causes"
    );
    let told = &jan.entries[0].reasons;
    assert!(told.iter().all(|told| told.reason != Reason::NoLongerPublished) && !told.is_empty());
    let range = |from| Range {
        from: Some(from),
        to: None,
    };
    assert!(history::between(&school.server, "told", range(3)).await.is_ok());
    let refused = history::between(&school.server, "told", range(2))
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        Error::UnknownGeneration {
            number: 2,
            oldest: 3,
            newest: 5
        }
    ));
}

#[tokio::test]
async fn a_purge_leaves_a_tenant_alone_that_is_being_published() {
    let school = five_generations("busy").await;
    age(&school, 4, 500).await;
    let mut publishing = school.pool.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(hashtextextended('publish busy', 0))")
        .execute(&mut *publishing)
        .await
        .unwrap();
    assert_eq!(purge(&school.server, "busy", DAYS).await.unwrap(), None);
    sqlx::query("select pg_advisory_unlock(hashtextextended('publish busy', 0))")
        .execute(&mut *publishing)
        .await
        .unwrap();
    assert!(purged(&school).await.versions > 0);
}

#[tokio::test]
async fn much_is_purged_in_pieces_and_other_tenants_keep_theirs() {
    let database = harness::database().await;
    let one = school(&database.pool, "many").await;
    let other = school(&database.pool, "neighbour").await;
    for school in [&one, &other] {
        school.publish().await;
        rename_lotte(school, "lo").await;
        // 100,001 more objects that were there once.
        run(
            school,
            "insert into roster.object_version
                 (tenant_id, kind, sourced_id, from_number, until_number, status, content, content_hash)
             select $1, 'users', 'x' || i, 1, 2, 'active', '{}', sha256('') from generate_series(1, 100001) i",
        )
        .await;
        age(school, 2, 401).await;
    }
    let first = purged(&one).await;
    assert_eq!((first.versions, first.is_unfinished), (100_000, true));
    let second = purged(&one).await;
    assert_eq!((second.versions, second.is_unfinished), (2, false));
    assert_eq!(left(&other).await.0.len(), 100_002);
}

#[tokio::test]
async fn the_background_purges_every_tenant() {
    let school = five_generations("background").await;
    age(&school, 5, 500).await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let task = tokio::spawn(retention::run(school.server.clone(), DAYS, stopping));
    tokio::time::timeout(std::time::Duration::from_mins(1), async {
        while !left(&school).await.0.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    stop.send(true).unwrap();
    task.await.unwrap();
    let at: DateTime<Utc> = sqlx::query_scalar("select purged_at from roster.history where tenant_id = $1")
        .bind(&school.tenant_id)
        .fetch_one(&school.pool)
        .await
        .unwrap();
    assert!(at > DateTime::UNIX_EPOCH);
}
