#!/usr/bin/env python3
"""Campaigns: the operator asks, and refreshes ride on what devices do anyway: after the signature, never instead of it."""
import concurrent.futures, http.client, json, os, signal, sqlite3, subprocess, time

from cli import *
from relay import DROP, Relay
from signing import Key, signed
from tls import free_port

w = World("phone")
w.phone.init("third")
w.phone.run("device", "enrol", "--device", "third")
SOCK = w.daemon.sock
JSON = {"Content-Type": "application/json"}
FAR = "2099-01-01T00:00:00Z"
SIGN = ["--digest", DIGEST]


def operator(*args, code=OK):
    r = run_as(["--json", "campaign", *args, "--server", SOCK])
    equal((r.code, r.complaints() if code == OK else []), (code, []))
    return r


def begin(*wallets, per_minute=1000, at_once=10, deadline=FAR, on_miss="lock"):
    chosen = [x for wallet in wallets for x in ("--wallet", wallet)] or ["--all-wallets"]
    r = operator("new", *chosen, "--per-minute", str(per_minute), "--at-once", str(at_once), "--deadline", deadline, "--on-miss", on_miss)
    return r.one()["campaign"]


def show(campaign):
    said = operator("show", campaign).one()
    equal(said["eligible"], sum(said[k] for k in ("done", "waiting", "running", "late", "failed")))
    return said


def ends(campaign):
    """Not one test's campaign in the next one's way."""
    operator("cancel", campaign)


def epoch(wallet):
    return json.loads(call(SOCK, "GET", f"/v1/wallets/{wallet}")[2])["epoch"]


def kinds(wallet):
    """Sessions of a wallet, in order: kind and state."""
    db = sqlite3.connect(f"{w.daemon.state}/store.db")
    found = db.execute("SELECT kind, state FROM sessions WHERE wallet = ? ORDER BY rowid", (bytes.fromhex(wallet),)).fetchall()
    db.close()
    return found


def signs(wallet, *args, phone=None):
    """A signature that OpenSSL likes; what was noted beside it."""
    r = (phone or w.phone).run("sign", wallet, *SIGN, *args)
    equal(openssl_verifies(r.one(), DIGEST), True)
    return r.notes()


def raw(path, body, status):
    got, _, octets = call(SOCK, "POST", path, json.dumps(body).encode(), JSON)
    equal(got, status)
    return json.loads(octets)


def refresh_by_hand(wallet):
    """A session that nobody goes on with."""
    return raw(f"/v1/wallets/{wallet}/sessions", {"kind": "refresh", "signers": [1, 2], "nonces": ["11" * 32], "test_signers": [1, 2]}, 201)["session"]


ONE, TWO = (w.wallet(2, "phone")["wallet"] for _ in range(2))


@test
def the_refresh_follows_the_signature():
    c = begin(ONE)
    notes = signs(ONE)
    equal(len(notes), 1)
    has(notes[0], c, ONE, "refreshed", "epoch 1")
    equal(epoch(ONE), 1)
    equal(kinds(ONE)[-2:], [(4, 2), (6, 2)])
    equal((show(c)["state"], show(c)["done"]), ("done", 1))
    equal(w.phone.files("devices/phone/wallets", ONE), ["record", "share"])
    # Once is enough.
    equal(signs(ONE), [])
    ends(c)


@test
def other_wallets_are_left_alone():
    c = begin(ONE)
    equal(signs(TWO), [])
    equal(show(c)["waiting"], 1)
    ends(c)


@test
def presigning_waits_for_the_refresh_and_keeps_its_halves():
    before = epoch(ONE)
    c = begin(ONE)
    r = w.phone.run("presign", ONE, "--count", "2")
    has(r.notes()[0], "refreshed")
    equal(r.one()["presignatures"], 2)
    equal((epoch(ONE), show(c)["done"]), (before + 1, 1))
    ends(c)
    equal(signs(ONE, "--presigned"), [])
    # A presigned signature carries a refresh like every other.
    c = begin(ONE)
    has(signs(ONE, "--presigned")[0], "refreshed")
    equal(epoch(ONE), before + 2)
    ends(c)


@test
def by_hand_counts_too():
    c = begin(ONE)
    equal(w.phone.run("wallet", "refresh", ONE, "--kdf-memory", "8").notes(), [])
    equal(show(c)["done"], 1)
    ends(c)


@test
def paused_campaigns_want_nothing():
    c = begin(ONE)
    equal(operator("pause", c).one()["state"], "paused")
    equal(signs(ONE), [])
    w.daemon.stop()
    w.daemon.start()
    equal(signs(ONE), [])
    equal((show(c)["state"], show(c)["waiting"]), ("paused", 1))
    equal(operator("resume", c).one()["state"], "running")
    w.daemon.stop(signal.SIGKILL)
    w.daemon.start()
    has(signs(ONE)[0], "refreshed")
    ends(c)
    equal(operator("show", c).one()["state"], "cancelled")
    has(operator("resume", c, code=AGAIN).error(), "state-conflict")


