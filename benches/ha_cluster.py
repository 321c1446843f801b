"""Three machines with etcd, Patroni and Postgres, two with haproxy and `oneroster serve`, each a network namespace.

Used by failover.py. Needs root; every process and namespace is this module's own, and `stop` takes all of them away.
"""

import base64
import http.client
import json
import os
import pathlib
import secrets
import signal
import subprocess
import time
import urllib.request

from spine import ONEROSTER, ROOT

PREFIX = "orha"  # of namespaces and links
NETWORK = "10.213.77"
HOST = f"{NETWORK}.1"
DATABASES = {"db1": f"{NETWORK}.11", "db2": f"{NETWORK}.12", "db3": f"{NETWORK}.13"}
SERVERS = {"app1": f"{NETWORK}.21", "app2": f"{NETWORK}.22"}
SERVE_PORT, MONITORING_PORT = 8080, 9464
START_LIMIT_S = 120
AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def run(*command, check=True, **options):
    return subprocess.run([str(part) for part in command], check=check, capture_output=True, text=True, **options)


def until(holds, what, limit_s=START_LIMIT_S, pause_s=0.2):
    begin = time.monotonic()
    while time.monotonic() < begin + limit_s:
        if found := holds():
            return found
        time.sleep(pause_s)
    raise SystemExit(f"not within {limit_s} s: {what}")


