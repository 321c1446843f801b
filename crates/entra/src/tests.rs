//! What exports look like, and what becomes of people and accounts.

use proptest::prelude::*;

use crate::{
    Account, AccountMatch, AddedDomain, Choice, DomainSource, Domains, Kind, Person, ReadError, RemarkRule,
    Verdict, match_people, read,
};

const ENTRA: &str = "userPrincipalName,displayName,surname,givenName,mail,id,userType,accountEnabled,directorySynced\n\
    evy.poppe@zandpoort.example,Evy Poppe,Poppe,Evy,evy.poppe@zandpoort.example,0b1f,Member,True,False\n";
const CENTRE: &str = "Block credential;Display name;First name;Last name;Licenses;Object Id;Proxy addresses;User principal name\r\n\
    False;Evy Poppe;Evy;Poppe;Office 365 A1 for students;0b1f;SMTP:evy.poppe@zandpoort.example+smtp:Evelien.Poppe@zandpoort.example;evy.poppe@zandpoort.example\r\n";
const DUTCH: &str = "Achternaam\tVoornaam\tWeergavenaam\tUser principal name\tGebruikerstype\tAccount ingeschakeld\n\
    Poppe\tEvy\tEvy Poppe\tevy.poppe@zandpoort.example\tLid\tJa\n";
const GRAPH: &str = r#"{"@odata.context": "…", "value": [{"userPrincipalName": "evy.poppe@zandpoort.example", "displayName": "Evy Poppe",
    "surname": "Poppe", "givenName": "Evy", "accountEnabled": true, "id": "0b1f", "proxyAddresses": ["SMTP:evy.poppe@zandpoort.example"]}]}
    {"value": [{"userPrincipalName": "jan.maes@zandpoort.example", "displayName": null}, 7]}"#;

