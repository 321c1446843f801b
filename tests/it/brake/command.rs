//! What an operator sees and does on the morning a publication is held.

use serde_json::{Value, json};

use super::truncated;
use crate::harness::group::{org, truncate};
use crate::harness::oneroster;

async fn publish(url: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let all = [["publish", "--tenant", "zand", "--json"].as_slice(), arguments].concat();
    let output = oneroster(url, &all).await;
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

#[tokio::test]
async fn the_command_reports_a_hold_and_releases_it() {
    let (school, database, publication) = truncated().await;
    let since = super::since(&publication);
    let hold = publication.held.unwrap();
    let (code, report) = publish(&database.url, &[]).await;
    assert_eq!((code, &report["state"]), (Some(1), &json!("held")));
    assert_eq!(report["generation"], json!(publication.generation));
    assert_eq!(report["removed"]["users"], 30);
    assert_eq!(report["held"]["hold"], json!(hold.fingerprint));
    let mut reason = report["held"]["reasons"][0].clone();
    let advice = reason.as_object_mut().unwrap().remove("advice").unwrap();
    assert!(advice.as_str().unwrap().contains("oneroster import"), "{advice}");
    assert_eq!(
        reason,
        json!({
            "test": "users_removed", "org": org(7), "before": 33, "after": 3, "percent": 91, "since": since,
            "message": format!("30 of 33 users would go in org {} (91 %)", org(7)),
        })
    );
    let output = oneroster(&database.url, &["publish", "--tenant", "zand"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let release = format!("--release={}", &hold.fingerprint[..12]);
    for said in [
        "tenant zand: held",
        &org(7),
        &release,
        "--discard",
        "(oneroster import)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }

    truncate(&school, 8, 1).await;
    let (code, report) = publish(&database.url, &[&release, "--by", "Els"]).await;
    assert_eq!((code, &report["state"]), (Some(1), &json!("held")));
    assert_eq!(report["held_before"]["hold"], json!(hold.fingerprint));
    assert_eq!(report["held"]["reasons"].as_array().unwrap().len(), 4);
    let (code, report) = publish(&database.url, &["--dry-run", "--release"]).await;
    assert_eq!(
        (code, &report["state"], &report["dry_run"]),
        (Some(0), &json!("published"), &json!(true))
    );
    assert_eq!(school.generations().await, 1, "a rehearsal");
    let (code, report) = publish(&database.url, &["--release", "--by", "Els"]).await;
    assert_eq!((code, &report["state"]), (Some(0), &json!("published")));
    assert!(report.get("held").is_none());

    let output = oneroster(&database.url, &["tenant", "decisions", "zand", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let decided = crate::harness::decided(&report);
    let decision = &decided[0];
    assert_eq!(
        (&decision["decided_by"], &decision["decision"]),
        (&json!("Els"), &json!("release"))
    );
    assert_eq!(decided.len(), 1);
}

#[tokio::test]
async fn the_command_discards_a_hold() {
    let (school, database, held) = truncated().await;
    let (code, report) = publish(&database.url, &["--discard"]).await;
    assert_eq!((code, &report["state"]), (Some(0), &json!("unchanged")));
    assert_eq!(report["discarded"]["hold"], json!(held.held.unwrap().fingerprint));
    let (code, report) = publish(&database.url, &["--discard"]).await;
    assert_eq!((code, &report["discarded"]), (Some(0), &json!(null)));
    assert_eq!(school.generations().await, 1);
    let (by, decision, _) = &super::decisions(&school).await[0];
    assert!(
        by.starts_with("os:") && decision == "discard",
        "the account is on record"
    );
}

#[tokio::test]
async fn the_command_discards_what_it_is_told_by_name_and_nothing_else() {
    let (_school, database, publication) = truncated().await;
    let hold = publication.held.unwrap().fingerprint;
    let output = oneroster(
        &database.url,
        &["publish", "--tenant", "zand", "--discard=00000000"],
    )
    .await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for said in ["not set aside", &hold[..12]] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let named = format!("--discard={}", &hold[..12]);
    let output = oneroster(&database.url, &["publish", "--tenant", "zand"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(&named), "{text}");
    let (code, report) = publish(&database.url, &[&named]).await;
    assert_eq!((code, &report["discarded"]["hold"]), (Some(0), &json!(hold)));
}

#[tokio::test]
async fn contradicting_wishes_are_wrong_usage() {
    for wrong in [
        ["--release", "--discard"],
        ["--discard", "--dry-run"],
        ["--release=yes", "--dry-run"],
        // Nobody passes for the system.
        ["--release", "--by=system"],
        ["--discard=yes", "--json"],
    ] {
        let arguments = [["publish", "--tenant", "zand"].as_slice(), &wrong].concat();
        let output = oneroster("postgres://nowhere", &arguments).await;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}
