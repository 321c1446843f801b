//! *Zoeken* over a real database: what is found, why it is published or not, and what who asks may not see.

use std::sync::Arc;

use oneroster::desk::Language;
use oneroster::desk::search::{self, Asker, Directories, Known, SearchAnswer, WhyAnswer, WhyAsked};
use oneroster_school::rights::{Access, Grant, Rights};
use oneroster_standard::Kind;
use uuid::Uuid;

use crate::harness::database;
use crate::harness::school::{CLASS, COLLECTIONS, JAN, LOTTE, School, school};

/// Somebody who may read at one site of the school.
fn reader(vestnr: i32) -> Asker {
    let grant = Grant {
        instelnr: "001507".to_owned(),
        vestnr: Some(vestnr),
        access: Access::Read,
        is_manager: false,
    };
    Asker {
        rights: Rights::of([grant]),
        language: Language::Dutch,
    }
}

fn operator() -> Asker {
    Asker {
        rights: Rights::operator(),
        language: Language::English,
    }
}

async fn known(school: &School) -> Arc<Known> {
    let directories = Directories::new(school.server.clone());
    directories.get(&school.tenant_id).await.unwrap()
}

async fn found(school: &School, asker: &Asker, text: &str) -> SearchAnswer {
    search::search(&*known(school).await, asker, text).unwrap()
}

async fn labels(school: &School, asker: &Asker, text: &str) -> Vec<String> {
    let answer = found(school, asker, text).await;
    answer.hits.into_iter().map(|hit| hit.label).collect()
}

fn asked(person: Option<&str>, class: Option<&str>) -> WhyAsked {
    let id = |text: Option<&str>| text.map(|text| Uuid::parse_str(text).unwrap());
    WhyAsked {
        person: id(person),
        class: id(class),
        on: None,
    }
}

async fn why(school: &School, asker: &Asker, what: WhyAsked) -> Option<WhyAnswer> {
    let known = known(school).await;
    search::why(&school.server, (&school.tenant_id, known), asker, what)
        .await
        .unwrap()
}

