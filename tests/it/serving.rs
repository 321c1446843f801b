//! Generations from the database into memory: whole, built upon an earlier one, shared, bounded, evicted.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its work fails the test that called it"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster::serving::{Error, Snapshot, SnapshotCache};
use oneroster_standard::Kind;
use oneroster_standard::query::{ListQuery, Policy, SingleQuery};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{self, requests};

const BASE: &str = "https://sis.example/informat/";
const ROOT: &str = "https://sis.example/informat/ims/oneroster/v1p1";
const AMPLE_BYTES: usize = 1 << 30;

/// What a generation does to an object: a status and content, or nothing any more.
type Change = (Kind, String, Option<(&'static str, Value)>);

/// Writes generations of one tenant as a publication would, and remembers what each should look like.
struct History {
    pool: PgPool,
    tenant_id: String,
    number: i64,
    /// Status, date and content of each object.
    state: BTreeMap<(Kind, String), (&'static str, DateTime<Utc>, Value)>,
}

fn date_of(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_782_856_800, 7_000_000).unwrap() + TimeDelta::minutes(number)
}

impl History {
    async fn new(pool: &PgPool, tenant_id: &str) -> Self {
        sqlx::query("insert into tenant.tenant (tenant_id, configuration) values ($1, $2)")
            .bind(tenant_id)
            .bind(json!({ "id": tenant_id }))
            .execute(pool)
            .await
            .unwrap();
        Self {
            pool: pool.clone(),
            tenant_id: tenant_id.to_owned(),
            number: 0,
            state: BTreeMap::new(),
        }
    }

    async fn publish(&mut self, changes: Vec<Change>) -> Uuid {
        self.number += 1;
        let generation_id = Uuid::from_u128(rand::random());
        let mut transaction = self.pool.begin().await.unwrap();
        sqlx::query(
            "insert into roster.generation (tenant_id, number, generation_id, published_at, committed_at, school_year,
                 reference_date, today, mirror_version, configuration_version, usernames_version, projection_version,
                 summary)
             values ($1, $2, $3, $4, clock_timestamp(), '2026-27', '2026-09-01', '2026-09-01', 1, 1, 1, 1, '{}')",
        )
        .bind(&self.tenant_id)
        .bind(self.number)
        .bind(generation_id)
        .bind(date_of(self.number))
        .execute(&mut *transaction)
        .await
        .unwrap();
        for (kind, sourced_id, change) in changes {
            sqlx::query(
                "update roster.object_version set until_number = $4
                 where tenant_id = $1 and kind = $2 and sourced_id = $3 and until_number is null",
            )
            .bind(&self.tenant_id)
            .bind(kind.collection())
            .bind(&sourced_id)
            .bind(self.number)
            .execute(&mut *transaction)
            .await
            .unwrap();
            let Some((status, content)) = change else {
                self.state.remove(&(kind, sourced_id));
                continue;
            };
            sqlx::query(
                "insert into roster.object_version
                     (tenant_id, kind, sourced_id, from_number, status, content, content_hash)
                 values ($1, $2, $3, $4, $5, $6, sha256(convert_to($6, 'UTF8')))",
            )
            .bind(&self.tenant_id)
            .bind(kind.collection())
            .bind(&sourced_id)
            .bind(self.number)
            .bind(status)
            .bind(content.to_string())
            .execute(&mut *transaction)
            .await
            .unwrap();
            self.state
                .insert((kind, sourced_id), (status, date_of(self.number), content));
        }
        transaction.commit().await.unwrap();
        generation_id
    }

    /// Returns what each collection should hold now.
    fn expected(&self) -> BTreeMap<Kind, Vec<Value>> {
        let mut expected: BTreeMap<Kind, Vec<Value>> = Kind::ALL.map(|kind| (kind, Vec::new())).into();
        for ((kind, sourced_id), (status, date, content)) in &self.state {
            let absolute = content
                .to_string()
                .replace("\"href\":\"/", &format!("\"href\":\"{ROOT}/"));
            let mut document: Value = serde_json::from_str(&absolute).unwrap();
            document["sourcedId"] = json!(sourced_id);
            document["status"] = json!(status);
            document["dateLastModified"] = json!(date.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
            expected.get_mut(kind).unwrap().push(document);
        }
        expected
    }
}

/// Reads everything a snapshot holds, as a consumer would.
fn everything(snapshot: &Snapshot) -> BTreeMap<Kind, Vec<Value>> {
    let read = |kind: Kind| {
        let parameters = [("limit".to_owned(), "10000".to_owned())];
        let query = ListQuery::parse(kind, &parameters, &Policy::default()).unwrap();
        let body = snapshot.list(kind, &query, "r").body.concat();
        let body: Value = serde_json::from_slice(&body).unwrap();
        (kind, body[kind.collection()].as_array().unwrap().clone())
    };
    Kind::ALL.map(read).into()
}

fn org(name: &str) -> Value {
    json!({"name": name, "type": "school", "identifier": name, "children": [], "metadata": {}})
}

fn user(name: &str) -> Value {
    json!({
        "username": name, "userIds": [], "enabledUser": "false", "givenName": name, "familyName": "\"href\":\"/x",
        "role": "student", "agents": [], "grades": [], "metadata": {},
        "orgs": [{"href": "/orgs/o1", "sourcedId": "o1", "type": "org"}],
    })
}

fn add(kind: Kind, sourced_id: &str, content: Value) -> Change {
    (kind, sourced_id.to_owned(), Some(("active", content)))
}

/// Makes up what happens in one generation.
fn happenings(random: &mut ChaCha8Rng, history: &History) -> Vec<Change> {
    let ids = ["a", "B", "a\"b", "é", "z\\", "10", "9", "a-1", "a1", "😀"];
    let mut changes: BTreeMap<(Kind, String), Change> = BTreeMap::new();
    for _ in 0..random.random_range(0..6) {
        let kind = if random.random_bool(0.7) {
            Kind::Users
        } else {
            Kind::Orgs
        };
        let id = ids[random.random_range(0..ids.len())].to_owned();
        let name = format!("n{}", random.random::<u16>());
        let content = if kind == Kind::Users {
            user(&name)
        } else {
            org(&name)
        };
        let now = match history.state.get(&(kind, id.clone())) {
            Some(("tobedeleted", _, _)) if random.random_bool(0.5) => None,
            Some(("active", _, old)) if random.random_bool(0.5) => Some(("tobedeleted", old.clone())),
            Some(_) | None => Some(("active", content)),
        };
        changes.insert((kind, id.clone()), (kind, id, now));
    }
    changes.into_values().collect()
}

#[tokio::test]
async fn a_generation_built_upon_an_earlier_one_is_what_it_is_loaded_whole() {
    let database = harness::database().await;
    for seed in 0..6 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut history = History::new(&database.pool, &format!("tenant-{seed}")).await;
        let mut generations = Vec::new();
        for _ in 0..8 {
            let changes = happenings(&mut random, &history);
            generations.push((history.publish(changes).await, history.expected()));
        }
        let growing = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
        // Forward with gaps, and back: some are built upon a near ancestor, some upon a far one, some upon none.
        for place in [2, 3, 7, 0, 1, 6, 5, 4] {
            let (generation_id, expected) = &generations[place];
            let whole = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
            for snapshots in [&whole, &growing] {
                let snapshot = snapshots.get(&history.tenant_id, *generation_id).await.unwrap();
                assert_eq!(snapshot.generation_id(), *generation_id);
                assert_eq!(snapshot.number(), i64::try_from(place).unwrap() + 1);
                assert_eq!(snapshot.published_at(), date_of(snapshot.number()));
                assert_eq!(
                    &everything(&snapshot),
                    expected,
                    "seed {seed}, generation {}",
                    place + 1
                );
            }
        }
    }
}

#[tokio::test]
async fn what_two_generations_share_is_in_memory_once() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    let mut first: Vec<Change> = (0..300)
        .map(|number| add(Kind::Users, &format!("u{number}"), user("Ann")))
        .collect();
    first.push(add(Kind::Orgs, "o1", org("one")));
    let first = history.publish(first).await;
    let second = history.publish(vec![add(Kind::Orgs, "o1", org("two"))]).await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    snapshots.get("tenant", first).await.unwrap();
    let one = snapshots.usage();
    assert!(one.bytes > 300 * 200, "{one:?}");
    let snapshot = snapshots.get("tenant", second).await.unwrap();
    let two = snapshots.usage();
    assert_eq!((two.snapshots, two.loads), (2, 2));
    assert!(
        two.bytes > one.bytes && two.bytes < one.bytes + 1_000,
        "{one:?} then {two:?}"
    );
    assert_eq!(everything(&snapshot), history.expected());
}

