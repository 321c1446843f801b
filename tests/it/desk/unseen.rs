//! What may not be seen answers byte for byte like what does not exist: status, headers and body, on every route that is asked about
//! somebody or something.

mod others;
mod somebody;

use axum::http::{Method, StatusCode};
use chrono::Days;
use serde_json::Value;
use sqlx::PgPool;

use super::askers::{Asker, asker};
use super::role_world::{SPOTS, TENANT, id, nothing_hidden, number, switch, text_of, world};
use crate::harness::api::Answer;
use crate::harness::desk::Site;

/// Somebody who left a place that Mia does not see, and somebody of another tenant.
const LEFT: usize = 60;
/// See [`LEFT`].
const ELSEWHERE: usize = 61;

/// An operation in which nobody is whom Mia sees, and her desk.
struct Scene {
    site: Site,
    mia: Asker,
    hidden_operation: String,
}

/// Mia writes at the first place, reads at the second, and knows of no other.
async fn scene(pool: &PgPool) -> Scene {
    let school = world(pool, TENANT).await;
    let other = world(pool, "ander").await;
    let today = school.today().await;
    for (school, person, end) in [
        (&school, LEFT, (today - Days::new(20)).to_string()),
        (&other, ELSEWHERE, (today + Days::new(90)).to_string()),
    ] {
        let (key, id, begin, spot) = (number(person), id(person), today - Days::new(50), &SPOTS[4]);
        let (instelnr, vestnr) = (spot.instelnr, spot.vestnr);
        school
            .change(&format!(
                "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                     values ($1, {key}, '{id}', 'Otten', 'Jo', '2010-05-01');
                 insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                                                    schooljaar, begindatum, einddatum, status)
                     values ($1, {key}, {key}, '{instelnr}', {vestnr}, '311', '2026-27', '{begin}', '{end}', 0);"
            ))
            .await;
        super::crowd::allocate(school).await;
    }
    let site = Site::start(pool).await;
    let mia = asker(
        &site,
        "mia",
        &[
            ("001507", Some(1), "iLeerlingen: Alles schrijven"),
            ("001507", Some(2), "iLeerlingen: Alles lezen"),
        ],
    )
    .await;
    let operator = site.operator("vendor").await;
    let operator = site.signed_in(&operator).await;
    switch(&site, &operator, true, &[]).await;
    school.publish().await;
    let visible = [0, 1, 6, 8, 9, 11];
    let hidden_operation = switch(&site, &operator, false, &visible).await;
    school.publish().await;
    Scene {
        site,
        mia,
        hidden_operation,
    }
}

/// A question: its method, path and body.
type Question = (Method, String, Option<Value>);

fn get(path: String) -> Question {
    (Method::GET, path, None)
}

fn put(path: &str, body: Value) -> Question {
    (Method::POST, format!("/desk/api/{TENANT}/{path}"), Some(body))
}

/// All that can be told of an answer, but for what belongs to the single request and the words that were asked.
fn essence(answer: &Answer, asked: &str) -> (StatusCode, Vec<String>, String) {
    let body = text_of(answer);
    let nonce = body
        .split_once("nonce=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let nonce = nonce.map_or("no nonce", |(nonce, _)| nonce).to_owned();
    let bare = |text: &str| text.replace(&nonce, "").replace(asked, "");
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let mut headers: Vec<String> = headers
        .map(|(name, value)| bare(&format!("{name}: {value:?}")))
        .collect();
    headers.sort();
    (answer.status, headers, bare(&body))
}

impl Scene {
    /// Asks the same of what is hidden and of what is nowhere.
    async fn same(&self, asked_of: impl Fn(&str) -> Vec<Question>, hidden: &str, nowhere: &str) {
        for (of_hidden, of_nowhere) in asked_of(hidden).into_iter().zip(asked_of(nowhere)) {
            let what = format!("{} {} {:?}", of_hidden.0, of_hidden.1, of_hidden.2);
            let hidden_answer = self.ask(of_hidden).await;
            let nowhere_answer = self.ask(of_nowhere).await;
            assert_eq!(
                essence(&hidden_answer, hidden),
                essence(&nowhere_answer, nowhere),
                "{what}"
            );
            assert_ne!(
                hidden_answer.status,
                StatusCode::BAD_REQUEST,
                "{what}: a question that nobody asks"
            );
            nothing_hidden(
                &text_of(&hidden_answer).replace(hidden, ""),
                &self.mia.given,
                &what,
            );
        }
    }

    async fn ask(&self, (method, path, body): Question) -> Answer {
        self.site
            .ask(&self.mia.browser, method, &path, body.as_ref())
            .await
    }
}