class Network:
    """A bridge on this machine and a namespace at it for each of the others."""

    def __init__(self):
        if run("ip", "link", "show", f"{PREFIX}-br", check=False).returncode == 0:
            raise SystemExit(f"there is a bridge {PREFIX}-br already: another run, or what one left (`.ci/ha clean`)")
        try:
            self.make()
        except BaseException:
            self.remove()
            raise

    def make(self):
        run("ip", "link", "add", f"{PREFIX}-br", "type", "bridge")
        run("ip", "addr", "add", f"{HOST}/24", "dev", f"{PREFIX}-br")
        run("ip", "link", "set", f"{PREFIX}-br", "up")
        for name, address in (DATABASES | SERVERS).items():
            space, outside = f"{PREFIX}-{name}", f"{PREFIX}-{name}"
            run("ip", "netns", "add", space)
            run("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "link", "set", outside, "master", f"{PREFIX}-br", "up")
            self.within(name, "ip", "addr", "add", f"{address}/24", "dev", "eth0")
            self.within(name, "ip", "link", "set", "eth0", "up")
            self.within(name, "ip", "link", "set", "lo", "up")

    def within(self, name, *command):
        return run("ip", "netns", "exec", f"{PREFIX}-{name}", *command)

    def cut_off(self, name):
        """Whatever the machine sends is lost, and nothing reaches it; its own link stays up."""
        run("ip", "link", "set", f"{PREFIX}-{name}", "nomaster")

    def bring_back(self, name):
        run("ip", "link", "set", f"{PREFIX}-{name}", "master", f"{PREFIX}-br")

    def part(self, name, other, parted=True):
        """Nothing of Postgres passes between two machines; all else does."""
        for chain, side in (("INPUT", "-s"), ("OUTPUT", "-d")):
            for port in ("--sport", "--dport"):
                rule = [chain, side, DATABASES[other], "-p", "tcp", port, "5432", "-j", "DROP"]
                self.within(name, "iptables", "-A" if parted else "-D", *rule)

    @staticmethod
    def remove():
        for name in DATABASES | SERVERS:
            run("ip", "netns", "del", f"{PREFIX}-{name}", check=False)
            run("ip", "link", "del", f"{PREFIX}-{name}", check=False)
        run("ip", "link", "del", f"{PREFIX}-br", check=False)


class Cluster:
    """The machines and what runs on them."""

    def __init__(self, work):
        self.work, self.password = work, secrets.token_hex(8)
        self.binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.processes, self.clients = {}, {}
        key = work / "encryption-key"
        key.touch(mode=0o600)
        key.write_bytes(base64.b64encode(os.urandom(32)))
        self.network = Network()

    @staticmethod
    def databases():
        return list(DATABASES)

    @staticmethod
    def servers():
        return list(SERVERS)

    def template(self, file, name, address):
        text = (ROOT / "dist" / "ha" / file).read_text()
        values = {"NAME": name, "ADDRESS": address, "DATA": self.work / name, "BINARIES": self.binaries}
        values |= {"PASSWORD": self.password, "NETWORK": f"{NETWORK}.0/24"}
        values |= {database.upper(): place for database, place in DATABASES.items()}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        target = self.work / name / file
        target.write_text(text)
        return target

    def start(self, name, program, command, environment=None, postgres=True):
        log = (self.work / name / f"{program}.log").open("a")
        command = ["ip", "netns", "exec", f"{PREFIX}-{name}", *(AS_POSTGRES if postgres else []), *command]
        self.processes[name, program] = subprocess.Popen(
            [str(part) for part in command], stdout=log, stderr=log, env=os.environ | (environment or {}), cwd=self.work / name
        )

    def start_databases(self):
        for name, address in DATABASES.items():
            (self.work / name).mkdir()
            run("chown", "postgres", self.work / name)
            self.start(name, "etcd", ["etcd", "--config-file", self.template("etcd.yml", name, address)])
            self.template("patroni.yml", name, address)
        for name in DATABASES:
            self.start_patroni(name)
            # The first one makes the cluster.
            if name == "db1":
                until(lambda: self.primary() == "db1", "the first primary")
        self.settle()

    def start_patroni(self, name):
        self.start(name, "patroni", ["patroni", self.work / name / "patroni.yml"])

    def start_servers(self, tenant, bundle):
        """Starts haproxy everywhere, publishes a school group, and starts the servers."""
        for name in SERVERS:
            (self.work / name / "audit").mkdir(parents=True)
            self.start(name, "haproxy", ["haproxy", "-f", self.template("haproxy.cfg", name, SERVERS[name])], postgres=False)
        owner = {"ONEROSTER_DATABASE_OWNER_URL": self.url("oneroster")}
        until(lambda: self.oneroster("app1", "migrate", more=owner)[0] == 0, "the database through haproxy", limit_s=30)
        self.must("app1", "tenant", "apply", bundle / "tenant.toml")
        self.must("app1", "import", "--tenant", tenant, bundle)
        self.must("app1", "publish", "--tenant", tenant)
        for name in SERVERS:
            self.start_serve(name)
        for name in SERVERS:
            until(lambda: self.ready(name)[0] == 200, f"{name} is ready")

    def start_serve(self, name):
        own = {"ONEROSTER_LISTEN": f"{SERVERS[name]}:{SERVE_PORT}", "ONEROSTER_METRICS_LISTEN": f"{SERVERS[name]}:{MONITORING_PORT}"}
        # Both are one service, as behind a load balancer.
        own["ONEROSTER_PUBLIC_URL"] = "https://oneroster.example"
        self.start(name, "serve", [ONEROSTER, "serve"], self.environment(name) | own, postgres=False)

    def url(self, user):
        """The way through haproxy, or on a database machine its own Postgres."""
        return f"postgres://{user}:{self.password}@127.0.0.1:5432/oneroster"

    def environment(self, name, audit=None):
        """What a server or command on a machine needs. It signs in as the user that owns nothing."""
        key = str(self.work / "encryption-key")
        return {
            "DATABASE_URL": self.url("oneroster_serve"),
            "ONEROSTER_AUDIT_DIR": str(audit or self.work / name / "audit"),
            "ONEROSTER_ENCRYPTION_KEY_FILE": key,
        }

    def oneroster(self, name, *arguments, audit=None, more=None):
        """Runs a command on a machine, with more of an environment; returns its code, its report if it made one, and what it said."""
        command = ["ip", "netns", "exec", f"{PREFIX}-{name}", ONEROSTER, *arguments, "--json"]
        done = run(*command, check=False, env=os.environ | self.environment(name, audit) | (more or {}))
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr

    def must(self, name, *arguments):
        code, report, said = self.oneroster(name, *arguments)
        if code:
            raise SystemExit(f"oneroster {' '.join(map(str, arguments))}: {said}")
        return report

    def patroni(self, name, path, method="GET", body=None):
        request = urllib.request.Request(f"http://{DATABASES[name]}:8008{path}", method=method, data=body and json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except OSError as error:
            return getattr(error, "code", 0), {}
        except ValueError:
            return 200, {}

    def primary(self):
        return next((name for name in DATABASES if self.patroni(name, "/primary")[0] == 200), None)

    def synchronous(self):
        return next((name for name in DATABASES if self.patroni(name, "/sync")[0] == 200), None)

    def settle(self, members=3, synchronous=True):
        """Waits until there is a primary, and as many machines replicate as there should be."""

        def is_settled():
            primary = self.primary()
            if primary is None or (synchronous and self.synchronous() is None):
                return False
            found = self.patroni(primary, "/cluster")[1].get("members", [])
            up = [one for one in found if one["role"] == "leader" or one.get("lag") == 0 and one["state"] in ("running", "streaming")]
            return len(up) >= members

        until(is_settled, f"{members} members replicate", limit_s=180, pause_s=1)

    def psql(self, name, text, user="postgres", database="oneroster"):
        url = f"postgres://{user}:{self.password}@{DATABASES[name]}:5432/{database}"
        return run(self.binaries / "psql", url, "-v", "ON_ERROR_STOP=1", "-qAt", input=text).stdout.strip()

    def kill_postgres(self, name):
        """kill -9 of Postgres and of every process that it has."""
        file = self.work / name / "postgres" / "postmaster.pid"
        pid = int(file.read_text().split()[0])
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in [pid, *map(int, children)]:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_machine(self, name):
        """kill -9 of Patroni and Postgres; etcd stays, as on a machine of its own."""
        process = self.processes.pop((name, "patroni"))
        process.kill()
        process.wait()
        self.kill_postgres(name)

    def ask(self, name, method, path, body=None, headers=None, port=SERVE_PORT, timeout=60):
        connection = http.client.HTTPConnection(SERVERS[name], port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def token(self, name, client):
        basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        status, body, _ = self.ask(name, "POST", "/connect/token", "grant_type=client_credentials", headers)
        return status, json.loads(body) if status == 200 else {}

    def ready(self, name):
        try:
            status, body, _ = self.ask(name, "GET", "/readyz", port=MONITORING_PORT, timeout=10)
            return status, json.loads(body)
        except (OSError, http.client.HTTPException):
            return 0, {}

    def stop(self):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        # Postgres outlives Patroni; nothing else is in these namespaces.
        for name in DATABASES | SERVERS:
            for pid in run("ip", "netns", "pids", f"{PREFIX}-{name}", check=False).stdout.split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
        time.sleep(0.5)
        self.network.remove()
