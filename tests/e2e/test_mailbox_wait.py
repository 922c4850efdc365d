"""Waiting for messages: who is woken by what, how many may wait, that no thread does; clients that leave, stops and kills."""
import json, os, signal, socket, sqlite3, struct, threading, time

from cli import Daemon, call, equal, main, run_as, test, wait_for
from members import Member, frames
from tls import Authority, context, free_port

D, PORT = Daemon(), free_port()
# A client's time for head, body and reply is not counted while it waits.
CLIENT_SECONDS = 3
LONG = 30


def start():
    D.start("--listen", f"127.0.0.1:{PORT}", "--client-seconds", str(CLIENT_SECONDS), ready=False)


def waiting(daemon=None):
    return json.loads(call((daemon or D).sock, "GET", "/healthz")[2])["waiting"]


def descriptors():
    return len(os.listdir(f"/proc/{D.process.pid}/fd"))


def sql(text, *values):
    db = sqlite3.connect(f"{D.state}/store.db", timeout=60)
    with db:
        db.execute(text, values)
    db.close()


start()
ANN, BOB, EVE = Member(D), Member(D, PORT), Member(D, PORT)


def request(who, path, wait=None, more=()):
    fields = {"Host": who.host, **who.head("GET", path, None, None, wait), **dict(more)}
    return "\r\n".join([f"GET {path} HTTP/1.1", *[f"{k}: {v}" for k, v in fields.items()], "", ""]).encode()


class Waiting:
    """A request on its way, on a socket of its own: nothing of the test waits for it until it is asked."""

    def __init__(self, who, path, wait=LONG, more=()):
        head = request(who, path, wait, more)
        self.socket = socket.socket(socket.AF_UNIX) if who.port is None else socket.create_connection(("127.0.0.1", who.port))
        if who.port is None:
            self.socket.connect(who.daemon.sock)
        if who.tls is not None:
            self.socket = who.tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.settimeout(LONG)
        self.begun = time.monotonic()
        self.socket.sendall(head)

    def answer(self):
        """status, fields, octets, seconds it took"""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.more()
        head, octets = data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = {n.lower(): v for n, v in (line.split(": ", 1) for line in lines[1:])}
        while len(octets) < int(fields.get("content-length", 0)):
            octets += self.more()
        return int(lines[0].split()[1]), fields, octets, time.monotonic() - self.begun

    def more(self):
        data = self.socket.recv(1 << 16)
        if data == b"":
            raise AssertionError("cut off without an answer")
        return data

    def close(self):
        self.socket.close()


def messages(who, mailbox, after=0, **how):
    return Waiting(who, f"/v1/mailboxes/{mailbox}/messages/{after}", **how)


def all_wait(n, daemon=None):
    wait_for(lambda: waiting(daemon) == n, LONG)


# --- what wakes ---

@test
def a_message_wakes():
    m = ANN.make(BOB, EVE)
    for i, (writer, reader) in enumerate([(ANN, BOB), (BOB, ANN), (BOB, BOB), (EVE, BOB)]):
        w = messages(reader, m, after=i)
        all_wait(1)
        writer.send(m, 2 if i == 2 else 1, b"hello %d" % i)
        status, fields, octets, seconds = w.answer()
        equal((status, fields["preference-applied"]), (200, f"wait={LONG}"))
        equal([f[3] for f in frames(octets)], [b"hello %d" % i])
        equal(seconds < LONG / 2, True)
        w.close()
    # What is there already is not waited for.
    status, fields, octets, _ = messages(BOB, m, after=3, wait=7).answer()
    equal((status, fields["preference-applied"], len(frames(octets))), (200, "wait=7", 1))
    equal(waiting(), 0)


@test
def other_mailboxes_do_not_wake():
    m, other = ANN.make(BOB), ANN.make(BOB)
    w = messages(BOB, m)
    all_wait(1)
    for i in range(1, 6):
        ANN.send(other, i, b"x")
    equal(waiting(), 1)
    ANN.send(m, 1, b"y")
    equal(frames(w.answer()[2]), [(1, 0, 1, b"y")])


@test
def a_new_mailbox_wakes():
    x = Member(D, PORT)
    w = Waiting(x, f"/v1/devices/{x.id}/mailboxes")
    all_wait(1)
    first = ANN.make(x)
    status, fields, octets, _ = w.answer()
    equal((status, fields["preference-applied"]), (200, f"wait={LONG}"))
    equal([(m["mailbox"], m["number"]) for m in json.loads(octets)["mailboxes"]], [(first, 1)])
    w = Waiting(x, f"/v1/devices/{x.id}/mailboxes/1")
    all_wait(1)
    ANN.send(first, 1, b"not a new one")
    second = BOB.make(ANN, x)
    equal([m["mailbox"] for m in json.loads(w.answer()[2])["mailboxes"]], [second])


