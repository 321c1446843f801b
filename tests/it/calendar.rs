//! A school year day by day, from the August before it to the September after it: what SDS sees on each day that matters, from
//! the API, and what the tenant looks like after it. Two syncs a day; [`Year`] asserts what must hold after every one, and
//! that what is read by deltas equals what is read whole.
//!
//! Walked twice: with pupils still to come left out, and included (R14). The days of the week are those of 2026-27.

mod people;
mod year;

use std::time::Duration;

use people::{MARKT, NEXT_YEAR, People, VELD};
use year::{Change, Year};

use crate::harness::informat::Informat;
use crate::harness::world::World;
use crate::m365::Sis;

const DOMAINS: [&str; 3] = ["zandpoort.example", "markt.example", "veld.example"];

fn file(future_pupils: &str) -> String {
    format!(
        r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{{schoolyear}} {{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
domain_mode = "informat"
future_pupils = "{future_pupils}"
[[schools]]
instelnr = "001507"
teacher_domain = "zandpoort.example"
[[schools.sites]]
vestnr = 1
sync_default = true
pupil_domain = "markt.example"
[[schools.sites]]
vestnr = 2
sync_default = false
pupil_domain = "veld.example"
"#
    )
}

/// The year with pupils still to come left out (R16, R94, R119–R121).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_r119_r120_r121_a_year_without_future_pupils() {
    walk(false).await;
}

/// The year with pupils still to come included (R15, R93, R119–R121).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r15_r119_r120_r121_a_year_with_future_pupils() {
    walk(true).await;
}

async fn walk(includes_future: bool) {
    let mut informat = Informat::of(&[MARKT, VELD]);
    let people = People::enter(&mut informat);
    let future_pupils = if includes_future { "include" } else { "exclude" };
    let mut year = Year::begin("2054-08-24", &file(future_pupils), informat, &DOMAINS).await;
    start(&mut year, &people).await;
    class_change(&mut year, &people).await;
    site_move(&mut year, &people).await;
    leaver(&mut year, &people).await;
    start_after_christmas(&mut year, &people, includes_future).await;
    class_teacher(&mut year, &people).await;
    returner(&mut year, &people, includes_future).await;
    programme_change(&mut year, &people).await;
    next_year_is_entered(&mut year, &people).await;
    summer(&mut year, &people).await;
    activation(&mut year, &people, includes_future).await;
    new_year(&mut year, &people, includes_future).await;

    let mut midnights = vec!["2054-10-05", "2054-11-09", "2054-11-28", "2054-12-19"];
    if !includes_future {
        midnights.push("2055-01-04");
    }
    midnights.push("2055-02-01");
    if !includes_future {
        midnights.push("2055-02-22");
    }
    midnights.push("2055-03-08");
    if !includes_future {
        midnights.push("2055-09-06");
    }
    assert_eq!(
        year.changes_at_midnight, midnights,
        "no other day changes anything by passing"
    );
    let served = year.served().await.present();
    assert_eq!(
        year.forgotten().await,
        served,
        "deltas once a week, through the switch, tell all"
    );
}

/// What is seen of somebody who is not served.
const NOBODY: [&str; 0] = [];

