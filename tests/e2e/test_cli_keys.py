"""Keys for HTTP are replaced, a phone's and the server's, over TLS: nobody waits, nobody goes back, whatever is cut off."""
import json, os, shutil, sqlite3, time

from cli import AGAIN, CHEAT, DIGEST, OK, REFUSED, Daemon, Phone, altered, call, equal, has, main, read, run_as, test, wait_for, write
from signing import Key, code_of, signed
from tls import Authority, Connection, context, free_port

CA, D, PORT = Authority(), Daemon(), free_port()
BASE = f"https://localhost:{PORT}"
CERT, CERT_KEY = CA.issue("server")
JSON = "application/json"


def start():
    D.start("--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT, "--tls-key", CERT_KEY, ready=False)


def operator(*args, code=OK):
    r = run_as(["--json", *args, "--server", D.sock])
    equal(r.code, code)
    return r


def enrolled(name="phone"):
    p = Phone(BASE)
    p.identity = p.init(name).one()["identity"]
    p.run("device", "enrol", "--device", name, "--ca", CA.root, "--token", operator("token", "new", "--role", "sign").one()["token"])
    return p


def keys(device):
    said = operator("key", "list")
    return {k["keyid"]: k for k in said.objects(said.out) if k.get("device") == device}


def server_keys():
    status, body = Connection(PORT, context(CA)).ask(path="/v1/server-keys")
    equal(status, 200)
    return json.loads(body)["keys"]


start()


# --- a device's ---

@test
def a_phone_s_key_is_replaced_and_the_old_one_is_no_key_any_more():
    p = enrolled()
    identity = p.identity
    old, (first,) = p.copy(), keys(identity)
    said = p.run("device", "rekey").one()
    listed = keys(identity)
    equal(set(listed), {first, said["keyid"]})
    equal("revoked" in listed[first], True)
    equal(listed[said["keyid"]]["roles"], listed[first]["roles"])
    p.run("device", "enrol")
    has(old.run("device", "enrol", code=REFUSED).error(), "token")
    has(old.run("device", "rekey", code=REFUSED).error(), "bad-signature")
    again = p.run("device", "rekey").one()["keyid"]
    equal([k for k, v in keys(identity).items() if "revoked" not in v], [again])
    equal(p.files("devices", "phone"), sorted(set(p.files("devices", "phone")) - {"http.next"}))
    # Over the socket all keys of the device go.
    p.server = D.sock
    last = p.run("device", "rekey").one()["keyid"]
    equal([k for k, v in keys(identity).items() if "revoked" not in v], [last])


@test
def a_device_does_not_approve_what_it_has_asked_for_with_its_next_key():
    p, alice = Phone(BASE), Key()
    identity = p.init("phone", aux=True).one()["identity"]
    roles = [w for r in ("create", "sign", "approve") for w in ("--role", r)]
    p.run("device", "enrol", "--ca", CA.root, "--token", operator("token", "new", *roles).one()["token"])
    wallet = p.run("wallet", "create", "--signers", "2", "--allow", "digest").one()["wallet"]
    operator("key", "add", alice.pem, "--name", "alice", "--role", "approve", "--all-wallets")

    def asked(key, **more):
        then = {"approve": {"quorum": 1, "of": [key], **more}}
        rules = [{"id": "one", "if": {"types": ["digest"], "blind": True}, "then": then}]
        body = json.dumps({"policy": {"version": 1, "default": "deny", "rules": rules}}).encode()
        equal(call(D.sock, "PUT", f"/v1/wallets/{wallet}/policy", body, {"Content-Type": JSON})[0], 200)

    asked(alice.id)
    p.run("sign", wallet, "--digest", DIGEST, code=AGAIN)
    request = json.loads(call(D.sock, "GET", f"/v1/wallets/{wallet}/requests")[2])["requests"][0]
    equal((request["state"], request["creator"] in keys(identity)), ("pending", True))
    key = p.run("device", "rekey").one()["keyid"]
    asked(key)
    has(p.run("approve", request["request"], "--yes", code=REFUSED).error(), "creator")
    asked(key, by_creator=True)
    equal(p.run("approve", request["request"], "--yes").one()["state"], "approved")


@test
def a_key_that_was_begun_is_finished_at_the_next_start():
    """Whether the server has heard of it or not: files as a crash before and after the call leaves them."""
    p = enrolled()
    identity = p.identity
    before = p.copy()
    new = p.run("device", "rekey").one()["keyid"]
    for command in (["device", "enrol"], ["device", "rekey"]):
        told = before.copy()
        shutil.copy(p.path("devices/phone/http"), told.path("devices/phone/http.next"))
        told.run(*command)
        equal(read(told.path("devices/phone/http")), read(p.path("devices/phone/http")))
        equal(os.path.exists(told.path("devices/phone/http.next")), False)
    equal([k for k, v in keys(identity).items() if "revoked" not in v], [new])
    D.stop()
    q = p.copy()
    q.run("device", "rekey", code=5)
    equal(os.path.exists(q.path("devices/phone/http.next")), True)
    equal(read(q.path("devices/phone/http")), read(p.path("devices/phone/http")))
    start()
    q.run("device", "enrol")
    equal(os.path.exists(q.path("devices/phone/http.next")), False)
    equal(len([k for k, v in keys(identity).items() if "revoked" not in v]), 1)
    equal(new in [k for k, v in keys(identity).items() if "revoked" in v], True)
    write(q.path("devices/phone/http.next"), altered(read(q.path("devices/phone/http")), 60))
    q.run("device", "enrol", code=4)


@test
def nobody_replaces_another_s_key():
    p, other = enrolled(), enrolled()
    mine, theirs = p.identity, other.identity
    backend = Key()
    operator("key", "add", backend.pem, "--name", "b", "--role", "device", "--all-wallets", code=3)
    operator("key", "add", backend.pem, "--name", "b", "--role", "sign", "--all-wallets")
    before = {**keys(mine), **keys(theirs)}
    body = json.dumps({"key": Key().public.hex(), "key_signature": "00" * 64}).encode()
    path = f"/v1/devices/{mine}/keys"
    c = Connection(PORT, context(CA))
    equal(c.ask("POST", path, body, signed(backend, BASE, "POST", path, body, JSON))[0], 403)
    # The operator's socket asks for the identity's signature, too; a key of somebody else is refused.
    equal(call(D.sock, "POST", path, body, {"Content-Type": JSON})[0], 401)
    equal(call(D.sock, "POST", f"/v1/devices/{'77' * 32}/keys", body, {"Content-Type": JSON})[0], 401)
    equal({**keys(mine), **keys(theirs)}, before)


# --- the server's ---

def rotated(seconds):
    return operator("key", "rotate", "--seconds", str(seconds)).one()


def settled(generation):
    wait_for(lambda: [k["generation"] for k in server_keys()] == [generation])


@test
def clients_follow_the_server_s_new_key_and_never_go_back():
    p = enrolled()
    idle = p.copy()
    equal([k["generation"] for k in server_keys()], [1])
    equal(len(read(p.path("server.key"))), 3 + 64 + 44)
    first = read(p.path("server.key"))
    equal(rotated(3600)["generation"], 2)
    # Both are told; the old one still signs, and a second rotation waits.
    equal([k["generation"] for k in server_keys()], [1, 2])
    has(operator("key", "rotate", code=AGAIN).error(), "state-conflict")
    p.run("device", "enrol")
    equal(read(p.path("server.key")), first)
    D.stop()
    sqlite3.connect(f"{D.state}/store.db").executescript("UPDATE server_keys SET since = 1")
    start()
    settled(2)
    stored = lambda: sqlite3.connect(f"{D.state}/store.db").execute("SELECT generation FROM server_keys").fetchall()
    wait_for(lambda: stored() == [(2,)])
    p.run("device", "rekey")
    second = read(p.path("server.key"))
    equal(second[-8:], bytes(7) + b"\2")
    p.run("device", "enrol")
    equal(rotated(0)["generation"], 3)
    settled(3)
    # One that was away for long follows, too.
    idle.run("device", "rekey", code=REFUSED)
    equal(read(idle.path("server.key"))[-1], 3)
    fresh = enrolled()
    equal(read(fresh.path("server.key"))[-1], 3)
    p.run("device", "enrol")
    log = read(f"{D.home}/log").decode()
    for event in ("server-key.made", "server-key.destroyed"):
        has(log, f'"level":"audit","event":"{event}"')


@test
def an_older_key_is_not_taken_again():
    """The server's store from before the rotation, as somebody who stole it would show it."""
    D.stop()
    shutil.copytree(D.state, f"{D.home}/stolen")
    start()
    p = enrolled()
    now = server_keys()[-1]["generation"]
    rotated(0)
    settled(now + 1)
    p.run("device", "enrol")
    known = read(p.path("server.key"))
    equal(known[-1], now + 1)
    D.stop()
    shutil.move(D.state, f"{D.home}/real")
    shutil.move(f"{D.home}/stolen", D.state)
    start()
    for command in (["device", "rekey"], ["device", "enrol"]):
        p.run(*command, code=CHEAT)
    equal(read(p.path("server.key")), known)
    D.stop()
    shutil.move(D.state, f"{D.home}/stolen")
    shutil.move(f"{D.home}/real", D.state)
    start()
    p.run("device", "enrol")


main()
