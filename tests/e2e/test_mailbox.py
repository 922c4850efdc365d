"""Mailboxes against the real daemon: order, idempotence, who may what, limits, the end; kill -9 and restart."""
import json, os, signal, sqlite3, time

from cli import Daemon, equal, main, read, run_as, test
from members import JSON, OCTETS, Member, frames
from signing import Key
from tls import free_port

D, PORT = Daemon(), free_port()


def start():
    D.start("--listen", f"127.0.0.1:{PORT}", ready=False)


def sql(text, *values):
    db = sqlite3.connect(f"{D.state}/store.db", timeout=60)
    with db:
        found = db.execute(text, values).fetchall()
    db.close()
    return found


start()
ANN, BOB, EVE = Member(D), Member(D, PORT), Member(D, PORT)


@test
def a_mailbox_says_what_it_is():
    made = ANN.json(201, "POST", "/v1/mailboxes", {"members": [ANN.id, BOB.id], "seconds": 60})
    equal(sorted(made), sorted(["mailbox", "members", "created", "expires", "last", "seen"]))
    equal((made["members"], made["last"], made["seen"]), ([ANN.id, BOB.id], 0, [None, None]))
    seconds = [time.mktime(time.strptime(made[n], "%Y-%m-%dT%H:%M:%SZ")) for n in ("created", "expires")]
    equal(seconds[1] - seconds[0], 60.0)
    equal(BOB.json(200, "GET", f"/v1/mailboxes/{made['mailbox']}"), made)
    equal(BOB.drop(made["mailbox"]), (204, None))
    equal(BOB.drop(made["mailbox"]), (404, "not-found"))


@test
def everybody_reads_the_same_order():
    m = BOB.make(ANN, EVE)
    equal([x.read(m) for x in (ANN, BOB, EVE)], [[], [], []])
    said = []
    for i, (who, place) in enumerate([(BOB, 0), (EVE, 2), (BOB, 0), (ANN, 1), (EVE, 2)]):
        number = 1 + sum(s[1] == place for s in said)
        said.append((i + 1, place, number, os.urandom(1 + 100 * i)))
        who.send(m, number, said[-1][3])
    for x in (ANN, BOB, EVE):
        equal(x.read(m), said)
        for after in range(7):
            equal(x.read(m, after), said[after:])
    shown = EVE.json(200, "GET", f"/v1/mailboxes/{m}")
    equal(shown["last"], 5)
    equal([s is None for s in shown["seen"]], [False, False, False])


@test
def a_message_is_there_once():
    m = ANN.make(BOB)
    BOB.send(m, 1, b"one")
    BOB.send(m, 1, b"one")
    equal(BOB.put(m, 1, b"other"), (409, "round-conflict"))
    equal(BOB.put(m, 1, b"one "), (409, "round-conflict"))
    status, _, octets = BOB.ask("PUT", f"/v1/mailboxes/{m}/messages/{BOB.id}/3", b"three")
    equal((status, json.loads(octets)["code"], json.loads(octets)["expected_round"]), (409, "round-out-of-order", 2))
    equal(BOB.put(m, 2, b""), (400, "bad-request"))
    equal(BOB.code("PUT", f"/v1/mailboxes/{m}/messages/{BOB.id}/2", b"{}", JSON), (415, "wrong-content-type"))
    equal(BOB.put(m, 0, b"zero"), (404, "not-found"))
    BOB.send(m, 2, b"two")
    equal(BOB.read(m), [(1, 1, 1, b"one"), (2, 1, 2, b"two")])


