//! A file that comes again byte for byte is compared and no more: with and without that, everything is the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use oneroster::accounts::import::{self, Imported, Options, import, import_files};
use oneroster::db::scope;
use oneroster::mirror::{Acceptance, Bundle, BundleFiles, Mode, load};
use oneroster::tenants;
use oneroster_school::door::Guard;
use oneroster_school::tenant::file;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::PgPool;

use super::{folder, mirror};
use crate::harness::{TestDatabase, as_server, database};

const NAMES: [&str; 8] = [
    "Bert",
    "Bert",
    "Fatima",
    "Zoë",
    "JosÃ©",
    "N.N.",
    "Jos?",
    "Jos\u{FFFD}",
];

/// What an export is made from.
#[derive(Debug, Clone)]
struct World {
    /// By key: id, name, key of the registration's class.
    people: BTreeMap<usize, (usize, usize, usize)>,
    titles: [usize; 3],
    made_at: usize,
    counted_wrong: bool,
}

/// What happens to a tenant.
#[derive(Debug, Clone)]
enum Step {
    Rename(usize, usize),
    Leave(usize),
    /// The person goes and the registration stays: a fault.
    Vanish(usize),
    Come(usize, usize),
    OtherId(usize),
    Title(usize, usize),
    OlderManifest,
    WrongCount,
    Import {
        without: Option<usize>,
        delta: bool,
        accept: bool,
        dry_run: bool,
    },
    Again,
    Settings(usize),
    Hand(usize),
    Username(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let person = 1..8_usize;
    let import = (
        prop::option::weighted(0.2, 0..9_usize),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.7),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(without, delta, accept, dry_run)| Step::Import {
            without,
            delta,
            accept,
            dry_run,
        });
    let step = prop_oneof![
        3 => (person.clone(), 0..NAMES.len()).prop_map(|(key, name)| Step::Rename(key, name)),
        1 => person.clone().prop_map(Step::Leave),
        1 => person.clone().prop_map(Step::Vanish),
        2 => (person.clone(), 0..NAMES.len()).prop_map(|(key, name)| Step::Come(key, name)),
        1 => person.prop_map(Step::OtherId),
        1 => (0..3_usize, 0..NAMES.len()).prop_map(|(class, name)| Step::Title(class, name)),
        1 => Just(Step::OlderManifest),
        1 => Just(Step::WrongCount),
        8 => import,
        6 => Just(Step::Again),
        2 => (0..4_usize).prop_map(Step::Settings),
        2 => (0..6_usize).prop_map(Step::Hand),
        2 => (0..4_usize).prop_map(Step::Username),
    ];
    prop::collection::vec(step, 4..18)
}

impl World {
    fn new() -> Self {
        Self {
            people: (1..6).map(|key| (key, (key, key % 3, key % 3))).collect(),
            titles: [0, 2, 3],
            made_at: 0,
            counted_wrong: false,
        }
    }

    fn change(&mut self, step: &Step) {
        match *step {
            Step::Rename(key, name) => {
                if let Some(person) = self.people.get_mut(&key) {
                    person.1 = name;
                }
            }
            Step::Leave(key) => drop(self.people.remove(&key)),
            Step::Vanish(key) => {
                if let Some(person) = self.people.get_mut(&key) {
                    person.0 = 0;
                }
            }
            Step::Come(key, name) => {
                self.people.entry(key).or_insert((key, name, key % 3));
            }
            Step::OtherId(key) => {
                if let Some(person) = self.people.get_mut(&key) {
                    person.0 += 20;
                }
            }
            Step::Title(class, name) => self.titles[class] = name,
            Step::OlderManifest => self.made_at = (self.made_at + 5) % 9,
            Step::WrongCount => self.counted_wrong ^= true,
            Step::Import { .. } | Step::Again | Step::Settings(_) | Step::Hand(_) | Step::Username(_) => {}
        }
    }

