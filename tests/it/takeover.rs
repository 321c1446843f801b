//! A school that ran elsewhere for a year changes servers overnight: School Data Sync keeps its URLs, id and secret, and Microsoft 365 sees
//! nothing of it.
//!
//! "Elsewhere" is a server with a database, a tenant id and a username format of its own. A front with one address stands for the host name
//! that the wizard has: overnight it is pointed at another server.

#![cfg(test)]

use std::fmt::Write;
use std::net::SocketAddr;

use clap::CommandFactory;
use oneroster::auth::secret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::harness::informat::{Informat, Person, Registration, Site};
use crate::harness::world::{Group, World};
use crate::m365::{Connection, IdentityRule, Microsoft365, Profile, Report, Twins};

const COLLEGE: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "College",
};
const VTI: Site = Site {
    number: 2,
    name: "VTI",
    ..COLLEGE
};
const YEAR: &str = "2054-55";
const DOMAINS: [&str; 3] = ["college.example", "vti.example", "oud.example"];

/// A tenant file for both sites.
fn tenant_file(id: &str, username_format: &str, sync_default: bool) -> String {
    format!(
        r#"
id = "{id}"
name = "Scholengroep {id}"
active_school_year = "{YEAR}"
team_name_format = "{{klas}} - {{vestiging}}"
username_format = "{username_format}"
domain_mode = "informat"
extra_domains = ["oud.example"]
[[schools]]
instelnr = "001507"
teacher_domain = "vti.example"
[[schools.sites]]
vestnr = 1
sync_default = {sync_default}
pupil_domain = "college.example"
[[schools.sites]]
vestnr = 2
sync_default = {sync_default}
pupil_domain = "vti.example"
"#
    )
}

/// The address in the wizard: what comes is passed on to the server that it points at now.
struct Front {
    address: SocketAddr,
    upstream: watch::Sender<SocketAddr>,
}

impl Front {
    async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (upstream, pointed) = watch::channel(server);
        tokio::spawn(async move {
            while let Ok((mut consumer, _)) = listener.accept().await {
                let mut pointed = pointed.clone();
                tokio::spawn(async move {
                    let server = *pointed.borrow_and_update();
                    let mut server = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut consumer, &mut server) => {}
                        // A connection that was kept open ends, as when the old server is stopped.
                        _ = pointed.changed() => {}
                    }
                });
            }
        });
        Self { address, upstream }
    }

    /// Points it at another server.
    async fn point_at(&self, server: SocketAddr) {
        self.upstream.send(server).unwrap();
        // Until whoever keeps connections has seen that they ended.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }

    /// What the wizard has of a client.
    fn connection(&self, of: &Connection) -> Connection {
        Connection {
            base_url: format!("http://{}/ims/oneroster/v1p1", self.address),
            token_url: format!("http://{}/connect/token", self.address),
            ..of.clone()
        }
    }
}

/// Returns the address of a server by the base URL of a client's.
fn address_of(connection: &Connection) -> SocketAddr {
    let url = reqwest::Url::parse(&connection.base_url).unwrap();
    let host = url.host_str().unwrap();
    format!("{host}:{}", url.port().unwrap()).parse().unwrap()
}

/// The people of the school that something happens to.
struct People {
    jan: Person,
    namesake: Person,
    lotte: Person,
    els: Person,
    leaves: Registration,
    bert: Person,
}

fn school() -> (Informat, People) {
    let mut informat = Informat::of(&[COLLEGE, VTI]);
    let class = informat.class(COLLEGE, YEAR, "3A");
    let other = informat.class(VTI, YEAR, "4B");
    let mut pupil = |given: &str, family: &str, class| {
        let person = informat.person(given, family);
        (person, informat.enrol_in(person, class, "2054-09-01"))
    };
    let (jan, _) = pupil("Jan", "Peters", class);
    let (namesake, _) = pupil("Jan", "Peters", other);
    let (lotte, _) = pupil("Lotte", "Van den Broeck", class);
    let (els, leaves) = pupil("Els", "Claes", class);
    for number in 1..=20 {
        pupil(
            "Noor",
            &format!("Maes{number}"),
            if number % 2 == 0 { class } else { other },
        );
    }
    let bert = informat.person("Bert", "Ameel");
    informat.employ(bert, VTI, "2054-09-01");
    informat.class_teacher(bert, class, "2054-09-01");
    let people = People {
        jan,
        namesake,
        lotte,
        els,
        leaves,
        bert,
    };
    (informat, people)
}

