"""Load over HTTPS, wall clock: phones (the command line, one process for each signature, passphrase and all) sign at once, each for a
wallet of its own and two for one together, among a thousand wallets, while a hundred connections ask what needs no protocol work.
One JSON line for each measure: signatures per second full and presigned, how long a command took, how long the others waited, the
daemon's memory. Phones and daemon share this machine: a server alone does more. Usage: bench_load.py BUILD [SECONDS]; without, the
environment's CSIG_BENCH_SECONDS, or 10 for each of the two."""
import json, os, re, shutil, sqlite3, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
from cli import LEVEL, ROOT, Daemon, Phone, call, cleanups, equal, run_as
from tls import Authority, Connection, context, free_port

SECONDS = float(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("CSIG_BENCH_SECONDS", "10"))
PHONES, STOCK, WALLETS, CONNECTIONS = 6, 16, 1000, 100
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
    """The daemon's resident memory, all the time."""

    def __init__(self, d):
        self.d, self.seen, self.over = d, [], threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.5):
            self.seen.append(metric(self.d, "memory_resident_octets") / 2**20)

    def stop(self):
        """The most of it in each quarter of the time, in MiB."""
        self.over.set()
        self.thread.join()
        n = len(self.seen)
        return [round(max(self.seen[i * n // 4:(i + 1) * n // 4]), 1) for i in range(4)]


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


def full(phones):
    took, start = [], time.perf_counter()

    def work(p):
        while time.perf_counter() - start < SECONDS:
            sign(p, took)

    at_once(phones, work)
    tell("signatures", per_second=round(len(took) / (time.perf_counter() - start), 2), clients=PHONES, **spread(took))


def presigned(phones):
    took, spent = [], 0.0

    def use(p):
        for _ in range(STOCK):
            sign(p, took, "--presigned")

    while spent < SECONDS:
        at_once(phones, lambda p: p.run("presign", p.wallet, "--count", str(STOCK)))
        start = time.perf_counter()
        at_once(phones, use)
        spent += time.perf_counter() - start
    tell("presigned signatures", per_second=round(len(took) / spent, 2), clients=PHONES, **spread(took))


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
    askers = Askers()
    memory, start = Memory(d), time.perf_counter()
    full(phones)
    presigned(phones)
    quarters, seconds = memory.stop(), time.perf_counter() - start
    tell("others, meanwhile", connections=CONNECTIONS, wallets=int(metric(d, "wallets")), **spread(askers.stop()))
    tell("a signing session at the server, mean", **{f"{m}_ms": round(1000 * of_mode(d, m), 1) for m in ("full", "presigned")})
    tell("resident memory by quarters of the time", seconds=round(seconds), mib=quarters)


try:
    main()
finally:
    for clean in reversed(cleanups):
        clean()
    shutil.rmtree(ROOT, ignore_errors=True)