/// The small school, where Lotte moved to a second site that has no entry, and Jan left for good.
async fn moved() -> (crate::harness::TestDatabase, School) {
    let database = database().await;
    let school = school(&database.pool, "zandpoort").await;
    school
        .change(
            "insert into informat.schoolvest
                 (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true);
             update informat.inschrijving set vestnrdiscimus = 2 where tenant_id = $1 and p_inschr = 2;
             delete from informat.inschrklas where tenant_id = $1 and p_inschr = 2;
             update informat.inschrijving set einddatum = begindatum + 10 where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    (database, school)
}

#[tokio::test]
async fn anybody_and_any_class_is_found_with_a_sentence() {
    let (_database, school) = moved().await;
    let answer = found(&school, &operator(), "peeters LOTTE").await;
    let [lotte] = answer.hits.as_slice() else {
        panic!("{answer:?}");
    };
    assert_eq!((lotte.kind, lotte.person.as_deref()), (Kind::Users, Some(LOTTE)));
    assert_eq!(lotte.places, "Kade");
    assert_eq!(
        lotte.sentence,
        "Not published: Kade (001507-2) has no link with MS365."
    );
    assert_eq!(
        labels(&school, &operator(), "jan.janssens").await,
        ["Jan Janssens"],
        "who left too"
    );
    assert_eq!(
        labels(&school, &operator(), "jan 3a").await,
        ["Jan Janssens in 3A"],
        "a person and a class"
    );
    assert_eq!(labels(&school, &operator(), "3a").await, ["3A"]);
    assert_eq!(labels(&school, &operator(), "nobody").await, Vec::<String>::new());
}

#[tokio::test]
async fn who_is_only_at_places_that_may_not_be_seen_answers_as_nobody() {
    let (_database, school) = moved().await;
    let (markt, kade) = (reader(1), reader(2));
    let body = |answer: &SearchAnswer| serde_json::to_string(answer).unwrap();
    let nobody = body(&found(&school, &markt, "zzzz").await);
    for text in ["lotte", "lotte.peeters", LOTTE, "lotte 3a"] {
        assert_eq!(body(&found(&school, &markt, text).await), nobody, "{text}");
    }
    assert_eq!(labels(&school, &kade, "lotte").await, ["Lotte Peeters"]);
    assert_eq!(
        body(&found(&school, &kade, "3a").await),
        nobody,
        "a class of the other site"
    );
    let unknown = "00000000-0000-4000-8000-0000000000ff";
    for asked_about in [
        asked(Some(unknown), None),
        asked(Some(LOTTE), None),
        asked(Some(LOTTE), Some(CLASS)),
        asked(Some(JAN), Some(unknown)),
        asked(None, None),
    ] {
        assert_eq!(why(&school, &markt, asked_about).await, None);
    }
    assert_eq!(why(&school, &kade, asked(None, Some(CLASS))).await, None);
    assert!(why(&school, &kade, asked(Some(LOTTE), None)).await.is_some());
    assert!(why(&school, &markt, asked(Some(JAN), None)).await.is_some());
}

#[tokio::test]
async fn the_chain_is_told_in_the_language_of_who_asks() {
    let (_database, school) = moved().await;
    school.publish().await;
    school.note_pull(COLLECTIONS, 0).await;
    let answer = why(&school, &reader(1), asked(Some(JAN), None)).await.unwrap();
    assert_eq!(
        (answer.published, answer.served, answer.reason.as_str()),
        (false, Some(false), "ended")
    );
    assert!(
        answer
            .sentence
            .starts_with("Niet meer gepubliceerd: de laatste inschrijving, in Markt (001507-1), liep tot")
    );
    assert_eq!(answer.username.as_deref(), Some("jan.janssens"));
    assert!(answer.change.is_some());
    let words: Vec<&str> = answer.steps.iter().map(|step| step.step).collect();
    assert_eq!(
        words,
        [
            "data",
            "known",
            "site",
            "registration",
            "username",
            "sync",
            "served",
            "read"
        ],
        "{answer:?}"
    );
    let texts: Vec<&str> = answer.steps.iter().map(|step| step.text.as_str()).collect();
    assert!(texts.iter().all(|text| !text.contains("why-")), "{texts:?}");
    let class = why(&school, &reader(1), asked(None, Some(CLASS))).await.unwrap();
    assert!(
        class.published && class.sentence.starts_with("De klas is gepubliceerd"),
        "{class:?}"
    );
    let membership = why(&school, &reader(1), asked(Some(JAN), Some(CLASS)))
        .await
        .unwrap();
    assert_eq!(
        (membership.kind, membership.label.as_str()),
        (Kind::Enrollments, "Jan Janssens in 3A")
    );
    assert_eq!(membership.reason, "ended");
}

#[tokio::test]
async fn what_happens_elsewhere_changes_no_answer() {
    let (_database, school) = moved().await;
    school
        .change(
            "insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                 schooljaar, begindatum, status)
             select tenant_id, 9, 1, instelnr, 2, hfdstructuur, schooljaar, begindatum, 0
             from informat.inschrijving where tenant_id = $1 and p_inschr = 1",
        )
        .await;
    let elsewhere = why(&school, &reader(1), asked(Some(JAN), None)).await.unwrap();
    assert!(!serde_json::to_string(&elsewhere).unwrap().contains("Kade"));
    school
        .change("delete from informat.inschrijving where tenant_id = $1 and p_inschr = 9")
        .await;
    let mut without = why(&school, &reader(1), asked(Some(JAN), None)).await.unwrap();
    // What was served of them stays unsaid only while they are elsewhere too.
    without.served = None;
    assert_eq!(elsewhere, without);
    let both = why(&school, &operator(), asked(Some(JAN), None)).await.unwrap();
    assert_eq!(both.reason, "ended");
}
