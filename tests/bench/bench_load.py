"""Load over HTTPS, wall clock, the daemon's store on the disk: phones (the command line, one process for each signature, passphrase and
all) sign at once, each for a wallet of its own and two for one together, among a thousand wallets, while a hundred connections ask what
needs no protocol work. One JSON line for each measure: signatures per second full and presigned, how long a command took, how long the
others waited, questions that are signed by one, 16 and 100 at once, and the daemon's memory: resident from the start to the end, what a
minute adds once it is warm, and what sessions had and gave back. Phones and daemon share this machine: a server alone does more.
Usage: bench_load.py BUILD [SECONDS]; without, the environment's CSIG_BENCH_SECONDS, or 10 for each of the two."""
import ctypes, ctypes.util, json, os, re, shutil, sqlite3, statistics, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
from cli import LEVEL, ROOT, Daemon, Phone, call, cleanups, equal, run_as, wait_for
from signing import Key, signed
from tls import Authority, Connection, context, free_port

SECONDS = float(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("CSIG_BENCH_SECONDS", "10"))
PHONES, STOCK, WALLETS, CONNECTIONS = 6, 16, 1000, 100
# Where files go to the disk: the folders of tests may be memory.
DISK = tempfile.mkdtemp(prefix="csig-load-", dir="/var/tmp")
CA, PORT = Authority(), free_port()
LIMITS = [w for name in ("key", "wallet", "address") for w in (f"--{name}-limit", "1000000")]


def tell(name, **values):
    print(json.dumps({"name": f"load, {name}", **values, "level": LEVEL, "cores": os.cpu_count()}, separators=(",", ":")), flush=True)


def spread(took):
    took = sorted(took)
    at = lambda p: round(took[min(len(took) - 1, int(len(took) * p))] * 1000, 1)
    return {"n": len(took), "p50_ms": at(0.50), "p95_ms": at(0.95), "p99_ms": at(0.99)}


def metric(d, name):
    return float(re.search(rf"^countersign_{name} (\S+)$", call(d.sock, "GET", "/metrics")[2].decode(), re.M)[1])


def of_mode(d, mode):
    """From opening the session to the signature, in seconds."""
    total, count = (metric(d, rf'signing_seconds_{part}\{{mode="{mode}"\}}') for part in ("sum", "count"))
    return total / max(count, 1)


# --- the stage ---

def multiply_wallets(path):
    """As many more as make a thousand: rows that nobody signs with."""
    db = sqlite3.connect(path)
    columns = [c[1] for c in db.execute("PRAGMA table_info(wallets)")]
    some = db.execute(f"SELECT {', '.join(columns)} FROM wallets WHERE state = 2 LIMIT 1").fetchone()
    devices = db.execute("SELECT position, device FROM wallet_devices WHERE wallet = ?", (some[columns.index("id")],)).fetchall()
    for _ in range(WALLETS):
        row = dict(zip(columns, some), id=os.urandom(16))
        db.execute(f"INSERT INTO wallets ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [row[c] for c in columns])
        db.executemany("INSERT INTO wallet_devices (wallet, position, device) VALUES (?, ?, ?)", [(row["id"], *d) for d in devices])
    db.commit()
    db.close()


def stage():
    """Phones that have their own folder and one device; every second one shares its wallet with the one before."""
    d = Daemon(number=0)
    d.state = shutil.copytree(d.state, f"{DISK}/state")
    cert, key = CA.issue("server")
    listen = ("--listen", f"127.0.0.1:{PORT}", "--tls-cert", cert, "--tls-key", key, *LIMITS)
    d.start(*listen)
    first = Phone(f"https://localhost:{PORT}")
    first.init(aux=True)
    token = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", "--server", d.sock]).one()["token"]
    first.run("device", "enrol", "--ca", CA.root, "--token", token)
    phones = []
    for i in range(PHONES):
        if i % 2 == 0:
            first.wallet = first.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
        p = first.copy()
        p.wallet = first.wallet
        phones.append(p)
    d.stop()
    multiply_wallets(f"{d.state}/store.db")
    d.start(*listen)
    return d, phones


# --- the others: each keeps its connection ---

class Askers:
    def __init__(self):
        self.took, self.failed, self.over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(CONNECTIONS)]
        for t in self.threads:
            t.start()

    def ask(self):
        try:
            c = Connection(PORT, context(CA))
            while not self.over.wait(1):
                start = time.perf_counter()
                equal(c.ask("GET", "/readyz")[0], 200)
                self.took.append(time.perf_counter() - start)
            c.close()
        except Exception as e:
            self.failed.append(e)

    def stop(self):
        self.over.set()
        for t in self.threads:
            t.join()
        equal(self.failed, [])
        return self.took


