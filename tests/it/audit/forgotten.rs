//! `oneroster person forget-name`: a username that somebody had before leaves everything that is kept, and nobody else gets it.

use std::collections::BTreeSet;
use std::time::Duration;

use oneroster::db::scope;

use super::erased::{
    ERASE, WILHELMINA, arrive, follow_in, leave, name_of, refused_with, school_of, served_by, token_of,
    traces_in_dump, with_wilhelmina,
};
use super::{TestDatabase, client, folder_path, ran, run_lines};
use crate::harness::backup::{back_up, dump, restore};
use crate::harness::running::{self, Running};
use crate::harness::school::LOTTE;
use crate::harness::{command, database, owner_url};

/// The username that she got first. Her names stay: only what they make together is forgotten.
const FORMER: &str = "wilhelmina.quackelbeen";

const FORGET: [&str; 6] = ["person", "forget-name", "--tenant", "t", WILHELMINA, FORMER];

fn is_in_dump(database: &TestDatabase, name: &str) -> bool {
    dump(&owner_url(&database.url)).to_lowercase().contains(name)
}

fn is_in_folder(folder: &std::path::Path, name: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default())
        .any(|text| text.to_lowercase().contains(name))
}

async fn she_goes_on_under_her_name(database: &TestDatabase) {
    assert_eq!(name_of(database, WILHELMINA).await.as_deref(), Some("wilma.q"));
    let history = ["usernames", "history", "--tenant", "t", "--user", "wilma.q"];
    let changes = ran(database, &history).await.done()["changes"].clone();
    assert_eq!(
        (
            &changes[0]["field"],
            &changes[0]["new_value"],
            &changes[1]["old_value"],
            &changes[1]["new_value"]
        ),
        (&"created".into(), &().into(), &().into(), &"wilma.q".into()),
        "{changes}"
    );
    let object = format!("users/{WILHELMINA}");
    ran(database, &["history", "--tenant", "t", "--object", &object])
        .await
        .done();
}

/// The hash tells which name it was to whoever has the key.
fn recover_needs_the_key(database: &TestDatabase) {
    let mut without = command(&database.url, &["recover"]);
    let output = without
        .env_remove("ONEROSTER_ENCRYPTION_KEY_FILE")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1)
            && said.contains("keys.encryption_key_file")
            && !said.contains(FORMER),
        "{said}"
    );
}

#[tokio::test]
async fn a_former_name_is_in_nothing_that_is_kept_and_no_backup_brings_it_back() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    run_lines(
        &database,
        &[
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
        ],
    )
    .await;
    assert_eq!(refused_with(&database, &FORGET).await, "name-still-published");
    let current = [&FORGET[..5], &["Wilma.Q"]].concat();
    assert_eq!(refused_with(&database, &current).await, "name-current");
    let never = [&FORGET[..5], &["lotte.peeters"]].concat();
    assert_eq!(refused_with(&database, &never).await, "name-not-theirs");
    run_lines(&database, &["publish --tenant t"]).await;
    let (backup, database) = back_up(&database).await;
    let others = tempfile::tempdir().unwrap();
    follow_in(&database, others.path()).await;
    // The control.
    for folder in [&folder_path(&database), others.path()] {
        assert!(is_in_folder(folder, FORMER));
    }
    assert!(is_in_dump(&database, FORMER));

    let forgotten = ran(&database, &FORGET).await;
    assert!(!forgotten.stderr.contains(FORMER), "{}", forgotten.stderr);
    assert_eq!(
        forgotten.done(),
        serde_json::json!({"person": WILHELMINA, "ids": [WILHELMINA], "versions": 1, "name_hash": true})
    );
    assert!(!is_in_dump(&database, FORMER));
    assert!(!is_in_folder(&folder_path(&database), FORMER));
    follow_in(&database, others.path()).await;
    assert!(!is_in_folder(others.path(), FORMER));
    assert_eq!(refused_with(&database, &FORGET).await, "name-not-theirs");
    she_goes_on_under_her_name(&database).await;
    let taken = ["usernames", "set", "--tenant", "t", "--user", LOTTE, FORMER];
    assert_eq!(refused_with(&database, &taken).await, "of-erased");

    let database = restore(&database, &backup).await;
    assert!(is_in_dump(&database, FORMER));
    recover_needs_the_key(&database);
    assert_eq!(ran(&database, &["recover"]).await.done()["complete"], true);
    assert!(!is_in_dump(&database, FORMER));
    follow_in(&database, others.path()).await;
    for folder in [&folder_path(&database), others.path()] {
        assert!(!is_in_folder(folder, FORMER));
    }
    assert_eq!(
        ran(&database, &["recover"]).await.done()["tenants"],
        serde_json::json!([])
    );
    assert_eq!(refused_with(&database, &taken).await, "of-erased");
    run_lines(
        &database,
        &[
            "publish --tenant t",
            &format!("usernames set --tenant t --user {WILHELMINA} {FORMER}"),
            "publish --tenant t",
        ],
    )
    .await;
    assert_eq!(name_of(&database, WILHELMINA).await.as_deref(), Some(FORMER));
}