@test
def members_alone_have_it():
    m = ANN.make(BOB)
    BOB.send(m, 1, b"secret")
    nobodys = "77" * 16
    for method, path, body in (("GET", "", None), ("GET", "/messages/0", None), ("DELETE", "", None),
                               ("PUT", f"/messages/{EVE.id}/1", b"x"), ("PUT", f"/messages/{BOB.id}/2", b"x")):
        answers = [EVE.ask(method, f"/v1/mailboxes/{x}{path}", body)[::2] for x in (m, nobodys)]
        equal(answers[0], answers[1])
        equal(answers[0][0], 404)
    equal(BOB.put(m, 1, b"x", ANN), (403, "forbidden"))
    equal(BOB.put(m, 1, b"x", EVE), (403, "forbidden"))
    equal(BOB.code("GET", f"/v1/devices/{ANN.id}/mailboxes"), (404, "not-found"))
    equal(BOB.code("POST", "/v1/mailboxes", json.dumps({"members": [ANN.id, EVE.id]}).encode(), JSON), (403, "forbidden"))
    # The operator at the Unix socket: as whom it likes, but as a member.
    equal(ANN.put(m, 2, b"as bob", BOB), (204, None))
    equal(ANN.put(m, 1, b"as eve", EVE), (404, "not-found"))
    equal(len(BOB.read(m)), 2)


@test
def keys_of_no_device_have_none():
    m, key = ANN.make(BOB), Key()
    roles = [w for r in ("create", "sign", "approve", "operate", "read") for w in ("--role", r)]
    equal(run_as(["key", "add", key.pem, "--name", "all", *roles, "--all-wallets", "--server", D.sock]).code, 0)
    other = Member(D, PORT)
    other.key = key
    for method, path, body in (("POST", "", b"{}"), ("GET", f"/{m}", None), ("GET", f"/{m}/messages/0", None), ("DELETE", f"/{m}", None),
                               ("PUT", f"/{m}/messages/{BOB.id}/1", b"x")):
        equal(other.code(method, f"/v1/mailboxes{path}", body, JSON if method == "POST" else OCTETS), (403, "forbidden"))
    equal(other.code("GET", f"/v1/devices/{BOB.id}/mailboxes"), (403, "forbidden"))
    equal(BOB.read(m), [])


@test
def what_is_no_mailbox_is_refused():
    def code(body):
        return ANN.code("POST", "/v1/mailboxes", json.dumps(body).encode(), JSON)

    both = [ANN.id, BOB.id]
    for body in ({"members": [ANN.id]}, {"members": [ANN.id, ANN.id]}, {"members": both, "seconds": 59},
                 {"members": both, "seconds": 604801}, {"members": both, "more": 1}, {}, {"members": both + ["00"]},
                 {"members": [f"{i:064x}" for i in range(17)]}):
        equal(code(body), (400, "bad-request"))
    equal(code({"members": [ANN.id, "99" * 32]}), (404, "not-found"))
    equal(sql("SELECT count(*) FROM mailboxes WHERE last = 0 AND expires > created + 3600"), [(0,)])


@test
def a_device_finds_what_is_new():
    x, y = Member(D, PORT), Member(D, PORT)
    equal(x.list(), [])
    made = [y.make(x), x.make(y), y.make(x, ANN)]
    found = x.list()
    equal([f["mailbox"] for f in found], made)
    equal([f["number"] for f in found], [1, 2, 3])
    equal([f["mailbox"] for f in x.list(1)], made[1:])
    equal(x.list(3), [])
    y.drop(made[2])
    made[2] = y.make(x)
    equal([(f["mailbox"], f["number"]) for f in x.list(2)], [(made[2], 4)])
    equal(ANN.code("GET", f"/v1/devices/{'99' * 32}/mailboxes"), (404, "not-found"))


@test
def a_member_has_so_many():
    x, y = Member(D), Member(D)
    made = [x.make(y) for _ in range(32)]
    refused = (429, "session-limit")
    body = json.dumps({"members": [ANN.id, y.id]}).encode()
    equal(ANN.code("POST", "/v1/mailboxes", body, JSON), refused)
    x.drop(made[0])
    last = ANN.make(y)
    equal(ANN.code("POST", "/v1/mailboxes", body, JSON), refused)
    sql("UPDATE mailboxes SET expires = created - 1 WHERE id IN (SELECT mailbox FROM mailbox_members WHERE device = ?)", bytes.fromhex(x.id))
    ANN.make(y)
    equal(len(y.list()), 2)
    equal(sql("SELECT count(*) FROM mailbox_members WHERE device = ?", bytes.fromhex(x.id)), [(0,)])
    equal(last in [m["mailbox"] for m in ANN.list()], True)