#[tokio::test]
async fn nobody_gets_a_generation_that_is_not_his_or_is_not_there() {
    let database = harness::database().await;
    let mut mine = History::new(&database.pool, "mine").await;
    let mut theirs = History::new(&database.pool, "theirs").await;
    mine.publish(vec![add(Kind::Orgs, "o1", org("mine"))]).await;
    let of_theirs = theirs.publish(vec![add(Kind::Orgs, "o1", org("theirs"))]).await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    snapshots.get("theirs", of_theirs).await.unwrap();
    assert!(matches!(
        snapshots.get("mine", of_theirs).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        snapshots.get("mine", Uuid::from_u128(7)).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        snapshots.get("nobody", of_theirs).await,
        Err(Error::NotFound)
    ));
    assert_eq!(snapshots.usage().snapshots, 1);
}

#[tokio::test]
async fn a_generation_that_a_failover_lost_is_not_built_upon() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    history
        .publish(vec![
            add(Kind::Orgs, "o1", org("kept")),
            add(Kind::Orgs, "o2", org("kept")),
        ])
        .await;
    let before = (history.number, history.state.clone());
    let lost = history.publish(vec![add(Kind::Orgs, "o2", org("lost"))]).await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    snapshots.get("tenant", lost).await.unwrap();
    for undo in [
        "delete from roster.object_version where from_number = 2",
        "update roster.object_version set until_number = null where until_number = 2",
        "delete from roster.generation where number = 2",
    ] {
        sqlx::query(undo).execute(&database.pool).await.unwrap();
    }
    (history.number, history.state) = before;
    let second = history
        .publish(vec![add(Kind::Orgs, "o1", org("second again"))])
        .await;
    let snapshot = snapshots.get("tenant", second).await.unwrap();
    assert_eq!(
        everything(&snapshot),
        history.expected(),
        "both of number 2 are held now"
    );
    let third = history.publish(vec![add(Kind::Orgs, "o3", org("third"))]).await;
    let snapshot = snapshots.get("tenant", third).await.unwrap();
    assert_eq!(everything(&snapshot), history.expected());
    let restarted = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    assert!(matches!(
        restarted.get("tenant", lost).await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn a_generation_so_old_that_versions_may_have_been_purged_is_not_built_upon() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    let old = history
        .publish(vec![
            add(Kind::Orgs, "gone", org("gone")),
            add(Kind::Orgs, "o1", org("one")),
        ])
        .await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    snapshots.get("tenant", old).await.unwrap();
    let new = history.publish(vec![(Kind::Orgs, "gone".to_owned(), None)]).await;
    for age in [
        "update roster.generation set committed_at = committed_at - interval '401 days' where number = 1",
        "delete from roster.object_version where until_number is not null",
    ] {
        sqlx::query(age).execute(&database.pool).await.unwrap();
    }
    let snapshot = snapshots.get("tenant", new).await.unwrap();
    assert_eq!(everything(&snapshot), history.expected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generation_is_loaded_once_however_many_ask_and_whoever_stops_waiting() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    let generation = history.publish(vec![add(Kind::Orgs, "o1", org("one"))]).await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    // Polled once, so that loading starts, then dropped.
    let stopped = futures_util::FutureExt::now_or_never(snapshots.get("tenant", generation));
    assert!(stopped.is_none(), "loading takes longer than one poll");
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let snapshots = snapshots.clone();
            tokio::spawn(async move { snapshots.get("tenant", generation).await.unwrap() })
        })
        .collect();
    let mut found: Vec<Arc<Snapshot>> = Vec::new();
    for ask in asking {
        found.push(ask.await.unwrap());
    }
    assert!(found.iter().all(|snapshot| Arc::ptr_eq(snapshot, &found[0])));
    assert_eq!(snapshots.usage().loads, 1);
}

