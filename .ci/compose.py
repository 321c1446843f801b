"""What .ci/compose runs inside its namespaces: the services of dist/compose.yaml as processes."""

import base64
import json
import os
import pathlib
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(sys.argv[1]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-compose-"))
NAME = "oneroster.example"
LIMIT_S = 30
# What the images set, as Dockerfile and the official images do; .ci/image's own test compares the first with the real one.
IMAGES = {
    "localhost/oneroster:production": {
        "entrypoint": ["/usr/bin/oneroster"],
        "environment": {"ONEROSTER_LISTEN": "0.0.0.0:8080", "ONEROSTER_AUDIT_DIR": "/var/lib/oneroster-audit"},
        "user": 10001,
    },
    "docker.io/library/postgres:15-bookworm": {"entrypoint": [str(ROOT / ".ci/standin/postgres.sh")], "environment": {}, "user": 0},
    "docker.io/library/nginx:1.28-bookworm": {
        "entrypoint": ["/usr/sbin/nginx", "-c", "/etc/nginx/compose.conf"], "environment": {}, "user": 0,
    },
}
# Of the official image's nginx.conf, what matters here.
NGINX = """daemon off; pid /run/nginx.pid; error_log /dev/stderr warn; user nobody nogroup;
events { worker_connections 512; }
http { client_body_temp_path /var/cache/nginx/body; proxy_temp_path /var/cache/nginx/proxy; fastcgi_temp_path /var/cache/nginx/fastcgi;
uwsgi_temp_path /var/cache/nginx/uwsgi; scgi_temp_path /var/cache/nginx/scgi; include /etc/nginx/conf.d/*.conf; }
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(str(part) for part in command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def until(holds, what):
    begin = time.monotonic()
    while time.monotonic() < begin + LIMIT_S:
        if found := holds():
            return found
        time.sleep(0.1)
    for log in sorted(WORK.glob("*.log"), key=lambda log: log.name != "proxy.log"):
        print(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)
    raise SystemExit(f"not within {LIMIT_S} s: {what}")


def prepare():
    """A copy of dist as an operator has it: secrets made by the script, a certificate, the name."""
    site = WORK / "dist"
    shutil.copytree(ROOT / "dist", site, ignore=shutil.ignore_patterns("import", "secrets", "tls"))
    run("sh", site / "compose/make-secrets.sh")
    tls = site / "tls"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=authority",
        "-keyout", WORK / "authority.key", "-out", WORK / "authority.crt")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={NAME}",
        "-keyout", tls / "oneroster.key", "-out", WORK / "leaf.csr")
    (WORK / "extensions").write_text(f"subjectAltName=DNS:{NAME}\nbasicConstraints=CA:FALSE\n")
    run("openssl", "x509", "-req", "-in", WORK / "leaf.csr", "-CA", WORK / "authority.crt", "-CAkey", WORK / "authority.key", "-CAcreateserial",
        "-days", "2", "-extfile", WORK / "extensions", "-out", tls / "oneroster.crt")
    return site


class Service:
    """One service of the file, as one process in its own root and, by its address, in its own network."""

    def __init__(self, name, declared, file, site):
        known = {"image", "command", "depends_on", "environment", "volumes", "secrets", "networks", "read_only", "tmpfs", "cap_drop", "security_opt",
                 "stop_grace_period", "restart", "ports", "healthcheck", "profiles"}
        if unknown := set(declared) - known:
            raise SystemExit(f"{name}: this test does not know what {unknown} mean")
        self.name, self.declared, self.file, self.site = name, declared, file, site
        self.image = IMAGES[declared["image"]]
        self.folder = WORK / "services" / name
        self.process = None
        self.network()

    def network(self):
        address = (self.declared["networks"]["inside"] or {}).get("ipv4_address") or "172.30.57.200"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.name[:12], "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", self.name[:12], "master", "inside", "up")
        for command in (["addr", "add", f"{address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
            run("ip", "-n", self.name, *command)

    def mounts(self):
        """Yields what is mounted where, and whether it may be written to."""
        for volume in self.declared.get("volumes", []):
            source, target, *mode = volume.split(":")
            if source.startswith("."):
                yield self.site / source, target, "ro" not in mode
            else:
                assert source in self.file["volumes"], source
                yield WORK / "volumes" / source, target, True
        for secret in self.declared.get("secrets", []):
            yield self.site / self.file["secrets"][secret]["file"], f"/run/secrets/{secret}", False

    def script(self):
        """Writes what makes the root and becomes the process."""
        top, root = self.folder, self.folder / "root"
        lines = ["set -e", f"mkdir -p {top} && mount -t tmpfs compose {top} && mkdir {top}/upper {top}/work {root}",
                 f"mount -t overlay -o lowerdir=/,upperdir={top}/upper,workdir={top}/work compose {root}",
                 f"mount --rbind /dev {root}/dev && mount -t proc proc {root}/proc && mount -t tmpfs -o mode=755 compose {root}/run",
                 f"mount --bind {ROOT} {root}{ROOT}", f"cp {BINARY} {root}/usr/bin/oneroster",
                 # The users of the images.
                 f"sed -i '/^postgres:/d' {root}/etc/passwd && echo postgres:x:999:999::/:/bin/sh >> {root}/etc/passwd",
                 f"sed -i '/^postgres:/d' {root}/etc/group && echo postgres:x:999: >> {root}/etc/group",
                 f"rm -rf {root}/etc/nginx/conf.d {root}/docker-entrypoint-initdb.d && mkdir -p {root}/etc/nginx/conf.d",
                 f"cp {WORK}/nginx.conf {root}/etc/nginx/compose.conf",
                 # As in nginx's image.
                 f"ln -sf /dev/stdout {root}/var/log/nginx/access.log && ln -sf /dev/stderr {root}/var/log/nginx/error.log"]
        for source, target, is_writable in self.mounts():
            lines.append(f"mkdir -p $(dirname {root}{target})")
            lines.append(f"[ -d {source} ] && mkdir -p {root}{target} || touch {root}{target}")
            lines.append(f"mount --bind {source} {root}{target}")
            if not is_writable:
                lines.append(f"mount -o remount,ro,bind {root}{target}")
        for target in self.declared.get("tmpfs", []):
            if target != "/run":  # that one is there, and has the secrets
                lines.append(f"mkdir -p {root}{target} && mount -t tmpfs -o mode=1777 compose {root}{target}")
        if self.declared.get("read_only"):
            lines.append(f"mount -o remount,ro {root}")
        environment = self.image["environment"] | {key: str(value) for key, value in self.declared.get("environment", {}).items()}
        become = ["setpriv", f"--reuid={self.image['user']}", f"--regid={self.image['user']}", "--clear-groups"]
        if "ALL" in self.declared.get("cap_drop", []):
            become += ["--bounding-set=-all", "--inh-caps=-all"]
        if "no-new-privileges:true" in self.declared.get("security_opt", []):
            become.append("--no-new-privs")
        command = [*become, *self.image["entrypoint"], *self.declared.get("command", [])]
        settings = [f"{key}={value}" for key, value in ({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | environment).items()]
        self.inside = ["chroot", str(root), "env", "-i", *settings, *become]
        lines.append("exec chroot " + shlex.join([str(root), "env", "-i", *settings, *command]))
        path = WORK / f"{self.name}.sh"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self):
        log = open(WORK / f"{self.name}.log", "a")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.name, "unshare", "--mount", "sh", str(self.script())], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self

    def inside_command(self, *command, **options):
        """Runs a command as `docker compose exec` does."""
        enter = ["nsenter", f"--target={self.process.pid}", "--mount", "--net", *self.inside, *command]
        return subprocess.run([str(part) for part in enter], capture_output=True, text=True, **options)

    def oneroster(self, *arguments, **options):
        done = self.inside_command("oneroster", *arguments, **options)
        if done.returncode:
            raise SystemExit(f"{self.name}: oneroster {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def is_healthy(self):
        return self.inside_command("oneroster", "healthcheck", "--ready").returncode == 0

    def kill(self):
        self.process.kill()
        self.process.wait()


def is_sealed(service):
    """Looks from inside: not root, no rights, nothing to write to but what is for that."""
    who = service.inside_command("sh", "-c", "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; "
                                 "touch /file /usr/bin/file /etc/file /run/file 2>&1; touch /tmp/file /var/lib/oneroster-audit/file && rm /var/lib/oneroster-audit/file")
    lines = who.stdout.split("\n")
    assert lines[0] == "10001", who
    assert "CapEff:\t0000000000000000" in lines and "CapBnd:\t0000000000000000" in lines and "NoNewPrivs:\t1" in lines, who
    # /run is a file system of its own here, as in Docker: only root writes to it.
    assert who.stdout.count("Read-only file system") + who.stdout.count("Permission denied") == 4, who
    assert who.returncode == 0, who


def ask(path):
    """Asks for a document by the proxy; nothing of it while nobody answers."""
    context = ssl.create_default_context(cafile=str(WORK / "authority.crt"))
    try:
        return json.load(urllib.request.urlopen(f"https://{NAME}{path}", context=context, timeout=10))
    except urllib.error.URLError:
        return {"status": None}


def check(client):
    environment = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(WORK / "authority.crt")}
    return run(BINARY, "check", "--full", "--base-url", f"https://{NAME}/ims/oneroster/v1p1", "--token-url", f"https://{NAME}/connect/token",
               "--client-id", client["client_id"], "--client-secret", client["client_secret"], env=environment)


class Reader(threading.Thread):
    """Asks for a token and reads all users by pages, over and over: each must be answered."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.stopped, self.pulls, self.fault = client, threading.Event(), 0, None
        self.start()

    def run(self):
        context = ssl.create_default_context(cafile=str(WORK / "authority.crt"))
        secret = base64.b64encode(f"{self.client['client_id']}:{self.client['client_secret']}".encode()).decode()
        try:
            while not self.stopped.is_set():
                asked = urllib.request.Request(f"https://{NAME}/connect/token", b"grant_type=client_credentials", {"Authorization": f"Basic {secret}"})
                token = json.load(urllib.request.urlopen(asked, context=context, timeout=30))["access_token"]
                read, total = 0, 1
                while read < total:
                    url = f"https://{NAME}/ims/oneroster/v1p1/users?limit=10&offset={read}"
                    answer = urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"}), context=context, timeout=30)
                    read, total = read + len(json.load(answer)["users"]), int(answer.headers["X-Total-Count"])
                self.pulls += 1
        except (OSError, ValueError) as error:
            self.fault = error

    def end(self):
        self.stopped.set()
        self.join()
        assert self.fault is None and self.pulls, (self.fault, self.pulls)
        return self.pulls


def feed(service, folder, archive):
    """Puts a bundle into the folder of a school group, which the service of the profile `import` loads and puts away."""
    folder.mkdir(parents=True)
    os.chown(folder, 10001, 10001)
    service.start()
    until(lambda: (folder / "working").is_dir(), "the folder is watched")
    is_sealed(service)
    shutil.copy(archive, folder / "night.part")
    os.chmod(folder / "night.part", 0o644)
    os.rename(folder / "night.part", folder / "night.zip")
    until(lambda: (folder / "done/night.zip.json").is_file() and (folder / "done/night.zip").is_file(), "the bundle is put away")
    assert json.loads((folder / "done/night.zip.json").read_text())["accepted"], (folder / "done/night.zip.json").read_text()
    service.process.terminate()
    assert service.process.wait() == 0
    print("compose: a bundle that came to the folder of the profile `import` was loaded and put away")


def main():
    begin = time.monotonic()
    site = prepare()
    (site / "import").mkdir(exist_ok=True)
    (WORK / "nginx.conf").write_text(NGINX)
    file = yaml.safe_load((site / "compose.yaml").read_text())
    for volume in file["volumes"]:
        (WORK / "volumes" / volume).mkdir(parents=True)
        # A named volume takes the owner of the folder in the image.
        os.chown(WORK / "volumes" / volume, *([999, 999] if volume == "database" else [10001, 10001]))
        os.chmod(WORK / "volumes" / volume, 0o700)
    os.chmod(WORK, 0o755)
    hosts = WORK / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{file['services']['proxy']['networks']['inside']['ipv4_address']} {NAME}\n")
    run("mount", "--bind", hosts, "/etc/hosts")
    run("mount", "-t", "tmpfs", "compose", "/run")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "inside", "type", "bridge")
    run("ip", "addr", "add", "172.30.57.1/24", "dev", "inside")
    run("ip", "link", "set", "inside", "up")
    services = {name: Service(name, declared, file, site) for name, declared in file["services"].items()}
    database, migrate, proxy = services["database"].start(), services["migrate"], services["proxy"]
    healthy = file["services"]["database"]["healthcheck"]["test"][1:]
    until(lambda: database.inside_command(*healthy, "--host=172.30.57.10").returncode == 0, "the database answers")
    assert migrate.start().process.wait() == 0, (WORK / "migrate.log").read_text()
    servers = [services[name].start() for name in ("serve-1", "serve-2")]
    for server in servers:
        until(server.is_healthy, f"{server.name} is ready")
        is_sealed(server)
    proxy.start()
    until(lambda: ask("/readyz")["status"] == "ok", "the proxy answers")
    print(f"compose: {len(services)} services run after {time.monotonic() - begin:.1f} s")

    first = servers[0]
    bundle = WORK / "bundle"
    run(BINARY, "generate", bundle, "--pupils", "100", "--seed", "1", env={"PATH": os.environ["PATH"]})
    archive = shutil.make_archive(str(WORK / "export"), "zip", bundle)
    first.oneroster("tenant", "apply", "-", input=(bundle / "tenant.toml").read_text())
    with open(archive, "rb") as stream:
        enter = ["nsenter", f"--target={first.process.pid}", "--mount", "--net", *first.inside, "oneroster", "import", "--tenant", "demo", "-"]
        done = subprocess.run(enter, stdin=stream, capture_output=True, text=True)
        assert done.returncode == 0, done
    first.oneroster("publish", "--tenant", "demo")
    client = json.loads(first.oneroster("client", "create", "--tenant", "demo", "--name", "sds", "--json"))
    print(f"compose: check --full by the proxy: {check(client).strip().splitlines()[-1]}")

    readers = [Reader(client) for _ in range(3)]
    for server in servers:
        time.sleep(0.5)
        server.process.terminate()
        assert server.process.wait() == 0
        server.start()
        until(server.is_healthy, f"{server.name} is ready again")
    pulls = sum(reader.end() for reader in readers)
    print(f"compose: both servers restarted one after the other, {pulls} pulls meanwhile without a failed page")

    feed(services["import"], site / "import/demo", archive)

    trail = (WORK / "volumes/audit-1/demo.jsonl").read_text().count("\n")
    before = first.oneroster("usernames", "list", "--tenant", "demo", "--json")
    for server in servers:
        server.kill()
        server.start()
        until(server.is_healthy, f"{server.name} is ready again")
    assert first.oneroster("usernames", "list", "--tenant", "demo", "--json") == before
    assert (WORK / "volumes/audit-1/demo.jsonl").read_text().count("\n") >= trail > 0
    check(client)
    assert ask("/.well-known/openid-configuration")["token_endpoint"].startswith(f"https://{NAME}/")
    print(f"compose: both servers were killed and made anew, and nothing is lost; {time.monotonic() - begin:.1f} s in all")


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