/// Informat gave her another id, later in order: the name was handed over with the rest, and goes under both.
#[tokio::test]
async fn a_former_name_that_was_handed_over_goes_under_each_id() {
    let database = database().await;
    let school = with_wilhelmina(&database).await;
    let second = "ffffffff-0000-4000-8000-0000000000a9";
    let set = format!("usernames set --tenant t --user {WILHELMINA} wilma.q");
    run_lines(&database, &[&set]).await;
    leave(&school, 101).await;
    arrive(&school, second, 109).await;
    let hand_over = format!("usernames transfer --tenant t --from {WILHELMINA} --to {second}");
    run_lines(&database, &[&hand_over]).await;
    assert!(is_in_dump(&database, FORMER));
    let forget = ["person", "forget-name", "--tenant", "t", second, FORMER];
    ran(&database, &forget).await.done();
    assert!(!is_in_dump(&database, FORMER));
    assert!(!is_in_folder(&folder_path(&database), FORMER));
}

/// The name is that of whoever has it now, also in a database that went back; and hers again later is hers.
#[tokio::test]
async fn a_former_name_that_somebody_else_has_stays_theirs() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    let (backup, database) = back_up(&database).await;
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
            &format!("usernames set --tenant t --user {LOTTE} {FORMER}"),
            &format!("usernames set --tenant t --user {LOTTE} lotte.p"),
        ],
    )
    .await;
    let report = ran(&database, &FORGET).await.done();
    assert_eq!(report["name_hash"], false, "it was Lotte's last");
    let of_lotte = async |database: &TestDatabase| {
        let history = ["usernames", "history", "--tenant", "t", "--user", LOTTE];
        ran(database, &history).await.done()["changes"].clone()
    };
    let retired = async |database: &TestDatabase| -> Vec<(String, String)> {
        sqlx::query_as("select name, rowguid::text from username.retired where tenant_id = 't' order by name")
            .fetch_all(&database.pool)
            .await
            .unwrap()
    };
    let (changes, names) = (of_lotte(&database).await, retired(&database).await);
    assert!(changes.to_string().contains(FORMER));
    assert_eq!(
        names,
        [
            ("lotte.peeters".to_owned(), LOTTE.to_owned()),
            (FORMER.to_owned(), LOTTE.to_owned())
        ]
    );
    // Hers again, and another one after it: that was not forgotten.
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} {FORMER}"),
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q2"),
        ],
    )
    .await;
    let names = retired(&database).await;
    let database = restore(&database, &backup).await;
    assert_eq!(ran(&database, &["recover"]).await.done()["complete"], true);
    assert_eq!(
        (of_lotte(&database).await, retired(&database).await),
        (changes, names)
    );
    let history = ["usernames", "history", "--tenant", "t", "--user", WILHELMINA];
    let hers = ran(&database, &history).await.done()["changes"].to_string();
    assert_eq!(
        hers.matches(&format!("\"{FORMER}\"")).count(),
        2,
        "to it and from it, later: {hers}"
    );
    // The files tell what was before to nobody without the key.
    let mut without = command(&database.url, &FORGET);
    let output = without
        .env_remove("ONEROSTER_ENCRYPTION_KEY_FILE")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(1) && said.contains("keys.encryption_key_file"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_is_forgotten_while_a_token_reads_it_and_whoever_reads_an_old_state_reads_the_present_one() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    let made = client(&database, "sds").await;
    run_lines(&database, &["publish --tenant t"]).await;
    let server = Running::start(&running::settings(&database.url)).await;
    let token = token_of(&server, &made).await;
    let path = format!("/ims/oneroster/v1p1/users/{WILHELMINA}");
    assert!(served_by(&server, &token, &path).await.contains(FORMER));
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
            "publish --tenant t",
        ],
    )
    .await;
    assert_eq!(refused_with(&database, &FORGET).await, "name-still-read");
    // The token would have ended; it has not, so it shows what the last reader could see.
    sqlx::query("update roster.generation set published_at = now() - interval '1 minute' where tenant_id = 't' and number > 1")
        .execute(&database.pool)
        .await
        .unwrap();
    ran(&database, &FORGET).await.done();
    let forgotten = async {
        loop {
            let page = served_by(&server, &token, &path).await;
            if !page.contains(FORMER) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(15), forgotten)
        .await
        .unwrap();
    assert!(page.contains("wilma.q") && page.contains("\"active\""), "{page}");
    server.stop().await;
}

