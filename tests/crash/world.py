"""What the crash points share: a server and a phone in one folder, the steps that are counted, and what a power cut leaves."""
import http.client, json, mmap, os, shutil, signal, socket, sqlite3, struct, subprocess, sys, time

BUILD = os.path.abspath(sys.argv[1])
DAEMON, CLI = f"{BUILD}/api/countersignd", f"{BUILD}/api/cli/countersign"
PRELOAD = f"{BUILD}/tests/csig_crash.so"
ROOT = "/dev/shm" if os.path.isdir("/dev/shm") else None
SPENT, DESTROYED = 4, 5  # api/store/schema
STATES = {"daemon": "server", "cli": "phone"}
DIGESTS = [f"{i:064x}" for i in range(1, 9)]


class Broken(Exception):
    """An invariant does not hold."""


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("countersignd", timeout=300)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Steps:
    """The counter a process under test shares with us."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(32))
        self.path = path
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 32)

    def number(self, i):
        return struct.unpack("=Q", self.map[8 * i:8 * i + 8])[0]

    def set(self, i, n):
        self.map[8 * i:8 * i + 8] = struct.pack("=Q", n)

    def count(self):
        return self.number(0)

    def kill_before(self, n):
        self.set(1, n)

    def writes(self):
        return self.number(2)

    def full_from(self, n):
        """The disk has no room from the n-th write on; 0: it has."""
        self.set(3, n)


class World:
    """A server and a phone in one folder."""

    def __init__(self, folder, power=False):
        self.folder, self.power, self.daemon = folder, power, None
        self.sock = f"{folder}/sock"
        self.steps = {}

    def under_test(self, who, state):
        """Environment of a process whose steps count."""
        self.steps[who] = Steps(f"{self.folder}/{who}.steps")
        env = dict(os.environ, LD_PRELOAD=PRELOAD, CRASH_DIR=state, CRASH_COUNT=self.steps[who].path)
        if self.power:
            shadow = f"{self.folder}/{who}.shadow"
            os.makedirs(f"{shadow}/c")
            os.makedirs(f"{shadow}/d")
            env["CRASH_SHADOW"] = shadow
            keep_all(state, shadow)
        return env

    def start(self, tested=False):
        state = f"{self.folder}/server"
        env = self.under_test("daemon", state) if tested else None
        if os.path.exists(self.sock):
            os.unlink(self.sock)
        with open(f"{self.folder}/log", "ab") as log:
            self.daemon = subprocess.Popen([DAEMON, "--development", "--state", state, "--socket", self.sock, "--key-file",
                                            f"{self.folder}/key"], stderr=log, env=env)
        for _ in range(12000):
            if self.daemon.poll() is not None:
                raise Broken(f"the daemon does not start: {tail(self.folder + '/log')}")
            try:
                if self.get("/healthz")[1].get("state") == "ready":
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Broken("the daemon does not get ready")

    def stop(self, how=signal.SIGTERM):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(how)
        if self.daemon:
            self.daemon.wait()
        self.daemon = None

    def octets(self, path):
        c = Unix(self.sock)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def get(self, path):
        status, body = self.octets(path)
        return status, json.loads(body)

    def check_events(self):
        """What happened is told of, once and in order, and nothing else is."""
        db = sqlite3.connect(f"file:{self.folder}/server/store.db?mode=ro", uri=True)
        events = db.execute("SELECT number, kind, wallet, request, epoch FROM events ORDER BY number").fetchall()
        told = dict(db.execute("SELECT state, kind FROM request_events"))
        requests = dict(db.execute("SELECT id, state FROM requests"))
        wallets = dict(db.execute("SELECT id, epoch FROM wallets WHERE state = 2 AND rehearsal = 0"))
        db.close()
        if [e[0] for e in events] != list(range(1, len(events) + 1)):
            raise Broken("events have a gap")
        for id, state in requests.items():
            kinds = [e[1] for e in events if e[3] == id]
            if kinds[:1] != ["request.created"] or len(kinds) != len(set(kinds)) or kinds[-1] != (told[state] or "request.approved"):
                raise Broken(f"a request in state {state} is told of as {kinds}")
        if {e[3] for e in events if e[3]} != set(requests):
            raise Broken("a request is told of that is not there")
        for kind, expected in (("wallet.born", [(w, 0) for w in wallets]),
                               ("epoch.committed", [(w, n) for w, epoch in wallets.items() for n in range(1, epoch + 1)])):
            found = [(e[2], e[4]) for e in events if e[1] == kind]
            if sorted(found) != sorted(expected):
                raise Broken(f"{kind} is told of {len(found)} times, not {len(expected)}")
        self.check_audit()

    def check_audit(self):
        """The audit log is whole, and has an entry of each change that is there, and of no other."""
        path = f"{self.folder}/audit"
        if os.path.exists(path):
            os.remove(path)
        for args in (("export", "--out", path), ("verify", path)):
            self.phone("audit", *args)
        with open(path) as f:
            entries = [json.loads(line)["entry"] for line in f]
        db = sqlite3.connect(f"file:{self.folder}/server/store.db?mode=ro", uri=True)
        rows = lambda query: sorted(x.hex() for x, in db.execute(query))
        told = lambda *kinds, of="request": sorted(e[of] for e in entries if e["kind"] in kinds)
        if set(told("request.released")) != set(rows("SELECT DISTINCT request FROM request_inputs WHERE released != 0")):
            raise Broken("request.released: the audit log and the store differ")
        for kind, where in (("request.created", "1"), ("request.signed", "state = 3")):
            if told(kind) != rows(f"SELECT id FROM requests WHERE {where}"):
                raise Broken(f"{kind}: the audit log and the store differ")
        if told("wallet.born", of="wallet") != rows("SELECT id FROM wallets WHERE state = 2"):
            raise Broken("wallet.born: the audit log and the store differ")
        epochs = sorted(w.hex() for w, n in db.execute("SELECT id, epoch FROM wallets WHERE state = 2") for _ in range(n))
        if told("wallet.refreshed", "wallet.reshared", of="wallet") != epochs:
            raise Broken("wallet.refreshed: the audit log and the store differ")
        db.close()

    def command(self, *args):
        return [CLI, "--state", f"{self.folder}/phone", "--server", self.sock, "--passphrase-file", f"{self.folder}/pass",
                "--json", *args]

    def phone(self, *args, tested=False, may_fail=False, at=0, full=0):
        env = None
        if tested:
            env = self.under_test("cli", f"{self.folder}/phone")
            self.steps["cli"].kill_before(at)
            self.steps["cli"].full_from(full)
        r = subprocess.run(self.command(*args), capture_output=True, text=True, env=env, timeout=900)
        if r.returncode != 0 and not may_fail:
            raise Broken(f"countersign {' '.join(args)}: exit {r.returncode}: {r.stderr.strip()}")
        return r

    def wallets(self):
        lines = self.phone("wallet", "list").stdout.split("\n")
        return {json.loads(line)["wallet"] for line in lines if line}

    def power_cut(self, who, origin=None):
        """Replace a state folder, which may be a copy of its origin, by what was durable."""
        name = STATES[who]
        rebuild(f"{origin or self.folder}/{name}", f"{self.folder}/{who}.shadow", f"{self.folder}/{name}")


def tail(path):
    with open(path, errors="replace") as f:
        return f.read()[-400:]


def keep_all(state, shadow):
    """Everything that is there before the process starts is durable."""
    for path, folders, names in os.walk(state):
        with open(f"{shadow}/d/{path.replace('/', '%')}", "w") as f:
            for name in folders:
                f.write(f"d 0 {name}\n")
            for name in names:
                inode = os.stat(f"{path}/{name}").st_ino
                shutil.copyfile(f"{path}/{name}", f"{shadow}/c/{inode}")
                f.write(f"f {inode} {name}\n")


def rebuild(state, shadow, into):
    """What the last fsync of each folder lists, with what the last fsync of each file held."""
    fresh = into + ".durable"

    def build(real, to):
        os.makedirs(to, mode=0o700)
        listing = f"{shadow}/d/{real.replace('/', '%')}"
        if not os.path.exists(listing):
            return  # a new folder that was never synced is empty
        with open(listing) as f:
            entries = [line.split(" ", 2) for line in f.read().split("\n") if line]
        for kind, inode, name in entries:
            if kind == "d":
                build(f"{real}/{name}", f"{to}/{name}")
            elif os.path.exists(f"{shadow}/c/{inode}"):
                shutil.copyfile(f"{shadow}/c/{inode}", f"{to}/{name}")
                os.chmod(f"{to}/{name}", 0o600)
            else:
                open(f"{to}/{name}", "w").close()  # its content never reached the disk

    build(state, fresh)
    shutil.rmtree(into)
    os.rename(fresh, into)