@test
def a_mailbox_has_its_room():
    x, y = Member(D), Member(D)
    m = x.make(y)
    large = os.urandom(8 << 20)
    x.send(m, 1, large)
    y.send(m, 1, b"small")
    x.send(m, 2, large[:-26])
    # One that fills an answer, and then what fits.
    equal(frames(x.ask("GET", f"/v1/mailboxes/{m}/messages/0")[2]), [(1, 0, 1, large)])
    equal([f[0] for f in x.read(m, 1)], [2])
    key = bytes.fromhex(m)
    sql("UPDATE mailboxes SET octets = ? WHERE id = ?", (64 << 20) - 10, key)
    equal(x.put(m, 3, b"0123456789x"), (413, "too-large"))
    x.send(m, 3, b"0123456789")
    sql("UPDATE mailboxes SET octets = 0, last = 4096 WHERE id = ?", key)
    equal(x.put(m, 4, b"x"), (429, "session-limit"))
    sql("UPDATE mailboxes SET last = 4095 WHERE id = ?", key)
    x.send(m, 4, b"x")
    # What one writes in all, and what all do.
    other = y.make(x)
    sql("UPDATE mailbox_members SET octets = ? WHERE device = ? AND mailbox = ?", (128 << 20) - 1, bytes.fromhex(x.id), key)
    equal(x.put(other, 1, b"xx"), (413, "too-large"))
    x.send(other, 1, b"x")
    y.send(other, 1, b"yy")
    sql("UPDATE mailboxes SET octets = ? WHERE id = ?", 1 << 30, key)
    equal(y.put(other, 2, b"y"), (503, "overloaded"))
    x.drop(m)
    y.send(other, 2, b"y")


@test
def what_has_expired_is_gone():
    m = BOB.make(ANN)
    BOB.send(m, 1, b"octets that go")
    sql("UPDATE mailboxes SET expires = ? WHERE id = ?", int(time.time()), bytes.fromhex(m))
    equal(BOB.code("GET", f"/v1/mailboxes/{m}"), (404, "not-found"))
    equal(BOB.code("GET", f"/v1/mailboxes/{m}/messages/0"), (404, "not-found"))
    equal(BOB.put(m, 2, b"late"), (404, "not-found"))
    equal(m in [x["mailbox"] for x in BOB.list()], False)
    equal(BOB.drop(m), (404, "not-found"))
    other = BOB.make(ANN)
    equal(sql("SELECT count(*) FROM mailbox_messages WHERE mailbox = ?", bytes.fromhex(m)), [(0,)])
    BOB.send(other, 1, b"x")
    sql("UPDATE mailboxes SET expires = created - 1 WHERE id = ?", bytes.fromhex(other))
    D.stop()
    start()
    equal(sql("SELECT count(*) FROM mailbox_messages WHERE mailbox = ?", bytes.fromhex(other)), [(0,)])


@test
def what_was_acknowledged_stays():
    m = ANN.make(BOB)
    said = []
    for i, how in enumerate([signal.SIGTERM, signal.SIGKILL, signal.SIGKILL], 1):
        said.append((i, 0, i, os.urandom(5000)))
        ANN.send(m, i, said[-1][3])
        D.stop(how)
        start()
        equal(BOB.read(m), said)
        equal(ANN.put(m, i, said[-1][3]), (204, None))
        equal(ANN.put(m, i, b"other"), (409, "round-conflict"))
    equal(m in [x["mailbox"] for x in BOB.list()], True)


@test
def no_octets_are_told():
    m = ANN.make(BOB)
    words = b"words that nobody else may read"
    ANN.send(m, 1, words)
    ANN.put(m, 1, words + b"?")
    ANN.put(m, 5, words)
    equal(words in read(f"{D.home}/log"), False)


main()
