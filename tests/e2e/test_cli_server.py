#!/usr/bin/env python3
"""A server that is none, another one, or one that answers nonsense: nothing is pinned, nothing is lost. Whoever answers
here is made up; no daemon is needed."""
import json, os

from cli import *
from relay import DROP, Relay

JSON, PROBLEM = "application/json", "application/problem+json"


def fresh(server):
    phone = Phone(server)
    phone.init()
    return phone


def enrols(said, code, *words):
    """The phone asks to be enrolled, the server says this."""
    relay = Relay()
    relay.lie(lambda asked, forward: said)
    phone = fresh(relay.path)
    before = snapshot(phone.state)
    error = phone.run("device", "enrol", code=code).error()
    has(error, *words)
    equal(snapshot(phone.state), before)
    relay.close()
    cleanups.pop()
    return error


# --- nobody there ---

@test
def no_server_is_exit_5_at_once():
    for address in (f"{ROOT}/no-socket", "http://127.0.0.1:1", write(f"{ROOT}/no-server", "x")):
        phone = fresh(address)
        has(at_once(lambda: phone.run("device", "enrol", code=OFFLINE)).error(), address, "countersignd running")
        equal(phone.files(), ["devices", "lock", "master"])


@test
def a_server_that_hangs_up_is_exit_5():
    for said in (DROP, b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"\x00\x01\x02\x03" * 100):
        enrols(said, OFFLINE, "no answer")


@test
def before_enrolment_nothing_is_asked():
    phone = fresh(None)
    for command in (["device", "enrol"], ["wallet", "create", "--allow", "digest", "--signers", "2"]):
        has(phone.run(*command, code=REFUSED).error(), "no device has enrolled", "device enrol --server")
    equal(phone.run("wallet", "list").notes(), ["no wallets here"])


@test
def the_environment_s_proxy_is_not_asked():
    relay = Relay(tcp=True)
    relay.lie(lambda asked, forward: (200, JSON, b"{}"))
    phone = fresh(relay.path)
    env = dict(os.environ, http_proxy="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1", all_proxy="socks5://127.0.0.1:1")
    has(phone.run("device", "enrol", code=INPUT, env=env).error(), "server_identity")
    equal(len(relay.asked), 1)


@test
def a_redirection_is_not_followed():
    elsewhere = Relay(tcp=True)
    said = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere.path}/v1/devices\r\nContent-Length: 0\r\n\r\n".encode()
    enrols(said, INPUT, "307", "is it countersignd")
    equal(elsewhere.asked, [])


# --- what others wrote is shown, and steers nothing ---

STEERS = ("\x1b[2J", "\x9b2J", "\x07", "\x7f", "\r", "\u202e", "\u2066")


@test
def what_others_wrote_steers_no_terminal():
    relay = Relay()
    key = {"keyid": "11" * 32, "name": "a" + "".join(STEERS) + "b", "roles": ["read" + STEERS[0]]}
    relay.lie(lambda asked, forward: (200, JSON, json.dumps({"keys": [key]}).encode()))
    shown = run_as(["key", "list", "--server", relay.path])
    equal(shown.code, OK)
    equal(shown.out, f"{'11' * 32}  a?[2J?2J?????b  read?[2J\n")
    said = run_as(["--json", "key", "list", "--server", relay.path])
    equal(said.one()["name"], key["name"])
    # Whose name is on a card is shown in the same way, and has one line.
    phone = fresh(relay.path)
    identity = phone.run("device", "card").one()
    for name in ("a\nnote: agreed", *STEERS):
        card = write(f"{phone.home}/card", json.dumps({**identity, "name": name}))
        has(phone.run("wallet", "create", "--signers", "3", "--with", card, code=INPUT).error(), "no device's card")


# --- nonsense ---

@test
def what_is_no_object_is_exit_3():
    deep = b'{"a":' * 100000 + b"1" + b"}" * 100000
    for body in (b"", b"<html>hello</html>", b"[]", b"1", b"null", b'"text"', b"{", b'{"a":1}{"b":2}', b'{"a":1,"a":2}', deep,
                 b'{"a":"\xff"}', b'{"a":"\\u0000"}', b'{"a":1e999}', bytes(1000)):
        enrols((200, JSON, body), INPUT, "no JSON object", "is it countersignd")
    enrols((204, None, b""), INPUT, "no JSON object")


