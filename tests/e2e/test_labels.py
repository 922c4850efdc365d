"""Wallets with labels, and keys that are good for a label and those below it: over TLS, from the operator's token to the backend."""
import json

from cli import AGAIN, DIGEST, INPUT, OK, REFUSED, USAGE, Daemon, Phone, call, equal, has, main, run_as, test
from signing import Key, code_of, signed
from tls import Authority, Connection, context, free_port

CA, D, PORT = Authority(), Daemon(), free_port()
BASE = f"https://localhost:{PORT}"
CERT, CERT_KEY = CA.issue("server")
JSON = "application/json"
PHONE = Phone(BASE)
PHONE.init(aux=True)
D.start("--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT, "--tls-key", CERT_KEY)


def operator(*args, code=OK):
    r = run_as(["--json", *args, "--server", D.sock])
    equal(r.code, code)
    return r


def added(name, label, *roles):
    k = Key()
    said = operator("key", "add", k.pem, "--name", name, "--label", label, *[w for r in roles for w in ("--role", r)]).one()
    equal(said["label"], label)
    return k


def ask(key, method, path, body=None):
    c = Connection(PORT, context(CA))
    return c.ask(method, path, body, signed(key, BASE, method, path, body, JSON))


def token(*args):
    return operator("token", "new", "--role", "create", "--role", "sign", *args).one()["token"]


PHONE.run("device", "enrol", "--ca", CA.root, "--token", token("--label", "treasury"))
MADE = {label: PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", label).one()["wallet"] for label in ("treasury/eu", "treasury/us")}
MADE[""] = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]


@test
def a_key_sees_and_asks_for_what_is_below_its_label():
    for label, mine in (("treasury", {"treasury/eu", "treasury/us"}), ("treasury/eu", {"treasury/eu"}), ("treasury/e", set()), ("other", set())):
        k = added(label.replace("/", "-"), label, "sign", "read")
        status, body = ask(k, "GET", "/v1/wallets")
        equal((status, {(w["wallet"], w["label"]) for w in json.loads(body)["wallets"]}), (200, {(MADE[x], x) for x in mine}))
        for x, wallet in MADE.items():
            body = json.dumps({"payload": {"type": "digest", "digest": DIGEST}, "path": "m"}).encode()
            status, said = ask(k, "POST", f"/v1/wallets/{wallet}/requests", body)
            equal((status, code_of(said)), (201, None) if x in mine else (404, "not-found"))
            equal(ask(k, "GET", f"/v1/wallets/{wallet}")[0], 200 if x in mine else 404)


@test
def labels_outlast_a_restart_and_a_refresh():
    k = added("after", "treasury/us", "read")
    PHONE.run("wallet", "refresh", MADE["treasury/us"])
    PHONE.run("device", "rekey")
    D.stop()
    D.start("--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT, "--tls-key", CERT_KEY)
    equal({w["label"] for w in json.loads(ask(k, "GET", "/v1/wallets")[1])["wallets"]}, {"treasury/us"})
    has(PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", "other", code=REFUSED).error(), "forbidden", "label")
    PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", "treasury/new")


@test
def who_has_no_label_gives_none():
    other = Phone(BASE)
    other.init()
    other.run("device", "enrol", "--ca", CA.root, "--token", token())
    identity = other.init().one()["identity"]
    equal([k.get("label") for k in operator("key", "list").objects(operator("key", "list").out) if k.get("device") == identity], [None])
    for label in ("treasury/eu", "x"):
        has(other.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", label, code=REFUSED).error(), "label")
    # Who makes wallets for a label alone makes none without it.
    maker = added("maker", "treasury", "create")
    body = {"signers_required": 2, "parties": 2, "devices": [identity], "nonces": ["11" * 32], "allow": ["digest"]}
    for label, expected in ((None, 403), ("other", 403), ("treasuries", 403), ("treasury/x", None)):
        status, said = ask(maker, "POST", "/v1/wallets", json.dumps({**body, **({"label": label} if label else {})}).encode())
        equal(status if expected else code_of(said) in (None, "aux-missing"), expected or True)


@test
def what_is_no_label_is_refused():
    for label in ("/", "a/", "A", "a b", "a" * 65):
        has(PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", label, code=INPUT).error(), "label")
        operator("token", "new", "--label", label, code=INPUT)
        operator("key", "add", Key().pem, "--name", "x", "--role", "read", "--label", label, code=INPUT)
    for more in (["--all-wallets"], ["--wallet", MADE[""]]):
        operator("key", "add", Key().pem, "--name", "x", "--role", "read", "--label", "a", *more, code=USAGE)
    has(operator("token", "new", "--label", "A", code=INPUT).error(), "treasury/eu", "64 octets")
    body = {"key": Key().public.hex(), "name": "x", "roles": ["read"], "label": "a", "all_wallets": True}
    equal(call(D.sock, "POST", "/v1/keys", json.dumps(body).encode(), {"Content-Type": JSON})[0], 400)


@test
def what_is_refused_is_told_with_what_is_taken():
    key = Key()
    for words, args in ((("digest", "eth_tx", "bip322"), ("wallet", "create", "--signers", "2", "--allow", "everything")),
                        (("digest", "eth_tx", "bip322"), ("wallet", "create", "--signers", "2", "--allow", "eip191,eip712"))):
        has(PHONE.run(*args, code=INPUT).error(), *words)
    has(operator("key", "add", key.pem, "--name", "x", "--role", "admin", "--all-wallets", code=INPUT).error(), "create, sign, approve, operate")
    has(operator("token", "new", "--role", "operate", code=INPUT).error(), "of a token the first three")
    has(PHONE.run("wallet", "create", "--signers", "2", "--label", "elsewhere", code=REFUSED).error(), "may not give this label")
    has(PHONE.run("device", "enrol", "--token", "00" * 32, code=REFUSED).error(), "time is up", "another one")
    for deadline in ("tomorrow", "2020-01-01T00:00:00Z"):
        has(operator("campaign", "new", "--all-wallets", "--per-minute", "1", "--at-once", "1", "--deadline", deadline, code=INPUT).error(),
            "to come", "2030-12-01T00:00:00Z")
    operator("key", "add", key.pem, "--name", "x", "--role", "read", "--all-wallets")
    has(operator("key", "add", key.pem, "--name", "x", "--role", "read", "--all-wallets", code=AGAIN).error(), "revoked", "another one")


main()
