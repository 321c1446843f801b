//! `replacement-character` and `delta-column`.

use oneroster::mirror::{Mode, Rule, Subject};
use oneroster_school::door::Guard;

use super::group::Group;
use super::{LoadedTenant, remarked};

#[tokio::test]
async fn replacement_character_is_a_fault_until_it_is_accepted_for_that_load_and_for_cells_unchanged_since() {
    let group = Group::of(&[60]);
    let scene = LoadedTenant::of(&group).await;
    let two = group.with_people(2, |person| person.given = format!("Jos\u{FFFD}{}", person.key));
    let refusal = scene.try_import(&two.files(), Mode::Full, &[]).await.unwrap_err();
    let [first, second] = refusal.faults.list() else {
        panic!("{refusal:?}")
    };
    assert_eq!(
        (first.rule, second.rule),
        (Rule::ReplacementCharacter, Rule::ReplacementCharacter)
    );
    assert_eq!(
        (first.line, first.column.as_deref(), first.value.as_deref()),
        (Some(2), Some("voornaam"), Some("Jos\u{FFFD}1"))
    );
    let [report] = refusal.guards.as_slice() else {
        panic!("{refusal:?}")
    };
    assert_eq!((report.guard, report.count), (Guard::ReplacementCharacter, 2));
    assert!(
        report
            .message
            .contains("--accept replacement-character --by NAME"),
        "{}",
        report.message
    );

    let loaded = scene
        .import(&two.files(), Mode::Full, &[Guard::ReplacementCharacter])
        .await
        .unwrap();
    assert_eq!(remarked(&loaded.remarks, Subject::ReplacementCharacter), 2);
    for mode in [Mode::Full, Mode::Delta] {
        let again = scene.import(&two.files(), mode, &[]).await.unwrap();
        assert_eq!(remarked(&again.remarks, Subject::ReplacementCharacter), 2);
        assert!(again.guards.is_empty() && !again.changed(), "{again:?}");
    }
    // A third one, and one that changed, are faults again: two of the three cells.
    let mut three = group.with_people(3, |person| person.given = format!("Jos\u{FFFD}{}", person.key));
    three.people[1].given = "Jos\u{FFFD}\u{FFFD}".to_owned();
    let refusal = scene
        .try_import(&three.files(), Mode::Full, &[])
        .await
        .unwrap_err();
    let lines: Vec<_> = refusal.faults.list().iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [Some(3), Some(4)]);
}

/// Adds a column with the same value in every row.
fn with_column(text: &str, name: &str, value: &str) -> String {
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let rows = lines.map(|line| format!("{line},{value}\n"));
    format!("{header},{name}\n{}", rows.collect::<String>())
}

#[tokio::test]
async fn replacement_character_in_a_column_that_is_not_read_is_no_fault() {
    let mut files = Group::of(&[10]).files();
    files.insert(
        "persoon.csv",
        with_column(&files["persoon.csv"], "opmerking", "\u{FFFD}"),
    );
    let scene = LoadedTenant::empty().await;
    scene.import(&files, Mode::Full, &[]).await.unwrap();
}

#[tokio::test]
async fn delta_column_with_any_value_is_a_fault_in_a_load_of_the_whole_state() {
    let group = Group::of(&[10]);
    let scene = LoadedTenant::of(&group).await;
    for value in ["0", "1", "ja"] {
        // Three rows that changed: what it would be to load these as the whole state, nobody wants to know.
        let mut delta = group.clone();
        delta.people.truncate(3);
        let mut files = delta.files();
        files.insert(
            "persoon.csv",
            with_column(&files["persoon.csv"], "Verwijderd", value),
        );
        let refusal = scene
            .try_import(&files, Mode::Full, &Guard::ALL)
            .await
            .unwrap_err();
        let faults = refusal.faults.list().iter();
        let of_column: Vec<_> = faults.filter(|fault| fault.rule == Rule::DeltaColumn).collect();
        let [fault] = of_column.as_slice() else {
            panic!("{value}: {refusal:?}")
        };
        let place = (fault.line, fault.column.as_deref(), fault.value.as_deref());
        assert_eq!(place, (Some(2), Some("verwijderd"), Some(value)));
        assert!(
            fault.message.contains("3 rows") && fault.message.contains("--delta"),
            "{}",
            fault.message
        );
    }
}

#[tokio::test]
async fn delta_column_without_a_value_is_no_fault() {
    let group = Group::of(&[10]);
    let scene = LoadedTenant::of(&group).await;
    let mut files = group.files();
    files.insert(
        "persoon.csv",
        with_column(&files["persoon.csv"], "verwijderd", " "),
    );
    let loaded = scene.import(&files, Mode::Full, &[]).await.unwrap();
    assert!(!loaded.changed());
}
