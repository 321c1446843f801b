//! December to March: a start after Christmas, another class teacher, a returner, another programme.

use super::NOBODY;
use super::people::People;
use super::year::{Change, Year};

/// R135, R136 in both settings: registered on 1 December for Monday 4 January, once with Sync on by default and once without.
pub(super) async fn start_after_christmas(year: &mut Year, people: &People, includes_future: bool) {
    year.until("2054-12-01").await;
    year.informat
        .enrol_in(people.bart, people.class("3C"), "2055-01-04");
    year.informat
        .enrol_in(people.boris, people.class("5B"), "2055-01-04");
    let sara = People::registration(&year.informat, people.sara);
    year.informat.leave(sara, "2054-12-18");
    let bart = ["bart.bal@markt.example", "2054-55 3C - Markt"];
    let state = year.import().await;
    if includes_future {
        assert_eq!(state, Change::Served);
        assert_eq!(year.sees(people.bart).await, bart);
        year.until("2054-12-02").await;
        assert_eq!(
            year.tenant().teams_of(&people.bart.sis_id()),
            ["2054-55 3C - Markt"]
        );
    } else {
        assert_eq!(state, Change::None);
        year.until("2055-01-03").await;
        assert_eq!(year.sees(people.bart).await, NOBODY);
        assert_eq!(year.account(people.bart), None);
    }
    year.until("2055-01-04").await;
    assert_eq!(year.sees(people.bart).await, bart);
    assert_eq!(year.account(people.bart), Some("bart.bal@markt.example"));
    assert_eq!(year.sees(people.boris).await, NOBODY, "waits for the tick");
    year.tick(people.boris).await;
    year.until("2055-01-05").await;
    assert_eq!(year.account(people.boris), Some("boris.bal@veld.example"));
    assert_eq!(
        year.tenant().teams_of(&people.boris.sis_id()),
        ["2054-55 5B - Veld"]
    );
    assert_eq!(
        year.tenant().teams_of(&people.bart.sis_id()),
        ["2054-55 3C - Markt"]
    );
}

/// R127: another class teacher from Monday 1 February.
pub(super) async fn class_teacher(year: &mut Year, people: &People) {
    year.until("2055-01-29").await;
    year.informat
        .replace_class_teacher(people.class("5B"), people.els, "2055-02-01");
    year.import().await;
    let owner = |year: &Year| year.tenant().team("2054-55 5B - Veld").0[0].to_owned();
    year.until("2055-01-31").await;
    assert_eq!(owner(year), "an.smets@zandpoort.example");
    year.until("2055-02-01").await;
    assert_eq!(owner(year), "els.maes@zandpoort.example");
    assert_eq!(year.groups_of(people.an), ["001507-2", "001507-2 Staff", "Staff"]);
}

/// Left before Christmas, registered again on 12 February for Monday 22 February: the same account.
pub(super) async fn returner(year: &mut Year, people: &People, includes_future: bool) {
    assert_eq!(year.sees(people.sara).await, NOBODY);
    assert_eq!(year.groups_of(people.sara), [""; 0]);
    year.until("2055-02-12").await;
    year.informat
        .enrol_in(people.sara, people.class("3A"), "2055-02-22");
    let back = ["sara.aerts@markt.example", "2054-55 3A - Markt"];
    if includes_future {
        assert_eq!(year.import().await, Change::Served);
        assert_eq!(year.sees(people.sara).await, back);
    } else {
        assert_eq!(year.import().await, Change::None);
        year.until("2055-02-21").await;
        assert_eq!(year.sees(people.sara).await, NOBODY);
    }
    let accounts = year.tenant().accounts.len();
    year.until("2055-02-22").await;
    assert_eq!(year.sees(people.sara).await, back);
    assert_eq!(
        year.tenant().teams_of(&people.sara.sis_id()),
        ["2054-55 3A - Markt"]
    );
    assert_eq!(year.tenant().accounts.len(), accounts, "the account they had");
}

/// Another programme from Monday 8 March: the registration ends on Sunday and the next begins on Monday. Nothing happens to the
/// account; only the class changes.
pub(super) async fn programme_change(year: &mut Year, people: &People) {
    year.until("2055-03-01").await;
    let registration = People::registration(&year.informat, people.lotte);
    year.informat
        .move_to(registration, people.class("3C"), "2055-03-08");
    assert_eq!(year.import().await, Change::None);
    year.until("2055-03-07").await;
    let name = "lotte.maes@markt.example";
    assert_eq!(year.sees(people.lotte).await, [name, "2054-55 3A - Markt"]);
    let before = year.tenant().account(name).clone();
    year.until("2055-03-08").await;
    assert_eq!(year.sees(people.lotte).await, [name, "2054-55 3C - Markt"]);
    assert_eq!(year.tenant().account(name), &before);
    assert_eq!(
        year.groups_of(people.lotte),
        ["001507-1", "001507-1 Students", "Students", "2054-55 3C - Markt"]
    );
}
