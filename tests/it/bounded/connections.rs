//! Connections that do nothing take the place of nobody.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{raw, read_answer};
use crate::harness::database;
use crate::harness::running::{self, Running};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

async fn start(connections: u32, per_address: u32) -> Running {
    let test = database().await;
    let mut settings = running::settings(&test.url);
    settings.server.connections = connections;
    settings.server.connections_per_address = per_address;
    Running::start(&settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_more_silent_connections_than_there_may_be_everybody_is_served() {
    for (connections, per_address) in [(32, 1000), (1000, 32)] {
        let server = start(connections, per_address).await;
        let mut silent = Vec::new();
        for round in 0..100 {
            let mut socket = TcpStream::connect(server.address).await.unwrap();
            if round % 2 == 0 {
                socket.write_all(b"GET / HTTP/1.1\r\nX-").await.unwrap();
            }
            silent.push(socket);
            if round % 10 == 9 {
                let answer = raw(server.address, HEALTH).await.unwrap();
                assert_eq!(answer.status(), "200", "beside {round} silent connections");
            }
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_answered_408_and_a_connection_that_says_nothing_is_closed() {
    let server = start(1000, 1000).await;
    let silent = tokio::spawn({
        let address = server.address;
        async move {
            let mut socket = TcpStream::connect(address).await.unwrap();
            read_answer(&mut socket).await
        }
    });
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let dribble = async {
        socket.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        let mut written = 0;
        // A byte now and then does not extend the time.
        while written < 600 && socket.write_all(b"X").await.is_ok() {
            written += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Ok(answer) = tokio::time::timeout(Duration::from_millis(1), socket.readable()).await {
                answer.unwrap();
                return read_answer(&mut socket).await;
            }
        }
        panic!("the head was waited for without end");
    };
    let answer = dribble.await.unwrap();
    assert_eq!(answer.status(), "408", "{answer:?}");
    let description = answer.json()["Description"].as_str().unwrap().to_owned();
    assert!(description.contains("within 10 s"), "{description}");
    assert!(silent.await.unwrap().is_none());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_between_requests() {
    let server = start(1000, 1000).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..3 {
        socket.write_all(HEALTH).await.unwrap();
        assert_eq!(read_answer(&mut socket).await.unwrap().status(), "200");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    server.stop().await;
}