@test
def over_the_pace_nobody_is_told():
    c = begin(ONE, TWO, at_once=1)
    s = refresh_by_hand(TWO)
    equal(show(c)["running"], 1)
    equal(signs(ONE), [])
    equal(call(SOCK, "DELETE", f"/v1/sessions/{s}")[0], 204)
    equal((show(c)["waiting"], show(c)["running"]), (2, 0))
    has(signs(ONE)[0], "refreshed")
    ends(c)
    # Who was told and comes too late goes home without a word.
    c = begin(ONE, TWO, at_once=1)
    held = []

    def late(asked, forward):
        if asked.method == "POST" and b'"campaign"' in asked.body:
            held.append(refresh_by_hand(TWO))
        return forward()

    relay = Relay(SOCK)
    relay.rule = late
    phone = Phone(relay.path, state=w.phone.state)
    equal(signs(ONE, phone=phone), [])
    equal(len(held), 1)
    equal(call(SOCK, "DELETE", f"/v1/sessions/{held[0]}")[0], 204)
    ends(c)


@test
def a_refresh_that_fails_is_a_note_and_the_signature_stands():
    # Its third party is not in the copy of the folder.
    wallet = w.wallet(2, "phone", "third")["wallet"]
    c = begin(wallet)
    copy = w.phone.copy()
    subprocess.run(["rm", "-r", copy.path("devices/third")], check=True)
    notes = signs(wallet, phone=copy)
    equal(len(notes), 1)
    has(notes[0], c, "not done", "party 3 is not here")
    # The server goes away in the middle of it.
    cut = []

    def dead(asked, forward):
        if asked.method == "POST" and b'"campaign"' in asked.body:
            cut.append(asked)
        return DROP if cut else forward()

    relay = Relay(SOCK)
    relay.rule = dead
    has(signs(wallet, phone=Phone(relay.path, state=w.phone.state))[0], "not done", "no answer")
    equal((len(cut) > 0, epoch(wallet), show(c)["waiting"]), (True, 0, 1))
    # All devices take part, whichever signs.
    has(signs(wallet, "--device", "phone")[0], "refreshed")
    equal(show(c)["done"], 1)
    ends(c)


@test
def a_start_that_settles_a_refresh_goes_on_with_it():
    c = begin(ONE)
    before = epoch(ONE)
    lost = []

    def cut(asked, forward):
        if asked.is_round() and asked.path.endswith("/rounds/3"):
            lost.append(asked)
        return DROP if lost else forward()

    relay = Relay(SOCK)
    relay.rule = cut
    phone = Phone(relay.path, state=w.phone.state)
    equal(phone.run("wallet", "refresh", ONE, "--kdf-memory", "8", code=OFFLINE).code, OFFLINE)
    equal("staged" in w.phone.files("devices/phone/wallets", ONE), True)
    has(w.phone.run("wallet", "list").notes()[0], "refreshed")
    equal((epoch(ONE), show(c)["done"]), (before + 1, 1))
    equal(w.phone.files("devices/phone/wallets", ONE), ["record", "share"])
    ends(c)


@test
def the_signature_is_out_before_the_refresh_begins():
    c = begin(ONE)
    before = epoch(ONE)
    p = w.phone.start("sign", ONE, *SIGN)
    line = p.stdout.readline()
    p.kill()
    p.wait()
    equal(openssl_verifies(json.loads(line), DIGEST), True)
    # Whatever was cut off is settled by the next start, and one of them is the last.
    w.phone.run("wallet", "list")
    signs(ONE)
    equal((epoch(ONE), show(c)["state"]), (before + 1, "done"))
    ends(c)


@test
def who_misses_the_deadline_refreshes_before_it_signs():
    wallets = [ONE, TWO]
    w.phone.run("presign", TWO)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    c = begin(*wallets, deadline=soon)
    wait_for(lambda: show(c)["late"] == 2)
    before = epoch(ONE)
    equal([x["state"] for x in operator("export", c).objects(operator("export", c).out)], ["late", "late"])
    # What is stopped does not lock.
    operator("pause", c)
    equal(signs(TWO), [])
    operator("resume", c)
    for command in (["sign", TWO, *SIGN, "--presigned"], ["presign", TWO]):
        body = {"signers": [1, 2], "nonces": ["11" * 32], "kind": "presign", "count": 1}
        equal(raw(f"/v1/wallets/{TWO}/sessions", body, 409)["code"], "refresh-required")
    r = w.phone.run("sign", ONE, *SIGN, code=REFUSED)
    has(r.error(), "refresh-required", c, "wallet refresh")
    has(r.notes()[0], "refreshed")
    equal((epoch(ONE), kinds(ONE)[-1]), (before + 1, (6, 2)))
    equal(signs(ONE), [])
    # By hand, too; and a wallet that is only counted signs on.
    w.phone.run("wallet", "refresh", TWO, "--kdf-memory", "8")
    equal(signs(TWO), [])
    equal((show(c)["done"], show(c)["late"]), (2, 0))
    ends(c)


