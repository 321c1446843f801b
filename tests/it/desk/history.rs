//! *Historiek*: a person, a class, two moments, and who did what.

use std::collections::HashSet;

use oneroster::audit::{self, Wanted};
use oneroster::db::scope;
use reqwest::StatusCode;

use super::asking::page_of;
use crate::harness;
use crate::harness::desk;
use crate::harness::informat::{Informat, Site};
use crate::harness::school::{JAN, school};
use crate::harness::world::World;

const MARKT: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "Markt",
};

const FILE: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2054-55"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
sites = [{ vestnr = 1, sync_default = true }]
"#;

/// `scoodle_id` of the first class.
const CLASS_3A: &str = "0000c1a5-0000-4000-8000-000000000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_pupil_left_a_team_is_one_sentence() {
    let world = World::at("2054-11-27 09:00").await;
    let mut informat = Informat::of(&[MARKT]);
    let (class_a, class_b) = (
        informat.class(MARKT, "2054-55", "3A"),
        informat.class(MARKT, "2054-55", "3B"),
    );
    let jana = informat.person("Jana", "Peeters");
    let registration = informat.enrol_in(jana, class_a, "2054-09-01");
    let tom = informat.person("Tom", "Maes");
    informat.enrol_in(tom, class_a, "2054-09-01");
    let group = world.group(FILE, &informat).await;
    informat.change_class(registration, class_b, "2055-01-11");
    world.clock.set("2055-01-11 09:00").await;
    world.import_and_publish(&group.id, &informat).await;
    let off = [
        "usernames",
        "sync",
        "--tenant",
        "zandpoort",
        "off",
        "--user",
        "tom.maes",
    ];
    world.oneroster(&off).await.done();

    let (status, page) = page_of(&world, &group, "historiek?person=jana.peeters").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let sentence = "Uit 2054-55 3A - Markt: laatste dag in de klas: 10/01/2055; ging naar 2054-55 3B - Markt";
    assert!(page.contains(sentence), "{page}");
    assert!(page.contains("11/01/2055 09:00"), "{page}");
    let (_, by_name) = page_of(&world, &group, "historiek?person=jana").await;
    assert!(by_name.contains(sentence));

    let (_, class) = page_of(&world, &group, &format!("historiek?class={CLASS_3A}")).await;
    assert!(
        class.contains("Jana Peeters (jana.peeters) ging uit de klas"),
        "{class}"
    );

    let (_, compared) = page_of(
        &world,
        &group,
        "historiek?from=2054-11-27&to=2055-01-11&compare=1",
    )
    .await;
    assert!(
        compared.contains("Weg: Jana Peeters (jana.peeters) in 2054-55 3A - Markt"),
        "{compared}"
    );

    let (_, trail) = page_of(&world, &group, "historiek").await;
    let at = trail.find("Uitgezet:").unwrap_or_else(|| panic!("{trail}"));
    assert!(trail[at..].contains("Tom Maes") && trail.contains("Gegevens uit Informat ingelezen"));
    let (_, only) = page_of(&world, &group, "historiek?kind=sync").await;
    assert!(
        only.contains("Uitgezet:") && !only.contains("ingelezen"),
        "{only}"
    );
    let (_, earlier) = page_of(&world, &group, "historiek?kind=sync&to=2055-01-10").await;
    assert!(earlier.contains("Er is niets gebeurd"), "{earlier}");

    let (status, nobody) = page_of(&world, &group, "historiek?person=%3Cb%3E").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        nobody.contains("Hier is niemand") && !nobody.contains("<b>"),
        "{nobody}"
    );
}

/// A page without what differs between two requests for the same.
fn essence(page: &str, asked: &str) -> String {
    let nonce = page.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    page.replace(nonce, "").replace(asked, "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_be_seen_is_nobody_and_is_named_nowhere() {
    let world = World::at("2054-11-27 09:00").await;
    let kade = Site {
        number: 2,
        name: "Kade",
        ..MARKT
    };
    let mut informat = Informat::of(&[MARKT, kade]);
    let jana = informat.person("Jana", "Peeters");
    informat.enrol(jana, MARKT, "2054-55", "2054-09-01");
    let tom = informat.person("Tom", "Maes");
    informat.enrol(tom, kade, "2054-55", "2054-09-01");
    let file = FILE.replace(
        "sync_default = true }]",
        "sync_default = true }, { vestnr = 2, sync_default = true }]",
    );
    world.group(&file, &informat).await;
    for on in ["off", "on"] {
        let both = ["usernames", "sync", "--tenant", "zandpoort", on, "--all"];
        world.oneroster(&both).await.done();
    }
    let alone = [
        "usernames",
        "sync",
        "--tenant",
        "zandpoort",
        "off",
        "--user",
        "tom.maes",
    ];
    world.oneroster(&alone).await.done();

    let site = desk::Site::start(world.pool()).await;
    let reader = site
        .account(
            "mia",
            &[("zandpoort", "001507", Some(1), "iLeerlingen: Alles lezen")],
        )
        .await;
    let mia = site.signed_in(&reader).await;
    let get = async |query: &str| {
        let answer = site.get(&mia, &format!("/desk/zandpoort/historiek{query}")).await;
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let nobody = "00000000-0000-4000-8000-00000000ffff";
    let (hidden_status, hidden) = get(&format!("?person={}", tom.sis_id())).await;
    let (status, unknown) = get(&format!("?person={nobody}")).await;
    assert_eq!(hidden_status, status);
    assert_eq!(essence(&hidden, &tom.sis_id()), essence(&unknown, nobody));
    let (_, by_name) = get("?person=maes").await;
    assert!(by_name.contains("Hier is niemand"), "{by_name}");
    let (_, trail) = get("").await;
    assert!(
        trail.contains("Jana Peeters") && !trail.contains("Tom") && !trail.contains("Maes"),
        "{trail}"
    );
    assert!(!trail.contains("2 personen"), "{trail}");
    let (_, own) = get(&format!("?person={}", jana.sis_id())).await;
    assert!(own.contains("Vrijgegeven") && own.contains("Uitgezet"), "{own}");
    let (_, compared) = get("?from=2054-11-26&to=2054-11-27&compare=1").await;
    assert!(
        !compared.contains("Tom") && !compared.contains("Kade"),
        "{compared}"
    );
}

/// A trail is read a part at a time, newest first, and nothing is left out or told twice.
#[tokio::test]
async fn a_long_trail_is_read_a_part_at_a_time() {
    let database = harness::database().await;
    let school = school(&database.pool, "zandpoort").await;
    let statement = format!(
        "do $$ begin for number in 1..900 loop
             insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
             values ('zandpoort', '{JAN}', case when number % 3 = 0 then 'system' else 'an' end, 'sync', 'false', 'true');
         end loop; end $$"
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&database.pool)
        .await
        .unwrap();
    let (mut before, mut parts, mut positions) = (None, 0, Vec::new());
    loop {
        let mut transaction = scope::begin(&school.server, "zandpoort").await.unwrap();
        let wanted = Wanted {
            before,
            ..Wanted::default()
        };
        let page = audit::page(&mut transaction, "zandpoort", wanted).await.unwrap();
        parts += 1;
        let flags = page.lines.iter().filter(|line| line.kind == "flag_changed");
        positions.extend(flags.map(|line| line.position));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((positions.len(), parts), (600, 2));
    assert!(positions.is_sorted_by(|one, other| one > other));
    assert_eq!(positions.iter().collect::<HashSet<_>>().len(), 600);
}
