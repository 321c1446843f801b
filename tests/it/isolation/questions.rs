//! Whatever one tenant's consumer asks, the answer is the same whether other tenants exist or not.

use std::fmt::Write;

use axum::http::StatusCode;
use oneroster::clock::Clock;
use oneroster_standard::Kind;
use oneroster_standard::query::{Shape, fields};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{OTHER, OWN};
use crate::harness::api::{self, Answer, Api, BASE_URL};
use crate::harness::database;

const QUESTIONS: usize = 600;

/// Paths of the standard with an id in them, whether served yet or not.
const BELOW: &[&str] = &[
    "/academicSessions/{}",
    "/classes/{}",
    "/courses/{}",
    "/enrollments/{}",
    "/orgs/{}",
    "/users/{}",
    "/schools/{}",
    "/students/{}",
    "/teachers/{}",
    "/terms/{}",
    "/classes/{}/students",
    "/classes/{}/teachers",
    "/courses/{}/classes",
    "/schools/{}/classes",
    "/schools/{}/courses",
    "/schools/{}/enrollments",
    "/schools/{}/students",
    "/schools/{}/teachers",
    "/schools/{}/terms",
    "/students/{}/classes",
    "/teachers/{}/classes",
    "/users/{}/classes",
];

/// A roster in which every word shows its tenant. Ids with `gelijk` are the same in every roster.
fn roster(tenant_id: &str) -> Vec<(&'static str, String, &'static str, Value)> {
    let reference = |kind: &str, word: &str, id: &str| json!({ "href": format!("/{kind}/{id}"), "sourcedId": id, "type": word });
    let mut roster = Vec::new();
    for id in ["gelijk", tenant_id] {
        let names = |what: &str| format!("{tenant_id} {what} {id}");
        let common = |more: Value| {
            let mut content = json!({ "metadata": { "van": tenant_id } });
            content
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            content
        };
        let org = reference("orgs", "org", &format!("org-{id}"));
        let class = reference("classes", "class", &format!("class-{id}"));
        let term = reference("academicSessions", "academicSession", &format!("year-{id}"));
        let course = reference("courses", "course", &format!("course-{id}"));
        roster.push(("academicSessions", format!("year-{id}"), "active", common(json!({
            "title": names("year"), "startDate": "2026-09-01", "endDate": "2027-06-30", "type": "schoolYear",
            "schoolYear": "2027", "children": [],
        }))));
        roster.push((
            "orgs",
            format!("org-{id}"),
            "active",
            common(json!({
                "name": names("school"), "type": "school", "identifier": names("identifier"), "children": [],
            })),
        ));
        roster.push(("courses", format!("course-{id}"), "active", common(json!({
            "title": names("course"), "courseCode": names("code"), "org": org, "schoolYear": term, "grades": [],
            "subjects": [], "subjectCodes": [], "resources": [],
        }))));
        roster.push(("classes", format!("class-{id}"), "active", common(json!({
            "title": names("class"), "classCode": names("code"), "classType": "homeroom", "course": course,
            "school": org, "terms": [term], "grades": [], "subjects": [], "subjectCodes": [], "periods": [],
            "resources": [],
        }))));
        for (place, role) in ["student", "teacher", "student"].into_iter().enumerate() {
            let user = format!("user-{place}-{id}");
            let status = if place == 2 { "tobedeleted" } else { "active" };
            roster.push(("users", user.clone(), status, common(json!({
                "username": names("username"), "userIds": [{ "type": "x", "identifier": names("id") }],
                "enabledUser": "true", "givenName": names("given"), "familyName": names("family"), "role": role,
                "identifier": user, "orgs": [org], "agents": [], "grades": [],
            }))));
            roster.push((
                "enrollments",
                format!("{user}-1"),
                status,
                common(json!({
                    "user": reference("users", "user", &user), "class": class, "school": org, "role": role,
                    "beginDate": "2026-09-01", "endDate": "2027-06-30",
                })),
            ));
        }
    }
    roster
}

async fn publish(pool: &sqlx::PgPool, tenant_id: &str) {
    let roster = roster(tenant_id);
    let changes: Vec<api::Change<'_>> = roster
        .iter()
        .map(|(kind, id, status, content)| (*kind, id.as_str(), *status, content.clone()))
        .collect();
    api::publish(pool, tenant_id, &changes).await;
}