/// Meanwhile the partner of a swap is called by the person's name with an end: it goes with the person, though it is in the partner's rows.
#[tokio::test]
async fn a_cancelled_swap_leaves_nothing_of_an_erased_person_with_the_partner() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    let swap = format!("usernames swap --tenant t {WILHELMINA} {LOTTE}");
    run_lines(&database, &["publish --tenant t", &swap, "publish --tenant t"]).await;
    let (backup, database) = back_up(&database).await;
    run_lines(&database, &[&format!("{swap} --cancel"), "publish --tenant t"]).await;
    leave(&school_of(&database), 101).await;
    run_lines(&database, &["publish --tenant t"]).await;
    // The control: Lotte was called so.
    let history = ["usernames", "history", "--tenant", "t", "--user", LOTTE];
    let changes = ran(&database, &history).await.done()["changes"].to_string();
    assert!(changes.contains("wilhelmina.quackelbeen_EX"), "{changes}");
    ran(&database, &ERASE).await.done();
    assert_eq!(traces_in_dump(&database), BTreeSet::new());
    assert!(!is_in_folder(&folder_path(&database), "quackelbeen"));
    let changes = ran(&database, &history).await.done()["changes"].to_string();
    assert!(changes.contains("lotte.peeters"), "{changes}");
    let taken = [
        "usernames",
        "set",
        "--tenant",
        "t",
        "--user",
        "00000000-0000-4000-8000-000000001200",
        "wilhelmina.quackelbeen_EX",
    ];
    assert_eq!(refused_with(&database, &taken).await, "of-erased");

    let database = restore(&database, &backup).await;
    assert!(is_in_dump(&database, "quackelbeen_ex"));
    assert_eq!(ran(&database, &["recover"]).await.done()["complete"], true);
    assert_eq!(traces_in_dump(&database), BTreeSet::new());
    assert_eq!(name_of(&database, LOTTE).await.as_deref(), Some("lotte.peeters"));
}

/// A server's own role takes no name out of an entry of somebody of whom none was forgotten, and nothing else of somebody of whom one was.
#[tokio::test]
async fn entries_lose_names_only_of_whom_it_is_on_record() {
    let database = database().await;
    drop(with_wilhelmina(&database).await);
    run_lines(
        &database,
        &[
            &format!("usernames set --tenant t --user {WILHELMINA} wilma.q"),
            &format!("usernames set --tenant t --user {LOTTE} lotte.p"),
        ],
    )
    .await;
    ran(&database, &FORGET).await.done();
    let simple = |id: &str| id.replace('-', "");
    let nameless = |id: &str| {
        format!(
            "update audit.entry set erased_at = now(), after = after || '{{\"local_part\": \"~{}\"}}'
             where source = 'username.record' and key ->> 'rowguid' = '{id}' and after ? 'local_part'",
            simple(id)
        )
    };
    for (statement, is_let) in [
        (nameless(WILHELMINA), true),
        (nameless(LOTTE), false),
        (nameless(WILHELMINA).replace("\"local_part\":", "\"sync\": false, \"local_part\":"), false),
        (format!("update audit.entry set erased_at = now(), after = after || '{{\"new_value\": null}}' where source = 'username.change' and after ->> 'rowguid' = '{LOTTE}'"), false),
        (format!("update audit.entry set erased_at = now(), after = after || '{{\"changed_by\": \"x\"}}' where source = 'username.change' and after ->> 'rowguid' = '{WILHELMINA}'"), false),
        (format!("update audit.entry set erased_at = now(), before = null, after = null where source = 'username.record' and key ->> 'rowguid' = '{LOTTE}'"), false),
        ("update audit.entry set erased_at = now(), before = '{}' where source = 'username.retired' and before is null".to_owned(), false),
    ] {
        let mut transaction = scope::begin(&database.server, "t").await.unwrap();
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut *transaction).await;
        match done {
            Ok(done) => assert!(is_let && done.rows_affected() > 0, "{statement}"),
            Err(error) => {
                let code = error.as_database_error().unwrap().code().unwrap().into_owned();
                assert!(!is_let && code == "42501", "{statement}: {error}");
            }
        }
    }
}
