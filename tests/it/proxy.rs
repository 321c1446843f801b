//! The sample for nginx in `dist/nginx`, as it is shipped, in front of two servers: a full check through it, raw request lines, and a rolling
//! restart under pull.

mod old_name;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::certificate::certificate;
use crate::harness::{self, TestDatabase, database, oneroster};

const NGINX: &str = "/usr/sbin/nginx";

/// What stands around `dist/nginx/oneroster.conf` on Debian, as far as it matters, with everything it writes in one folder.
const AROUND: &str = "daemon off;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log warn;
events { worker_connections 256; }
http {
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/conf.d/*.conf;
}
";

/// A process that ends with its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already. nginx ends its workers when it is asked to, and leaves them when it is killed.
        let _ = kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

impl Process {
    /// Ends it as systemd does, and waits.
    async fn stop(mut self) {
        kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM).unwrap();
        let ended = tokio::task::spawn_blocking(move || self.0.wait().unwrap());
        assert!(ended.await.unwrap().success());
    }
}

/// Takes a port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Two servers on a generated school group, with nginx in front.
struct Site {
    database: TestDatabase,
    folder: TempDir,
    /// Where nginx serves with TLS, and, only in tests, without.
    secure: u16,
    plain: u16,
    ports: [u16; 2],
    servers: [Option<Process>; 2],
    _nginx: Process,
    client: (String, String),
}

impl Site {
    async fn new() -> Self {
        let database = database().await;
        let folder = TempDir::new().unwrap();
        let client = school_group(&database, folder.path()).await;
        let (secure, plain, redirecting) = (free_port(), free_port(), free_port());
        let ports = [free_port(), free_port()];
        certificate(folder.path());
        configure(folder.path(), [secure, plain, redirecting], ports);
        let mut nginx = Command::new(NGINX);
        nginx
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .arg("-e")
            .arg(folder.path().join("error.log"));
        if nix::unistd::geteuid().is_root() {
            // The folder is the test's own.
            nginx.args(["-g", "user root;"]);
        }
        let nginx = nginx.spawn();
        let nginx = nginx.unwrap_or_else(|error| panic!("{NGINX}: {error}: apt-get install nginx-light"));
        let mut site = Self {
            database,
            folder,
            secure,
            plain,
            ports,
            servers: [None, None],
            _nginx: Process(nginx),
            client,
        };
        for place in [0, 1] {
            site.start(place).await;
        }
        site
    }

    fn base_url(&self) -> String {
        format!("https://localhost:{}", self.secure)
    }

    /// Starts a server as the unit does, and waits until it is ready.
    async fn start(&mut self, place: usize) {
        let listen = format!("127.0.0.1:{}", self.ports[place]);
        let mut command = harness::command(&self.database.url, &["serve", "--listen", &listen]);
        command
            .env("ONEROSTER_PUBLIC_URL", self.base_url())
            .env("ONEROSTER_TRUSTED_PROXIES", "127.0.0.1")
            .env("ONEROSTER_LOG", "warn")
            .stdout(Stdio::null());
        self.servers[place] = Some(Process(command.spawn().unwrap()));
        for _ in 0..600 {
            let ask = ["healthcheck", "--ready", "--address", &listen];
            if oneroster(&self.database.url, &ask).await.status.success() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server on {listen} is not ready");
    }

    /// Restarts a server as `systemctl restart` does.
    async fn restart(&mut self, place: usize) {
        self.servers[place].take().unwrap().stop().await;
        self.start(place).await;
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.crt")
    }

    fn http(&self) -> reqwest::Client {
        let authority = std::fs::read(self.authority()).unwrap();
        let authority = reqwest::Certificate::from_pem(&authority).unwrap();
        reqwest::Client::builder()
            .add_root_certificate(authority)
            .build()
            .unwrap()
    }

    async fn token(&self, http: &reqwest::Client) -> String {
        token(http, &self.base_url(), &self.client).await
    }

    /// Sends a request line as it is, over the listener without TLS; returns the whole answer.
    async fn raw(&self, line: &str, token: &str) -> String {
        let mut socket = TcpStream::connect(("127.0.0.1", self.plain)).await.unwrap();
        let head = format!(
            "{line}\r\nHost: oneroster.example\r\nAuthorization: Bearer {token}\r\nX-Request-Id: raw-1\r\nConnection: close\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Makes, imports and publishes a school group; returns a client of it.
async fn school_group(database: &TestDatabase, folder: &Path) -> (String, String) {
    let bundle = folder.join("bundle").to_str().unwrap().to_owned();
    for arguments in [
        &["generate", &bundle, "--pupils", "60", "--seed", "5"][..],
        &["tenant", "apply", &format!("{bundle}/tenant.toml")],
        &["import", "--tenant", "demo", &bundle],
        &["publish", "--tenant", "demo"],
    ] {
        let output = oneroster(&database.url, arguments).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    let create = ["client", "create", "--tenant", "demo", "--name", "sds", "--json"];
    let output = oneroster(&database.url, &create).await;
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

/// Writes the sample's files with this test's ports, names and folders. Whatever is replaced must be there.
fn configure(folder: &Path, [secure, plain, redirecting]: [u16; 3], ports: [u16; 2]) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/nginx");
    let conf_d = folder.join("conf.d");
    std::fs::create_dir(&conf_d).unwrap();
    let place = folder.to_str().unwrap();
    let replaced = |file: &str, parts: &[(&str, String)]| {
        let mut text = std::fs::read_to_string(sample.join(file)).unwrap();
        for (part, with) in parts {
            assert!(text.contains(part), "{part} is not in {file}");
            text = text.replace(part, with);
        }
        text
    };
    let server = replaced(
        "oneroster.conf",
        &[
            ("listen 80;", format!("listen 127.0.0.1:{redirecting};")),
            ("    listen [::]:80;\n", String::new()),
            (
                "listen 443 ssl http2;",
                format!("listen 127.0.0.1:{secure} ssl http2;"),
            ),
            ("listen [::]:443 ssl http2;", format!("listen 127.0.0.1:{plain};")),
            ("/etc/nginx/tls", place.to_owned()),
            ("/var/log/nginx", place.to_owned()),
        ],
    );
    std::fs::write(conf_d.join("oneroster.conf"), server).unwrap();
    let upstream = replaced(
        "upstream.conf",
        &[
            ("127.0.0.1:8081", format!("127.0.0.1:{}", ports[0])),
            ("127.0.0.1:8082", format!("127.0.0.1:{}", ports[1])),
        ],
    );
    std::fs::write(conf_d.join("oneroster-upstream.conf"), upstream).unwrap();
    std::fs::write(folder.join("nginx.conf"), AROUND.replace("FOLDER", place)).unwrap();
}

async fn token(http: &reqwest::Client, base_url: &str, (client_id, secret): &(String, String)) -> String {
    let answer = http
        .post(format!("{base_url}/connect/token"))
        .basic_auth(client_id, Some(secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "no token");
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_full_check_passes_through_the_proxy_and_raw_request_lines_reach_the_server() {
    let site = Site::new().await;
    let base_url = site.base_url();
    let mut check = harness::program(&["check", "--full"]);
    check
        .args(["--base-url", &format!("{base_url}/ims/oneroster/v1p1")])
        .args(["--token-url", &format!("{base_url}/connect/token")])
        .args(["--client-id", &site.client.0, "--client-secret", &site.client.1])
        .env("SSL_CERT_FILE", site.authority());
    let checked = tokio::process::Command::from(check).output().await.unwrap();
    assert!(
        checked.status.success(),
        "{}{}",
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr)
    );

    let token = site.token(&site.http()).await;
    for query in [
        "users?limit=1&filter=status='active'",
        "users?limit=1&filter=dateLastModified>'2020-01-01'",
        "users?limit=1&filter=familyName<'\u{e9}'",
        "users?limit=1&filter=status=\"active\"",
        "/users?limit=1",
        "users/?limit=1",
    ] {
        let line = format!("GET /ims/oneroster/v1p1/{query} HTTP/1.1");
        let answer = site.raw(&line, &token).await;
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(head.contains("x-request-id: raw-1"), "{line}: {answer}");
        // A filter that the grammar has no room for is the server's to refuse, in its own words.
        let is_served = head.starts_with("http/1.1 200");
        assert!(is_served || answer.contains("imsx_codeMajor"), "{line}: {answer}");
        assert!(is_served || query.contains('"'), "{line}: {answer}");
    }
    let missing = site
        .raw("GET /ims/oneroster/v1p1/users/a%2Fb HTTP/1.1", &token)
        .await;
    assert!(
        missing.starts_with("HTTP/1.1 404") && missing.contains("imsx_codeMajor"),
        "{missing}"
    );
}

#[tokio::test]
async fn two_servers_are_restarted_one_after_the_other_under_pull_without_a_failed_page() {
    let mut site = Site::new().await;
    let (http, base_url, client) = (site.http(), site.base_url(), site.client.clone());
    let ended = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (http, base_url, client, ended) =
                (http.clone(), base_url.clone(), client.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                let mut pulls = 0_usize;
                while !ended.load(Ordering::Relaxed) {
                    pull(&http, &base_url, &client).await;
                    pulls += 1;
                }
                pulls
            })
        })
        .collect();
    for place in [0, 1] {
        tokio::time::sleep(Duration::from_millis(500)).await;
        site.restart(place).await;
    }
    ended.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0, "nothing was pulled meanwhile");
    }
}

/// Asks for a token and reads all users, five on a page: every page is answered, and nobody is missing.
async fn pull(http: &reqwest::Client, base_url: &str, client: &(String, String)) {
    let token = token(http, base_url, client).await;
    let mut read = 0;
    loop {
        let url = format!("{base_url}/ims/oneroster/v1p1/users?limit=5&offset={read}");
        let answer = http.get(&url).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        let total: usize = answer.headers()["x-total-count"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        let page: Value = answer.json().await.unwrap();
        read += page["users"].as_array().unwrap().len();
        if read >= total {
            assert!(total > 60, "{total} users");
            return;
        }
    }
}
