//! Pages, search and reasons for each different set of rights: what they show is what is worked out person by person, and of nothing
//! else there is a word.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use oneroster_school::rights::Access;
use serde_json::{Value, json};

use super::askers::{Asker, askers};
use super::role_world::{
    Given, PEOPLE, SPOTS, Spot, TENANT, id, nothing_hidden, opened_of, post, sees, sees_ever, switch,
    text_of, world,
};
use crate::harness::database;
use crate::harness::desk::Site;

/// Whom the operator left switched off.
const NOT_RELEASED: [usize; 2] = [3, 9];

/// Whom the operator switched off alone.
const SWITCHED_OFF: usize = 6;

/// Somebody who asks, at a desk.
struct At<'a> {
    site: &'a Site,
    asker: &'a Asker,
}

impl At<'_> {
    fn given(&self) -> &[Given] {
        &self.asker.given
    }

    /// Returns an answer, in which nothing is said of what may not be seen.
    async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.site.get(&self.asker.browser, path).await;
        let text = text_of(&answer);
        // A page keeps in its fields what was asked.
        let asked = path.split(['=', '&']).skip(1);
        let said = asked.fold(text.clone(), |text, asked| text.replace(asked, ""));
        nothing_hidden(&said, self.given(), path);
        (answer.status, text)
    }

    async fn page(&self, path: &str) -> String {
        let (status, page) = self.get(&format!("/desk/{TENANT}/{path}")).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        page
    }

    /// Returns `true` for an answer, `false` for one as of what is not there.
    async fn is_there(&self, path: &str) -> bool {
        let path = format!("/desk/api/{TENANT}/{path}");
        let answer = self.site.get(&self.asker.browser, &path).await;
        if answer.status == StatusCode::OK {
            nothing_hidden(&text_of(&answer), self.given(), &path);
        } else {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        answer.status == StatusCode::OK
    }
}

/// *Overzicht*: how many are to be released, and what deserves attention.
async fn overview(at: &At<'_>) {
    let page = at.page("overzicht").await;
    let off = NOT_RELEASED.iter();
    let count = off
        .filter(|person| opened_of(at.given(), **person) >= Access::Read)
        .count();
    let words = match count {
        0 => "Alle gebruikersnamen zijn nagekeken".to_owned(),
        1 => "1 gebruikersnaam is nog vrij te geven.".to_owned(),
        more => format!("{more} gebruikersnamen zijn nog vrij te geven."),
    };
    assert!(page.contains(&words), "{:?}: {page}", at.given());
    assert_eq!(
        page.contains("Foubert Jo"),
        sees(at.given(), 5),
        "without a class: {:?}: {page}",
        at.given()
    );
    // Registered at two schools at once, and pupil and staff: told to who sees both places.
    for person in [6, 8] {
        assert_eq!(
            page.contains(&format!("{} Jo", PEOPLE[person].family)),
            PEOPLE[person].places.iter().all(|place| sees(at.given(), *place)),
            "{person}: {:?}: {page}",
            at.given()
        );
    }
}

/// The people of a list of *Vooruitblik*.
fn people_of(page: &str, list: &str) -> BTreeSet<usize> {
    let (_, part) = page.split_once(&format!("aria-labelledby=\"{list}\"")).unwrap();
    let part = part.split("</section>").next().unwrap();
    let ids = part.split("data-person=\"").skip(1);
    let ids = ids.map(|row| row.split('"').next().unwrap().to_owned());
    let person = |text: String| (0..PEOPLE.len()).find(|person| id(*person).to_string() == text);
    ids.map(|text| person(text).expect("somebody of this world"))
        .collect()
}

/// What becomes of each place: come, go, change. By the name of its site.
fn counts_of(page: &str) -> BTreeMap<&'static str, Vec<usize>> {
    let rows = page.split("scope=\"rowgroup\"").skip(1).map(|row| {
        let row = row.split("</tr>").next().unwrap();
        let spot = SPOTS.iter().find(|spot| row.contains(spot.site)).unwrap();
        let numbers = row.split("class=\"num\">").skip(1);
        let numbers = numbers.map(|number| number.split('<').next().unwrap().parse().unwrap());
        (spot.site, numbers.collect())
    });
    rows.collect()
}

