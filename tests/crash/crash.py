#!/usr/bin/env python3
"""Ends the daemon or the command line at every durable step of key generation, of signing with a
presignature and of full signing, by kill -9 or as by a power cut (what was not yet synced is gone), and at
random ones of the rest, then asks: does every listed wallet sign, do both sides list the same wallets, was any
presignature used twice? The library preload.c counts the steps and ends the process. Usage: crash.py BUILD [RANDOM [SEED]]"""
import concurrent.futures, http.client, json, mmap, os, random, shutil, signal, socket, sqlite3, struct, subprocess
import sys, tempfile, time

BUILD = os.path.abspath(sys.argv[1])
RANDOM_RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
DAEMON, CLI = f"{BUILD}/api/countersignd", f"{BUILD}/api/cli/countersign"
PRELOAD = f"{BUILD}/tests/csig_crash.so"
ROOT = "/dev/shm" if os.path.isdir("/dev/shm") else None
SPENT, DESTROYED = 4, 5  # api/store/schema
DIGESTS = [f"{i:064x}" for i in range(1, 9)]


class Broken(Exception):
    """An invariant does not hold."""


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("countersignd", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Steps:
    """The counter a process under test shares with us."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(16))
        self.path = path
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 16)

    def count(self):
        return struct.unpack("=Q", self.map[:8])[0]

    def kill_before(self, n):
        self.map[8:] = struct.pack("=Q", n)


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
            self.daemon = subprocess.Popen([DAEMON, "--state", state, "--socket", self.sock, "--key-file",
                                            f"{self.folder}/key"], stderr=log, env=env)
        for _ in range(1200):
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

    def get(self, path):
        c = Unix(self.sock)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return r.status, json.loads(r.read())
        finally:
            c.close()

    def phone(self, *args, tested=False, may_fail=False, at=0):
        env = None
        if tested:
            env = self.under_test("cli", f"{self.folder}/phone")
            self.steps["cli"].kill_before(at)
        r = subprocess.run([CLI, "--state", f"{self.folder}/phone", "--server", self.sock, "--passphrase-file",
                            f"{self.folder}/pass", "--json", *args], capture_output=True, text=True, env=env, timeout=300)
        if r.returncode != 0 and not may_fail:
            raise Broken(f"countersign {' '.join(args)}: exit {r.returncode}: {r.stderr.strip()}")
        return r

    def wallets(self):
        lines = self.phone("wallet", "list").stdout.split("\n")
        return {json.loads(line)["wallet"] for line in lines if line}

    def power_cut(self, who, state):
        """Replace a state folder by what was durable."""
        rebuild(state, f"{self.folder}/{who}.shadow")


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


def rebuild(state, shadow):
    """What the last fsync of each folder lists, with what the last fsync of each file held."""
    fresh = state + ".durable"

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
    shutil.rmtree(state)
    os.rename(fresh, state)


# --- what is done, and what must hold ---

def do_keygen(w, **how):
    return w.phone("wallet", "create", "--signers", "2", **how)


def do_presign(w, **how):
    return w.phone("presign", next(iter(w.known)), "--count", "2", **how)


def do_online(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[0], "--path", "m/7", "--presigned", **how)


def do_full(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[1], **how)


def do_server_mode(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[2], "--mode", "server", **how)


def do_refresh(w, **how):
    return w.phone("wallet", "refresh", next(iter(w.known)), **how)


SCENARIOS = {"keygen": do_keygen, "online": do_online, "full": do_full, "refresh": do_refresh, "presign": do_presign,
             "server-mode": do_server_mode}

# Key generation, the burning of a presignature, the two slots of a refresh and the stored replies of full signing: every
# step once, by kill -9 (False) and where a share or a half is at stake by a power cut (True); the others at random.
EVERY = {"keygen": (False, True), "online": (False, True), "refresh": (False, True), "full": (False,)}


def prepare(w, scenario):
    w.known = w.wallets() if scenario != "keygen" else set()
    if scenario == "online":
        w.phone("presign", next(iter(w.known)), "--count", "2")


def check(w, scenario, result):
    w.start()
    mine = w.wallets()
    server = {x["wallet"] for x in w.get("/v1/wallets")[1]["wallets"]}
    if mine != server:
        raise Broken(f"half-born: phone {sorted(mine)}, server {sorted(server)}")
    if not w.known <= mine:
        raise Broken("a wallet is gone")
    for wallet in mine:
        made = json.loads(w.phone("sign", wallet, "--digest", DIGESTS[3], "--path", "m/1").stdout)
        w.phone("verify", "--digest", DIGESTS[3], "--signature", made["compact"], "--public-key", made["public_key"])
    check_presignatures(w, result)


def check_presignatures(w, result):
    """Nothing outlives the daemon's process but what was spent; one signature for one presignature."""
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    rows = db.execute("SELECT lower(hex(id)), state, lower(hex(request)) FROM presignatures").fetchall()
    db.close()
    for name, state, _ in rows:
        if state not in (SPENT, DESTROYED):
            raise Broken(f"presignature {name} came back in state {state}")
    requests = [r for _, state, r in rows if state == SPENT]
    if len(requests) != len(set(requests)):
        raise Broken("one request has two presignatures")
    if result is not None and result.returncode == 0 and result.stdout.strip():
        told = json.loads(result.stdout)
        if "request" in told:
            status, request = w.get(f"/v1/requests/{told['request']}")
            if status == 200 and request.get("signature") and request["signature"]["compact"] != told["compact"]:
                raise Broken("two signatures for one request")
    wallet = next(iter(w.known), None)
    if wallet is not None:
        refused = w.phone("sign", wallet, "--digest", DIGESTS[4], "--presigned", may_fail=True)
        if refused.returncode == 0:
            raise Broken("a presignature was used that no process has")


def run_case(base, scenario, who, n, power):
    folder = tempfile.mkdtemp(prefix="c", dir=ROOT)
    w = World(folder, power)
    result = None
    try:
        shutil.copytree(base["keygen" if scenario == "keygen" else "wallet"], folder, dirs_exist_ok=True)
        w.start(tested=who == "daemon")
        prepare(w, scenario)
        if who == "daemon":
            first = w.steps["daemon"].count()
            if n:
                w.steps["daemon"].kill_before(first + n)
            result = SCENARIOS[scenario](w, may_fail=True)
            total = w.steps["daemon"].count() - first
        else:
            result = SCENARIOS[scenario](w, tested=True, may_fail=True, at=n)
            total = w.steps["cli"].count()
        if n == 0:
            if result.returncode != 0:
                raise Broken(f"{scenario} fails without any crash: {result.stderr}")
            w.stop()
            return total
        w.stop(signal.SIGKILL)
        if power:
            w.power_cut(who, f"{folder}/{'server' if who == 'daemon' else 'phone'}")
        check(w, scenario, result)
        w.stop()
        return None
    except (Broken, subprocess.TimeoutExpired, OSError, KeyError, ValueError) as e:
        raise Broken(f"{scenario}, {who} ended before step {n}{' by a power cut' if power else ''}: {e}; log: "
                     f"{tail(folder + '/log')}") from e
    finally:
        w.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def make_base(folder):
    """A server that is ready and a phone that has enrolled; and the same with one wallet."""
    a = f"{folder}/keygen"
    os.makedirs(a)
    with open(f"{a}/key", "wb", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(os.urandom(32))
    with open(f"{a}/pass", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write("correct horse\n")
    w = World(a)
    init = subprocess.Popen([CLI, "--state", f"{a}/phone", "--passphrase-file", f"{a}/pass", "--json", "--kdf-memory", "8",
                             "device", "init"], stdout=subprocess.DEVNULL)
    w.start()
    init.wait()
    w.phone("device", "enrol")
    w.stop()
    b = f"{folder}/wallet"
    shutil.copytree(a, b, ignore=shutil.ignore_patterns("sock"))
    v = World(b)
    v.start()
    v.phone("wallet", "create", "--signers", "2")
    v.stop()
    for x in (a, b):
        if os.path.exists(f"{x}/sock"):
            os.unlink(f"{x}/sock")
    return {"keygen": a, "wallet": b}


def main():
    folder = tempfile.mkdtemp(prefix="base", dir=ROOT)
    rng = random.Random(SEED)
    try:
        base = make_base(folder)
        cases, rest = [], []
        for scenario in SCENARIOS:
            for who in ("daemon", "cli"):
                steps = run_case(base, scenario, who, 0, False)
                print(f"{scenario}: {who} takes {steps} durable steps", flush=True)
                for n in range(1, steps + 1):
                    for power in (False, True):
                        taken = cases if power in EVERY.get(scenario, ()) else rest
                        taken.append((scenario, who, n, power))
        every = len(cases)
        cases += rng.sample(rest, min(RANDOM_RUNS, len(rest)))
        print(f"seed {SEED}; {every} crash points once, {len(cases) - every} of {len(rest)} others at random", flush=True)
        broken = []
        # Most of a case is waiting for time-outs: more cases than processors.
        with concurrent.futures.ThreadPoolExecutor(4 * (os.cpu_count() or 2)) as pool:
            jobs = [pool.submit(run_case, base, *c) for c in cases]
            for j in concurrent.futures.as_completed(jobs):
                if j.exception():
                    broken.append(str(j.exception()))
                    print(j.exception(), flush=True)
        print(f"{len(cases) - len(broken)} passed, {len(broken)} failed")
        return 1 if broken else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