/// R16: the server publishes a new day by itself, at midnight in Brussels, which is two hours before midnight in UTC.
#[tokio::test]
async fn r16_midnight_in_brussels_is_published_without_anybody_asking() {
    let mut informat = Informat::of(&[MARKT, VELD]);
    let people = People::enter(&mut informat);
    let registration = People::registration(&informat, people.noor);
    informat.change_class(registration, people.class("3B"), "2054-10-05");
    let world = World::at("2054-10-04 22:00").await;
    let group = world.group(&file("exclude"), &informat).await;
    let noor = people.noor.sis_id();
    let before = world.served(&group).await;
    assert_eq!(
        before.classes_of(&noor),
        ["2054-55 3A - Markt", "2054-55 3WIS4 - Markt"]
    );
    world.clock.set("2054-10-05 00:00:01").await;
    let after = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let served = world.served(&group).await;
            if served != before {
                return served;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let after = after.await.unwrap();
    assert_eq!(
        after.classes_of(&noor),
        ["2054-55 3B - Markt", "2054-55 3WIS4 - Markt"]
    );
}

/// August and September: those who start on 1 September are there from the first day the year is active (R119), at VELD once
/// they are ticked. 1 September itself changes nothing.
async fn start(year: &mut Year, people: &People) {
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
async fn class_change(year: &mut Year, people: &People) {
    year.until("2054-10-02").await;
    let registration = People::registration(&year.informat, people.noor);
    year.informat
        .change_class(registration, people.class("3B"), "2054-10-05");
    // The end of the enrollment in 3A is told ahead; the change itself is not.
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
async fn site_move(year: &mut Year, people: &People) {
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
async fn leaver(year: &mut Year, people: &People) {
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

/// R135, R136 in both settings: registered on 1 December for Monday 4 January, once with Sync on by default and once without.
async fn start_after_christmas(year: &mut Year, people: &People, includes_future: bool) {
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
async fn class_teacher(year: &mut Year, people: &People) {
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
async fn returner(year: &mut Year, people: &People, includes_future: bool) {
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
    assert_eq!(year.tenant().accounts.len(), accounts, "the account he had");
}

/// Another programme from Monday 8 March: the registration ends on Sunday and the next begins on Monday. Nothing happens to the
/// account; only the class changes.
async fn programme_change(year: &mut Year, people: &People) {
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

/// R114: the next year is entered in May. Usernames are prepared, nothing is served, in neither setting.
async fn next_year_is_entered(year: &mut Year, people: &People) {
    year.until("2055-05-17").await;
    people.enter_next_year(&mut year.informat);
    assert_eq!(year.import().await, Change::None);
    let listed = year
        .world
        .oneroster(&["usernames", "list", "--tenant", "zandpoort", "--search", "nys"])
        .await
        .done();
    assert_eq!(listed["usernames"][0]["local_part"], "nina.nys");
}

/// 30 June is the last day; July stays as it was (R120). The school stops its profile by 1 August (R116).
async fn summer(year: &mut Year, people: &People) {
    year.until("2055-06-30").await;
    let last_day = year.served().await.present();
    assert_eq!(
        year.sees(people.jan).await,
        ["jan.peters@veld.example", "2054-55 5B - Veld"]
    );
    year.until("2055-07-31").await;
    assert_eq!(year.served().await.present(), last_day);
    let tenant = year.tenant().clone();
    year.stop_synchronising();
    year.until("2055-08-10").await;
    assert_eq!(
        year.served().await.present(),
        last_day,
        "August, before the switch"
    );
    let arguments = ["tenant", "activate-year", "zandpoort", NEXT_YEAR, "--dry-run"];
    let rehearsed = year.world.oneroster(&arguments).await.done();
    assert_eq!(rehearsed["accepted"], true, "{rehearsed}");
    year.until("2055-08-15").await;
    assert_eq!(
        year.served().await.present(),
        last_day,
        "a rehearsal changes nothing"
    );
    assert_eq!(year.tenant(), &tenant);
}

/// R115, R117, R119: from the activation on 15 August only the new year's pupils and classes are served, as of 1 September.
async fn activation(year: &mut Year, people: &People, includes_future: bool) {
    let before = year.tenant().clone();
    year.activate(NEXT_YEAR).await;
    let served = year.served().await;
    assert_year(&served);
    for person in [people.jan, people.tom] {
        assert_eq!(
            served.username(&person.sis_id()),
            None,
            "has no registration in the new year"
        );
    }
    assert_eq!(served.username(&people.wout.sis_id()).is_some(), includes_future);
    assert_eq!(
        year.sees(people.nina).await,
        ["nina.nys@markt.example", "2055-56 4A - Markt"]
    );
    assert_eq!(
        year.sees(people.jens).await,
        ["jens.verwee@veld.example", "2055-56 4B - Veld"]
    );
    assert_eq!(year.sees(people.an).await, ["an.smets@zandpoort.example"]);
    year.until("2055-08-16").await;
    assert_eq!(year.account(people.nina), Some("nina.nys@markt.example"));
    for (class, team) in &before.teams {
        assert_eq!(
            &year.tenant().teams[class],
            team,
            "the Teams of the year before are the school's to clean up"
        );
    }
    assert_eq!(year.tenant().security_groups_of(&people.jan.sis_id()), [""; 0]);
    assert!(
        year.tenant().has_account("jan.peters@veld.example"),
        "the account stays"
    );
    for account in &before.accounts {
        let after = year.tenant().account(&account.name);
        assert_eq!(
            (&after.sis_id, &after.aliases),
            (&account.sis_id, &account.aliases)
        );
    }
}

/// The one session, and the classes of the new year with ids of their own.
fn assert_year(served: &Sis) {
    let sessions: Vec<(&str, &str)> = served
        .sessions
        .iter()
        .map(|(id, session)| (id.as_str(), session.title.as_str()))
        .collect();
    assert_eq!(sessions, [("2055-56", "Schooljaar 2055-56")]);
    let titles: Vec<&str> = served
        .classes
        .iter()
        .map(|(_, class)| class.title.as_str())
        .collect();
    assert_eq!(titles, ["2055-56 4A - Markt", "2055-56 4B - Veld"]);
}

/// 1 September changes nothing; who starts on Monday the 6th comes then, or came with the switch.
async fn new_year(year: &mut Year, people: &People, includes_future: bool) {
    let before = year.served().await.present();
    year.until("2055-09-05").await;
    assert_eq!(year.served().await.present(), before);
    assert_eq!(year.account(people.wout).is_some(), includes_future);
    year.until("2055-09-07").await;
    assert_eq!(
        year.sees(people.wout).await,
        ["wout.wils@markt.example", "2055-56 4A - Markt"]
    );
    let mut members = vec![
        "bart.bal@markt.example",
        "lotte.maes@markt.example",
        "nina.nys@markt.example",
        "noor.claes@markt.example",
        "sara.aerts@markt.example",
        "wout.wils@markt.example",
    ];
    let teacher = "bert.ameel@zandpoort.example";
    assert_eq!(
        year.tenant().team("2055-56 4A - Markt"),
        (vec![teacher], members.clone())
    );
    members = vec!["boris.bal@veld.example", "jens.verwee@veld.example"];
    let teacher = "els.maes@zandpoort.example";
    assert_eq!(year.tenant().team("2055-56 4B - Veld"), (vec![teacher], members));
    assert_eq!(year.tenant().teams.len(), 7);
    assert_eq!(year.tenant().accounts.len(), 13, "one per person, in two years");
}