    fn files(&self, without: Option<usize>, delta: bool) -> BTreeMap<&'static str, String> {
        let mut persons = "p_persoon,rowguid,naam,voornaam,geboortedatum,changed\n".to_owned();
        let mut registrations =
            "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed\n".to_owned();
        let mut memberships = "p_inschrklas,p_inschr,p_klas,vandatum,totdatum,changed\n".to_owned();
        for (key, (id, name, class)) in &self.people {
            if *id > 0 {
                let id = format!("00000000-0000-0000-0000-{id:012}");
                writeln!(
                    persons,
                    "{key},{id},Maes {key},{},2010-01-{key:02},",
                    NAMES[*name]
                )
                .unwrap();
            }
            writeln!(registrations, "{key},{key},001507,1,211,2026-27,2026-09-01,,0,").unwrap();
            writeln!(memberships, "{key},{key},{},2026-09-01,,", class + 1).unwrap();
        }
        let mut classes =
            "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed\n".to_owned();
        for (class, name) in self.titles.iter().enumerate() {
            let id = format!("00000000-0000-0000-0001-{class:012}");
            writeln!(
                classes,
                "{},{id},001507,1,211,2026-27,{class}A,{},0,",
                class + 1,
                NAMES[*name]
            )
            .unwrap();
        }
        let count = persons.lines().count() - 1 + usize::from(self.counted_wrong);
        let manifest = format!(
            "bestand,rijen\npersoon.csv,{count}\ngemaakt_op,2026-09-{:02}T08:00:00Z\n",
            self.made_at + 1
        );
        let mut files = BTreeMap::from([
            ("manifest.csv", manifest),
            (
                "schooljaar.csv",
                "schooljaar,begindatum,einddatum\n2026-27,2026-09-01,2027-08-31\n".to_owned(),
            ),
            ("school.csv", "instelnr,school,schoolcode\n001507,De Zandpoort,ZP\n".to_owned()),
            (
                "schoolvest.csv",
                "instelnr,vestnrdiscimus,hfdstructuur,vestiging,vestcode,actief,changed\n001507,1,211,Dorp,,1,\n001507,2,211,Berg,,1,\n"
                    .to_owned(),
            ),
            ("persoon.csv", persons),
            ("inschrijving.csv", registrations),
            ("klassen.csv", classes),
            ("inschrklas.csv", memberships),
            (
                "opdracht.csv",
                "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed\n1,1,001507,2,,,,\n".to_owned(),
            ),
            (
                "klasfunctiepersoon.csv",
                "p_klasfunctiepersoon,p_persoon,p_klas,p_klasfunctie,begindatum,einddatum,changed\n1,1,1,2,,,\n".to_owned(),
            ),
        ]);
        leave_out(&mut files, without);
        if delta {
            files.retain(|name, _| ["persoon.csv", "klassen.csv"].contains(name));
        }
        files
    }
}

/// Takes a file out. The manifest stays, and names what a bundle may lack.
fn leave_out(files: &mut BTreeMap<&'static str, String>, without: Option<usize>) {
    let mut names = files.keys().filter(|name| **name != "manifest.csv");
    if let Some(name) = without.and_then(|place| names.nth(place).copied()) {
        files.remove(name);
    }
}

const HANDS: [&str; 6] = [
    "update informat.persoon set voornaam = 'Hand' where tenant_id = $1 and p_persoon = 2",
    "update informat.klassen set klas = null where tenant_id = $1 and p_klas = 1",
    "delete from informat.inschrklas where tenant_id = $1 and p_inschrklas = 3",
    "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
     select $1, instelnr, 9, '211', 'Hand', true from informat.school where tenant_id = $1 on conflict do nothing",
    // Refers to the site by its number only, so no reference keeps it.
    "delete from informat.schoolvest where tenant_id = $1 and vestnrdiscimus = 2",
    "update informat.schooljaar set einddatum = '2027-06-30' where tenant_id = $1",
];

const USERNAMES: [&str; 4] = [
    "delete from username.record where tenant_id = $1 and p_persoon = 1",
    "update username.record set p_persoon = 77 where tenant_id = $1 and p_persoon = 2",
    "insert into username.retired (tenant_id, name, rowguid)
     select tenant_id, 'fatima', rowguid from username.record where tenant_id = $1 order by rowguid limit 1 on conflict do nothing",
    "update username.record set sync = false where tenant_id = $1",
];

