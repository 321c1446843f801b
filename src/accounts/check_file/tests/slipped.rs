//! Rows that slipped against their ids, and cells that a spreadsheet made.

use oneroster_school::informat::Persoon;
use oneroster_school::username::Identity;

use super::*;

/// Three people who differ in everything, each with the row that is theirs; the first has a correction.
fn three() -> (Vec<Person>, HashMap<Uuid, Record>, Vec<[String; 6]>) {
    let mut people = Vec::new();
    let mut records = HashMap::new();
    let mut rows = Vec::new();
    for (number, (given_name, family_name, born)) in (0..).zip([
        ("Jan", "Janssens", "02/03/2012"),
        ("Zoë", "O'Neill", "03/04/2013"),
        ("Lotte", "Peeters", "04/05/2014"),
    ]) {
        let mut person = person(number, given_name, family_name);
        person.birth_date = NaiveDate::parse_from_str(born, "%d/%m/%Y").ok();
        records.extend([record(&person, format!("name{number}"))]);
        rows.push([
            person.rowguid.to_string(),
            format!("name{number}"),
            String::new(),
            given_name.to_owned(),
            family_name.to_owned(),
            born.to_owned(),
        ]);
        people.push(person);
    }
    "corrected".clone_into(&mut rows[0][2]);
    (people, records, rows)
}

fn csv(header: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut text = header.join(";");
    for row in rows {
        text += "\r\n";
        text += &row.join(";");
    }
    text.into_bytes()
}

fn file(rows: &[[String; 6]]) -> Vec<u8> {
    csv(&HEADER, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>())
}

/// R54: whichever columns were sorted without the others, no correction reaches somebody else.
#[test]
fn r54_whichever_columns_were_sorted_a_correction_on_a_row_of_others_is_refused() {
    let (people, records, rows) = three();
    for sorted in 0_u32..64 {
        let is_sorted = |column: usize| sorted & (1 << column) != 0;
        let slipped: Vec<[String; 6]> = (0..3)
            .map(|row| {
                std::array::from_fn(|column| rows[(row + usize::from(is_sorted(column))) % 3][column].clone())
            })
            .collect();
        let (corrections, _, faults) = read_back(&file(&slipped), &people, &records);
        // All columns, or none: rows that only stand elsewhere.
        if sorted == 0 || sorted == 63 {
            assert_eq!(
                corrections,
                [(people[0].rowguid, "corrected".to_owned())],
                "{sorted:06b}"
            );
            assert!(faults.is_empty(), "{sorted:06b}: {faults:?}");
            continue;
        }
        // The third column alone against all others: nothing in the file tells.
        if sorted == 1 << 2 || sorted == 63 ^ (1 << 2) {
            continue;
        }
        assert_eq!(faults.list().len(), 1, "{sorted:06b}: {faults:?}");
        assert_eq!(faults.list()[0].rule, Rule::NotThisPerson, "{sorted:06b}");
    }
}

#[test]
fn a_column_that_is_missing_is_not_judged_and_another_spelling_is_the_same_name() {
    let (people, records, rows) = three();
    let part = csv(
        &[HEADER[2], HEADER[0]],
        &[vec!["new".to_owned(), rows[1][0].clone()]],
    );
    let (corrections, remarks, faults) = read_back(&part, &people, &records);
    assert_eq!(corrections, [(people[1].rowguid, "new".to_owned())]);
    assert!(remarks.is_empty() && faults.is_empty(), "{remarks:?} {faults:?}");
    let mut spelled = rows[1].clone();
    "new".clone_into(&mut spelled[2]);
    "ZOE\u{308}".clone_into(&mut spelled[3]);
    "O’NEILL".clone_into(&mut spelled[4]);
    "3-apr-13".clone_into(&mut spelled[5]);
    let (corrections, remarks, faults) = read_back(&file(&[spelled]), &people, &records);
    assert_eq!(corrections.len(), 1, "{faults:?}");
    assert!(remarks.is_empty() && faults.is_empty(), "{remarks:?} {faults:?}");
}

