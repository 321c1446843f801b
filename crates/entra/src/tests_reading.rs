//! How a file of accounts is read: birth dates, columns, what is not whole, and lines beside the rows.

use crate::{ReadError, RemarkRule, read};

fn birth_dates(dates: &[&str]) -> (Vec<Option<String>>, Vec<(RemarkRule, u64)>) {
    let rows = dates.iter().enumerate();
    let rows: Vec<String> = rows
        .map(|(place, date)| format!("p{place}@s.example,{date}"))
        .collect();
    let text = format!("UserPrincipalName,Birthday\n{}\n", rows.join("\n"));
    let file = read(text.as_bytes(), &[]).unwrap();
    let remarks = file.remarks.iter().map(|remark| (remark.rule, remark.count));
    let remarks = remarks.collect();
    let dates = file.accounts.into_iter();
    (dates.map(|account| account.birth_date).collect(), remarks)
}

#[test]
fn r142_the_order_of_birth_dates_is_that_of_the_whole_file() {
    let day = |text: &str| Some(text.to_owned());
    let (dates, remarks) = birth_dates(&["3/4/2012", "12/25/2012", "4/3/2012"]);
    assert_eq!(dates, [day("2012-03-04"), day("2012-12-25"), day("2012-04-03")]);
    assert!(remarks.is_empty());
    let (dates, _) = birth_dates(&["3/4/2012", "25/12/2012"]);
    assert_eq!(dates, [day("2012-04-03"), day("2012-12-25")]);
    for unclear in [
        &["3/4/2012", "5/5/2012"][..],
        &["3/4/2012", "25/12/2012", "12/25/2012"],
    ] {
        let (dates, remarks) = birth_dates(unclear);
        assert_eq!(dates[0], None);
        assert!(dates[1].is_some(), "there is one way to read it");
        assert_eq!(remarks, [(RemarkRule::DateOrder, 1)]);
    }
}

#[test]
fn r142_columns_of_blocked_accounts_are_understood_or_remarked_on() {
    for (column, blocked, free) in [
        ("Aanmeldingsreferentie blokkeren", "Waar", "Onwaar"),
        (
            "Aanmeldingsstatus",
            "Aanmelden geblokkeerd",
            "Aanmelden toegestaan",
        ),
        ("Sign-in status", "Sign-in blocked", "Sign-in allowed"),
        ("Blocked", "yes", "no"),
    ] {
        let text = format!("User principal name;{column};Fax\na@s.example;{blocked};\nb@s.example;{free};\n");
        let file = read(text.as_bytes(), &[]).unwrap();
        let enabled: Vec<Option<bool>> = file.accounts.iter().map(|account| account.is_enabled).collect();
        assert_eq!(enabled, [Some(false), Some(true)], "{column}");
        assert_eq!(file.columns.len(), 2);
        assert_eq!(file.unused_columns, ["Fax"]);
    }
    let file = read(b"upn,Blocked\na@s.example,perhaps\n", &[]).unwrap();
    assert_eq!(file.remarks[0].rule, RemarkRule::Answer);
}

#[test]
fn r142_a_file_that_is_not_whole_is_refused() {
    let text = "userPrincipalName,displayName,department\na@s.example,Jan,1A\nb@s.example,\"Piet,1A\nc@s.example,An,1A\n";
    assert!(matches!(
        read(text.as_bytes(), &[]),
        Err(ReadError::Quotes { line: 3, .. })
    ));
    let text = format!("{text}d@s.example,\"Bo\",1A\n");
    assert!(matches!(
        read(text.as_bytes(), &[]),
        Err(ReadError::Quotes { line: 3, .. })
    ));
    let text = "userPrincipalName,displayName,department\na@s.example,Jan,1A\nb@s.exa";
    assert_eq!(
        read(text.as_bytes(), &[]).unwrap_err(),
        ReadError::CutOff {
            line: 3,
            cells: 1,
            columns: 3
        }
    );
    for text in [
        "userPrincipalName,displayName\n",
        "userPrincipalName,displayName\n,Jan\njan,Jan\n",
    ] {
        assert_eq!(read(text.as_bytes(), &[]).unwrap_err(), ReadError::NoAccounts);
    }
    let error = br#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}}"#;
    assert!(
        read(error, &[])
            .unwrap_err()
            .to_string()
            .contains("Insufficient privileges")
    );
    let many = "p@s.example\n".replace('p', "pp");
    let many: Vec<String> = (0..=crate::ACCOUNTS_LIMIT)
        .map(|place| format!("{place}{many}"))
        .collect();
    let many = many.concat();
    assert_eq!(
        read(format!("upn\n{many}").as_bytes(), &[]).unwrap_err(),
        ReadError::TooMany
    );
}

#[test]
fn r142_lines_above_the_header_and_a_second_header_are_passed_over() {
    for text in [
        "sep=;\r\nuserPrincipalName;displayName\r\na@s.example;Jan, Piet\r\n",
        "#TYPE Selected.Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser\r\n\"UserPrincipalName\",\"DisplayName\"\r\n\"a@s.example\",\"Jan, Piet\"\r\n",
    ] {
        let file = read(text.as_bytes(), &[]).unwrap();
        assert_eq!(file.accounts[0].display_name, "Jan, Piet");
        assert_eq!(file.accounts[0].place, 3);
    }
    let file = read(b"upn,naam\nupn,naam\na@s.example,Jan\n", &[]).unwrap();
    assert_eq!(
        (file.accounts.len(), file.remarks[0].rule),
        (1, RemarkRule::Header)
    );
}

#[test]
fn r142_an_account_that_one_column_calls_blocked_is_blocked_whatever_another_leaves_out() {
    let text =
        "upn,accountEnabled,Block credential\na@s.example,False,\nb@s.example,,No\nc@s.example,True,Yes\n";
    let accounts = read(text.as_bytes(), &[]).unwrap().accounts;
    let said: Vec<Option<bool>> = accounts.iter().map(|account| account.is_enabled).collect();
    assert_eq!(said, [Some(false), Some(true), Some(false)]);
}

#[test]
fn r142_an_anchor_id_is_the_id_behind_the_kind() {
    const ID: &str = "11111111-0000-4000-8000-000000000000";
    let text = format!("upn,sisId\na@s.example,Student_{ID}\nb@s.example,{ID}\nc@s.example,an_other\n");
    let accounts = read(text.as_bytes(), &[]).unwrap().accounts;
    let ids: Vec<&str> = accounts.iter().map(|account| account.sis_id.as_str()).collect();
    assert_eq!(ids, [ID, ID, "an_other"]);
}