fn configuration(tenant_id: &str, variant: usize) -> oneroster_school::tenant::Configuration {
    let format = ["{voornaam}", "{familienaam}", "{voornaam}", "{voornaam}"][variant];
    let site = ["1", "1", "2", "1"][variant];
    let sync = variant != 3;
    let text = format!(
        "id = \"{tenant_id}\"\nname = \"T\"\nactive_school_year = \"2026-27\"\nteam_name_format = \"{{klas}}\"\n\
         username_format = \"{format}\"\n[[schools]]\ninstelnr = \"001507\"\n[[schools.sites]]\nvestnr = {site}\nsync_default = {sync}\n"
    );
    file::parse(&text).unwrap()
}

async fn configure(pool: &PgPool, tenant_id: &str, variant: usize) {
    let mut transaction = scope::begin(&as_server(pool), tenant_id).await.unwrap();
    tenants::apply(&mut transaction, &configuration(tenant_id, variant), true)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

async fn run(pool: &PgPool, tenant_id: &str, statement: &'static str) {
    sqlx::query(statement)
        .bind(tenant_id)
        .execute(pool)
        .await
        .unwrap();
}

/// What an import answered, in words without the tenant's name.
fn answer(tenant_id: &str, done: Result<Imported, import::Error>) -> String {
    let text = match done {
        Ok(imported) => format!("{imported:#?}"),
        Err(import::Error::Load(load::Error::Refused(refusal))) => format!("{refusal:#?}"),
        Err(error) => format!("{error:?}"),
    };
    text.replace(tenant_id, "TENANT")
}

/// Imports with the shortcut into one tenant and without into the other.
async fn import_both(
    database: &TestDatabase,
    [quick, whole]: [&str; 2],
    path: &Path,
    (delta, accept, dry_run): (bool, bool, bool),
) -> [String; 2] {
    let mode = if delta { Mode::Delta } else { Mode::Full };
    let accepted = if accept { Guard::ALL.as_slice() } else { &[] };
    let acceptance = Acceptance::new(accepted.iter().copied(), "Els");
    let options = Options {
        load: load::Options {
            acceptance: &acceptance,
            ..load::Options::default()
        },
        dry_run,
        ..Options::default()
    };
    let files = BundleFiles::open(path, mode).unwrap();
    let (bundle, quickly) = import_files(&database.server, quick, files, options, |_| ())
        .await
        .unwrap();
    for forget in [
        "delete from informat.bestand where tenant_id = $1",
        "delete from username.settled where tenant_id = $1",
    ] {
        run(&database.pool, whole, forget).await;
    }
    let read = Bundle::read(path, mode, |_| ()).unwrap();
    let wholly = import(&database.server, whole, &read, options).await;
    assert_eq!(
        (bundle.rows(), bundle.remarks()),
        (read.rows(), read.remarks()),
        "what is said of the files"
    );
    [answer(quick, quickly), answer(whole, wholly)]
}

/// Everything that an import leaves, but for moments and numbers given out over all tenants.
async fn left(pool: &PgPool, tenant_id: &str) -> Vec<String> {
    let mut left = vec![format!("{:#?}", mirror(pool, tenant_id).await)];
    for statement in [
        "select to_jsonb(r) - 'created_at' - 'tenant_id' from username.record r where tenant_id = $1 order by rowguid",
        "select to_jsonb(c) - 'changed_at' - 'tenant_id' - 'change_id' from username.change c where tenant_id = $1 order by change_id",
        "select to_jsonb(l) - 'geladen_op' - 'tenant_id' - 'p_lading' from informat.lading l where tenant_id = $1 order by p_lading",
        "select to_jsonb(i) - 'tenant_id' - 'p_lading' from informat.idwissel i where tenant_id = $1 order by p_lading, tabel, sleutel",
        "select to_jsonb(v) - 'changed_at' - 'tenant_id' from tenant.input_version v where tenant_id = $1 order by input",
        "select to_jsonb(d) - 'decided_at' - 'tenant_id' - 'decision_id' from tenant.decision d where tenant_id = $1 order by decision_id",
    ] {
        let rows: Vec<serde_json::Value> = sqlx::query_scalar(statement)
            .bind(tenant_id)
            .fetch_all(pool)
            .await
            .unwrap();
        left.push(format!("{rows:#?}").replace(tenant_id, "TENANT"));
    }
    left
}

async fn play(database: &TestDatabase, names: [&str; 2], steps: &[Step]) {
    let mut world = World::new();
    let mut last = (None, false, true, false);
    for tenant_id in names {
        configure(&database.pool, tenant_id, 0).await;
    }
    for (place, step) in steps.iter().enumerate() {
        world.change(step);
        let statement = if let Step::Hand(which) = step {
            Some(HANDS[*which])
        } else if let Step::Username(which) = step {
            Some(USERNAMES[*which])
        } else {
            None
        };
        for tenant_id in names {
            if let Some(statement) = statement {
                run(&database.pool, tenant_id, statement).await;
            } else if let Step::Settings(variant) = step {
                configure(&database.pool, tenant_id, *variant).await;
            }
        }
        if let Step::Import {
            without,
            delta,
            accept,
            dry_run,
        } = step
        {
            last = (*without, *delta, *accept, *dry_run);
        } else if !matches!(step, Step::Again) {
            continue;
        }
        let (without, delta, accept, dry_run) = last;
        let folder = folder(&world.files(without, delta));
        let [quick, whole] = import_both(database, names, folder.path(), (delta, accept, dry_run)).await;
        assert_eq!(quick, whole, "answers at step {place}");
        let (quick, whole) = (
            left(&database.pool, names[0]).await,
            left(&database.pool, names[1]).await,
        );
        assert_eq!(quick, whole, "state after step {place}");
    }
}

#[test]
fn whatever_happens_between_imports_the_shortcut_changes_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(database());
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config::with_cases(40));
    runner
        .run(&steps(), |steps| {
            number.set(number.get() + 1);
            let names = [format!("quick{}", number.get()), format!("whole{}", number.get())];
            runtime.block_on(play(&database, names.each_ref().map(String::as_str), &steps));
            Ok(())
        })
        .unwrap();
}