@test
def who_reads_is_told_in_time():
    c = begin(ONE)
    for code, args in ((USAGE, ["show", "12"]), (REFUSED, ["show", "77" * 16]), (USAGE, ["new", "--all-wallets"]), (USAGE, ["new"])):
        operator(*args, code=code)
    equal(run_as(["--json", "campaign", "list"]).code, USAGE)
    for bad in ({"deadline": "2099-02-30T00:00:00Z"}, {"deadline": "2001-01-01T00:00:00Z"}, {"deadline": "2099-01-01"}, {"on_miss": "shout"},
                {"per_minute": 0}, {"at_once": 257}, {"wallets": ["77" * 16]}, {"all_wallets": True}, {"refreshed_before": "now"},
                {"wallets": [ONE, ONE]}, {"wallets": []}):
        body = {"wallets": [ONE], "per_minute": 1, "at_once": 1, "deadline": FAR, "on_miss": "warn"}
        equal(raw("/v1/campaigns", {**body, **bad}, 400)["field"], "wallets" if "all_wallets" in bad else next(iter(bad)))
    equal(raw("/v1/campaigns", {"refreshed_before": "2001-01-01T00:00:00Z", "per_minute": 1, "at_once": 1, "deadline": FAR, "on_miss": "warn"},
              409)["code"], "state-conflict")
    listed = operator("list").objects(operator("list").out)
    equal([x["state"] for x in listed if x["campaign"] == c], ["running"])
    lines = f"{w.phone.home}/export"
    operator("export", c, "--out", lines)
    rows = [json.loads(x) for x in read(lines).decode().splitlines()]
    equal([(x["wallet"], x["state"], x["epoch_after"]) for x in rows], [(ONE, "waiting", None)])
    operator("export", c, "--out", lines, code=LOCAL)
    has(run_as(["campaign", "show", c, "--server", SOCK]).out, c, "running", "waiting     1")
    equal(call(SOCK, "GET", f"/v1/campaigns/{c}/wallets/2")[2], b'{"wallets":[]}')
    equal(call(SOCK, "GET", f"/v1/campaigns/{c}/wallets/0")[0], 404)
    ends(c)


@test
def over_tcp_campaigns_are_for_who_operates_all_wallets():
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    w.daemon.stop()
    w.daemon.start("--listen", f"127.0.0.1:{port}")

    def key(*args):
        k = Key()
        equal(run_as(["key", "add", k.pem, "--name", "x", *args, "--server", SOCK]).code, OK)
        return k

    def ask(k, method, path, body=None):
        octets = None if body is None else json.dumps(body).encode()
        c = http.client.HTTPConnection("127.0.0.1", port)
        c.request(method, path, octets, signed(k, base, method, path, octets, "application/json"))
        r = c.getresponse()
        return r.status, json.loads(r.read())

    reader, some = key("--role", "read", "--all-wallets"), key("--role", "operate", "--wallet", ONE)
    body = {"all_wallets": True, "per_minute": 9, "at_once": 9, "deadline": FAR, "on_miss": "lock"}
    c = begin(ONE)
    for k in (reader, some):
        equal(ask(k, "POST", "/v1/campaigns", body)[1]["code"], "forbidden")
        for path in ("", f"/{c}", f"/{c}/wallets/1"):
            equal(ask(k, "GET", f"/v1/campaigns{path}")[1]["code"], "forbidden")
        for path in ("pause", "resume", "cancel"):
            equal(ask(k, "POST", f"/v1/campaigns/{c}/{path}")[1]["code"], "forbidden")
    every = key("--role", "operate", "--all-wallets")
    equal(ask(every, "GET", f"/v1/campaigns/{c}")[1]["waiting"], 1)
    equal(ask(every, "GET", f"/v1/campaigns/{'77' * 16}")[0], 404)
    # Who reads only does not refresh.
    equal(["refresh_wanted" in ask(k, "GET", f"/v1/wallets/{ONE}")[1] for k in (reader, every)], [False, False])
    status, began = ask(every, "POST", "/v1/campaigns", body)
    equal((status, began["eligible"]), (201, len(w.listed())))
    # Under a name of one's own it is one campaign, however often it is asked for, and of many that come at once one is made.
    named = lambda value, who="again": call(w.daemon.sock, "POST", "/v1/campaigns", json.dumps(value), {"Content-Type": "application/json",
                                                                                               "Idempotency-Key": f'"{who}"'})
    count = lambda: len(json.loads(call(w.daemon.sock, "GET", "/v1/campaigns")[2])["campaigns"])
    before = count()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda _: named(body), range(6)))
    equal((sorted(g[0] for g in got), len({json.loads(g[2])["campaign"] for g in got}), count()), ([200] * 5 + [201], 1, before + 1))
    again = json.loads(got[0][2])["campaign"]
    status, _, said = named({**body, "per_minute": 8})
    equal((status, json.loads(said)["code"], count()), (422, "idempotency-key-reused", before + 1))
    equal(named({**body, "per_minute": 8}, "another")[0], 201)
    other = json.loads(named({**body, "per_minute": 8}, "another")[2])["campaign"]
    equal(json.loads(named(body, "x" * 129)[2])["code"], "bad-request")
    for x in (c, began["campaign"], again, other):
        equal(ask(every, "POST", f"/v1/campaigns/{x}/cancel")[1]["state"], "cancelled")


main()