@test
def an_enrolment_that_lacks_something_is_exit_3():
    good = {"server_identity": "11" * 32, "signature": "22" * 64}
    for name in good:
        for bad in (None, 1, True, [], {}, "", "zz", good[name][:-2], good[name] + "00", good[name][:-2] + "AA"):
            said = dict(good, **{name: bad})
            enrols((200, JSON, json.dumps(said).encode()), INPUT, name)
        enrols((200, JSON, json.dumps({k: v for k, v in good.items() if k != name}).encode()), INPUT, name)


@test
def an_enrolment_that_is_not_signed_pins_nobody():
    for identity in ("11" * 32, "00" * 32, "ff" * 32, "01" + "00" * 31):
        for signature in ("22" * 64, "00" * 64):
            said = json.dumps({"server_identity": identity, "signature": signature}).encode()
            enrols((201, JSON, said), INPUT, "E_SIGNATURE")


@test
def too_much_is_refused_before_it_fills_the_memory():
    enrols((200, JSON, b"{" + b" " * (17 << 20) + b"}"), INPUT, "too large")
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 300
    enrols(endless, INPUT, "too large")
    # curl's own limit on headers
    enrols(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100000 + b"\r\n", OFFLINE, "no answer")


# --- problems ---

def problem(status, **members):
    said = {"type": "urn:x", "title": "t", "status": status, "detail": "do this", "code": "bad-request", "retryable": False}
    said.update(members)
    return status, PROBLEM, json.dumps({k: v for k, v in said.items() if v is not None}).encode()


@test
def every_code_of_the_server_has_its_exit_code():
    expected = {(400, "bad-request"): INPUT, (400, "bad-envelope"): INPUT, (401, "bad-signature"): REFUSED,
                (403, "policy-denied"): REFUSED, (403, "unix-socket-only"): REFUSED, (404, "not-found"): REFUSED,
                (410, "session-gone"): AGAIN, (405, "method-not-allowed"): REFUSED, (413, "too-large"): INPUT,
                (415, "wrong-content-type"): INPUT, (409, "round-conflict"): AGAIN, (409, "round-out-of-order"): AGAIN,
                (409, "ssid-mismatch"): AGAIN, (409, "epoch-changed"): AGAIN, (409, "state-conflict"): AGAIN,
                (409, "aux-missing"): REFUSED, (409, "no-presignature"): REFUSED, (422, "proof-failed"): CHEAT,
                (423, "key-locked"): CHEAT, (426, "protocol-version"): INPUT, (429, "session-limit"): AGAIN,
                (500, "internal"): REFUSED, (503, "not-ready"): AGAIN, (503, "store-unavailable"): AGAIN,
                (503, "overloaded"): AGAIN, (418, "of-another-version"): REFUSED}
    relay = Relay()
    phone = fresh(relay.path)
    for (status, name), code in expected.items():
        relay.lie(lambda asked, forward, s=status, n=name: problem(s, code=n))
        r = phone.run("device", "enrol", code=code)
        has(r.error(), name, "do this")
        equal([x["code"] for x in r.objects(r.err)], [name])
    has(phone.run("device", "enrol", code=REFUSED).error(), "of-another-version")


@test
def the_way_out_is_a_command():
    relay = Relay()
    phone = fresh(relay.path)
    for status, name, way in ((423, "key-locked", "countersign wallet unlock"), (409, "aux-missing", "countersign device enrol"),
                              (409, "no-presignature", "countersign presign"), (403, "unix-socket-only", "--server PATH")):
        relay.lie(lambda asked, forward, s=status, n=name: problem(s, code=n))
        code = phone.start("device", "enrol")
        has(code.communicate()[1], way)


@test
def a_problem_steers_no_terminal_and_fills_no_screen():
    relay = Relay()
    phone = fresh(relay.path)
    for member in ("code", "detail", "field"):
        relay.lie(lambda asked, forward, m=member: problem(400, **{m: "\x1b[2J\u009b31m\r\n\x07" + "x" * 100000}))
        error = phone.run("device", "enrol", code=INPUT).error()
        if not error.isprintable() or not error.isascii() or len(error) > 1500:
            raise AssertionError(f"{error[:200]!r}")


@test
def a_problem_without_a_code_is_not_countersignd_s():
    for said in (problem(404, code=None), problem(404, code=7), (404, "text/html", b"<h1>Not Found</h1>"), (500, None, b""),
                 (301, None, b""), (400, JSON, b"[]")):
        enrols(said, INPUT, str(said[0]), "is it countersignd")


if __name__ == "__main__":
    main()
