//! The good way against `oidc-provider`, a certified provider that shares nothing with us. Fails where there is no node, or where the package
//! cannot be had.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use super::browser::Browser;
use super::{SESSION_COOKIE, is_signed_in, openid, serve};

/// How long node and npm are waited for.
const WAIT: Duration = Duration::from_mins(2);

/// The provider; it ends with this.
struct Node {
    _child: Child,
    _stdin: ChildStdin,
    issuer: String,
}

/// Installs the package where it is not installed yet. `None` when that cannot be done.
async fn installed() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    let lock = std::fs::read(source.join("package-lock.json")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    std::fs::create_dir_all(&folder).unwrap();
    let stamp = folder.join("installed");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        std::fs::copy(source.join("provider.mjs"), folder.join("provider.mjs")).unwrap();
        return Some(folder);
    }
    for file in ["package.json", "package-lock.json", "provider.mjs"] {
        std::fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(WAIT, command.output()).await;
    let Ok(Ok(output)) = ended else { return None };
    if !output.status.success() {
        return None;
    }
    std::fs::write(stamp, lock).unwrap();
    Some(folder)
}

impl Node {
    /// Starts the provider for a program that people are sent back to at this address.
    async fn start(redirect_uri: &str) -> Option<Self> {
        let folder = installed().await?;
        let mut child = Command::new("node")
            .args(["provider.mjs", redirect_uri])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        let stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = tokio::time::timeout(WAIT, lines.next_line())
            .await
            .expect("the provider says where it listens")
            .unwrap()?;
        Some(Self {
            _child: child,
            _stdin: stdin,
            issuer,
        })
    }
}

#[tokio::test]
async fn a_provider_of_somebody_else_signs_people_in() {
    // The provider knows the address that it sends people back to beforehand.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    let node = Node::start(&format!("http://{address}/desk/openid/callback")).await;
    let node = node.expect(
        "Node.js and npm are installed (apt-get install nodejs npm), and npm can fetch oidc-provider once",
    );
    drop(free);
    let issuer = node.issuer.clone();
    let (server, database) = serve(|settings| {
        settings.server.listen = address;
        settings.desk.openid = openid(issuer);
    })
    .await;
    let mut browser = Browser::new();
    let start = format!(
        "{}/desk/openid?next=%2Fdesk%2Fzandpoort%2Foverzicht",
        server.base_url
    );
    let wanted = format!("{}/desk/zandpoort/overzicht", server.base_url);
    let (_, page) = browser.follow(&start, |to| to != wanted).await;
    assert!(is_signed_in(&page), "{SESSION_COOKIE}: {page:?}");
    let subject: String = sqlx::query_scalar("select subject from desk.account where issuer = $1")
        .bind(&node.issuer)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(subject, "account-of-jan");
}
