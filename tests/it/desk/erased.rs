//! An erasure on *Historiek*: that it was done, of which id, for operators; who it was, for nobody.

use crate::harness::desk::Site;
use crate::harness::school::school;
use crate::harness::{database, oneroster};

const GONE: &str = "00000000-0000-4000-8000-0000000000a1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_stands_in_the_history_without_a_name_and_for_operators_alone() {
    let database = database().await;
    school(&database.pool, "t").await.publish().await;
    sqlx::query(
        "insert into username.record (tenant_id, rowguid, local_part, sync, origin, p_persoon, given_name, family_name)
         values ('t', $1::uuid, 'wilhelmina.quackelbeen', true, 'generated', 900, 'wilhelmina', 'quackelbeen')",
    )
    .bind(GONE)
    .execute(&database.pool)
    .await
    .unwrap();
    let erased = oneroster(
        &database.url,
        &["person", "erase", "--tenant", "t", GONE, "--by", "Els"],
    )
    .await;
    assert!(erased.status.success(), "{erased:?}");
    let site = Site::start(&database.pool).await;
    let operator = site.signed_in(&site.operator("ops").await).await;
    let reader = site
        .account("mia", &[("t", "001507", Some(1), "iLeerlingen: Alles schrijven")])
        .await;
    let mia = site.signed_in(&reader).await;
    let page = async |browser| {
        let answer = site.get(browser, "/desk/t/historiek").await;
        String::from_utf8(answer.body).unwrap()
    };
    let told = page(&operator).await;
    assert!(
        told.contains(&format!("Alle gegevens van een persoon gewist: {GONE}")) && told.contains("Els"),
        "{told}"
    );
    assert!(!told.to_lowercase().contains("quackelbeen"), "{told}");
    let hidden = page(&mia).await;
    assert!(
        !hidden.contains(GONE) && !hidden.to_lowercase().contains("quackelbeen"),
        "{hidden}"
    );
}
