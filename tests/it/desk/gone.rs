//! *Historiek* of people who left: found by name by who may see the place where they were last, and by nobody else.

use axum::http::StatusCode;

use crate::harness::desk::{Browser, Site as Desk};
use crate::harness::informat::{Informat, Site};
use crate::harness::world::World;

const MARKT: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "Markt",
};

const KADE: Site = Site {
    number: 2,
    name: "Kade",
    ..MARKT
};

const FILE: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
sites = [{ vestnr = 1, sync_default = true }, { vestnr = 2, sync_default = true }]
"#;

/// What a page shows, without what differs in each answer.
async fn found(site: &Desk, browser: &Browser, who: &str) -> String {
    let answer = site
        .get(browser, &format!("/desk/zandpoort/historiek?person={who}"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = String::from_utf8(answer.body).unwrap();
    let nonce = page
        .split("nonce=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let typed = format!("value=\"{}\"", who.replace('+', " "));
    page.replace(&nonce, "").replace(&typed, "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_is_found_by_name_where_they_were_last_and_nowhere_else() {
    let world = World::at("2054-11-27 09:00").await;
    let mut informat = Informat::of(&[MARKT, KADE]);
    let stayer = informat.person("Blijver", "Eerst");
    informat.enrol(stayer, MARKT, "2054-55", "2054-09-01");
    for number in 0..30 {
        let stays = informat.person("Blijver", &format!("Nummer{number}"));
        informat.enrol(
            stays,
            if number % 2 == 0 { MARKT } else { KADE },
            "2054-55",
            "2054-09-01",
        );
    }
    let mut pupil = |given_name: &str, family_name: &str, site| {
        let person = informat.person(given_name, family_name);
        (person, informat.enrol(person, site, "2054-55", "2054-09-01"))
    };
    let (jana, at_markt) = pupil("Jana", "Peeters", MARKT);
    let (_, toms) = pupil("Tom", "Maes", KADE);
    let (els, elses) = pupil("Els", "Wouters", MARKT);
    let group = world.group(FILE, &informat).await;
    // Jana and Tom leave the school group, Els goes to the other site.
    for left in [at_markt, toms, elses] {
        informat.leave(left, "2055-01-10");
    }
    informat.enrol(els, KADE, "2054-55", "2055-01-11");
    world.clock.set("2055-01-11 09:00").await;
    world.import_and_publish(&group.id, &informat).await;

    let site = Desk::start(world.pool()).await;
    let reader = |name: &'static str, vestnr| {
        let site = &site;
        async move {
            let role = "iLeerlingen: Alles lezen";
            let account = site
                .account(name, &[("zandpoort", "001507", Some(vestnr), role)])
                .await;
            site.signed_in(&account).await
        }
    };
    let (markt, kade) = (reader("mia", 1).await, reader("nel", 2).await);
    let operator = site.operator("vendor").await;
    let operator = site.signed_in(&operator).await;
    let nobody = found(&site, &markt, "zzz").await;
    assert!(nobody.contains("Hier is niemand"), "{nobody}");
    for name in ["peeters", "JANA", "jana.peeters", "Jana+Peeters"] {
        let page = found(&site, &markt, name).await;
        assert!(page.contains("Jana Peeters"), "{name}: {page}");
        assert_eq!(
            found(&site, &kade, name).await,
            found(&site, &kade, "zzz").await,
            "{name}"
        );
        assert!(
            found(&site, &operator, name).await.contains("Jana Peeters"),
            "{name}"
        );
    }
    // Who left the other site is nobody here, and so is who went there.
    for name in ["maes", "Tom", "tom.maes", "wouters", "Els"] {
        assert_eq!(found(&site, &markt, name).await, nobody, "{name}");
    }
    assert!(found(&site, &kade, "maes").await.contains("Tom Maes"));
    // Of several each is named with what they are.
    let several = found(&site, &markt, "j").await;
    assert!(several.contains("vertrokken, laatst jana.peeters"), "{several}");
    // Who is no longer in Informat's data at all is found too.
    informat.merge(jana, stayer);
    informat.drop_row(jana);
    world.import_and_publish(&group.id, &informat).await;
    assert!(found(&site, &markt, "peeters").await.contains("Jana Peeters"));
    assert_eq!(
        found(&site, &kade, "peeters").await,
        found(&site, &kade, "zzz").await
    );
}