/// Imports into `quick0` as a command does.
async fn import_quickly(database: &TestDatabase, path: &Path) -> Imported {
    let files = BundleFiles::open(path, Mode::Full).unwrap();
    let (_, done) = import_files(&database.server, "quick0", files, Options::default(), |_| ())
        .await
        .unwrap();
    done.unwrap()
}

async fn imported_once(database: &TestDatabase) -> tempfile::TempDir {
    configure(&database.pool, "quick0", 0).await;
    let folder = folder(&World::new().files(None, false));
    assert_eq!(import_quickly(database, folder.path()).await.usernames_created, 5);
    folder
}

async fn lock(pool: &PgPool, statement: &'static str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut holder = pool.begin().await.unwrap();
    sqlx::query(statement).execute(&mut *holder).await.unwrap();
    holder
}

#[tokio::test]
async fn the_same_files_again_touch_neither_the_mirror_nor_the_usernames() {
    let database = database().await;
    let folder = imported_once(&database).await;
    let holder = lock(
        &database.pool,
        "lock table informat.persoon, informat.inschrijving, informat.klassen, username.record in access exclusive mode",
    )
    .await;
    let again = tokio::time::timeout(Duration::from_secs(20), import_quickly(&database, folder.path()));
    let again = again.await.unwrap();
    assert_eq!(
        (again.loaded.changed(), again.loaded.rows["persoon.csv"]),
        (false, 5)
    );
    holder.rollback().await.unwrap();
}

