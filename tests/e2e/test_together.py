"""Nobody waits for somebody else's protocol work: what stands still in the middle of a round, for as long as the test wants, is in
nobody's way. Over TLS, among a thousand wallets; what comes before what counts, not how long it takes."""
import contextlib, json, mmap, os, socket, sqlite3, ssl, struct, subprocess, threading

from cli import BUILD, CLI, OK, Daemon, Phone, Skipped, Unix, cleanups, equal, folder, main, run_as, test, wait_for, write
from signing import Key, signed
from tls import Authority, Connection, context, free_port

WORKERS, WALLETS, HANGING, ASKING = 2, 1000, 50, 50
# Who is in the way stays there for ever: only a machine that has other things to do takes long.
PATIENCE = 60
CA, PORT = Authority(), free_port()
TLS, BASE = context(CA), f"https://localhost:{PORT}"
JSON = {"Content-Type": "application/json"}


class Hold:
    """Threads that stand still in the middle of their work."""

    def __init__(self):
        self.path = write(f"{folder('hold')}/hold", bytes(12))
        with open(self.path, "r+b") as f:
            self.shared = mmap.mmap(f.fileno(), 12)

    def put(self, at, value):
        struct.pack_into("=I", self.shared, 4 * at, value)

    def held(self):
        return struct.unpack_from("=I", self.shared, 4)[0]

    def next(self, n):
        """So many stand still from the moment that they come there."""
        self.put(2, 0)
        self.put(0, n)

    def are(self, n):
        wait_for(lambda: self.held() == n, PATIENCE)

    def go(self):
        self.put(0, 0)
        self.put(2, 1)
        self.are(0)


# --- the stage ---

def multiply(path):
    """As many wallets more as make a thousand: rows that nobody signs with."""
    db = sqlite3.connect(path)
    names = [c[1] for c in db.execute("PRAGMA table_info(wallets)")]
    row = dict(zip(names, db.execute(f"SELECT {', '.join(names)} FROM wallets WHERE state = 2").fetchone()))
    device = db.execute("SELECT device FROM wallet_devices").fetchone()[0]
    ids = [os.urandom(16) for _ in range(WALLETS - 1)]
    db.executemany(f"INSERT INTO wallets ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                   [[row[n] if n != "id" else i for n in names] for i in ids])
    db.executemany("INSERT INTO wallet_devices (wallet, position, device) VALUES (?, 0, ?)", [(i, device) for i in ids])
    db.commit()
    db.close()


def preloaded():
    preload = f"{BUILD}/tests/csig_hold.so"
    env = {**os.environ, "LD_PRELOAD": preload, "HOLD": HOLD.path}
    if subprocess.run([CLI, "--version"], capture_output=True, env=env).returncode != 0:
        raise Skipped("nothing is preloaded into these programs")
    return env


def stage():
    cert, key = CA.issue("server")
    listen = ("--listen", f"127.0.0.1:{PORT}", "--tls-cert", cert, "--tls-key", key, "--address-limit", "1000000")
    d.start(*listen)
    phone = Phone(BASE)
    phone.init(aux=True)
    token = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", "--server", d.sock]).one()["token"]
    phone.run("device", "enrol", "--ca", CA.root, "--token", token)
    phone.wallet = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    d.stop()
    multiply(f"{d.state}/store.db")
    d.start(*listen, "--workers", str(WORKERS), env=preloaded())
    reader = Key()
    equal(run_as(["--json", "key", "add", reader.pem, "--name", "reader", "--role", "read", "--all-wallets", "--server", d.sock]).code, OK)
    return phone, reader


HOLD, d = Hold(), Daemon(number=0)
PHONE, READER = stage()
WALLET = f"/v1/wallets/{PHONE.wallet}"


# --- who is there ---

class Signing:
    """A phone of its own that signs: one session, from its opening to its signature."""

    def __init__(self):
        self.process = PHONE.copy().start("sign", PHONE.wallet, "--digest", os.urandom(31).hex() + "01")
        cleanups.append(self.process.kill)

    def ends(self):
        out, err = self.process.communicate(timeout=PATIENCE)
        if self.process.returncode != OK:
            raise AssertionError(err)
        return json.loads(out)["compact"]


@contextlib.contextmanager
def at_work(n):
    """So many sessions that stand still in a round, each with a worker; in the end they have gone on and signed."""
    HOLD.next(n)
    sessions = [Signing() for _ in range(n)]
    try:
        HOLD.are(n)
        yield sessions
        equal((HOLD.held(), [s.process.poll() for s in sessions]), (n, n * [None]))
    finally:
        HOLD.go()
    equal(len({s.ends() for s in sessions}), n)


def line():
    """A connection of its own."""
    c = Connection(PORT, TLS)
    c.sock = TLS.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE), server_hostname="localhost")
    return c