class Memory:
    """The daemon's, all the time, in MiB: resident, and of it what sessions have locked."""

    def __init__(self, d):
        self.d, self.start, self.times, self.resident, self.sessions = d, time.perf_counter(), [], [], []
        self.look()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.keep_looking)
        self.thread.start()

    def look(self):
        self.times.append(time.perf_counter() - self.start)
        self.resident.append(metric(self.d, "memory_resident_octets") / 2**20)
        self.sessions.append(metric(self.d, "session_memory_octets") / 2**20)

    def keep_looking(self):
        while not self.over.wait(0.5):
            self.look()

    def stop(self):
        """It is warm after a fifth of the time; what a minute adds then is the slope of the line that fits best."""
        self.over.set()
        self.thread.join()
        r, n = self.resident, len(self.resident)
        warm = n // 5
        slope = statistics.linear_regression(self.times[warm:], r[warm:]).slope * 60
        tell("resident memory", seconds=round(self.times[-1]), start_mib=round(r[0], 1), warm_mib=round(statistics.median(r[warm:2 * warm]), 1),
             end_mib=round(statistics.median(r[-warm:]), 1), mib_per_minute=round(slope, 3),
             most_by_quarters_mib=[round(max(r[i * n // 4:(i + 1) * n // 4]), 1) for i in range(4)])
        wait_for(lambda: metric(self.d, "sessions_running") == 0)
        self.look()
        tell("memory of sessions", start_mib=round(self.sessions[0], 3), most_mib=round(max(self.sessions), 3), end_mib=round(self.sessions[-1], 3),
             presignatures_kept=int(metric(self.d, "presignatures_ready")))


# --- who asks, and signs what it asks: each question is remembered on the disk before it is answered ---

class Asker:
    """A key that signs by itself: a program for each question would be what is measured."""

    def __init__(self, d):
        key = Key()
        der = subprocess.run(["openssl", "pkey", "-in", f"{key.home}/key", "-outform", "DER"], check=True, capture_output=True).stdout
        self.key, self.secret = key, der[-32:] + key.public[-32:]
        self.sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
        run_as(["--json", "key", "add", key.pem, "--name", "asker", "--role", "read", "--all-wallets", "--per-minute", "1000000", "--server", d.sock])

    def sign(self, message):
        out = ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_detached(out, None, message, ctypes.c_ulonglong(len(message)), self.secret)
        return out.raw

    def head(self, path):
        return signed(self.key, f"https://localhost:{PORT}", "GET", path, signer=self)


def questions(d, path):
    """By so many connections at once, each with one at a time."""
    asker = Asker(d)
    for n in (1, 16, CONNECTIONS):
        took, end = [], time.perf_counter() + max(2, SECONDS / 5)

        def work(c):
            while time.perf_counter() < end:
                start = time.perf_counter()
                equal(c.ask("GET", path, None, asker.head(path))[0], 200)
                took.append(time.perf_counter() - start)
            c.close()

        start = time.perf_counter()
        at_once([Connection(PORT, context(CA)) for _ in range(n)], work)
        tell("signed questions", connections=n, per_second=round(len(took) / (time.perf_counter() - start), 1), **spread(took))


# --- the phones ---

def at_once(phones, work):
    failed = []

    def run(p):
        try:
            work(p)
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=run, args=(p,)) for p in phones]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(failed, [])


def sign(p, took, *how):
    start = time.perf_counter()
    p.run("sign", p.wallet, "--digest", os.urandom(31).hex() + "01", *how)
    took.append(time.perf_counter() - start)


class Measure:
    """Commands and the time they had, in several parts."""

    def __init__(self, name):
        self.name, self.took, self.spent = name, [], 0.0

    def part(self, phones, work):
        start = time.perf_counter()
        at_once(phones, work)
        self.spent += time.perf_counter() - start

    def tell(self):
        tell(self.name, per_second=round(len(self.took) / self.spent, 2), clients=PHONES, **spread(self.took))


def sign_all_the_time(phones):
    """Both kinds by turns, so that what they leave in memory is there from the first minutes on."""
    full, presigned = Measure("signatures"), Measure("presigned signatures")

    def make(p):
        while time.perf_counter() < end:
            sign(p, full.took)

    def use(p):
        for _ in range(STOCK):
            sign(p, presigned.took, "--presigned")

    while min(full.spent, presigned.spent) < SECONDS:
        if full.spent <= presigned.spent:
            end = time.perf_counter() + min(10, SECONDS)
            full.part(phones, make)
        else:
            at_once(phones, lambda p: p.run("presign", p.wallet, "--count", str(STOCK)))
            presigned.part(phones, use)
    full.tell()
    presigned.tell()


def nothing(phones):
    """What a command costs that asks the server one thing: what is not signing in the others."""
    took = []

    def work(p):
        for _ in range(5):
            start = time.perf_counter()
            p.run("wallet", "show", p.wallet)
            took.append(time.perf_counter() - start)

    at_once(phones, work)
    tell("a command that only asks", clients=PHONES, **spread(took))


def main():
    d, phones = stage()
    equal(metric(d, "wallets") >= WALLETS, True)
    nothing(phones)
    at_once(phones, lambda p: sign(p, []))
    questions(d, f"/v1/wallets/{phones[0].wallet}")
    askers, memory = Askers(), Memory(d)
    sign_all_the_time(phones)
    memory.stop()
    tell("others, meanwhile", connections=CONNECTIONS, wallets=int(metric(d, "wallets")), **spread(askers.stop()))
    tell("a signing session at the server, mean", **{f"{m}_ms": round(1000 * of_mode(d, m), 1) for m in ("full", "presigned")})


try:
    main()
finally:
    for clean in reversed(cleanups):
        clean()
    shutil.rmtree(ROOT, ignore_errors=True)
    shutil.rmtree(DISK, ignore_errors=True)
