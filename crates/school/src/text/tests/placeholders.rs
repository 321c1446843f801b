use super::{flemish_names, foreign_names};
use crate::text::is_placeholder_person;

#[test]
fn placeholder_people_are_found() {
    for (given, family) in [
        ("N.N.", ""),
        ("", "N.N."),
        ("NN", "NN"),
        ("N.", "N."),
        ("N", "N"),
        ("N. N.", "Janssens"),
        ("nn", "Peeters"),
        ("Onbekend", "Janssens"),
        ("Jan", "ONBEKEND"),
        ("Nog", "onbekend"),
        ("Juf", "Onbekend"),
        ("Vacature", "Wiskunde"),
        ("Vacature 2", "-"),
        ("Te", "bepalen"),
        ("Bepalen", "Te"),
        ("", "Nog te bepalen"),
        ("Jan", "Test"),
        ("test", "test"),
        ("Test1", "Leerling"),
        ("", "Test Test"),
        ("Piet", "Testpersoon"),
        ("Test-Leerling", "A"),
        ("X", "X"),
        ("", "X"),
        ("X", "-"),
        ("Jan", "X"),
        ("xxx", "Janssens"),
        ("Jan", "X.X."),
        ("Dummy", "Dummy"),
        ("Invaller", "Lager"),
        ("Vacant", ""),
        ("Voornaam", "Familienaam"),
        ("Niet", "gekend"),
        ("Naam", "onbekend"),
        ("", ""),
        ("-", "."),
    ] {
        assert!(is_placeholder_person(given, family), "{given:?} {family:?}");
    }
}

#[test]
fn real_people_are_none() {
    for (given, family) in [
        ("Jan", "Testa"),
        ("Jan", "Testelmans"),
        ("Jan", "De Test"),
        ("Jan", "Van den Test"),
        ("Jon", "Tester"),
        ("Testimony", "Okafor"),
        ("N.", "Peeters"),
        ("X", "Janssens"),
        ("X.", "Janssens"),
        ("Xi", "Xu"),
        ("Xavier", "Xhaard"),
        ("J", "Ng"),
        ("Jan", "O"),
        ("Yuna", "E"),
        ("Nu", "U"),
        ("Na", "Li"),
        ("Nnamdi", "Nnaji"),
        ("-", "Sukarno"),
        ("Sukarno", ""),
        ("Admin", "Demo"),
        ("Jan", "Null"),
        ("Jan", "Leerling"),
        ("Dummer", "Vacaru"),
        ("Te", "St"),
        ("Jan", "Naam"),
        ("Anna", "Geen"),
        ("Jan", "Bekend"),
        ("Max", "Onbekelinx"),
    ] {
        assert!(!is_placeholder_person(given, family), "{given:?} {family:?}");
    }
}

#[test]
fn no_name_of_the_lists_is_a_placeholder() {
    let given = flemish_names("first");
    let family = flemish_names("last");
    assert!(given.len() * family.len() > 50_000);
    for given in &given {
        for family in &family {
            assert!(!is_placeholder_person(given, family), "{given} {family}");
        }
    }
    for name in foreign_names() {
        for (given, family) in [
            (name, name),
            ("", name),
            (name, "-"),
            ("Jan", name),
            (name, "Janssens"),
        ] {
            assert!(!is_placeholder_person(given, family), "{given} {family}");
        }
    }
}