/// *Vooruitblik* in a month: who comes, goes and changes, and the counts of each place.
async fn outlook(at: &At<'_>, day: NaiveDate) {
    let page = at.page(&format!("vooruitblik?day={day}")).await;
    let mut expected = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    let mut counts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (person, somebody) in PEOPLE.iter().enumerate() {
        let seen = |places: &'static [usize]| -> BTreeSet<usize> {
            places
                .iter()
                .copied()
                .filter(|place| sees(at.given(), *place))
                .collect()
        };
        let (now, next) = (
            seen(somebody.places),
            seen(somebody.later.unwrap_or(somebody.places)),
        );
        if now == next {
            continue;
        }
        let list = match (now.is_empty(), next.is_empty()) {
            (true, _) => 0,
            (_, true) => 1,
            (false, false) => 2,
        };
        expected[list].insert(person);
        let mut count = |place: &usize, column: usize| {
            counts.entry(SPOTS[*place].site).or_insert_with(|| vec![0; 3])[column] += 1;
        };
        next.difference(&now).for_each(|place| count(place, 0));
        now.difference(&next).for_each(|place| count(place, 1));
    }
    let shown = ["outlook-come", "outlook-go", "outlook-change"].map(|list| people_of(&page, list));
    assert_eq!(shown, expected, "{:?}", at.given());
    assert_eq!(counts_of(&page), counts, "{:?}: {page}", at.given());
}

/// *Historiek*: the trail with its counts, a person, a class.
async fn history(at: &At<'_>) {
    let trail = at.page("historiek?kind=sync").await;
    let released = |person: &usize| !PEOPLE[*person].places.is_empty() && !NOT_RELEASED.contains(person);
    let seen = (0..PEOPLE.len()).filter(|person| released(person) && sees_ever(at.given(), *person));
    match seen.count() {
        0 => assert!(!trail.contains("vrijgegeven, onder wie"), "{:?}", at.given()),
        1 => assert!(trail.contains("Vrijgegeven:"), "{:?}: {trail}", at.given()),
        more => assert!(
            trail.contains(&format!("{more} personen vrijgegeven, onder wie")),
            "{:?}: {trail}",
            at.given()
        ),
    }
    assert_eq!(
        trail.contains("Uitgezet:"),
        sees_ever(at.given(), SWITCHED_OFF),
        "{:?}: {trail}",
        at.given()
    );
    for (person, somebody) in PEOPLE.iter().enumerate() {
        let page = at.page(&format!("historiek?person={}", id(person))).await;
        assert_eq!(
            page.contains(somebody.family),
            sees_ever(at.given(), person),
            "{}: {:?}",
            somebody.family,
            at.given()
        );
    }
    // Nobody is in the last class: it is not published.
    for place in 0..5 {
        let page = at
            .page(&format!("historiek?class={}", Spot::class_id(place)))
            .await;
        assert_eq!(
            page.contains("id=\"history-lines\""),
            sees(at.given(), place),
            "{place}: {:?}",
            at.given()
        );
    }
}