fn utf_16(text: &str, with_mark: bool) -> Vec<u8> {
    let mark = with_mark.then_some('\u{FEFF}');
    let text: String = mark.into_iter().chain(text.chars()).collect();
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn r142_the_exports_of_microsoft_are_recognised_in_every_encoding() {
    for text in [ENTRA, CENTRE, DUTCH] {
        for bytes in [text.as_bytes().to_vec(), utf_16(text, true), utf_16(text, false)] {
            let file = read(&bytes, &[]).unwrap();
            let [account] = file.accounts.as_slice() else {
                panic!("{file:?}");
            };
            assert_eq!(account.username, "evy.poppe@zandpoort.example");
            assert_eq!(
                (account.given.as_str(), account.family.as_str()),
                ("Evy", "Poppe")
            );
            assert_eq!(account.display_name, "Evy Poppe");
            assert_eq!((account.is_enabled, account.is_guest), (Some(true), false));
            assert!(file.remarks.is_empty());
        }
    }
    let centre = read(CENTRE.as_bytes(), &[]).unwrap();
    assert!(
        centre.accounts[0]
            .aliases
            .contains(&"evelien.poppe@zandpoort.example".to_owned())
    );
}

#[test]
fn r142_pages_of_graph_one_after_another_are_one_list() {
    for bytes in [GRAPH.as_bytes().to_vec(), utf_16(GRAPH, true)] {
        let file = read(&bytes, &[]).unwrap();
        let usernames: Vec<&str> = file
            .accounts
            .iter()
            .map(|account| account.username.as_str())
            .collect();
        assert_eq!(
            usernames,
            ["evy.poppe@zandpoort.example", "jan.maes@zandpoort.example"]
        );
        let remarks: Vec<(RemarkRule, u64)> = file
            .remarks
            .iter()
            .map(|remark| (remark.rule, remark.count))
            .collect();
        assert_eq!(remarks, [(RemarkRule::NoUsername, 1)]);
    }
}

#[test]
fn r142_a_column_of_another_name_can_be_named() {
    let text = "login,naam\nevy.poppe@zandpoort.example,Evy Poppe\n";
    let error = read(text.as_bytes(), &[]).unwrap_err();
    assert_eq!(error, ReadError::NoUsername("login, naam".to_owned()));
    let choice = ["upn=Login".parse().unwrap()];
    let file = read(text.as_bytes(), &choice).unwrap();
    assert_eq!(file.accounts[0].display_name, "Evy Poppe");
    let choice = ["upn=mail".parse().unwrap()];
    assert!(matches!(
        read(text.as_bytes(), &choice),
        Err(ReadError::NoSuchColumn(..))
    ));
    assert!("login".parse::<crate::ColumnChoice>().is_err());
}

#[test]
fn r142_damaged_text_is_an_error_or_a_counted_remark() {
    for (bytes, expected) in [
        (b"".as_slice(), ReadError::Empty),
        (b"PK\x03\x04x", ReadError::Workbook),
        (b"userPrincipalName\n\0\0", ReadError::NotText),
        (b"{\"value\": [", ReadError::Json { line: 1, column: 11 }),
        (b"[1]", ReadError::NoUsers),
    ] {
        assert_eq!(read(bytes, &[]).unwrap_err(), expected);
    }
    let text = "userPrincipalName,displayName\n\
        a@z.example,Jo\u{C3}\u{AB}l\n\
        A@z.example,x\n\
        ,Jan\n\
        b@z.example,Jan,x\n\
        \"c@z.example\"x,Jan\n";
    let file = read(text.as_bytes(), &[]).unwrap();
    assert_eq!(file.accounts.len(), 1);
    assert_eq!(
        file.accounts[0].display_name, "",
        "what is damaged is not compared"
    );
    let remarks: Vec<(RemarkRule, u64, u64)> = file
        .remarks
        .iter()
        .map(|remark| (remark.rule, remark.count, remark.first))
        .collect();
    let expected = [
        (RemarkRule::DamagedName, 1, 2),
        (RemarkRule::Duplicate, 1, 3),
        (RemarkRule::NoUsername, 1, 4),
        (RemarkRule::CellCount, 1, 5),
        (RemarkRule::Quotes, 1, 6),
    ];
    assert_eq!(remarks, expected);
    let latin = read(b"userPrincipalName,displayName\na@z.example,Jo\xEBl\n", &[]).unwrap();
    assert_eq!(latin.accounts[0].display_name, "Joël");
    assert_eq!(latin.remarks[0].rule, RemarkRule::NotUtf8);
}

fn person(username: &str, given: &str, family: &str) -> Person {
    Person {
        username: username.to_owned(),
        added_domain: None,
        choice: Choice::None,
        given: given.to_owned(),
        family: family.to_owned(),
        birth_date: None,
        kind: Kind::Pupil,
        classes: Vec::new(),
        sourced_id: format!("00000000-0000-4000-8000-{:012x}", username.len()),
    }
}

fn account(local: &str, shown: &str) -> Account {
    Account {
        username: format!("{local}@zandpoort.example"),
        display_name: shown.to_owned(),
        ..Account::default()
    }
}

/// Returns the verdict on one person among accounts, the first account, and what is proposed.
fn verdict(person: &Person, accounts: &[Account]) -> (Verdict, Option<String>, Option<String>) {
    let others = [person.clone()];
    let mut matched = match_people(&others, &[], accounts, Domains::default());
    let found = matched.people.remove(0);
    let first = found
        .candidates
        .first()
        .map(|candidate| accounts[candidate.account].local_part());
    (found.verdict, first, found.proposal)
}

#[test]
fn r142_a_name_that_is_the_same_but_for_its_writing_is_proposed() {
    for (given, family, local, shown) in [
        ("Jan", "Peeters", "peeters.jan", "Peeters Jan"),
        ("Jan", "Peeters", "janpeeters", ""),
        ("Lotte", "Van den Broeck", "lvandenbroeck", "Vandenbroeck, Lotte"),
        ("Wout", "D’Hondt", "wout_d-hondt", "Wout D'hondt"),
        ("Jürgen", "Müller", "juergen.mueller", "Juergen Mueller"),
        ("Zoë", "Maes", "zoe.maes01", "Zoe MAES"),
    ] {
        let person = person("somebody.else", given, family);
        let expected = (Verdict::OtherName, Some(local.to_owned()), Some(local.to_owned()));
        assert_eq!(
            verdict(&person, &[account(local, shown), account("an.claes", "An Claes")]),
            expected,
            "{shown}"
        );
    }
}

#[test]
fn r142_what_is_only_alike_is_said_and_never_proposed() {
    for (given, family, local, shown) in [
        ("Evelien", "Poppe", "evy.poppe", "Evy Poppe"),
        ("Jozef", "Peeters", "jef.peeters", "Jef Peeters"),
        ("Lotte", "Van den Broeck", "lotte.broeck", "Lotte Broeck"),
        ("An", "Maes-De Smet", "an.desmet", "An De Smet"),
        ("Jan", "Verstraeten", "jan.verstreaten", "Jan Verstreaten"),
        ("Marie Louise", "Claes", "marie.claes", "Marie Claes"),
        ("Юлия", "Petrova", "yulia.petrova", "Yulia Petrova"),
        ("Jan", "Peeters", "j.peeters", "J. Peeters"),
    ] {
        let person = person("somebody.else", given, family);
        let expected = (Verdict::OtherName, Some(local.to_owned()), None);
        assert_eq!(
            verdict(&person, &[account(local, shown), account("an.claes", "An Claes")]),
            expected,
            "{shown}"
        );
    }
}

#[test]
fn r142_a_username_that_is_an_account_of_the_name_is_linked() {
    let jan = person("jan.peeters", "Jan", "Peeters");
    let own = account("jan.peeters", "Jan Peeters");
    assert_eq!(verdict(&jan, std::slice::from_ref(&own)).0, Verdict::Linked);
    for doubtful in [
        Account {
            is_enabled: Some(false),
            ..own.clone()
        },
        Account {
            department: "Oud-leerlingen".to_owned(),
            ..own.clone()
        },
        Account {
            display_name: "Jan Peeters (oud)".to_owned(),
            ..own.clone()
        },
        Account {
            title: "Leerkracht".to_owned(),
            ..own.clone()
        },
        Account {
            sis_id: "11111111-0000-4000-8000-000000000000".to_owned(),
            ..own.clone()
        },
    ] {
        let found = verdict(&jan, std::slice::from_ref(&doubtful));
        assert_eq!(
            found,
            (Verdict::Ambiguous, Some("jan.peeters".to_owned()), None),
            "{doubtful:?}"
        );
    }
    let others = verdict(&jan, &[account("jan.peeters", "Piet Claes")]);
    assert_eq!(others.0, Verdict::Taken);
    let alias = Account {
        aliases: vec!["jan.peeters@zandpoort.example".to_owned()],
        ..account("an.claes", "An Claes")
    };
    assert_eq!(verdict(&jan, &[alias]).0, Verdict::Taken);
    assert_eq!(
        verdict(&jan, &[account("an.claes", "An Claes")]),
        (Verdict::New, None, None)
    );
}

#[test]
fn r142_namesakes_are_left_to_a_person_unless_a_birth_date_tells_them_apart() {
    let mut people = [
        person("jan.peeters", "Jan", "Peeters"),
        person("jan.peeters2", "Jan", "Peeters"),
    ];
    let mut accounts = [
        account("jan.peeters", "Jan Peeters"),
        account("jan.peeters2", "Jan Peeters"),
    ];
    let matched = match_people(&people, &[], &accounts, Domains::default());
    for found in &matched.people {
        assert_eq!((found.verdict, found.candidates.len()), (Verdict::Ambiguous, 2));
    }
    // Somebody of the staff has the name as well, and only one account is there.
    people[1].kind = Kind::Staff;
    let matched = match_people(&people, &[], &accounts[..1], Domains::default());
    assert!(
        matched
            .people
            .iter()
            .all(|found| found.verdict == Verdict::Ambiguous)
    );
    people[1].kind = Kind::Pupil;
    for (place, day) in ["2012-03-02", "2013-04-05"].into_iter().enumerate() {
        people[place].birth_date = Some(day.to_owned());
        accounts[1 - place].birth_date = Some(day.to_owned());
    }
    let matched = match_people(&people, &[], &accounts, Domains::default());
    let proposals: Vec<Option<&str>> = matched
        .people
        .iter()
        .map(|found| found.proposal.as_deref())
        .collect();
    assert_eq!(proposals, [Some("jan.peeters2"), Some("jan.peeters")]);
}

#[test]
fn r142_an_administrators_second_account_and_a_guest_are_nobodys_first() {
    let mut jan = person("jan.peeters", "Jan", "Peeters");
    jan.kind = Kind::Staff;
    let guest = Account {
        is_guest: true,
        ..account("jan.peeters_gmail.com#EXT#", "Jan Peeters")
    };
    let admin = account("adm-jan.peeters", "Jan Peeters");
    assert_ne!(
        verdict(&jan, &[admin.clone(), guest.clone()]).0,
        Verdict::OtherName
    );
    let own = account("peeters.jan", "Jan Peeters");
    let found = verdict(&jan, &[admin, guest, own]);
    assert_eq!(found.2, Some("peeters.jan".to_owned()));
}

#[test]
fn r142_the_domain_is_said_or_the_commonest_of_the_kind() {
    let mut teacher = person("an.claes", "An", "Claes");
    teacher.kind = Kind::Staff;
    let second = Person {
        kind: Kind::Staff,
        ..person("bo.raes", "Bo", "Raes")
    };
    let third = Person {
        kind: Kind::Staff,
        ..person("els.nys", "Els", "Nys")
    };
    let people = [
        person("jan.peeters", "Jan", "Peeters"),
        teacher,
        second,
        third,
        person("lotte.wyns", "Lotte", "Wyns"),
        person("seppe.ooms", "Seppe", "Ooms"),
    ];
    let pupil = |local: &str| Account {
        username: format!("{local}@leerling.example"),
        ..account(local, "")
    };
    let accounts = [
        pupil("jan.peeters"),
        account("an.claes", ""),
        account("mia.maes", "Mia Maes"),
        account("bo.raes", ""),
        account("els.nys", ""),
        pupil("lotte.wyns"),
        pupil("seppe.ooms"),
    ];
    let matched = match_people(&people, &[], &accounts, Domains::default());
    let commonest = |kind, domain: &str, accounts| AddedDomain {
        kind,
        domain: domain.to_owned(),
        source: DomainSource::Commonest,
        people: 3,
        accounts,
    };
    let expected = [
        commonest(Kind::Pupil, "leerling.example", 3),
        commonest(Kind::Staff, "zandpoort.example", 4),
    ];
    assert_eq!(matched.domains, expected);
    assert!(
        matched
            .people
            .iter()
            .all(|found| found.verdict == Verdict::Linked)
    );
    assert_eq!(matched.accounts[2], AccountMatch::Unmatched(Some(Kind::Staff)));
    let given = Domains {
        pupils: Some("other.example".to_owned()),
        staff: None,
    };
    let matched = match_people(&people, &[], &accounts, given);
    assert_ne!(
        matched.people[0].verdict,
        Verdict::Linked,
        "another domain is added to it"
    );
    assert_eq!(matched.people[0].proposal, None);
    assert_eq!(
        (matched.domains[0].source, matched.domains[0].accounts),
        (DomainSource::Given, 0)
    );
}

/// What the school says goes before the commonest, for the person of whom it is said; what is given goes before both.
#[test]
fn r142_the_domain_of_the_school_goes_before_the_commonest() {
    let of_site = |username: &str, given: &str, family: &str| Person {
        added_domain: Some("oost.example".to_owned()),
        ..person(username, given, family)
    };
    let people = [
        of_site("jan.peeters", "Jan", "Peeters"),
        person("an.claes", "An", "Claes"),
        person("mia.maes", "Mia", "Maes"),
        person("bo.raes", "Bo", "Raes"),
    ];
    let east = Account {
        username: "jan.peeters@oost.example".to_owned(),
        ..account("jan.peeters", "Jan Peeters")
    };
    let accounts = [
        east,
        account("jan.peeters", "Jan Peeters"),
        account("an.claes", "An Claes"),
        account("mia.maes", "Mia Maes"),
        account("bo.raes", "Bo Raes"),
    ];
    let matched = match_people(&people, &[], &accounts, Domains::default());
    assert_eq!(matched.people[0].named, Some(0));
    assert_eq!(matched.people[1].verdict, Verdict::Linked);
    let sources: Vec<(&str, DomainSource, usize)> = matched
        .domains
        .iter()
        .map(|added| (added.domain.as_str(), added.source, added.people))
        .collect();
    let expected = [
        ("oost.example", DomainSource::School, 1),
        ("zandpoort.example", DomainSource::Commonest, 3),
    ];
    assert_eq!(sources, expected);
    let given = Domains {
        pupils: Some("zandpoort.example".to_owned()),
        staff: None,
    };
    let matched = match_people(&people, &[], &accounts, given);
    assert_eq!(matched.people[0].named, Some(1));
    assert_eq!(matched.domains[0].source, DomainSource::Given);
}

/// Two accounts carry one id: neither is taken without a look, whichever stands last.
#[test]
fn r142_two_accounts_with_the_id_of_one_person_are_left_to_a_person() {
    let jan = person("jan.peeters", "Jan", "Peeters");
    let carries = |local: &str, shown: &str| Account {
        sis_id: jan.sourced_id.to_uppercase(),
        ..account(local, shown)
    };
    let (one, other) = (carries("p.jan", "Jan Peeters"), carries("x.y", "Xander Yperman"));
    for accounts in [[one.clone(), other.clone()], [other, one]] {
        let matched = match_people(std::slice::from_ref(&jan), &[], &accounts, Domains::default());
        assert_eq!(
            (matched.people[0].verdict, matched.people[0].candidates.len()),
            (Verdict::Ambiguous, 2)
        );
    }
}

/// An account has the username of one person and carries the id of another.
#[test]
fn r142_an_account_of_two_people_is_taken_from_neither_side() {
    let jan = person("jan.peeters", "Jan", "Peeters");
    let lotte = Person {
        sourced_id: "11111111-0000-4000-8000-000000000000".to_owned(),
        ..person("lotte.maes", "Lotte", "Maes")
    };
    let both = Account {
        sis_id: lotte.sourced_id.clone(),
        ..account("jan.peeters", "Jan Peeters")
    };
    let matched = match_people(&[jan, lotte], &[], &[both], Domains::default());
    let [jan, lotte] = matched.people.as_slice() else {
        panic!("{matched:?}");
    };
    assert_eq!(
        (jan.verdict, jan.named, jan.taken_by),
        (Verdict::Taken, Some(0), Some(0))
    );
    assert!(jan.candidates[0].because().contains("another id"), "{jan:?}");
    assert_eq!((lotte.verdict, lotte.named), (Verdict::OtherName, None));
    assert!(
        lotte.candidates[0]
            .because()
            .contains("matched it with this person"),
        "{lotte:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn r142_no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0..5_usize) {
        let start = ["", "userPrincipalName,displayName,givenName\n", "{\"value\":[{\"userPrincipalName\":\"", "\u{FEFF}UPN;naam;voornaam;achternaam\r\n", "[{\"userPrincipalName\":\"a@b\",\"displayName\":\""][start];
        let bytes = [start.as_bytes(), &bytes].concat();
        if let Ok(file) = read(&bytes, &[]) {
            let people = [person("jan.peeters", "Jan", "Peeters")];
            let _ = match_people(&people, &[], &file.accounts, Domains::default());
        }
    }

    #[test]
    fn r142_no_names_make_it_panic(given in ".{0,12}", family in ".{0,16}", local in ".{0,12}", shown in ".{0,24}") {
        let people = [person("jan.peeters", &given, &family), person(&local, "Jan", "Peeters")];
        let _ = match_people(&people, &[], &[account(&local, &shown), account(&shown, &local)], Domains::default());
    }
}
