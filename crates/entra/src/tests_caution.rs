//! What could give somebody the mailbox of somebody else, and answers that end a question.

use crate::{Account, Choice, Domains, Kind, Left, Person, Verdict, match_people, read};

fn person(given: &str, family: &str) -> Person {
    let username = format!("{given}.{family}").to_lowercase().replace(' ', "");
    Person {
        sourced_id: format!("00000000-0000-4000-8000-{:>012}", username.len()),
        username,
        added_domain: Some("s.example".to_owned()),
        choice: Choice::None,
        given: given.to_owned(),
        family: family.to_owned(),
        birth_date: None,
        kind: Kind::Pupil,
        classes: Vec::new(),
    }
}

fn account(local: &str, given: &str, family: &str) -> Account {
    Account {
        username: format!("{local}@s.example"),
        display_name: format!("{given} {family}"),
        given: given.to_owned(),
        family: family.to_owned(),
        ..Account::default()
    }
}

fn named(local: &str, shown: &str) -> Account {
    Account {
        username: format!("{local}@s.example"),
        display_name: shown.to_owned(),
        ..Account::default()
    }
}

/// Returns what is said of each: the verdict, and what is proposed.
fn verdicts(people: &[Person], accounts: &[Account]) -> Vec<(Verdict, Option<String>)> {
    let matched = match_people(people, &[], accounts, Domains::default());
    let found = matched.people.into_iter();
    found.map(|found| (found.verdict, found.proposal)).collect()
}

fn verdict(person: Person, account: Account) -> (Verdict, Option<String>) {
    verdicts(&[person], &[account]).remove(0)
}

fn is_certain(found: &(Verdict, Option<String>)) -> bool {
    found.0 == Verdict::Linked || found.1.is_some()
}

#[test]
fn r142_a_twin_is_never_proposed() {
    for (given, other) in [
        ("Lena", "Lea"),
        ("Noor", "Noa"),
        ("Jana", "Jan"),
        ("Milan", "Mila"),
        ("Sam", "Samuel"),
        ("Alexander", "Lex"),
        ("Anna", "Hanne"),
        ("Marie", "Marieke"),
        ("Jean-Pierre", "Jean"),
    ] {
        let born = Some("2012-05-06".to_owned());
        let twin = Person {
            birth_date: born.clone(),
            ..person(given, "Maes")
        };
        let there = Account {
            birth_date: born,
            ..account(&format!("{}.maes", other.to_lowercase()), other, "Maes")
        };
        let glued = Account {
            given: String::new(),
            family: String::new(),
            display_name: format!("{other}maes"),
            ..there.clone()
        };
        for there in [there, glued] {
            let found = verdict(twin.clone(), there);
            assert!(!is_certain(&found), "{given} and {other}: {found:?}");
        }
    }
}

#[test]
fn r142_a_newcomer_of_the_name_of_somebody_who_left_is_left_to_a_person() {
    let left = Left {
        given: "Stan".to_owned(),
        family: "Roels".to_owned(),
        birth_date: Some("2008-03-02".to_owned()),
    };
    let newcomer = Person {
        birth_date: Some("2014-04-05".to_owned()),
        ..person("Stan", "Roels")
    };
    for local in ["stan.roels", "stan.roels2"] {
        let mut accounts = [account(local, "Stan", "Roels")];
        let people = std::slice::from_ref(&newcomer);
        let left = std::slice::from_ref(&left);
        let found = match_people(people, left, &accounts, Domains::default())
            .people
            .remove(0);
        assert!(
            found.verdict != Verdict::Linked && found.proposal.is_none(),
            "{found:?}"
        );
        assert!(found.candidates[0].because().contains("left"), "{found:?}");
        accounts[0].birth_date.clone_from(&newcomer.birth_date);
        let found = match_people(people, left, &accounts, Domains::default())
            .people
            .remove(0);
        assert!(found.verdict == Verdict::Linked || found.proposal.is_some());
    }
    // Of one birth date it is the same person, whom Informat has twice.
    let twice = Left {
        birth_date: newcomer.birth_date.clone(),
        ..left
    };
    let accounts = [account("stan.roels", "Stan", "Roels")];
    let found = match_people(&[newcomer], &[twice], &accounts, Domains::default());
    assert_eq!(found.people[0].verdict, Verdict::Linked);
}

