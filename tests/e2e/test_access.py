"""Over TCP: who may ask what. Keys, roles, wallets, tokens, signatures and their replay, answers and who made them; with
openssl as the other program, and the command line."""
import json, os, sqlite3, threading, time

from cli import (AGAIN, CHEAT, DIGEST, OFFLINE, OK, REFUSED, USAGE, Daemon, Phone, altered, call, equal, has, main, read, run_as, test, wait_for, write)
from signing import POLICY, WORD, Key, answer_is_signed, code_of, signed
from tls import Authority, Between, Connection, context, free_port

CA = Authority()
D, PORT = Daemon(), free_port()
BASE = f"https://localhost:{PORT}"
CERT, CERT_KEY = CA.issue("server")
JSON, OCTETS = "application/json", "application/octet-stream"


def start():
    D.start("--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT, "--tls-key", CERT_KEY)


def operator(*args, code=OK):
    r = run_as(["--json", *args, "--server", D.sock])
    equal(r.code, code)
    return r


def token(*roles, seconds="3600"):
    return operator("token", "new", *[w for r in roles for w in ("--role", r)], "--seconds", seconds).one()["token"]


def tenant(name, *roles):
    p = Phone(BASE)
    p.init(name, aux=True)
    p.run("device", "enrol", "--device", name, "--ca", CA.root, "--token", token(*roles))
    return p


start()
PHONE, OTHER = tenant("phone", "create", "sign"), tenant("other", "create", "sign")
WALLET = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
THEIRS = OTHER.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "other").one()["wallet"]
CHANGE, NOBODYS = f"policy-changes/{'77' * 32}", "77" * 16


def added(kind, name, *args):
    k = Key(kind)
    operator("key", "add", k.pem, "--name", name, *args)
    return k


BACKEND = added("p-256", "backend", "--role", "sign", "--wallet", WALLET)
READER = added("ed25519", "reader", "--role", "read", "--all-wallets")
MAKER = added("ed25519", "maker", "--role", "create", "--all-wallets")


def ask(key, method, path, body=None, kind=JSON, sent=None, to=None, **how):
    """status, octets; sent: body and path as they leave, when they are not those that were signed."""
    headers = signed(key, BASE, method, path, body, kind, **how) if key else {} if body is None else {"content-type": kind}
    body, path = sent or (body, path)
    c = Connection(PORT, context(CA))
    c.request(method, path, body, {**headers, **(to or {})})
    r = c.getresponse()
    return r.status, r.read(), dict(r.getheaders()), headers


def code(*args, **how):
    status, body, *_ = ask(*args, **how)
    return status, code_of(body)