#[tokio::test]
async fn a_failure_is_told_and_not_remembered() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    let generation = history.publish(vec![add(Kind::Orgs, "o1", org("one"))]).await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    let rename =
        |from: &str, to: &str| sqlx::AssertSqlSafe(format!("alter table roster.{from} rename to {to}"));
    sqlx::query(rename("object_version", "away"))
        .execute(&database.pool)
        .await
        .unwrap();
    assert!(matches!(
        snapshots.get("tenant", generation).await,
        Err(Error::Database(_))
    ));
    sqlx::query(rename("away", "object_version"))
        .execute(&database.pool)
        .await
        .unwrap();
    let snapshot = snapshots.get("tenant", generation).await.unwrap();
    assert_eq!(everything(&snapshot), history.expected());
}

#[tokio::test]
async fn a_generation_in_memory_needs_no_database() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    let first = history.publish(vec![add(Kind::Orgs, "o1", org("one"))]).await;
    let second = history.publish(vec![add(Kind::Orgs, "o2", org("two"))]).await;
    let requests = requests(&database.server);
    let snapshots = SnapshotCache::new(requests.clone(), BASE.to_owned(), AMPLE_BYTES);
    snapshots.get("tenant", first).await.unwrap();
    requests.close().await;
    assert!(snapshots.get("tenant", first).await.is_ok());
    assert!(matches!(
        snapshots.get("tenant", second).await,
        Err(Error::Database(_))
    ));
}

