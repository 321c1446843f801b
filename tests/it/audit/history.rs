//! Any history, restored at any moment of it, recovered, and compared with the original.

use chrono::{DateTime, Utc};
use oneroster::accounts::{self, Author, Whom, records};
use oneroster::auth::client;
use oneroster::db::scope;
use oneroster::publication::{self, Options};
use oneroster::{audit, tenants};
use sqlx::PgPool;
use uuid::Uuid;

use super::{folder, follow, owned};
use crate::harness::backup::{back_up, restore};
use crate::harness::school::{School, school};
use crate::harness::{TestDatabase, as_server, database, encryption_key_file};

/// How many histories a run makes, and how many moments of each are restored.
const HISTORIES: u64 = 6;
const STEPS: usize = 30;
const RESTORED: usize = 3;

/// Chance from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What is known of a history while it is made.
struct Course {
    people: Vec<Uuid>,
    clients: Vec<String>,
    step: i64,
    forgotten: usize,
}

async fn step(database: &TestDatabase, course: &mut Course, chance: &mut Chance) {
    let pool = &database.server;
    let els = Author::new("Els").unwrap();
    course.step += 1;
    let number = course.step;
    let person = course.people[chance.below(course.people.len())];
    match chance.below(15) {
        0 | 1 => {
            let rowguid = Uuid::from_u128(0x1000 + u128::try_from(number).unwrap());
            let name = ["Jan", "Lotte", "Bert"][chance.below(3)];
            add_pupil(database, 1000 + number, rowguid, name).await;
            course.people.push(rowguid);
        }
        2 | 11 => {
            let name = format!("naam{}", chance.below(12));
            // A name that somebody holds is refused; that is a step, too.
            let _ = accounts::set(pool, "t", &els, person, &name).await;
        }
        3 => {
            let whom = if chance.below(2) == 0 {
                Whom::People(vec![person])
            } else {
                Whom::All
            };
            accounts::sync(pool, "t", &els, chance.below(2) == 0, &whom)
                .await
                .unwrap();
        }
        4 => {
            sqlx::query("update username.record set domain = $2, domain_origin = 'admin' where tenant_id = 't' and rowguid = $1")
                .bind(person)
                .bind(format!("school{number}.be"))
                .execute(&database.pool)
                .await
                .unwrap();
        }
        5..9 => step_of_client(pool, course, chance).await,
        9 => {
            let mut transaction = scope::begin(pool, "t").await.unwrap();
            let mut configuration = tenants::get(&mut transaction, "t").await.unwrap();
            configuration.name = format!("Groep {number}");
            tenants::apply(&mut transaction, &configuration, false)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
        12..14 => {
            // Every step changes something, so that whoever went back behind it is seen.
            if !forget_name(database, course, chance).await {
                step_of_client(pool, course, chance).await;
            }
        }
        _ => {
            let options = Options {
                redate: chance.below(3) == 0,
                ..Options::default()
            };
            publication::publish(pool, "t", options).await.unwrap();
        }
    }
}

/// A name that somebody was renamed from is forgotten; refused while it is theirs again, or published.
async fn forget_name(database: &TestDatabase, course: &mut Course, chance: &mut Chance) -> bool {
    let former: Vec<(Uuid, String)> = sqlx::query_as(
        "select rowguid, old_value from username.change where field = 'local_part' and old_value is not null order by change_id",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    if former.is_empty() {
        return false;
    }
    let (person, name) = &former[chance.below(former.len())];
    let els = Author::new("Els").unwrap();
    let forgotten = accounts::forget_name(&database.server, "t", &els, *person, name).await;
    assert!(
        matches!(forgotten, Ok(_) | Err(accounts::Error::Refused(_))),
        "{forgotten:?}"
    );
    course.forgotten += usize::from(forgotten.is_ok());
    forgotten.is_ok()
}

/// Has every session of a server find the encryption key, as those of commands do.
async fn with_key(database: &mut TestDatabase) {
    let name: String = sqlx::query_scalar("select current_database()")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let file = encryption_key_file();
    let setting = format!(
        "alter database {name} set oneroster.encryption_key_file = '{}'",
        file.display()
    );
    sqlx::query(sqlx::AssertSqlSafe(setting))
        .execute(&database.pool)
        .await
        .unwrap();
    database.server = as_server(&database.pool);
}

/// A client is made, or something is done with one.
async fn step_of_client(pool: &PgPool, course: &mut Course, chance: &mut Chance) {
    let number = course.step;
    let any = (!course.clients.is_empty()).then(|| chance.below(course.clients.len()));
    let known = any.map(|place| course.clients[place].clone());
    match chance.below(4) {
        0 => course.clients.push(
            client::create(pool, "t", &format!("client {number}"))
                .await
                .unwrap()
                .client_id,
        ),
        1 => {
            if let Some(client_id) = known {
                let _ = client::rotate(pool, "t", &client_id).await;
            }
        }
        2 => {
            if let Some(client_id) = known {
                client::revoke(pool, "t", &client_id).await.unwrap();
            }
        }
        _ => {
            if let Some(client_id) = known {
                let entry = format!("token_lifetime_s={}", 60 + number);
                let _ = client::set(pool, "t", &client_id, &[entry]).await;
            }
        }
    }
}

/// Adds a pupil as an import does.
async fn add_pupil(database: &TestDatabase, p_persoon: i64, rowguid: Uuid, given_name: &str) {
    let school = School {
        pool: database.pool.clone(),
        server: database.server.clone(),
        tenant_id: "t".to_owned(),
    };
    let begin = school.today().await;
    school
        .change(&format!(
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam)
                 values ($1, {p_persoon}, '{rowguid}', 'Peeters', '{given_name}');
             insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, begindatum, status)
                 values ($1, {p_persoon}, {p_persoon}, '001507', 1, '311', '2026-27', '{begin}', 0)"
        ))
        .await;
    let mut transaction = scope::begin(&database.server, "t").await.unwrap();
    records::allocate(&mut transaction, "t").await.unwrap();
    transaction.commit().await.unwrap();
}

