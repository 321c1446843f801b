//! The files of the pages: their address has the version of them all.

use axum::http::StatusCode;

use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::school::school;

#[tokio::test]
async fn every_file_that_a_page_names_is_there_also_under_the_version_of_another_build() {
    let database = database().await;
    school(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let operator = site.operator("op").await;
    let here = site.signed_in(&operator).await;
    for path in [
        "/desk/zandpoort/gebruikersnamen",
        "/desk/handleiding",
        "/desk/zandpoort/nothing",
    ] {
        let page = site.page(&here, path).await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let files: Vec<&str> = text
            .split('"')
            .filter(|part| part.starts_with("/desk/assets/"))
            .collect();
        assert!(files.len() >= 2, "{path}: {text}");
        for file in files {
            let answer = site.get(&Browser::default(), file).await;
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            let (version, name) = file["/desk/assets/".len()..].split_once('/').unwrap();
            assert_eq!(version.len(), 16, "{file}");
            let of_another = format!("/desk/assets/0123456789abcdef/{name}");
            let answer = site.get(&Browser::default(), &of_another).await;
            assert_eq!(answer.status, StatusCode::OK, "{of_another}");
            assert_eq!(answer.header("cache-control"), "no-cache", "{of_another}");
        }
    }
    let answer = site
        .get(&Browser::default(), "/desk/assets/0123456789abcdef/nothing.js")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