@test
def the_end_of_a_mailbox_wakes():
    m = ANN.make(BOB)
    both = [messages(ANN, m), messages(BOB, m)]
    all_wait(2)
    BOB.drop(m)
    for w in both:
        status, fields, octets, _ = w.answer()
        equal((status, json.loads(octets)["code"], "preference-applied" in fields), (404, "not-found", False))
    m = ANN.make(BOB)
    sql("UPDATE mailboxes SET expires = ? WHERE id = ?", int(time.time()) + 2, bytes.fromhex(m))
    w = messages(BOB, m)
    status, _, octets, seconds = w.answer()
    equal((status, json.loads(octets)["code"]), (404, "not-found"))
    equal(seconds < LONG / 2, True)


@test
def patience_has_its_end():
    m = ANN.make(BOB)
    # Longer than a client may take for anything else.
    patience = CLIENT_SECONDS + 1
    for who, w in [(who, messages(who, m, wait=patience)) for who in (ANN, BOB)]:
        status, fields, octets, seconds = w.answer()
        equal((status, fields["preference-applied"], octets), (200, f"wait={patience}", b""))
        equal(patience <= seconds < LONG / 2, True)
        # The connection is as good as before.
        w.socket.sendall(request(who, f"/v1/mailboxes/{m}"))
        equal(w.answer()[0], 200)
        w.close()
    equal(waiting(), 0)


@test
def what_is_no_patience_is_none():
    m = ANN.make(BOB)
    for preference in ("wait=0", "wait", "wait=", "wait=x", "wait=-1", "wait=1x", "wait=1.5", "await=5", "waiting=5", 'x="wait=5"',
                       "wait=no, wait=5"):
        status, fields, octets, _ = messages(ANN, m, wait=None, more=[("Prefer", preference)]).answer()
        equal((preference, status, octets, "preference-applied" in fields), (preference, 200, b"", False))
    for preference, applied in (("respond-async, wait=600", 60), ("WAIT = 5", 5), ("return=minimal; foo=bar,wait=5;x", 5)):
        w = messages(ANN, m, wait=None, more=[("prefer", preference)])
        all_wait(1)
        ANN.send(m, 1, b"x")
        equal(w.answer()[1]["preference-applied"], f"wait={applied}")
        ANN.drop(m)
        m = ANN.make(BOB)
    # Nothing else is waited for.
    status, fields, _, _ = Waiting(ANN, f"/v1/mailboxes/{m}").answer()
    equal((status, "preference-applied" in fields), (200, False))
    equal(Waiting(ANN, "/healthz").answer()[0], 200)


# --- how many ---

@test
def those_who_wait_are_in_nobody_s_way():
    m = ANN.make(BOB)
    threads = len(os.listdir(f"/proc/{D.process.pid}/task"))
    crowd = [messages(ANN, m) for _ in range(200)]
    all_wait(200)
    equal(len(os.listdir(f"/proc/{D.process.pid}/task")), threads)
    before = time.process_time()
    used = cpu_of(D.process.pid)
    for i in range(20):
        equal(ANN.code("GET", f"/v1/mailboxes/{m}"), (200, None))
        equal(BOB.code("GET", f"/v1/mailboxes/{m}"), (200, None))
    equal(waiting(), 200)
    equal(cpu_of(D.process.pid) - used < 10 + time.process_time() - before, True)
    BOB.send(m, 1, b"for all")
    for w in crowd:
        status, _, octets, _ = w.answer()
        equal((status, frames(octets)), (200, [(1, 1, 1, b"for all")]))
        w.close()
    all_wait(0)


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@test
def a_key_waits_eight_times_and_all_256():
    m = ANN.make(BOB, EVE)
    of_key = [messages(BOB, m) for _ in range(8)]
    all_wait(8)

    def is_at_once(who):
        status, fields, octets, seconds = messages(who, m).answer()
        equal((status, octets, "preference-applied" in fields), (200, b"", False))

    is_at_once(BOB)
    others = [messages(EVE, m) for _ in range(8)] + [messages(ANN, m) for _ in range(240)]
    all_wait(256)
    is_at_once(ANN)
    x = Member(D, PORT)
    equal((x.list(wait=5), BOB.code("GET", f"/v1/mailboxes/{m}")), ([], (200, None)))
    # Who hangs up makes room, soon.
    for w in of_key:
        w.close()
    all_wait(248)
    again = messages(BOB, m)
    all_wait(249)
    for w in others:
        w.close()
    all_wait(1)
    ANN.send(m, 1, b"x")
    equal(len(frames(again.answer()[2])), 1)