/// The newest date that a consumer may hold.
async fn newest_date(pool: &PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("select published_at from roster.head where tenant_id = 't'")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn any_moment_of_any_history_that_is_restored_and_recovered_is_the_original() {
    #[expect(clippy::disallowed_methods, reason = "a seed of the tests is no setting")]
    let named = std::env::var("ONEROSTER_AUDIT_SEED");
    let seeds = match named {
        Ok(seed) => {
            let seed = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => 0..HISTORIES,
    };
    let (mut forgotten, is_one) = (0, seeds.end - seeds.start == 1);
    for seed in seeds {
        forgotten += Box::pin(one_history(seed)).await;
    }
    assert!(is_one || forgotten > 3, "only {forgotten} names were forgotten");
}

async fn one_history(seed: u64) -> usize {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9) + 1);
    let mut database = database().await;
    with_key(&mut database).await;
    drop(school(&database.pool, "t").await);
    assert_eq!(follow(&database).await, None);
    let people: Vec<Uuid> = sqlx::query_scalar("select rowguid from username.record order by 1")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    let mut course = Course {
        people,
        clients: Vec::new(),
        step: 0,
        forgotten: 0,
    };
    let moments: Vec<usize> = (0..RESTORED).map(|_| chance.below(STEPS)).collect();
    let mut backups = Vec::new();
    for place in 0..STEPS {
        for _ in moments.iter().filter(|moment| **moment == place) {
            let (backup, reopened) = back_up(&database).await;
            database = reopened;
            with_key(&mut database).await;
            backups.push((place, backup));
        }
        step(&database, &mut course, &mut chance).await;
        assert_eq!(follow(&database).await, None);
    }
    let (original, date) = (
        owned(&database.pool, "t").await,
        newest_date(&database.pool).await,
    );
    for (place, backup) in backups {
        let case = format!("ONEROSTER_AUDIT_SEED={seed}, restored before step {place}");
        database = restore(&database, &backup).await;
        with_key(&mut database).await;
        assert!(follow(&database).await.is_some(), "{case}: nobody noticed");
        let folder = folder(&database);
        let recovered = audit::recover(&database.server, &folder, false, accounts::forget_names_again)
            .await
            .unwrap();
        assert!(!recovered.is_incomplete(), "{case}");
        assert_eq!(owned(&database.pool, "t").await, original, "{case}");
        assert_eq!(follow(&database).await, None, "{case}");
        let again = audit::recover(&database.server, &folder, false, accounts::forget_names_again)
            .await
            .unwrap();
        assert_eq!(again, audit::Recovered::default(), "{case}");
        // The data of Informat are those of the backup, and so is what is published of them: but never under a date that a
        // consumer holds already.
        publication::publish(&database.server, "t", Options::default())
            .await
            .unwrap();
        let published = newest_date(&database.pool).await;
        let next = sqlx::query_scalar::<_, bool>("select redates from roster.head where tenant_id = 't'")
            .fetch_one(&database.pool)
            .await
            .unwrap();
        if date != published && !next {
            assert!(published > date, "{case}: {published:?} is not past {date:?}");
        }
    }
    course.forgotten
}
