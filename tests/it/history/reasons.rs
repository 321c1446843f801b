//! Why somebody went, where the source holds more than one period of theirs; a class with its pupils; answered reviews.

use chrono::Days;
use oneroster::history::{Happening, Range, of_object};
use oneroster_standard::Kind;
use serde_json::{Value, json};

use super::{CLASS_3B, configure, of, published, told};
use crate::harness::school::{BERT, CLASS, JAN, LOTTE, school, tenant_file};
use crate::harness::{self, command};

/// Somebody whose second assignment is deleted did not leave when the first one ended.
#[tokio::test]
async fn a_deleted_second_assignment_is_told_as_no_assignment_any_more() {
    let database = harness::database().await;
    let school = school(&database.pool, "second").await;
    let today = school.today().await;
    let (ended, since) = (today - Days::new(50), today - Days::new(49));
    school
        .change(&format!(
            "update informat.opdracht set einddatum = '{ended}' where tenant_id = $1 and p_opdracht = 1;
             insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, begindatum)
                 values ($1, 2, 3, '001507', '{since}')"
        ))
        .await;
    school.publish().await;
    school
        .change("delete from informat.opdracht where tenant_id = $1 and p_opdracht = 2")
        .await;
    school.publish().await;
    let history = of(&school, Kind::Users, BERT).await;
    let gone = (
        Kind::Users,
        Happening::Removed,
        "no assignment any more".to_owned(),
    );
    assert_eq!(told(&history, 2)[0], gone);
}

/// R15: a future pupil who is refused is not told to be without a registration.
#[tokio::test]
async fn a_future_registration_that_is_refused_is_told_as_not_realised() {
    let database = harness::database().await;
    let school = school(&database.pool, "refused").await;
    let including =
        tenant_file("refused").replacen("[[schools]]", "future_pupils = \"include\"\n[[schools]]", 1);
    configure(&school, &including).await;
    let begin = school.today().await + Days::new(20);
    school
        .change(&format!(
            "update informat.inschrijving set begindatum = '{begin}' where tenant_id = $1 and p_inschr = 2"
        ))
        .await;
    school.publish().await;
    school
        .change("update informat.inschrijving set status = 1 where tenant_id = $1 and p_inschr = 2")
        .await;
    school.publish().await;
    let history = of(&school, Kind::Users, LOTTE).await;
    let why = "the registration at site 001507 - Zandpoort - Markt is not realised".to_owned();
    assert_eq!(told(&history, 2)[0], (Kind::Users, Happening::Removed, why));
}

/// The history of a class has its enrollments, each with its person and with the reasons of that person.
#[tokio::test]
async fn a_class_lists_its_enrollments_with_who_came_and_who_went() {
    let school = published("class").await;
    let today = school.today().await;
    let yesterday = today - Days::new(1);
    school
        .change(&format!(
            "insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus,
                 hfdstructuur, schooljaar, klascode, klas, groeptype)
                 values ($1, 2, '{CLASS_3B}', '001507', 1, '311', '2026-27', '3B', '3B', 0);
             update informat.inschrklas set totdatum = '{yesterday}' where tenant_id = $1 and p_inschrklas = 1;
             insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                 values ($1, 3, 1, 2, '{today}');
             update informat.inschrijving set einddatum = '{yesterday}' where tenant_id = $1 and p_inschr = 2"
        ))
        .await;
    school.publish().await;
    let history = of(&school, Kind::Classes, CLASS).await;
    assert_eq!(history.label, "2026-27 3A - Markt");
    let labels: Vec<(Kind, &str)> = history
        .entries
        .iter()
        .filter(|entry| entry.generation == 1)
        .map(|entry| (entry.kind, entry.label.as_str()))
        .collect();
    assert_eq!(
        labels,
        [
            (Kind::Classes, "2026-27 3A - Markt"),
            (Kind::Enrollments, "Jan Janssens (jan.janssens)"),
            (Kind::Enrollments, "Lotte Peeters (lotte.peeters)"),
            (Kind::Enrollments, "Bert Ameel (bert.ameel)"),
        ]
    );
    let ended = format!("the registration at site 001507 - Zandpoort - Markt ended: last day {yesterday}");
    assert_eq!(
        told(&history, 2),
        [
            (
                Kind::Enrollments,
                Happening::Removed,
                format!("left the class: last day {yesterday}; moved to class 2026-27 3B - Markt")
            ),
            (
                Kind::Enrollments,
                Happening::Removed,
                format!("the person is no longer published; {ended}")
            ),
        ]
    );
    let other = of(&school, Kind::Classes, CLASS_3B).await;
    let came = format!("in class 2026-27 3B - Markt, first day {today}");
    assert!(
        told(&other, 2).contains(&(Kind::Enrollments, Happening::Added, came)),
        "{other:?}"
    );
    let range = Range {
        from: Some(1),
        to: None,
    };
    let since = of_object(&school.server, "class", Kind::Classes, CLASS, range)
        .await
        .unwrap();
    assert_eq!(since.entries.len(), 2);
}

/// An answer changes nothing that is published; the history of the person says who gave it all the same.
#[tokio::test]
async fn an_answered_review_is_told_with_who_answered_it() {
    let database = harness::database().await;
    let school = school(&database.pool, "review").await;
    school.publish().await;
    for statement in [
        "update username.record set needs_review = true where tenant_id = 'review' and rowguid = $1::uuid",
        "update username.record set sync = false, waits_for = '{probably_merged,review}' where tenant_id = 'review'
         and rowguid = $1::uuid",
    ] {
        let person = if statement.contains("waits_for") { LOTTE } else { JAN };
        sqlx::query(statement)
            .bind(person)
            .execute(&database.pool)
            .await
            .unwrap();
    }
    let run = |arguments: &[&str]| -> Value {
        let all = [arguments, &["--tenant", "review", "--json"]].concat();
        let output = command(&database.url, &all).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    run(&["usernames", "set", "--user", JAN, "jan.janssens", "--by", "an"]);
    run(&["usernames", "sync", "on", "--user", LOTTE, "--by", "piet"]);
    for (person, answered, by) in [
        (JAN, json!(["review"]), "an"),
        (LOTTE, json!(["probably_merged", "review"]), "piet"),
    ] {
        let history = run(&["history", "--object", &format!("users/{person}")]);
        let [review] = &history["reviews"].as_array().unwrap()[..] else {
            panic!("{history}");
        };
        assert_eq!((&review["answered"], &review["by"]), (&answered, &json!(by)));
        assert!(review["at"].is_string());
    }
    let text = command(
        &database.url,
        &[
            "history",
            "--tenant",
            "review",
            "--object",
            &format!("users/{JAN}"),
        ],
    );
    let text = String::from_utf8({ text }.output().unwrap().stdout).unwrap();
    assert!(
        text.contains("\nreview of the username answered by an on 20"),
        "{text}"
    );
    assert!(text.contains(": review\ngeneration 1"), "{text}");
}