/// Nothing is asked for, so nothing is refused; but whoever sorted a column should know.
#[test]
fn a_row_that_slipped_and_asks_for_nothing_is_remarked_on_and_many_are_counted() {
    let (people, records, rows) = three();
    let mut slipped = rows.clone();
    slipped[0][2].clear();
    "Piet".clone_into(&mut slipped[1][3]);
    let (corrections, remarks, faults) = read_back(&file(&slipped), &people, &records);
    assert!(corrections.is_empty() && faults.is_empty());
    let [remark] = &remarks[..] else {
        panic!("{remarks:?}")
    };
    assert_eq!(
        (remark.line, remark.sourced_id),
        (Some(3), Some(people[1].rowguid))
    );
    for part in ["Piet", "Zoë O'Neill", "export the file again"] {
        assert!(remark.message.contains(part), "{part}: {}", remark.message);
    }

    let names = vec![("An".to_owned(), "Maes".to_owned(), "x".to_owned()); 30];
    let (people, records) = school(&names);
    let rows: Vec<[String; 6]> = people
        .iter()
        .map(|person| {
            let name = records[&person.rowguid].local_part.clone();
            let [id, none] = [person.rowguid.to_string(), String::new()];
            [id, name, none, "Bo".to_owned(), "Maes".to_owned(), String::new()]
        })
        .collect();
    let (_, remarks, _) = read_back(&file(&rows), &people, &records);
    assert_eq!(remarks.len(), 21);
    assert!(
        remarks[20].message.starts_with("10 more rows "),
        "{}",
        remarks[20].message
    );
}

/// An answer given on a row that shows somebody else is no answer.
#[test]
fn a_review_is_not_answered_on_a_row_of_somebody_else() {
    let (people, mut records, rows) = three();
    let mut row = rows[1].clone();
    row[2] = row[1].clone();
    let mut stranger = row.clone();
    "Piet".clone_into(&mut stranger[3]);
    let (_, remarks, faults) = read_back(&file(&[stranger.clone()]), &people, &records);
    assert!(
        faults.is_empty() && remarks.len() == 1,
        "it asks for no review: {faults:?}"
    );
    records.get_mut(&people[1].rowguid).unwrap().needs_review = true;
    let (_, _, faults) = read_back(&file(&[stranger]), &people, &records);
    assert_eq!(faults.list()[0].rule, Rule::NotThisPerson);
    let (_, _, faults) = read_back(&file(&[row]), &people, &records);
    assert!(faults.is_empty(), "{faults:?}");
}

/// Who is no longer in Informat's data is known by what it said last.
#[test]
fn somebody_who_is_gone_is_compared_with_what_informat_said_last() {
    let (mut people, mut records, rows) = three();
    let person = people.remove(0);
    records.get_mut(&person.rowguid).unwrap().identity = Some(Identity::of(&Persoon {
        p_persoon: 1,
        rowguid: person.rowguid,
        naam: person.family_name.clone(),
        voornaam: person.given_name.clone(),
        geboortedatum: person.birth_date,
        changed: None,
    }));
    let (corrections, _, faults) = read_back(&file(&rows[..1]), &people, &records);
    assert_eq!(corrections.len(), 1, "{faults:?}");
    let mut other = rows[0].clone();
    "05/05/2015".clone_into(&mut other[5]);
    let (_, _, faults) = read_back(&file(&[other]), &people, &records);
    let fault = &faults.list()[0];
    assert_eq!(
        (fault.rule, fault.column.as_deref(), fault.value.as_deref()),
        (Rule::NotThisPerson, Some("Geboortedatum"), Some("05/05/2015"))
    );
}

#[test]
fn what_a_spreadsheet_made_is_refused_with_the_reason_unless_it_is_the_name() {
    let (people, mut records, rows) = three();
    let asked = |wanted: &str, records: &HashMap<Uuid, Record>| {
        let mut row = rows[1].clone();
        wanted.clone_into(&mut row[2]);
        read_back(&file(&[row]), &people, records)
    };
    for (wanted, reason) in [
        ("#REF!", "formula"),
        ("#N/A", "formula"),
        ("1.2E11", "long number"),
        ("1,2E+11", "long number"),
        ("1-mei", "a date"),
        ("1-May", "a date"),
        ("01/05/2025", "a date"),
        ("45123", "keeps a date"),
    ] {
        let (corrections, _, faults) = asked(wanted, &records);
        let fault = &faults.list()[0];
        assert!(corrections.is_empty());
        assert_eq!(
            (fault.rule, fault.value.as_deref()),
            (Rule::SpreadsheetCell, Some(wanted))
        );
        assert!(fault.message.contains(reason), "{wanted}: {}", fault.message);
    }
    let (corrections, _, faults) = asked("jan.1-mei", &records);
    assert!(faults.is_empty() && corrections.len() == 1, "{faults:?}");
    // Whoever is called so already may stay so.
    "45123".clone_into(&mut records.get_mut(&people[1].rowguid).unwrap().local_part);
    let (corrections, _, faults) = asked("45123", &records);
    assert!(faults.is_empty() && corrections.is_empty(), "{faults:?}");
}