def state():
    """What the daemon has, without what every good signature leaves."""
    db = sqlite3.connect(f"{D.state}/store.db")
    names = [n for n, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    told = {"audit": " WHERE json_extract(entry, '$.kind') != 'refused'"}
    found = {n: db.execute(f"SELECT * FROM {n}{told.get(n, '')}").fetchall() for n in names if n not in ("replays", "replay_horizon", "primes")}
    db.close()
    return found


def payload(digest=DIGEST):
    return json.dumps({"payload": {"type": "digest", "digest": digest}, "path": "m"}).encode()


REQUEST = json.loads(ask(BACKEND, "POST", f"/v1/wallets/{WALLET}/requests", payload())[1])["request"]
SESSION = sqlite3.connect(f"{D.state}/store.db").execute("SELECT hex(id) FROM sessions WHERE kind = 2 AND wallet = ?",
                                                          (bytes.fromhex(WALLET),)).fetchone()[0].lower()
DEVICE = PHONE.run("device", "init").one()["identity"]
CREATE = json.dumps({"signers_required": 2, "parties": 2, "devices": [DEVICE], "nonces": ["11" * 32], "allow": ["digest"]}).encode()
OPEN = json.dumps({"kind": "presign", "signers": [1, 2], "nonces": ["11" * 32], "count": 1}).encode()
BOTH = json.dumps({"members": [DEVICE, OTHER.run("device", "init", "--device", "other").one()["identity"]]}).encode()
MAILBOX = json.loads(call(D.sock, "POST", "/v1/mailboxes", BOTH, {"Content-Type": JSON})[2])["mailbox"]

# Every route but /healthz and GET /v1/server-keys, with a body that is well formed.
ROUTES = [
    ("POST", "/v1/devices", b"{}"), ("POST", f"/v1/devices/{DEVICE}/sessions", json.dumps({"nonce": "11" * 32}).encode()),
    ("POST", f"/v1/devices/{DEVICE}/keys", b"{}"), *((m, f"/v1/devices/{DEVICE}/move", b) for m, b in (("PUT", b"{}"), ("DELETE", None))), ("POST", "/v1/server-keys", b"{}"), ("POST", "/v1/wallets", CREATE), ("GET", "/v1/aux", None),
    ("GET", "/v1/wallets", None), ("GET", f"/v1/wallets/{WALLET}", None), ("DELETE", f"/v1/wallets/{WALLET}", None), ("GET", f"/v1/devices/{DEVICE}/mailboxes/0", None),
    *(("POST", f"/v1/wallets/{WALLET}/{p}", b) for p, b in (("sessions", OPEN), ("requests", payload()))), *((m, f"/v1/{p}", b) for p in (f"wallets/{WALLET}/policy", "policies") for m, b in (("GET", None), ("PUT", POLICY))),
    ("GET", f"/v1/wallets/{WALLET}/epochs/{'00' * 32}", None), ("PUT", f"/v1/wallets/{WALLET}/backups/1", b"x"),
    ("GET", f"/v1/wallets/{WALLET}/backups/1", None), ("GET", f"/v1/wallets/{WALLET}/escrows", None), ("GET", f"/v1/wallets/{WALLET}/record", None),
    ("POST", f"/v1/wallets/{WALLET}/unlock", json.dumps({"device": DEVICE}).encode()), ("GET", f"/v1/requests/{REQUEST}", None),
    *(("GET", f"/v1/{p}", None) for p in (f"wallets/{WALLET}/requests", f"wallets/{WALLET}/requests/1", f"devices/{DEVICE}/requests", CHANGE)),
    *(("GET", f"/v1/wallets/{WALLET}/{p}", None) for p in ("xpub", "addresses/ethereum/main/m")), ("POST", f"/v1/wallets/{WALLET}/describe", payload()),
    *(("POST", f"/v1/{p}", b) for p, b in ((f"requests/{REQUEST}/cancel", None), (f"requests/{REQUEST}/approvals", WORD), (f"{CHANGE}/approvals", WORD))),
    ("POST", f"/v1/requests/{REQUEST}/sessions", json.dumps({"signers": [1, 2], "nonces": ["11" * 32]}).encode()),
    ("PUT", f"/v1/requests/{REQUEST}/declines/{DEVICE}", b"{}"), ("GET", f"/v1/sessions/{SESSION}", None), ("DELETE", f"/v1/sessions/{SESSION}", None),
    ("PUT", f"/v1/sessions/{SESSION}/rounds/1", b"x"), ("GET", f"/v1/sessions/{SESSION}/evidence", None), ("POST", "/v1/tokens", b"{}"),
    *(("POST", f"/v1/campaigns/{NOBODYS}/{v}", None) for v in ("pause", "resume", "cancel")), ("POST", "/v1/campaigns", b"{}"),
    ("GET", "/v1/events/0", None), ("POST", "/v1/webhooks", b"{}"), ("GET", "/v1/webhooks", None), ("GET", f"/v1/webhooks/{NOBODYS}", None),
    ("DELETE", f"/v1/webhooks/{NOBODYS}", None), ("POST", f"/v1/webhooks/{NOBODYS}/test", None),
    *(("GET", f"/v1/campaigns{p}", None) for p in ("", f"/{NOBODYS}", f"/{NOBODYS}/wallets/1")),
    ("GET", "/v1/keys", None), ("POST", "/v1/keys", b"{}"), ("DELETE", f"/v1/keys/{READER.id}", None), ("POST", "/v1/aux", None),
    ("DELETE", "/v1/aux/1", None), ("POST", "/v1/mailboxes", BOTH), ("GET", f"/v1/mailboxes/{MAILBOX}", None),
    ("DELETE", f"/v1/mailboxes/{MAILBOX}", None), ("PUT", f"/v1/mailboxes/{MAILBOX}/messages/{DEVICE}/1", b"x"),
    ("GET", f"/v1/mailboxes/{MAILBOX}/messages/0", None), ("GET", f"/v1/devices/{DEVICE}/mailboxes", None), ("GET", "/v1/audit", None), ("GET", "/v1/audit/0", None)]
SOCKET_ONLY = {("GET", f"/v1/wallets/{WALLET}/backups/1"), ("POST", f"/v1/wallets/{WALLET}/unlock"), ("POST", "/v1/tokens"),
               ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", f"/v1/keys/{READER.id}"), ("POST", "/v1/aux"), ("DELETE", "/v1/aux/1"),
               ("POST", "/v1/server-keys")}


def kind_of(path):
    return OCTETS if "/rounds/" in path or "/backups/" in path or "/messages/" in path else JSON


def everywhere(expected, skip=(), **how):
    """Every route answers so, and nothing has changed."""
    before = state()
    for method, path, body in ROUTES:
        if (method, path) in skip:
            continue
        options = {n: v(method, path, body) if callable(v) else v for n, v in how.items()}
        got = code(options.pop("key", BACKEND), method, path, body, kind_of(path), **options)
        if got != expected:
            raise AssertionError(f"{method} {path}: {got}, not {expected}")
    equal(state(), before)


# --- signatures ---

@test
def every_route_is_in_the_list():
    text = read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../api/routes/routes.c")).decode()
    equal(text.count('"/v1/'), len(ROUTES) + 1)


@test
def without_a_signature_nothing_is_answered():
    everywhere((401, "signature-missing"), key=None)
    equal(code(None, "GET", "/v1/none"), (401, "signature-missing"))
    equal(code(None, "GET", "/healthz"), (200, None))


@test
def unknown_keys_and_wrong_signatures_are_one_answer():
    for k in (Key(), Key("p-256")):
        everywhere((401, "bad-signature"), key=k)
    for known in (BACKEND, READER):
        everywhere((401, "bad-signature"), key=known, signer=Key(known.kind))


@test
def an_altered_path_or_body_is_refused():
    everywhere((401, "bad-signature"), sent=lambda m, p, b: (b, p[:-1] + ("1" if p[-1] == "0" else "0")),
               skip={r[:2] for r in ROUTES if r[1][-1] not in "0123456789abcdef"})
    equal(code(BACKEND, "POST", f"/v1/wallets/{WALLET}/requests", payload(), sent=(payload("22" * 32), f"/v1/wallets/{WALLET}/requests")),
          (400, "digest-mismatch"))
    equal(code(READER, "GET", f"/v1/wallets/{WALLET}", sent=(None, f"/v1/wallets/{THEIRS}")), (401, "bad-signature"))


@test
def signatures_have_their_time():
    now = int(time.time())
    everywhere((401, "signature-expired"), created=now - 100)
    everywhere((401, "signature-early"), created=now + 1000)
    everywhere((401, "signature-window"), seconds=61)
    everywhere((401, "signature-parameter"), tag="countersign-v1-response")


@test
def a_signature_for_another_server_is_none_here():
    everywhere((421, "misdirected"), to={"Host": "elsewhere.example"})


@test
def a_signature_is_good_once_also_after_a_restart():
    path = f"/v1/wallets/{WALLET}"
    headers = signed(READER, BASE, "GET", path)

    def again():
        c = Connection(PORT, context(CA))
        status, body = c.ask(path=path, headers=headers)
        return status, code_of(body)

    equal(again(), (200, None))
    replayed = (401, "replay-detected")
    equal(again(), replayed)
    D.stop()
    start()
    equal(again(), replayed)
    results = []
    headers = signed(READER, BASE, "GET", path)
    threads = [threading.Thread(target=lambda: results.append(again())) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(sorted(r[0] for r in results), [200] + 7 * [401])


# --- roles and wallets ---

@test
def what_no_role_allows_is_forbidden():
    may_read = {("GET", p) for m, p, _ in ROUTES if m == "GET" and "campaigns" not in p and "webhooks" not in p}
    everywhere((403, "forbidden"), key=READER, skip=SOCKET_ONLY | may_read | {("POST", "/v1/devices"), ("POST", f"/v1/wallets/{WALLET}/describe")})
    for k in (READER, MAKER, BACKEND):
        before = state()
        for method, path in sorted(SOCKET_ONLY):
            body = next(b for m, p, b in ROUTES if (m, p) == (method, path))
            equal(code(k, method, path, body, kind_of(path)), (403, "unix-socket-only"))
        equal(state(), before)
    equal(code(BACKEND, "POST", "/v1/wallets", CREATE), (403, "forbidden"))
    equal(code(MAKER, "POST", f"/v1/wallets/{WALLET}/requests", payload()), (403, "forbidden"))


@test
def who_the_parties_are_is_for_the_operator_alone():  # but for a device's own place: test_move.py
    PHONE.init("tablet", aux=True)
    PHONE.run("device", "enrol", "--device", "tablet", "--token", token("sign"))
    before = state()
    for change in (("--add", "tablet"), ("--add", "tablet", "--signers", "3")):
        r = PHONE.run("wallet", "reshare", WALLET, *change, code=REFUSED)
        equal(r.objects(r.err)[-1]["code"], "unix-socket-only")
    equal(state(), before)
    PHONE.run("presign", WALLET)


@test
def somebody_else_s_wallet_is_as_one_that_is_not_there():
    before = state()
    for method, path, body in ROUTES:
        if WALLET not in path or (method, path) in SOCKET_ONLY:
            continue
        answers = [ask(BACKEND, method, path.replace(WALLET, w), body, kind_of(path))[:2] for w in (THEIRS, NOBODYS)]
        equal(answers[0], answers[1])
        equal(answers[0][0] in (403, 404), True)
    equal(code(BACKEND, "GET", f"/v1/wallets/{THEIRS}"), (404, "not-found"))
    equal(state(), before)
    # A phone, too: wallets, requests and sessions of the other tenant.
    equal({w["wallet"] for w in json.loads(ask(READER, "GET", "/v1/wallets")[1])["wallets"]}, {WALLET, THEIRS})
    for command in (["sign", WALLET, "--digest", DIGEST], ["presign", WALLET]):
        OTHER.run(*command, "--device", "other", code=REFUSED)
    equal({w["wallet"] for w in json.loads(ask(BACKEND, "GET", "/v1/wallets")[1])["wallets"]}, {WALLET})
    equal(code(BACKEND, "GET", f"/v1/requests/{REQUEST}"), (200, None))
    narrow = added("ed25519", "narrow", "--role", "sign", "--wallet", THEIRS)
    equal(*(ask(narrow, "GET", f"/v1/requests/{r}")[:2] for r in (REQUEST, "99" * 32)))
    equal(code(narrow, "GET", f"/v1/sessions/{SESSION}"), code(narrow, "GET", f"/v1/sessions/{'99' * 16}"))


@test
def a_device_makes_wallets_of_its_own_alone():
    plain = Phone(BASE)
    plain.init("plain", aux=True)
    plain.run("device", "enrol", "--device", "plain", "--ca", CA.root, "--token", token())
    has(plain.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "plain", code=REFUSED).error(), "forbidden")


# --- keys and tokens ---

@test
def a_revoked_key_is_out_at_once_and_for_good():
    k = added("ed25519", "short", "--role", "read", "--all-wallets")
    equal(code(k, "GET", "/v1/wallets"), (200, None))
    operator("key", "revoke", k.id)
    equal(code(k, "GET", "/v1/wallets"), (401, "bad-signature"))
    operator("key", "revoke", k.id, code=REFUSED)
    operator("key", "add", k.pem, "--name", "again", "--role", "read", "--all-wallets", code=AGAIN)
    D.stop()
    start()
    equal(code(k, "GET", "/v1/wallets"), (401, "bad-signature"))
    listed = {x["keyid"]: x for x in operator("key", "list").objects(operator("key", "list").out)}
    equal("revoked" in listed[k.id], True)
    equal("revoked" in listed[READER.id], False)
    for event in ("key.added", "key.revoked", "token.made", "device.enrolled"):
        wait_for(lambda: f'"level":"audit","event":"{event}"' in read(f"{D.home}/log").decode())


@test
def keys_that_are_none_are_refused():
    for args in (["--role", "read"], ["--role", "read", "--all-wallets", "--wallet", WALLET], ["--all-wallets"]):
        operator("key", "add", READER.pem, "--name", "x", *args, code=USAGE)
    for body in ({"key": "00" * 44, "name": "x", "roles": ["read"], "all_wallets": True},
                 {"key": Key().public.hex(), "name": "x", "roles": ["device"], "all_wallets": True},
                 {"key": Key().public.hex(), "name": "x", "roles": ["king"], "all_wallets": True},
                 {"key": Key().public.hex(), "name": "x", "roles": ["read", "read"], "all_wallets": True},
                 {"key": Key().public.hex(), "name": "x", "roles": ["read"]}):
        equal(call(D.sock, "POST", "/v1/keys", json.dumps(body).encode(), {"Content-Type": JSON})[0], 400)


@test
def a_token_enrols_one_device():
    p = Phone(BASE)
    p.init("phone")
    enrol = ["device", "enrol", "--ca", CA.root]
    has(p.run(*enrol, code=REFUSED).error(), "token")
    has(p.run(*enrol, "--token", "55" * 32, code=REFUSED).error(), "token")
    equal(os.path.exists(p.path("server")), False)
    good = token()
    equal(good.encode() in read(f"{D.state}/store.db") + read(f"{D.home}/log"), False)
    p.run(*enrol, "--token", good)
    p.run(*enrol, "--token", good)
    p.run("device", "enrol")
    second = Phone(BASE)
    second.init("phone")
    has(second.run(*enrol, "--token", good, code=REFUSED).error(), "token")
    short = token(seconds="1")
    time.sleep(2.1)
    has(second.run(*enrol, "--token", short, code=REFUSED).error(), "token")
    second.run(*enrol, "--token", token())


# --- the server ---

@test
def every_answer_is_the_server_s():
    public = read(PHONE.path("server.key"))[3 + 64:]
    for k, method, path, body in ((READER, "GET", "/v1/wallets", None), (None, "GET", "/healthz", None), (None, "GET", "/v1/wallets", None),
                                  (READER, "GET", f"/v1/wallets/{NOBODYS}", None), (READER, "GET", "/v1/none", None),
                                  (Key(), "GET", "/v1/wallets", None), (READER, "PATCH", "/v1/wallets", None),
                                  (BACKEND, "POST", f"/v1/wallets/{WALLET}/requests", payload())):
        status, octets, headers, asked = ask(k, method, path, body)
        equal(answer_is_signed(public, BASE, method, path, asked, status, headers, octets), True)
        equal(answer_is_signed(public, BASE, method, path + "x", asked, status, headers, octets), False)
        equal(answer_is_signed(public, BASE, method, path, asked, status + 1, headers, octets), False)


@test
def who_stands_between_changes_nothing_unseen():
    d, port = Daemon(), free_port()
    between = Between(port)
    d.start("--listen", f"127.0.0.1:{port}", "--authority", f"127.0.0.1:{between.port}")
    p = Phone(f"http://127.0.0.1:{between.port}")
    p.init("phone", aux=True)
    good = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", "--server", d.sock]).one()["token"]
    p.run("device", "enrol", "--token", good)
    wallet = p.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    sign = ["sign", wallet, "--digest", DIGEST]
    p.run(*sign)
    for change, expected in ((lambda x: x.replace(b'"locked":[]', b'"locked": []').replace(b"Length: ", b"Length:  "), None),
                             (lambda x: x.replace(b'"epoch":0', b'"epoch":1'), CHEAT),
                             (lambda x: x.replace(b" 200 OK", b" 201 OK"), CHEAT),
                             (lambda x: x.replace(b"Signature", b"Xignature"), OFFLINE)):
        if expected is not None:
            between.change = change
            p.run(*sign, code=expected)
    between.change = lambda x: x
    p.run(*sign)
    # The server itself, but reached by a name that is not its own.
    p.server = f"http://localhost:{between.port}"
    has(p.run(*sign, code=REFUSED).error(), "misdirected")
    # Another server with the same name.
    d.stop()
    other = Daemon()
    other.start("--listen", f"127.0.0.1:{port}", "--authority", f"127.0.0.1:{between.port}")
    p.server = f"http://127.0.0.1:{between.port}"
    has(p.run(*sign, code=CHEAT).error(), "not validly signed")
    other.stop()


@test
def a_certificate_that_nobody_vouches_for_is_no_answer():
    copy = PHONE.copy()
    os.unlink(copy.path("server.ca"))
    has(copy.run("sign", WALLET, "--digest", DIGEST, code=OFFLINE).error(), "--ca")
    PHONE.run("sign", WALLET, "--digest", DIGEST)


@test
def a_backup_is_restored_over_tcp():
    file = f"{PHONE.home}/backup"
    PHONE.run("backup", "export", WALLET, "--out", file)
    new = Phone(BASE)
    restore = ["backup", "restore", file, "--ca", CA.root]
    new.run(*restore, code=REFUSED)
    equal([new.files("devices"), new.files("server")], [[], []])
    new.run(*restore, "--token", token("sign"))
    new.run("device", "init")
    new.run("device", "enrol")
    new.run("sign", WALLET, "--digest", DIGEST)


@test
def an_altered_key_file_is_exit_4():
    copy = PHONE.copy()
    data = read(path := copy.path("devices/phone/http"))
    write(path, altered(data, len(data) - 1))
    copy.run("sign", WALLET, "--digest", DIGEST, code=4)


main()