/// Writes what the vendor of before gives: everyone who ever had a username there.
async fn export(elsewhere: &World, group: &Group) -> String {
    let listed = elsewhere
        .oneroster(&["usernames", "list", "--tenant", &group.id])
        .await
        .done();
    let mut text = "ID;Gebruikersnaam;Domeinnaam;Sync?;Aangemaakt op\n".to_owned();
    for entry in listed["usernames"].as_array().unwrap() {
        let of = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let sent = of("username");
        let domain = sent.split_once('@').map_or("", |(_, domain)| domain);
        let flag = if entry["sync"] == true { "aan" } else { "uit" };
        writeln!(
            text,
            "{};{};{domain};{flag};{}",
            of("sourced_id"),
            of("local_part"),
            of("created_at")
        )
        .unwrap();
    }
    text
}

/// A year at the server of before: made accounts, a name that somebody typed, a domain of one's own, somebody who left.
async fn a_year_elsewhere(
    front: &Front,
    elsewhere: &World,
    group: &Group,
    informat: &mut Informat,
    people: &People,
) -> Twins {
    let profile = Profile::new("Zandpoort", IdentityRule::AsSent);
    let mut twins = Twins::connect(&front.connection(&group.connection), &profile, &DOMAINS);
    let night = async |twins: &mut Twins, moment: &str| {
        elsewhere.clock.set(moment).await;
        elsewhere.publish(&group.id).await;
        let report = twins.sync(&elsewhere.clock.text().await).await;
        assert!(report.is_clean(), "{moment}: {report:?}");
        report
    };
    assert_eq!(night(&mut twins, "2054-09-02 04:00").await.created.len(), 25);
    night(&mut twins, "2054-09-02 16:00").await;
    for (person, name) in [
        (people.lotte, "lotje@college.example"),
        (people.namesake, "jp2@oud.example"),
    ] {
        let arguments = [
            "usernames",
            "set",
            "--tenant",
            &group.id,
            "--user",
            &person.sis_id(),
            name,
        ];
        elsewhere.oneroster(&arguments).await.done();
    }
    assert_eq!(night(&mut twins, "2054-11-10 04:00").await.renamed.len(), 2);
    informat.leave(people.leaves, "2055-01-15");
    elsewhere.clock.set("2055-01-20 01:00").await;
    elsewhere.import_and_publish(&group.id, informat).await;
    night(&mut twins, "2055-01-20 04:00").await;
    night(&mut twins, "2055-05-19 16:00").await;
    twins
}

/// Takes the school over as docs/go-live.md has it, beside the server that still runs.
async fn take_over(
    world: &World,
    informat: &Informat,
    elsewhere: (&World, &Group),
    folder: &TempDir,
) -> Value {
    let (old, of) = elsewhere;
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    world
        .apply(&tenant_file("zandpoort", "{voornaam}.{familienaam}", false))
        .await
        .done();
    world.import("zandpoort", informat).await;
    let export = export(old, of).await;
    std::fs::write(path("export.csv"), &export).unwrap();
    let import = [
        "usernames",
        "import",
        "--tenant",
        "zandpoort",
        &path("export.csv"),
    ];
    let rehearsed = world
        .oneroster(&[&import[..], &["--dry-run"]].concat())
        .await
        .done();
    let taken = world.oneroster(&import).await.done();
    assert_eq!(taken["changes"], rehearsed["changes"]);
    let Connection {
        client_id,
        client_secret,
        base_url,
        ..
    } = &of.connection;
    let hash = crate::harness::base16(&secret::hash(client_secret));
    let create = [
        "client",
        "create",
        "--tenant",
        "zandpoort",
        "--name",
        "School Data Sync",
        "--preset",
        "sds",
    ];
    let carried_over = ["--client-id", client_id, "--secret-sha256", &hash];
    world
        .oneroster(&[&create[..], &carried_over].concat())
        .await
        .done();
    // The same file with the flag of newcomers, now that everybody else has their own.
    world
        .apply(&tenant_file("zandpoort", "{voornaam}.{familienaam}", true))
        .await
        .done();
    world.publish("zandpoort").await;
    std::fs::write(path("secret.txt"), client_secret).unwrap();
    let compare = [
        "compare",
        "--old",
        base_url,
        "--old-client-id",
        client_id,
        "--old-secret-file",
        &path("secret.txt"),
        "--tenant",
        "zandpoort",
    ];
    let compared = world.oneroster(&compare).await;
    assert_eq!(compared.done()["groups"], json!([]), "old and new say the same");
    taken
}

