//! What `publish --touch` leaves behind, and what becomes of it when the database goes back.

use super::{folder, folder_path, ran, run_lines};
use crate::harness::backup::{back_up, restore};
use crate::harness::database;
use crate::harness::school::{CLASS, JAN, LOTTE, school};

#[tokio::test]
async fn who_sent_what_again_is_entered_and_after_a_restore_everything_is_sent_again() {
    let database = database().await;
    school(&database.pool, "t").await;
    run_lines(&database, &["publish --tenant t"]).await;
    let (backup, database) = back_up(&database).await;
    let ids = folder_path(&database).join("ids.txt");
    std::fs::write(
        &ids,
        format!("# missed on Monday\r\n{JAN}\r\nclasses/{CLASS}\r\n"),
    )
    .unwrap();
    let line = format!(
        "publish --tenant t --by Els --touch {LOTTE} --touch-file {}",
        ids.display()
    );
    let done = ran(&database, &line.split(' ').collect::<Vec<_>>()).await.done();
    assert_eq!(done["changed"], serde_json::json!({ "classes": 1, "users": 2 }));

    let entries = folder(&database).read("t").unwrap();
    let sent = entries.iter().find(|entry| entry.kind == "sent_again").unwrap();
    assert_eq!(sent.by, "Els");
    let objects = sent.after.as_ref().unwrap()["detail"]["objects"].clone();
    let expected = [
        format!("classes/{CLASS}"),
        format!("users/{JAN}"),
        format!("users/{LOTTE}"),
    ];
    assert_eq!(objects, serde_json::json!(expected));
    let decisions = ran(&database, &["tenant", "decisions", "t"]).await.done();
    assert!(decisions.to_string().contains("sent_again"), "{decisions}");

    let database = restore(&database, &backup).await;
    let report = ran(&database, &["recover"]).await.done();
    assert_eq!(report["tenants"][0]["redates"], true, "{report}");
    let refused = ran(&database, &["publish", "--tenant", "t", "--touch", JAN])
        .await
        .refused();
    assert!(refused.contains("oneroster publish"), "{refused}");
    let redated = ran(&database, &["publish", "--tenant", "t"]).await.done();
    assert_eq!(redated["changed"]["users"], 3, "with what was touched: {redated}");
    ran(&database, &["publish", "--tenant", "t", "--touch", JAN])
        .await
        .done();
}