/// Every string in the rosters of both tenants, to ask for.
fn words() -> Vec<String> {
    fn collect(value: &Value, words: &mut Vec<String>) {
        match value {
            Value::String(text) => words.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
            Value::Object(members) => members.values().for_each(|member| collect(member, words)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut words = Vec::new();
    for tenant_id in [OWN, OTHER] {
        for (_, id, status, content) in roster(tenant_id) {
            words.extend([id, status.to_owned()]);
            collect(&content, &mut words);
        }
    }
    words.sort();
    words.dedup();
    words
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

/// A field of a kind as a filter or a sort may name it.
fn field(random: &mut ChaCha8Rng, kind: Kind) -> String {
    let field = fields(kind).choose(random).unwrap();
    match field.shape.members().choose(random) {
        Some(member) if random.random_bool(0.7) => format!("{}.{member}", field.name),
        _ if field.shape == Shape::Metadata => "metadata.van".to_owned(),
        _ => field.name.to_owned(),
    }
}

fn clause(random: &mut ChaCha8Rng, kind: Kind, words: &[String]) -> String {
    let predicate = ["=", "!=", ">", ">=", "<", "<=", "~"].choose(random).unwrap();
    let whole = words.choose(random).unwrap();
    let value = if random.random_bool(0.3) {
        whole.split([' ', '-']).next().unwrap()
    } else {
        whole
    };
    format!("{}{predicate}'{value}'", field(random, kind))
}

/// Makes up a question: a path with a query.
fn question(random: &mut ChaCha8Rng, words: &[String]) -> String {
    if random.random_bool(0.25) {
        let template = BELOW.choose(random).unwrap();
        return template.replace("{}", &encode(words.choose(random).unwrap()));
    }
    let kind = *Kind::ALL.choose(random).unwrap();
    let mut parameters = Vec::new();
    if random.random_bool(0.8) {
        let mut filter = clause(random, kind, words);
        if random.random_bool(0.5) {
            let connective = ["AND", "OR"].choose(random).unwrap();
            filter = format!("{filter} {connective} {}", clause(random, kind, words));
        }
        parameters.push(format!("filter={}", encode(&filter)));
    }
    if random.random_bool(0.4) {
        parameters.push(format!("sort={}", field(random, kind)));
        parameters.push(format!("orderBy={}", ["asc", "desc"].choose(random).unwrap()));
    }
    if random.random_bool(0.2) {
        parameters.push(format!(
            "fields=sourcedId,{}",
            fields(kind).choose(random).unwrap().name
        ));
    }
    if random.random_bool(0.4) {
        let (limit, offset) = (random.random_range(1..6), random.random_range(0..4));
        parameters.push(format!("limit={limit}&offset={offset}"));
    }
    format!("/{}?{}", kind.collection(), parameters.join("&"))
}

/// What of an answer may not depend on others: all of it but the id of the request, which a remark names.
fn essence(answer: &Answer) -> (StatusCode, String, String, String) {
    let body = String::from_utf8_lossy(&answer.body).replace(answer.header("x-request-id"), "");
    let header = |name| answer.header(name).to_owned();
    (answer.status, header("x-total-count"), header("link"), body)
}

/// R24, for every question: a client is answered about its own tenant only.
#[tokio::test]
async fn no_question_is_answered_otherwise_because_another_tenant_exists() {
    let pool = database().await.pool;
    let words = words();
    let mut random = ChaCha8Rng::seed_from_u64(20_261_123);
    let questions: Vec<String> = (0..QUESTIONS).map(|_| question(&mut random, &words)).collect();

    let own = api::tenant(&pool, OWN).await;
    publish(&pool, OWN).await;
    let alone = Api::start(&pool).await;
    let token = alone.token(&own).await;
    let mut before = Vec::new();
    for path in &questions {
        before.push(essence(&alone.get(&token, path).await));
    }

    let other = api::tenant(&pool, OTHER).await;
    publish(&pool, OTHER).await;
    // Room for one roster only: each question of another tenant makes the server load anew.
    let together = Api::start_with_cache(&pool, Clock::System, BASE_URL, 1).await;
    let other_token = together.token(&other).await;
    let (mut answered, mut found) = (0, 0);
    for (path, before) in questions.iter().zip(&before) {
        let theirs = together.get(&other_token, path).await;
        let ours = together.get(&token, path).await;
        assert_eq!(&essence(&ours), before, "{path}");
        for (answer, stranger) in [(&ours, OTHER), (&theirs, OWN)] {
            if answer.status == StatusCode::OK {
                let text = String::from_utf8_lossy(&answer.body);
                assert!(!text.contains(stranger), "{path}: {text}");
                answered += 1;
                found += usize::from(text.contains("\"sourcedId\""));
            }
        }
    }
    assert!(
        answered > QUESTIONS && found * 3 > QUESTIONS,
        "{answered} answered, {found} with something"
    );
}

#[tokio::test]
async fn the_ids_of_another_tenant_are_unknown() {
    let pool = database().await.pool;
    let own = api::tenant(&pool, OWN).await;
    api::tenant(&pool, OTHER).await;
    publish(&pool, OWN).await;
    publish(&pool, OTHER).await;
    let api = Api::start(&pool).await;
    let token = api.token(&own).await;
    for (kind, id, _, _) in roster(OTHER) {
        let single = api.get(&token, &format!("/{kind}/{id}")).await;
        let sought = api
            .get(
                &token,
                &format!("/{kind}?filter={}", encode(&format!("sourcedId='{id}'"))),
            )
            .await;
        let shared = id.contains("gelijk");
        let status = if shared {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(single.status, status, "{kind}/{id}");
        assert_eq!(
            sought.header("x-total-count"),
            if shared { "1" } else { "0" },
            "{kind}/{id}"
        );
        let text = String::from_utf8_lossy(&single.body).into_owned();
        assert!(!shared || (text.contains(OWN) && !text.contains(OTHER)), "{text}");
    }
}