#[test]
fn r142_family_names_with_ij_and_y_are_two_names() {
    for (given, family, other) in [
        ("Lisa", "Thijs", "Thys"),
        ("Bram", "Nijs", "Nys"),
        ("Tom", "Verheijen", "Verheyen"),
        ("An", "Stijnen", "Stynen"),
        ("Lotte", "Wijns", "Wyns"),
    ] {
        let local = format!("{given}.{other}").to_lowercase();
        let found = verdict(person(given, family), account(&local, given, other));
        assert_eq!(found, (Verdict::OtherName, None), "{family} and {other}");
    }
    let people = [person("Kaat", "Nijs"), person("Kaat", "Nys")];
    let accounts = [
        account("kaat.nijs", "Kaat", "Nijs"),
        account("kaat.nys", "Kaat", "Nys"),
    ];
    let found = verdicts(&people, &accounts);
    assert!(found.iter().all(|found| found.0 == Verdict::Linked), "{found:?}");
}

#[test]
fn r142_a_username_whose_account_shows_another_name_is_left_to_a_person() {
    for (given, family, other, other_family) in [
        ("Louis", "Maes", "Louise", "Maes"),
        ("Emma", "Nys", "Emma", "Claes"),
        ("Lore", "Baert", "Loredana", "Baert"),
        ("Rune", "Maes", "Runa", "Maes"),
        ("Jan", "Peeters", "Piet", "Peeters"),
        ("Els", "Van Damme", "Els", "Verhoeven"),
    ] {
        let own = person(given, family);
        let mut there = account(&own.username, other, other_family);
        assert_eq!(
            verdict(own.clone(), there.clone()).0,
            Verdict::Ambiguous,
            "{other}"
        );
        there.display_name = format!("{given} {family}");
        assert_eq!(
            verdict(own.clone(), there.clone()).0,
            Verdict::Ambiguous,
            "{other}"
        );
        let chosen = Person {
            choice: Choice::CheckFile,
            ..own
        };
        assert_eq!(
            verdict(chosen, there).0,
            Verdict::Linked,
            "{other}: somebody looked"
        );
    }
    for shown in ["Jan Peeters", "J. Peeters", "Jan", "Peeters, Jan (3A)", ""] {
        let found = verdict(person("Jan", "Peeters"), named("jan.peeters", shown));
        assert_eq!(found.0, Verdict::Linked, "{shown}");
    }
    // The other way round: the name is theirs, the username another's.
    let found = verdict(
        person("Jan", "Peeters"),
        account("piet.peeters", "Jan", "Peeters"),
    );
    assert!(!is_certain(&found), "{found:?}");
}

#[test]
fn r142_given_and_family_name_are_exchanged_only_where_the_whole_file_has_them_so() {
    let found = verdict(
        person("Lambert", "Martin"),
        account("martin.lambert", "Martin", "Lambert"),
    );
    assert!(!is_certain(&found), "{found:?}");
    let names = [
        ("Lambert", "Martin"),
        ("An", "Claes"),
        ("Bo", "Raes"),
        ("Els", "Nys"),
        ("Tom", "Maes"),
    ];
    let people: Vec<Person> = names
        .iter()
        .map(|(given, family)| person(given, family))
        .collect();
    let accounts: Vec<Account> = names
        .iter()
        .map(|(given, family)| account(&format!("{family}.{given}").to_lowercase(), family, given))
        .collect();
    let found = verdicts(&people, &accounts);
    assert!(found.iter().all(is_certain), "{found:?}");
}

#[test]
fn r142_an_account_from_before_somebody_was_born_is_not_theirs() {
    let mut wout = person("Wout", "Ooms");
    wout.birth_date = Some("2020-03-03".to_owned());
    let made = |year| Account {
        created_year: Some(year),
        ..account("wout.ooms", "Wout", "Ooms")
    };
    assert_eq!(verdict(wout.clone(), made(2014)).0, Verdict::Ambiguous);
    wout.choice = Choice::CheckFile;
    assert_eq!(verdict(wout.clone(), made(2014)).0, Verdict::Ambiguous);
    assert_eq!(verdict(wout, made(2023)).0, Verdict::Linked);
    let text = "userPrincipalName,createdDateTime\na@s.example,2014-09-01T07:12:00Z\nb@s.example,9/1/2014 7:12:00 AM\n";
    let file = read(text.as_bytes(), &[]).unwrap();
    assert!(
        file.accounts
            .iter()
            .all(|account| account.created_year == Some(2014))
    );
}

