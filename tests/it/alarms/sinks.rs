//! Places that messages are sent to: a webhook and a mail server, which take them, refuse them, or leave them unanswered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(40);

/// What a webhook was sent.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    pub(super) id: String,
    pub(super) signature: String,
    pub(super) body: Vec<u8>,
    pub(super) json: Value,
}

#[derive(Default)]
struct Webhook {
    refuses: AtomicBool,
    holds: AtomicBool,
    retry_after: Mutex<Option<&'static str>>,
    tries: Mutex<Vec<String>>,
    taken: Mutex<Vec<Posted>>,
}

/// A webhook.
pub(super) struct WebhookSink {
    pub(super) url: String,
    state: Arc<Webhook>,
}

async fn wait_until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it did not come");
}

async fn taken(State(state): State<Arc<Webhook>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
            .to_owned()
    };
    let id = header("x-oneroster-id");
    state.tries.lock().unwrap().push(id.clone());
    if state.refuses.load(Ordering::SeqCst) {
        let retry_after = *state.retry_after.lock().unwrap();
        let retry_after = retry_after.map(|text| [("retry-after", text)]);
        return match retry_after {
            Some(header) => (StatusCode::SERVICE_UNAVAILABLE, header).into_response(),
            None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        };
    }
    state.taken.lock().unwrap().push(Posted {
        id,
        signature: header("x-oneroster-signature"),
        json: serde_json::from_slice(&body).unwrap(),
        body: body.to_vec(),
    });
    if state.holds.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    StatusCode::NO_CONTENT.into_response()
}

impl WebhookSink {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let state = Arc::<Webhook>::default();
        let router = Router::new()
            .route("/hook", post(taken))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { serve(listener, router).await });
        Self { url, state }
    }

    pub(super) fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Says to whom it refuses something when to come again.
    pub(super) fn retry_after(&self, text: &'static str) {
        *self.state.retry_after.lock().unwrap() = Some(text);
    }

    /// Takes what comes, and does not say so.
    pub(super) fn hold(&self, holds: bool) {
        self.state.holds.store(holds, Ordering::SeqCst);
    }

    /// The ids of all that was sent, refused or not.
    pub(super) fn tries(&self) -> Vec<String> {
        self.state.tries.lock().unwrap().clone()
    }

    /// Waits until so many were sent.
    pub(super) async fn wait_for(&self, tries: usize) {
        wait_until(|| self.tries().len() >= tries).await;
    }

    /// Waits until so many were taken, and returns them.
    pub(super) async fn taken(&self, least: usize) -> Vec<Posted> {
        wait_until(|| self.state.taken.lock().unwrap().len() >= least).await;
        self.state.taken.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, router: Router) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let io = hyper_util::rt::TokioIo::new(stream);
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(io, service)
                .await;
        });
    }
}

/// A mail server without encryption, on this machine. It does not know `gone@`, and asks whoever writes to `later@` to come back.
pub(super) struct MailSink {
    pub(super) url: String,
    taken: Arc<Mutex<Vec<String>>>,
}

impl MailSink {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let taken = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&taken);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(converse(stream, Arc::clone(&kept)));
            }
        });
        Self { url, taken }
    }

    /// Waits until so many were taken, and returns them.
    pub(super) async fn taken(&self, least: usize) -> Vec<String> {
        wait_until(|| self.taken.lock().unwrap().len() >= least).await;
        self.taken.lock().unwrap().clone()
    }
}

async fn converse(stream: TcpStream, kept: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 sink\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let answer: &[u8] = match line.get(..4)?.to_ascii_uppercase().as_str() {
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    // As it is written: long lines and other letters are encoded.
                    mail.push_str(line.strip_suffix('=').unwrap_or(&line));
                    if !line.ends_with('=') {
                        mail.push('\n');
                    }
                }
                kept.lock().unwrap().push(mail);
                b"250 taken\r\n"
            }
            "RCPT" if line.contains("gone@") => b"550 5.1.1 nobody is called so\r\n",
            "RCPT" if line.contains("later@") => b"450 4.2.1 come back later\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 fine\r\n",
        };
        writer.write_all(answer).await.ok()?;
    }
    Some(())
}