/// *Zoeken*, why, the panel and the swap.
async fn search(at: &At<'_>) {
    let hits = async |text: &str| -> Vec<String> {
        let path = format!("/desk/api/{TENANT}/search?q={text}");
        let (status, body) = at.get(&path).await;
        assert_eq!(status, StatusCode::OK);
        let body: Value = serde_json::from_str(&body).unwrap();
        let hits = body["hits"].as_array().unwrap().iter();
        hits.map(|hit| hit["label"].as_str().unwrap().to_owned())
            .collect()
    };
    for (person, somebody) in PEOPLE.iter().enumerate() {
        let (is_seen, person_id) = (sees_ever(at.given(), person), id(person));
        let what = format!("{}: {:?}", somebody.family, at.given());
        let expected: Vec<String> = is_seen
            .then(|| format!("Jo {}", somebody.family))
            .into_iter()
            .collect();
        assert_eq!(hits(somebody.family).await, expected, "{what}");
        for path in [
            format!("why?person={person_id}"),
            format!("why/findings?person={person_id}"),
            format!("swap/{person_id}"),
        ] {
            assert_eq!(at.is_there(&path).await, is_seen, "{path}: {what}");
        }
        let is_listed = opened_of(at.given(), person) >= Access::Read;
        assert_eq!(
            at.is_there(&format!("usernames/{person_id}")).await,
            is_listed,
            "{what}"
        );
        for place in 0..SPOTS.len() {
            let path = format!("why?person={person_id}&class={}", Spot::class_id(place));
            let is_seen = is_seen && sees(at.given(), place);
            assert_eq!(at.is_there(&path).await, is_seen, "{path}: {what}");
        }
    }
    for (place, spot) in SPOTS.iter().enumerate() {
        let is_seen = sees(at.given(), place);
        let expected: Vec<String> = is_seen.then(|| spot.class.to_owned()).into_iter().collect();
        assert_eq!(hits(spot.class).await, expected, "{:?}", at.given());
        let path = format!("why?class={}", Spot::class_id(place));
        assert_eq!(at.is_there(&path).await, is_seen, "{path}: {:?}", at.given());
    }
}

/// *Toegang*: the accounts with a role at a school that they manage, and what was done there.
async fn access(at: &At<'_>, managed: &[&str], all: &[Asker]) {
    let (status, body) = at.get(&format!("/desk/api/{TENANT}/access")).await;
    if managed.is_empty() {
        assert_eq!(status, StatusCode::NOT_FOUND);
        return;
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    let texts = |list: &Value, name: &str| -> BTreeSet<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one[name].as_str().unwrap().to_owned()).collect()
    };
    let there = |asker: &&Asker| {
        let mut given = asker.given.iter();
        !asker.is_operator && given.any(|(school, ..)| managed.contains(school))
    };
    let expected: BTreeSet<String> = all.iter().filter(there).map(|asker| asker.name.clone()).collect();
    assert_eq!(texts(&body["accounts"], "name"), expected, "{managed:?}");
    let schools = managed.iter().map(|school| (*school).to_owned()).collect();
    assert_eq!(texts(&body["schools"], "school"), schools);
    let (_, trail) = at.get(&format!("/desk/api/{TENANT}/access/trail")).await;
    let trail: Value = serde_json::from_str(&trail).unwrap();
    let of_trail = texts(&trail["lines"], "account");
    assert!(of_trail.is_subset(&expected), "{of_trail:?}");
}

#[tokio::test]
async fn r60_r66_r85_pages_and_search_show_what_each_may_see_and_not_a_word_more() {
    let database = database().await;
    let school = world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let all = askers(&site).await;
    let operator = &all.last().unwrap().browser;
    switch(&site, operator, true, &NOT_RELEASED).await;
    school.publish().await;
    let row = site
        .get(
            operator,
            &format!("/desk/api/{TENANT}/usernames/{}", id(SWITCHED_OFF)),
        )
        .await
        .json();
    let order = json!({ "id": id(SWITCHED_OFF), "on": false, "stamp": row["row"]["stamp"], "reason": "op vraag van de ouders" });
    assert_eq!(post(&site, operator, "sync", order).await.status, StatusCode::OK);
    school.publish().await;
    let in_a_month = school.today().await + Days::new(30);
    let mut known: Vec<&[Given]> = Vec::new();
    for asker in &all {
        let at = At { site: &site, asker };
        if asker.strongest() == Access::None {
            let answer = site
                .get(&asker.browser, &format!("/desk/{TENANT}/overzicht"))
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            continue;
        }
        let managed: Vec<&str> = if asker.is_operator {
            vec!["001507", "001508", "001509"]
        } else {
            asker.managed.clone()
        };
        access(&at, &managed, &all).await;
        if known.contains(&at.given()) {
            continue;
        }
        known.push(&asker.given);
        overview(&at).await;
        outlook(&at, in_a_month).await;
        history(&at).await;
        search(&at).await;
    }
    assert!(known.len() >= 12, "{known:?}");
}