#[tokio::test]
async fn the_least_recently_asked_for_goes_when_memory_is_full() {
    let database = harness::database().await;
    let mut generations = BTreeMap::new();
    for tenant in ["a", "b", "c"] {
        let mut history = History::new(&database.pool, tenant).await;
        let users = (0..50)
            .map(|number| add(Kind::Users, &format!("u{number:02}"), user("Ann")))
            .collect();
        generations.insert(tenant, history.publish(users).await);
    }
    let measure = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    measure.get("a", generations["a"]).await.unwrap();
    let cache_bytes = measure.usage().bytes * 5 / 2;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), cache_bytes);
    let ask = async |tenant: &str| {
        let snapshot = snapshots.get(tenant, generations[tenant]).await.unwrap();
        let usage = snapshots.usage();
        assert!(usage.bytes <= cache_bytes);
        (snapshot, usage.loads)
    };
    ask("a").await;
    let (in_use, _) = ask("b").await;
    assert_eq!(ask("a").await.1, 2);
    assert_eq!(ask("c").await.1, 3, "b goes: a was asked for later");
    assert_eq!(ask("a").await.1, 3);
    assert_eq!(
        everything(&in_use)[&Kind::Users].len(),
        50,
        "who has it can still answer from it"
    );
    assert_eq!(ask("b").await.1, 4);
    assert_eq!(snapshots.usage().snapshots, 2);

    let tiny = SnapshotCache::new(requests(&database.server), BASE.to_owned(), 1);
    tiny.get("a", generations["a"]).await.unwrap();
    tiny.get("a", generations["a"]).await.unwrap();
    assert_eq!(
        (tiny.usage().snapshots, tiny.usage().loads),
        (1, 1),
        "the one asked for last stays"
    );
    tiny.get("b", generations["b"]).await.unwrap();
    assert_eq!(tiny.usage().snapshots, 1);
}

#[tokio::test]
async fn a_tombstone_is_read_by_id_and_its_content_is_the_last() {
    let database = harness::database().await;
    let mut history = History::new(&database.pool, "tenant").await;
    history.publish(vec![add(Kind::Users, "u1", user("Ann"))]).await;
    let generation = history
        .publish(vec![(
            Kind::Users,
            "u1".to_owned(),
            Some(("tobedeleted", user("Ann"))),
        )])
        .await;
    let snapshots = SnapshotCache::new(requests(&database.server), BASE.to_owned(), AMPLE_BYTES);
    let snapshot = snapshots.get("tenant", generation).await.unwrap();
    let query = SingleQuery::parse(Kind::Users, &[], &Policy::default()).unwrap();
    let single = snapshot.single(Kind::Users, "u1", &query, "r").unwrap();
    assert_eq!(single.status.as_str(), "tobedeleted");
    let body: Value = serde_json::from_slice(&single.body.concat()).unwrap();
    assert_eq!(body["user"], history.expected()[&Kind::Users][0]);
    assert_eq!(body["user"]["orgs"][0]["href"], format!("{ROOT}/orgs/o1"));
}