#[test]
fn r142_an_alias_alone_is_not_enough() {
    let with_alias = |local: &str, given: &str, family: &str, alias: &str| Account {
        aliases: vec![format!("{alias}@s.example")],
        ..account(local, given, family)
    };
    let found = verdict(
        person("Mia", "Nys"),
        with_alias("mia.claes", "Mia", "Claes", "mia.nys"),
    );
    assert!(!is_certain(&found) && found.0 != Verdict::New, "{found:?}");
    let found = verdict(
        person("Hilde", "Ooms"),
        with_alias("griet.holvoet", "Griet", "Holvoet", "hilde.ooms"),
    );
    assert_eq!(found.0, Verdict::Taken);
    let found = verdict(
        person("Lana", "Ceulemans"),
        with_alias("lc2012", "Lana", "Ceulemans", "lana.ceulemans"),
    );
    assert_eq!(found.1.as_deref(), Some("lc2012"));
}

#[test]
fn r142_dutch_licences_marks_of_leavers_and_classes_are_understood() {
    for licences in [
        "Microsoft 365 A3 voor docenten",
        "Office 365 A1 voor faculteit",
        "Microsoft 365 A3 voor onderwijspersoneel",
        "Office 365 A1 voor personeel",
    ] {
        let there = Account {
            licences: licences.to_owned(),
            ..account("rik.moens", "Rik", "Moens")
        };
        assert_eq!(
            verdict(person("Rik", "Moens"), there).0,
            Verdict::Ambiguous,
            "{licences}"
        );
    }
    for shown in [
        "TE VERWIJDEREN Ada Ooms",
        "x_Ada Ooms",
        "Ada Ooms (weg)",
        "Ada Ooms - OUD",
        "Ada Ooms [delete 30/06/2025]",
        "ZZ Ada Ooms",
    ] {
        let there = Account {
            display_name: shown.to_owned(),
            ..account("ada.ooms", "Ada", "Ooms")
        };
        assert_eq!(
            verdict(person("Ada", "Ooms"), there).0,
            Verdict::Ambiguous,
            "{shown}"
        );
    }
}

#[test]
fn r142_departments_titles_and_shown_names_tell_leavers_and_classes() {
    for department in [
        "schoolverlaters 2025",
        "Oudlln",
        "Niet meer op school",
        "2024-2025 6A",
        "Leerling 6EWE",
        "Klas 6LAT",
        "6de jaar",
    ] {
        let pupil = Person {
            classes: vec!["1A".to_owned()],
            ..person("Ada", "Ooms")
        };
        let own = account("ada.ooms", "Ada", "Ooms");
        for there in [
            Account {
                department: department.to_owned(),
                ..own.clone()
            },
            Account {
                title: department.to_owned(),
                ..own.clone()
            },
        ] {
            assert_eq!(
                verdict(pupil.clone(), there).0,
                Verdict::Ambiguous,
                "{department}"
            );
        }
        let shown = Account {
            display_name: "Ada Ooms (6EWE)".to_owned(),
            ..own
        };
        assert_eq!(verdict(pupil, shown).0, Verdict::Ambiguous);
    }
    // These are their names, and a class.
    for (given, family) in [
        ("Lies", "Gast"),
        ("Noah", "Oud"),
        ("Ann", "De Oud"),
        ("Lies", "De Gast"),
    ] {
        let own = person(given, family);
        let there = account(&own.username, given, family);
        assert_eq!(verdict(own, there).0, Verdict::Linked, "{family}");
    }
    let there = Account {
        department: "5 Secretariaat-talen".to_owned(),
        ..account("lien.daems", "Lien", "Daems")
    };
    assert_eq!(verdict(person("Lien", "Daems"), there).0, Verdict::Linked);
}

