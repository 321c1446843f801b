//! A bundle that stops coming in the middle, over a socket: it is answered 408, and nothing of it is left.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::put::{PATH, archive, feeder};
use super::{school, version};
use crate::harness::{command, database};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// The files without a name in a folder that it has open.
    fn files_in(&self, folder: &Path) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.0.id())).unwrap();
        open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
            .filter(|path| path.starts_with(folder))
            .count()
    }
}

async fn until_ready(address: SocketAddr) {
    let asked = async {
        while reqwest::get(format!("http://{address}/healthz")).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asked)
        .await
        .expect("it serves");
}

#[tokio::test]
async fn a_bundle_of_which_nothing_comes_any_more_is_answered_408_and_leaves_nothing() {
    let database = database().await;
    let client = feeder(&database, "t").await;
    let place = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let server = Process(
        command(&database.url, &["serve"])
            .env("ONEROSTER_LISTEN", address.to_string())
            .env("TMPDIR", place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    until_ready(address).await;
    let http = reqwest::Client::new();
    let asked = http
        .post(format!("http://{address}/connect/token"))
        .basic_auth(&client.client_id, Some(&client.client_secret))
        .form(&[("grant_type", "client_credentials")]);
    let token: Value = asked.send().await.unwrap().json().await.unwrap();
    let token = token["access_token"].as_str().unwrap();

    let body = archive(&school());
    let head = format!(
        "PUT {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(&[head.as_bytes(), &body[..body.len() / 2]].concat())
        .await
        .unwrap();
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(server.files_in(place.path()), 1, "it is being received");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    let waited = begun.elapsed().as_secs();
    assert!(answer.starts_with("HTTP/1.1 408 "), "after {waited} s: {answer}");
    assert!((18..29).contains(&waited), "{waited} s");
    assert!(answer.contains("nothing of the body came for 20 s"), "{answer}");
    assert_eq!(server.files_in(place.path()), 0);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    assert_eq!(version(&database.pool, "t").await, 0);
    // Its place is free again.
    let again = http
        .put(format!("http://{address}{PATH}"))
        .bearer_auth(token)
        .body(body);
    assert_eq!(again.send().await.unwrap().status(), 200);
    assert_eq!(version(&database.pool, "t").await, 1);
}