@test
def who_says_no_more_is_answered_at_once():
    m = ANN.make(BOB)
    for who in (ANN, BOB):
        w = messages(who, m)
        all_wait(1)
        w.socket.shutdown(socket.SHUT_WR)
        status, _, octets, seconds = w.answer()
        equal((status, octets, seconds < LONG / 2), (200, b"", True))
        w.close()


@test
def a_key_that_is_revoked_hears_nothing_any_more():
    x = Member(D, PORT)
    m = x.make(ANN)
    w = messages(x, m)
    all_wait(1)
    equal(run_as(["key", "revoke", x.key.id, "--server", D.sock]).code, 0)
    ANN.send(m, 1, b"not for it")
    status, _, octets, _ = w.answer()
    equal((status, json.loads(octets)["code"]), (401, "bad-signature"))


@test
def it_is_the_same_over_tls():
    ca, d, port = Authority(), Daemon(), free_port()
    cert, key = ca.issue("server")
    d.start("--listen", f"127.0.0.1:{port}", "--tls-cert", cert, "--tls-key", key, "--client-seconds", str(CLIENT_SECONDS), ready=False)
    ann, bob = Member(d), Member(d, port, context(ca))
    m, large = ann.make(bob), os.urandom(1 << 20)
    for n in (1, 2):
        w = messages(bob, m, after=n - 1)
        all_wait(1, d)
        ann.send(m, n, large)
        equal(frames(w.answer()[2]), [(n, 0, n, large)])
        w.close()
    crowd = [messages(bob, m, after=2) for _ in range(8)]
    all_wait(8, d)
    for w in crowd:
        w.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", crowd.index(w) % 2, 0))
        w.close()
    all_wait(0, d)
    crowd = [messages(bob, m, after=2) for _ in range(8)]
    all_wait(8, d)
    process = d.process
    process.send_signal(signal.SIGTERM)
    equal([w.answer()[0:3:2] for w in crowd], [(200, b"")] * 8)
    equal(process.wait(LONG), 0)


@test
def messages_and_leaving_at_once():
    """Writers, readers that wait and readers that leave while they are woken: nobody is lost and everything is in order."""
    m = ANN.make(BOB)
    stop, heard, before = threading.Event(), [], descriptors()

    def leave():
        while not stop.is_set():
            crowd = [messages(ANN, m, after=4000) for _ in range(10)]
            for w in crowd:
                w.close()

    def follow():
        after = 0
        while after < 60:
            for f in frames(messages(ANN, m, after=after).answer()[2]):
                heard.append(f[3])
                after = f[0]

    threads = [threading.Thread(target=leave) for _ in range(2)] + [threading.Thread(target=follow)]
    for t in threads:
        t.start()
    for i in range(1, 61):
        ANN.send(m, i, str(i).encode())
    threads[-1].join()
    stop.set()
    for t in threads:
        t.join()
    equal(heard, [str(i).encode() for i in range(1, 61)])
    all_wait(0)
    wait_for(lambda: descriptors() <= before, LONG)


# --- the end ---

@test
def a_stop_answers_all_at_once():
    m = ANN.make(BOB)
    crowd = [messages(ANN, m) for _ in range(100)] + [messages(BOB, m) for _ in range(8)]
    all_wait(108)
    process = D.process
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    for w in crowd:
        status, _, octets, _ = w.answer()
        equal((status, octets), (200, b""))
    equal(process.wait(LONG), 0)
    equal(time.monotonic() - begun < LONG / 2, True)
    D.process = None
    start()
    equal(BOB.read(m), [])


@test
def a_kill_loses_nothing():
    m = ANN.make(BOB)
    w = messages(BOB, m)
    all_wait(1)
    D.stop(signal.SIGKILL)
    equal(w.socket.recv(100), b"")
    start()
    w = messages(BOB, m)
    all_wait(1)
    ANN.send(m, 1, b"after")
    equal(frames(w.answer()[2]), [(1, 0, 1, b"after")])


main()
