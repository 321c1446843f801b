//! *Vooruitblik*: who comes, goes and changes on another day.

use reqwest::StatusCode;

use super::asking::page_of;
use crate::harness::desk;
use crate::harness::informat::{Informat, Site};
use crate::harness::world::World;

const MARKT: Site = site(1, "Markt");
const KADE: Site = site(2, "Kade");

const fn site(number: u32, name: &'static str) -> Site {
    Site {
        instelnr: "001507",
        number,
        structure: "311",
        name,
    }
}

const FILE: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
domain_mode = "informat"
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
pupil_domain = "kade.example"
"#;

/// The part of a page under a heading's id, as text without markup.
fn section(page: &str, id: &str) -> String {
    let from = page.find(&format!("aria-labelledby=\"{id}\"")).unwrap();
    let part = page[from..].split("</section>").next().unwrap();
    let mut text = String::new();
    let mut is_markup = true;
    for character in part.chars() {
        match character {
            '<' => is_markup = true,
            '>' => {
                is_markup = false;
                text.push(' ');
            }
            _ if !is_markup => text.push(character),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Jana goes to another class in January, Tom leaves in December, Noor starts on Monday, Bert's assignment ends next week, Sander
/// comes next year.
fn busy_year() -> Informat {
    let mut informat = Informat::of(&[MARKT, KADE]);
    let (class_a, class_b) = (
        informat.class(MARKT, "2054-55", "3A"),
        informat.class(MARKT, "2054-55", "3B"),
    );
    let jana = informat.person("Jana", "Peeters");
    let jana = informat.enrol_in(jana, class_a, "2054-09-01");
    informat.change_class(jana, class_b, "2055-01-11");
    let tom = informat.person("Tom", "Maes");
    let tom = informat.enrol_in(tom, class_a, "2054-09-01");
    informat.leave(tom, "2054-12-18");
    let noor = informat.person("Noor", "El Amrani");
    informat.enrol(noor, KADE, "2054-55", "2054-11-30");
    let bert = informat.person("Bert", "Ameel");
    informat.employ(bert, MARKT, "2054-09-01");
    informat.dismiss(bert, MARKT, "2054-12-04");
    let next = informat.person("Sander", "Volgend");
    informat.enrol(next, MARKT, "2055-56", "2055-09-01");
    informat
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_shows_who_comes_who_goes_and_who_changes() {
    let world = World::at("2054-11-27 09:00").await;
    let group = world.group(FILE, &busy_year()).await;

    let (status, page) = page_of(&world, &group, "vooruitblik?day=2055-01-11").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(
        page.contains("Op 11/01/2055, vergeleken met 27/11/2054"),
        "{page}"
    );
    let comes = section(&page, "outlook-come");
    assert!(
        comes.contains("El Amrani Noor nog vrij te geven Leerling"),
        "{comes}"
    );
    assert!(
        comes.contains("vanaf 30/11/2054") && comes.contains("noor.elamrani@kade.example"),
        "{comes}"
    );
    let goes = section(&page, "outlook-go");
    assert!(
        goes.contains("Maes Tom Leerling") && goes.contains("18/12/2054"),
        "{goes}"
    );
    assert!(goes.contains("Ameel Bert Personeel"), "{goes}");
    let changes = section(&page, "outlook-change");
    assert!(
        changes.contains("Peeters Jana") && changes.contains("3A → 3B"),
        "{changes}"
    );
    let monday = section(&page, "outlook-monday");
    assert!(
        monday.contains("maandag 30/11/2054 (1) ") && monday.contains("Noor"),
        "{monday}"
    );
    let ending = section(&page, "outlook-ending");
    assert!(
        ending.contains("Bert Ameel") && ending.contains("04/12/2054"),
        "{ending}"
    );
    assert!(!page.contains("Sander"), "{page}");

    let (_, at_kade) = page_of(&world, &group, "vooruitblik?day=2055-01-11&place=001507-2").await;
    assert!(at_kade.contains("El Amrani") && !section(&at_kade, "outlook-go").contains("Maes"));

    let (_, next_year) = page_of(&world, &group, "vooruitblik?day=2055-09-01&year=2055-56").await;
    let comes = section(&next_year, "outlook-come");
    assert!(comes.contains("Volgend Sander"), "{comes}");
    assert!(section(&next_year, "outlook-go").contains("geen inschrijving in schooljaar 2055-56"));

    let (status, bad) = page_of(
        &world,
        &group,
        "vooruitblik?day=2055-02-31&year=x&place=%3Cscript%3E",
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        bad.contains("Dat is geen dag") && !bad.contains("<script>"),
        "{bad}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_to_another_place_is_a_departure_to_who_does_not_see_it() {
    let world = World::at("2054-11-27 09:00").await;
    let mut informat = Informat::of(&[MARKT, KADE]);
    let (class_a, class_b) = (
        informat.class(MARKT, "2054-55", "3A"),
        informat.class(KADE, "2054-55", "4K"),
    );
    let jana = informat.person("Jana", "Peeters");
    let jana = informat.enrol_in(jana, class_a, "2054-09-01");
    informat.move_to(jana, class_b, "2055-01-11");
    let noor = informat.person("Noor", "El Amrani");
    informat.enrol(noor, KADE, "2054-55", "2054-11-30");
    world.group(FILE, &informat).await;
    let site = desk::Site::start(world.pool()).await;
    let reader = site
        .account(
            "mia",
            &[("zandpoort", "001507", Some(1), "iLeerlingen: Alles lezen")],
        )
        .await;
    let mia = site.signed_in(&reader).await;
    let answer = site.get(&mia, "/desk/zandpoort/vooruitblik?day=2055-01-11").await;
    let page = String::from_utf8(answer.body).unwrap();
    assert!(section(&page, "outlook-go").contains("Peeters Jana"), "{page}");
    assert!(
        page.contains("0 personen komen, 1 vertrekt, 0 veranderen"),
        "{page}"
    );
    for hidden in ["Noor", "Kade", "kade.example", "001507-2", "4K"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let (_, chosen) = {
        let answer = site
            .get(&mia, "/desk/zandpoort/vooruitblik?day=2055-01-11&place=001507-2")
            .await;
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    assert!(!chosen.contains("Noor"), "{chosen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_is_looked_at_anew_when_the_data_change() {
    let world = World::at("2054-11-27 09:00").await;
    let mut informat = Informat::of(&[MARKT]);
    let noor = informat.person("Noor", "El Amrani");
    informat.enrol(noor, MARKT, "2054-55", "2054-09-01");
    let group = world.group(FILE, &informat).await;
    let (_, before) = page_of(&world, &group, "vooruitblik?day=2055-01-11").await;
    assert!(before.contains("Niemand komt erbij"), "{before}");
    let tom = informat.person("Tom", "Maes");
    informat.enrol(tom, MARKT, "2054-55", "2055-01-10");
    world.import(&group.id, &informat).await;
    let (_, after) = page_of(&world, &group, "vooruitblik?day=2055-01-11").await;
    assert!(section(&after, "outlook-come").contains("Maes Tom"), "{after}");
}