#[test]
fn r142_a_domain_is_never_taken_from_one_account() {
    let unknown = |person: Person, kind| Person {
        added_domain: None,
        kind,
        ..person
    };
    let mut people = vec![unknown(person("Tom", "Claes"), Kind::Staff)];
    let mut accounts = vec![named("tom.claes", "Tom Claes"), account("emo", "Eva", "Moons")];
    accounts[1].username = "emo@staff.example".to_owned();
    for given in ["An", "Bo", "Els", "Jan"] {
        people.push(unknown(person(given, "Raes"), Kind::Pupil));
        accounts.push(account(&format!("{given}.raes").to_lowercase(), given, "Raes"));
    }
    let matched = match_people(&people, &[], &accounts, Domains::default());
    assert_ne!(matched.people[0].verdict, Verdict::Linked);
    assert_eq!(matched.without_domain, [Kind::Staff]);
    assert!(
        matched.people[1..]
            .iter()
            .all(|found| found.verdict == Verdict::Linked)
    );
}

#[test]
fn r142_an_answer_ends_the_question() {
    let chosen = |username: &str, given: &str, family: &str| Person {
        username: username.to_owned(),
        choice: Choice::CheckFile,
        ..person(given, family)
    };
    let people = [
        chosen("marieke.lievens", "Maria-Louisa", "Lievens"),
        chosen("an.janssens", "An", "De Smet"),
        chosen("tom.maes2", "Tom", "Maes"),
        chosen("tom.maes", "Tom", "Maes"),
        chosen("eva.moons1", "Eva", "Moons"),
        chosen("fleur.roels2", "Fleur", "Roels"),
    ];
    let accounts = [
        account("marieke.lievens", "Marieke", "Lievens"),
        account("an.janssens", "An", "Janssens-De Smet"),
        account("tom.maes", "Tom", "Maes"),
        account("tom.maes2", "Tom", "Maes"),
        account("eva.moons1", "Eva", "Moons"),
        account("eva.moons2", "Eva", "Moons"),
        named("fleur.roels", "Fleur Roels (oud-leerling)"),
    ];
    let found: Vec<Verdict> = verdicts(&people, &accounts)
        .into_iter()
        .map(|found| found.0)
        .collect();
    let linked = Verdict::Linked;
    assert_eq!(found, [linked, linked, linked, linked, linked, Verdict::New]);
    // What contradicts is said all the same.
    let mut jan = chosen("jan.peeters", "Jan", "Peeters");
    jan.birth_date = Some("2012-01-02".to_owned());
    let other = Account {
        birth_date: Some("2009-01-02".to_owned()),
        ..account("jan.peeters", "Jan", "Peeters")
    };
    assert_eq!(verdict(jan, other).0, Verdict::Ambiguous);
    let mut typed = chosen("fleur.roels", "Fleur", "Roels");
    assert_eq!(verdict(typed.clone(), accounts[6].clone()).0, Verdict::Linked);
    typed.choice = Choice::Typed;
    assert_eq!(
        verdict(typed, accounts[6].clone()).0,
        Verdict::Ambiguous,
        "typed without a look at it"
    );
}

#[test]
fn r142_who_has_username_and_name_is_linked_whoever_is_alike() {
    let people = [
        person("Jan", "Peeters"),
        person("Jean", "Peeters"),
        Person {
            kind: Kind::Staff,
            ..person("Hilde", "Willems")
        },
        Person {
            kind: Kind::Staff,
            ..person("Hilde", "Ooms")
        },
        person("Noa", "Peeters"),
        person("Noa", "Peeters-Claes"),
    ];
    let accounts = [
        account("jan.peeters", "Jan", "Peeters"),
        account("jean.peeters", "Jean", "Peeters"),
        account("hilde.willems", "Hilde", "Willems"),
        account("noa.peeters", "Noa", "Peeters"),
    ];
    let found = verdicts(&people, &accounts);
    for place in [0, 1, 4] {
        assert_eq!(found[place].0, Verdict::Linked, "{place}");
    }
    assert_eq!(
        found[2].0,
        Verdict::Ambiguous,
        "the colleague may have married into that name"
    );
    assert!(!is_certain(&found[3]) && !is_certain(&found[5]));
}