def asked(method, path, body=None, **headers):
    """Of the operator: status, and what was said."""
    c = Unix(d.sock)
    c.timeout = PATIENCE
    c.connect()
    c.sock.settimeout(PATIENCE)
    c.request(method, path, None if body is None else json.dumps(body), headers if body is None else {**headers, **JSON})
    r = c.getresponse()
    text = r.read()
    c.close()
    return r.status, json.loads(text) if r.getheader("Content-Type") == "application/json" else text


def make_request():
    status, made = asked("POST", f"{WALLET}/requests", {"payload": {"type": "digest", "digest": os.urandom(32).hex()}, "path": "m"})
    equal(status, 201)
    return made["request"]


def open_session():
    status, opened = asked("POST", f"/v1/requests/{make_request()}/sessions", {"signers": [1, 2], "nonces": [os.urandom(32).hex()]})
    equal(status, 201)
    return opened["session"]


def pending():
    """Jobs of protocols, running or waiting for a worker."""
    text = asked("GET", "/metrics")[1].decode()
    return int(text.split("\ncountersign_jobs_pending ")[1].split("\n")[0])


def fleet():
    """Wallets in all pages of the list."""
    page = asked("GET", "/v1/wallets")[1]
    count = len(page["wallets"])
    while "next" in page:
        page = asked("GET", f"/v1/wallets?after={page['next']}")[1]
        count += len(page["wallets"])
    return count


def questions_are_answered():
    c = line()
    for path in ("/healthz", "/readyz"):
        equal(c.ask(path=path)[0], 200)
    for path in (WALLET, f"{WALLET}/requests", f"/v1/requests/{asked('GET', f'{WALLET}/requests')[1]['requests'][0]['request']}"):
        equal(c.ask(path=path, headers=signed(READER, BASE, "GET", path))[0], 200)
    c.close()
    equal(fleet(), WALLETS)


# --- what is shown ---

@test
def sessions_of_one_wallet_do_not_wait_for_each_other():
    with at_work(1):
        questions_are_answered()
        # Another one of the same wallet, as a whole, and so many more as the wallet may have.
        Signing().ends()
        opened = [open_session() for _ in range(15)]
        equal(asked("GET", f"/v1/sessions/{opened[-1]}")[1]["state"], "running")
        for s in opened:
            equal(asked("DELETE", f"/v1/sessions/{s}")[0], 204)


@test
def with_every_worker_at_work_all_but_protocols_goes_on():
    heard = []
    with at_work(WORKERS):
        third = Signing()
        wait_for(lambda: pending() == WORKERS + 1, PATIENCE)
        questions_are_answered()
        last = 0
        while (events := asked("GET", f"/v1/events/{last}")[1])["events"]:
            last = events["last"]
        waits = threading.Thread(target=lambda: heard.append(asked("GET", f"/v1/events/{last}", Prefer="wait=60")))
        waits.start()
        wait_for(lambda: asked("GET", "/healthz")[1]["waiting"] == 1, PATIENCE)
        request = make_request()
        waits.join(PATIENCE)
        equal((heard[0][0], heard[0][1]["events"][0]["request"]), (200, request))
        equal(third.process.poll(), None)
    third.ends()


def hang(i):
    """One who has begun and does not go on: with the handshake, the head or the body."""
    if i % 3 == 0:
        s = socket.create_connection(("127.0.0.1", PORT), timeout=PATIENCE)
        return s, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"a"
    s = line().sock
    if i % 3 == 1:
        return s, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", b"a"
    return s, b"POST /v1/wallets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n", b" "


def drip(hanging, over):
    while not over.wait(0.5):
        for s, _, octet in hanging:
            s.sendall(octet)


def is_silent(s):
    """There, and was told nothing."""
    s.setblocking(False)
    try:
        s.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    return False


@test
def a_hundred_connections_of_which_half_hang():
    hanging = [hang(i) for i in range(HANGING)]
    for s, begun, _ in hanging:
        s.sendall(begun)
    over = threading.Event()
    drips = threading.Thread(target=drip, args=(hanging, over))
    drips.start()
    try:
        lines = [line() for _ in range(ASKING)]
        with at_work(1):
            other = Signing()
            for _ in range(2):
                for c in lines:
                    equal(c.ask(path="/readyz")[0], 200)
            other.ends()
    finally:
        over.set()
        drips.join()
    equal([is_silent(s) for s, _, _ in hanging], HANGING * [True])


main()
