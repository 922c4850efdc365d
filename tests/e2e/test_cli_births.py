#!/usr/bin/env python3
"""Between the acknowledgement and the birth: whatever is lost, and whoever lies, a share is kept until the server's
signature decides; and then both sides have the wallet, or neither."""
import json, os, time

from cli import *
from relay import DROP, Relay

w = World()
relay = Relay(w.daemon.sock)
HERE = "devices/phone/wallets"
JSON, PROBLEM = "application/json", "application/problem+json"


def is_ack(asked):
    return asked.is_round() and asked.path.endswith("/rounds/3")


def lost_request(asked, forward):
    return DROP if is_ack(asked) else forward()


def lost_reply(asked, forward):
    said = forward()
    return DROP if is_ack(asked) else said


def cut_off(rule):
    """A phone whose key generation lost its last exchange: its wallet is pending."""
    phone = w.phone.copy()
    phone.server = relay.lie(rule).path
    before = set(phone.files(HERE))
    r = phone.run("wallet", "create", "--allow", "digest", "--signers", "2", code=OFFLINE)
    has(r.error(), "no answer")
    has(r.notes()[0], "wallet list")
    found = set(phone.files(HERE)) - before
    equal(len(found), 1)
    wallet = found.pop()
    equal(phone.files(HERE, wallet), ["pending", "record"])
    phone.server = None
    return phone, wallet


def asks_through(phone, rule, *args):
    """The phone's next command meets these answers."""
    phone.server = relay.lie(rule).path
    r = phone.run(*(args or ("wallet", "list")))
    phone.server = None
    return r


def signs(phone, wallet):
    signed = phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1").one()
    equal(openssl_verifies(signed, DIGEST), True)


@test
def an_acknowledgement_that_never_arrived_leaves_nothing_on_either_side():
    phone, wallet = cut_off(lost_request)
    equal(wallet in phone.wallets(), False)
    equal(phone.files(HERE, wallet), [])
    equal(wallet in w.listed(), False)


@test
def a_birth_that_was_not_heard_of_is_followed():
    phone, wallet = cut_off(lost_reply)
    equal(wallet in w.listed(), True)
    equal(wallet in phone.wallets(), True)
    equal(phone.files(HERE, wallet), ["record", "share"])
    signs(phone, wallet)


@test
def the_acknowledgement_is_sent_again_before_it_is_given_up():
    phone = w.phone.copy()
    bodies = []

    def deaf_once(asked, forward):
        if is_ack(asked):
            bodies.append(asked.body)
        return DROP if is_ack(asked) and len(bodies) == 1 else forward()

    phone.server = relay.lie(deaf_once).path
    wallet = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    equal(len(bodies), 2)
    equal(bodies[0], bodies[1])
    signs(phone, wallet)


@test
def a_server_that_is_gone_leaves_the_share_pending():
    phone, wallet = cut_off(lost_reply)
    kept = snapshot(phone.state)
    phone.server = f"{ROOT}/nobody"
    notes = at_once(lambda: phone.run("wallet", "list")).notes()
    has(notes[0], wallet, "stays pending", "no answer")
    equal(snapshot(phone.state), kept)
    phone.server = None
    equal(wallet in phone.wallets(), True)


@test
def nobody_but_the_server_can_make_a_share_go_away():
    phone, wallet = cut_off(lost_reply)
    kept = snapshot(phone.state)
    other = call(w.daemon.sock, "GET", "/v1/wallets/" + "0f" * 16)
    equal(other[0], 404)
    genuine = json.loads(other[2])["unborn"]  # of another wallet
    unborn = [None, 7, "", "00" * 64, genuine, genuine[:-2], genuine.upper()]
    lies = [(404, PROBLEM, json.dumps({"code": "not-found", "detail": "x", "unborn": u}).encode()) for u in unborn]
    lies += [(404, "text/html", b"<h1>Not Found</h1>"), (404, None, b""), (200, JSON, b"{}"), (200, JSON, b""),
             (200, JSON, b'{"state":"pending"}'), (200, JSON, b'{"state":"active"}'), (410, PROBLEM, b'{"code":"session-gone"}'),
             (200, JSON, json.dumps({"state": "active", "commit": "11" * 64}).encode()), (500, None, b"x"), (204, None, b""),
             (403, PROBLEM, b'{"code":"policy-denied","detail":"x"}'), b"nonsense", DROP]
    for lie in lies:
        notes = asks_through(phone, lambda asked, forward, s=lie: s).notes()
        has(notes[0], wallet, "stays pending")
        equal(snapshot(phone.state), kept)
    equal(wallet in phone.wallets(), True)
    signs(phone, wallet)


