//! May to September: the next year is entered, the summer, the switch, the new year.

use super::people::{NEXT_YEAR, People};
use super::year::{Change, Year};
use crate::m365::Sis;

/// R114: the next year is entered in May. Usernames are prepared, nothing is served, in neither setting.
pub(super) async fn next_year_is_entered(year: &mut Year, people: &People) {
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
pub(super) async fn summer(year: &mut Year, people: &People) {
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
pub(super) async fn activation(year: &mut Year, people: &People, includes_future: bool) {
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

/// 1 September changes nothing; who starts on Monday the 6th is published then, or was with the switch.
pub(super) async fn new_year(year: &mut Year, people: &People, includes_future: bool) {
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
