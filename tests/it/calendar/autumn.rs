//! August to November: the start, another class, another site, a leaver.

use super::NOBODY;
use super::people::People;
use super::year::{Change, Year};

/// August and September: those who start on 1 September are there from the first day the year is active (R119), at VELD once
/// they are ticked. 1 September itself changes nothing.
pub(super) async fn start(year: &mut Year, people: &People) {
    for person in [people.an, people.els, people.jan] {
        assert_eq!(year.sees(person).await, NOBODY, "not released yet");
        year.tick(person).await;
    }
    let served = year.served().await;
    for person in people.of_august() {
        assert!(served.username(&person.sis_id()).is_some());
    }
    assert!(served.sessions.get("2054-55").is_some());
    year.until("2054-08-25").await;
    assert_eq!(
        year.tenant().names(),
        [
            "an.smets@zandpoort.example",
            "bert.ameel@zandpoort.example",
            "els.maes@zandpoort.example",
            "jan.peters@veld.example",
            "jens.verwee@markt.example",
            "lotte.maes@markt.example",
            "noor.claes@markt.example",
            "sara.aerts@markt.example",
            "tom.leroy@markt.example",
        ]
    );
    assert_eq!(
        year.tenant().team("2054-55 3A - Markt"),
        (
            vec!["bert.ameel@zandpoort.example"],
            vec![
                "jens.verwee@markt.example",
                "lotte.maes@markt.example",
                "noor.claes@markt.example"
            ]
        )
    );
    assert_eq!(
        year.groups_of(people.an),
        ["001507-2", "001507-2 Staff", "Staff", "2054-55 5B - Veld"]
    );
    year.until("2054-09-02").await;
}

/// R113: another class from Monday 5 October; the subgroup stays.
pub(super) async fn class_change(year: &mut Year, people: &People) {
    year.until("2054-10-02").await;
    let registration = People::registration(&year.informat, people.noor);
    year.informat
        .change_class(registration, people.class("3B"), "2054-10-05");
    // The end of the enrollment in 3A is published ahead; the change itself is not.
    assert_eq!(year.import().await, Change::Served);
    let name = "noor.claes@markt.example";
    let before = ["2054-55 3A - Markt", "2054-55 3WIS4 - Markt"];
    year.until("2054-10-04").await;
    assert_eq!(year.sees(people.noor).await, [name, before[0], before[1]]);
    assert_eq!(year.tenant().teams_of(&people.noor.sis_id()), before);
    year.until("2054-10-05").await;
    let after = ["2054-55 3B - Markt", "2054-55 3WIS4 - Markt"];
    assert_eq!(year.sees(people.noor).await, [name, after[0], after[1]]);
    assert_eq!(year.tenant().teams_of(&people.noor.sis_id()), after);
    assert_eq!(year.account(people.noor), Some(name));
}

/// R132, R36: the other site from Monday 9 November, with its domain.
pub(super) async fn site_move(year: &mut Year, people: &People) {
    year.until("2054-11-03").await;
    let registration = People::registration(&year.informat, people.jens);
    year.informat
        .move_to(registration, people.class("5B"), "2054-11-09");
    assert_eq!(year.import().await, Change::None, "nothing is told ahead");
    year.until("2054-11-08").await;
    let before = ["jens.verwee@markt.example", "2054-55 3A - Markt"];
    assert_eq!(year.sees(people.jens).await, before);
    assert_eq!(year.account(people.jens), Some("jens.verwee@markt.example"));
    year.until("2054-11-09").await;
    let after = ["jens.verwee@veld.example", "2054-55 5B - Veld"];
    assert_eq!(
        year.sees(people.jens).await,
        after,
        "Sync stays on, though it is off by default there"
    );
    let account = year.tenant().account("jens.verwee@veld.example");
    assert!(account.has_alias("jens.verwee@markt.example"));
    assert_eq!(
        year.groups_of(people.jens),
        ["001507-2", "001507-2 Students", "Students", "2054-55 5B - Veld"]
    );
}

/// R106: the last day is Friday 27 November.
pub(super) async fn leaver(year: &mut Year, people: &People) {
    year.until("2054-11-20").await;
    let registration = People::registration(&year.informat, people.tom);
    year.informat.leave(registration, "2054-11-27");
    assert_eq!(year.import().await, Change::None);
    year.until("2054-11-27").await;
    assert_eq!(
        year.sees(people.tom).await,
        ["tom.leroy@markt.example", "2054-55 3B - Markt"]
    );
    year.until("2054-11-28").await;
    assert_eq!(year.sees(people.tom).await, NOBODY);
    assert_eq!(year.groups_of(people.tom), [""; 0]);
    assert!(
        !year.tenant().account("tom.leroy@markt.example").is_active,
        "the account stays"
    );
}