#[tokio::test]
async fn of_a_bundle_with_one_other_file_only_that_one_is_merged() {
    let database = database().await;
    imported_once(&database).await;
    let mut world = World::new();
    world.change(&Step::Title(1, 3));
    let holder = lock(
        &database.pool,
        "lock table informat.inschrijving, informat.persoon in exclusive mode",
    )
    .await;
    let other = folder(&world.files(None, false));
    let done = tokio::time::timeout(Duration::from_secs(20), import_quickly(&database, other.path())).await;
    assert_eq!(done.unwrap().loaded.updated, 1);
    holder.rollback().await.unwrap();
}

/// What nothing here sees, such as a change while triggers were off, does not stay for ever: after a week a file is read again.
#[tokio::test]
async fn after_a_week_a_file_is_read_though_nothing_is_known_to_have_changed() {
    let database = database().await;
    let folder = imported_once(&database).await;
    for statement in [
        "alter table informat.persoon disable trigger note_handwork",
        "update informat.persoon set voornaam = 'Hand' where tenant_id = 'quick0' and p_persoon = 2",
        "alter table informat.persoon enable always trigger note_handwork",
    ] {
        sqlx::query(statement).execute(&database.pool).await.unwrap();
    }
    assert!(!import_quickly(&database, folder.path()).await.loaded.changed());
    let age = "update informat.bestand set gelezen_op = gelezen_op - interval '8 days' where tenant_id = $1";
    run(&database.pool, "quick0", age).await;
    assert_eq!(import_quickly(&database, folder.path()).await.loaded.updated, 1);
}

/// A sequence that was never used, as after a restore without the rows of the mirror, counts the first hand too.
#[tokio::test]
async fn the_first_hand_of_a_database_is_seen() {
    let database = database().await;
    sqlx::query("alter sequence informat.handwerk restart")
        .execute(&database.pool)
        .await
        .unwrap();
    let folder = imported_once(&database).await;
    let hand = "update informat.persoon set voornaam = 'Hand' where tenant_id = $1 and p_persoon = 2";
    run(&database.pool, "quick0", hand).await;
    assert_eq!(import_quickly(&database, folder.path()).await.loaded.updated, 1);
}

/// Somebody leaves a transaction open that changed the mirror, of whatever tenant: imports do not wait for it, and remember nothing
/// that it may have made wrong.
#[tokio::test]
async fn a_hand_at_work_in_the_mirror_is_not_waited_for() {
    let database = database().await;
    let folder = imported_once(&database).await;
    let holder = lock(
        &database.pool,
        "update informat.persoon set voornaam = 'Hand' where tenant_id = 'nobody'",
    )
    .await;
    let again = tokio::time::timeout(Duration::from_secs(20), import_quickly(&database, folder.path())).await;
    assert!(!again.unwrap().loaded.changed());
    holder.commit().await.unwrap();
    sqlx::query("update informat.persoon set voornaam = 'Hand' where tenant_id = 'quick0' and p_persoon = 2")
        .execute(&database.pool)
        .await
        .unwrap();
    assert_eq!(import_quickly(&database, folder.path()).await.loaded.updated, 1);
}

/// A hand may have switched triggers off for a session (`session_replication_role`), as tools that copy rows do: this one still fires, and
/// for each way of changing a table.
#[tokio::test]
async fn every_table_of_the_mirror_notes_hands_always() {
    let database = database().await;
    let tables: Vec<(String, Option<bool>)> = sqlx::query_as(
        // Of before each statement (2), insert (4), delete (8), update (16), truncate (32).
        "select c.relname::text, (select t.tgenabled = 'A' and t.tgtype = 2 + 4 + 8 + 16 + 32 from pg_trigger t
                                   where t.tgrelid = c.oid and t.tgname = 'note_handwork')
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'informat' and c.relkind in ('r', 'p') and c.relname not in ('lading', 'idwissel', 'bestand', 'weigering')
         order by 1",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let expected: Vec<_> = [
        "inschrijving",
        "inschrklas",
        "klasfunctiepersoon",
        "klassen",
        "opdracht",
        "persoon",
        "school",
        "schooljaar",
        "schoolvest",
    ]
    .map(|table| (table.to_owned(), Some(true)))
    .into();
    assert_eq!(tables, expected, "a table of ours in this schema is named above");
}