#[tokio::test]
async fn r42_r43_a_school_changes_servers_overnight_and_microsoft_365_sees_no_rename_no_account_and_no_lost_team()
 {
    let elsewhere = World::at("2054-09-01 04:00").await;
    let (mut informat, people) = school();
    let file = tenant_file("elders", "{familienaam}_{voornaam}", true);
    let old = elsewhere.group(&file, &informat).await;
    let front = Front::before(address_of(&old.connection)).await;
    let mut twins = a_year_elsewhere(&front, &elsewhere, &old, &mut informat, &people).await;
    let before: Microsoft365 = twins.tenant().clone();
    assert_eq!(
        before.account_of(&people.jan.sis_id()).unwrap().name,
        "peters_jan@college.example"
    );
    assert_eq!(
        before.account_of(&people.bert.sis_id()).unwrap().name,
        "ameel_bert@vti.example"
    );
    assert_eq!(before.teams.len(), 2);

    let world = World::at("2055-05-20 02:00").await;
    let folder = TempDir::new().unwrap();
    let taken = take_over(&world, &informat, (&elsewhere, &old), &folder).await;
    assert_eq!(
        (&taken["taken_over"], &taken["changed"]),
        (&json!(25), &json!(25)),
        "{taken}"
    );
    assert_eq!(taken["unknown"], json!([]));

    // Nobody's wizard is opened: the name is pointed at another server.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    front.point_at(world.address()).await;
    for moment in ["2055-05-20 04:00", "2055-05-20 16:00"] {
        world.clock.set(moment).await;
        let report = twins.sync(&world.clock.text().await).await;
        assert_eq!(report, Report::default(), "{moment}");
        assert_eq!(*twins.tenant(), before, "{moment}");
    }
    life_goes_on(&world, &mut informat, &people, &mut twins).await;
}

/// Afterwards the new server does what it does: somebody comes back to their account, and newcomers get names that nobody has.
async fn life_goes_on(world: &World, informat: &mut Informat, people: &People, twins: &mut Twins) {
    let class = informat.class(COLLEGE, YEAR, "3C");
    informat.enrol_in(people.els, class, "2055-05-21");
    let newcomer = informat.person("Jan", "Peters");
    informat.enrol_in(newcomer, class, "2055-05-21");
    world.clock.set("2055-05-21 04:00").await;
    world.import_and_publish("zandpoort", informat).await;
    let report = twins.sync(&world.clock.text().await).await;
    assert!(report.is_clean() && report.renamed.is_empty(), "{report:?}");
    assert_eq!(report.created, ["jan.peters@college.example"]);
    let els = twins.tenant().account_of(&people.els.sis_id()).unwrap();
    assert!(
        els.is_active && els.name == "claes_els@college.example",
        "{els:?}"
    );
}

/// Every command of the chapter can be read by the program; `take_over` above runs them in the order of the chapter.
#[test]
fn the_commands_of_the_chapter_are_those_of_the_program() {
    let manual = include_str!("../../docs/go-live.md");
    let chapter = manual.split("# Taking over from another server").nth(1).unwrap();
    let blocks = chapter
        .split("```sh")
        .skip(1)
        .map(|block| block.split("```").next().unwrap());
    let lines: Vec<&str> = blocks
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let actions: Vec<String> = lines
        .iter()
        .map(|line| {
            let words = line.replace("\"School Data Sync\"", "SDS");
            let read = oneroster::cli::Cli::command().try_get_matches_from(words.split(' '));
            assert!(read.is_ok(), "{line}: {read:?}");
            words.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let expected = [
        "tenant apply",
        "import --tenant",
        "usernames import",
        "usernames import",
        "client create",
        "compare --old",
        "publish --tenant",
    ];
    assert_eq!(actions, expected);
}