@test
def nobody_but_the_server_can_make_a_wallet_be_born():
    phone, wallet = cut_off(lost_request)
    # The commit of another wallet of the same server is none of this one.
    born = w.wallet()["wallet"]
    said = call(w.daemon.sock, "GET", f"/v1/wallets/{born}")[2]
    asks_through(phone, lambda asked, forward: (200, JSON, said) if asked.method == "GET" else (204, None, b""))
    equal(phone.files(HERE, wallet), ["pending", "record"])
    equal(wallet in phone.wallets(), False)


@test
def a_session_that_may_go_on_is_given_up_before_it_is_asked_about():
    phone, wallet = cut_off(lost_request)
    asks_through(phone, None)
    equal([a.method for a in relay.asked[:2]], ["DELETE", "GET"])
    has(relay.asked[0].path, "/v1/sessions/")
    has(relay.asked[1].path, f"/v1/wallets/{wallet}")


@test
def a_daemon_that_was_restarted_decides_as_well():
    never, wallet = cut_off(lost_request)
    heard, born = cut_off(lost_reply)
    w.daemon.stop()
    w.daemon.start()
    equal(wallet in never.wallets(), False)
    equal(never.files(HERE, wallet), [])
    equal(born in heard.wallets(), True)
    signs(heard, born)


@test
def a_share_whose_commit_is_on_disk_needs_no_server():
    phone = w.phone.copy()
    phone.server = None
    wallet = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    # As if the process had ended between writing the commit and the rename.
    os.rename(phone.path(HERE, wallet, "share"), phone.path(HERE, wallet, "pending"))
    phone.server = f"{ROOT}/nobody"
    equal(wallet in phone.wallets(), True)
    equal(phone.files(HERE, wallet), ["record", "share"])


@test
def what_was_cut_off_before_the_acknowledgement_is_removed():
    phone, wallet = cut_off(lost_request)
    os.unlink(phone.path(HERE, wallet, "pending"))
    phone.run("wallet", "list")
    equal(phone.files(HERE), [x for x in phone.files(HERE) if x != wallet])


@test
def a_damaged_pending_share_stops_no_other_wallet():
    phone, wallet = cut_off(lost_reply)
    path = phone.path(HERE, wallet, "pending")
    good = read(path)
    write(path, altered(good, len(good) - 1))
    other = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    r = phone.run("wallet", "list")
    has(r.notes()[0], wallet, "E_SEAL")
    equal([x["wallet"] for x in r.objects(r.out)].count(other), 1)
    write(path, good)
    equal(wallet in phone.wallets(), True)


@test
def a_wallet_s_id_cannot_be_told_wrong():
    phone = w.phone.copy()

    def renamed(asked, forward):
        status, kind, body = forward()
        if asked.path == "/v1/wallets" and asked.method == "POST":
            said = json.loads(body)
            said["wallet"]["wallet"] = "0f" * 16
            body = json.dumps(said).encode()
        return status, kind, body

    phone.server = relay.lie(renamed).path
    has(phone.run("wallet", "create", "--allow", "digest", "--signers", "2", code=INPUT).error(), '"wallet"')
    # With a nonce that fits the false id the two sides no longer speak of the same session.
    def renamed_with_nonce(asked, forward):
        status, kind, body = renamed(asked, forward)
        if asked.path == "/v1/wallets" and asked.method == "POST":
            said = json.loads(body)
            said["session"]["nonces"][1] = "0f" * 16 + said["session"]["nonces"][1][32:]
            body = json.dumps(said).encode()
        return status, kind, body

    phone.server = relay.lie(renamed_with_nonce).path
    r = phone.run("wallet", "create", "--allow", "digest", "--signers", "2", code=AGAIN)
    has(r.error(), "ssid-mismatch")
    equal("0f" * 16 in phone.files(HERE), False)


@test
def too_few_or_too_many_signers_are_refused_here():
    for signers, parties, words in ((1, None, "2 or more"), (3, None, "2 to 2"), (2, 3, "3 parties are the server and 2 devices")):
        more = ["--parties", str(parties)] if parties else []
        has(w.phone.run("wallet", "create", "--allow", "digest", "--signers", str(signers), *more, code=USAGE).error(), words)
    w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--parties", "2")


if __name__ == "__main__":
    main()
