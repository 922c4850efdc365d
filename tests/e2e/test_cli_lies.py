#!/usr/bin/env python3
"""A relay that alters what the server says, in every command: it ends with a clear exit code, and no share, no identity
and no unused half is touched. Each run draws some of the alterations, all of them with FAULTS=all."""
import itertools, json, os

from cli import *
from relay import DROP, Relay

w = World()
relay = Relay(w.daemon.sock)
WALLET = w.wallet()["wallet"]
JSON = "application/json"
SIGN = ["sign", WALLET, "--digest", DIGEST, "--path", "m/1"]
# 7.1 of the protocol: which exit codes a lie may have; never OK, never a crash.
HONEST_FAILURE = (INPUT, OFFLINE, REFUSED, AGAIN, CHEAT)


def kept(phone):
    """What no lie may touch: identities, auxiliary info, shares, and who the server is."""
    found = {k: v for k, v in snapshot(phone.state).items() if "presignatures" not in k and "peers" not in k and
             (WALLET in k or "wallets" not in k)}
    found["server"] = found["server"][:35]  # its address may be a new one
    return found


def told(phone, rule, *args):
    """The command through a relay that lies; its result."""
    before, sessions = kept(phone), set()

    def noting(asked, forward):
        def noted():
            said = forward()
            if asked.method == "POST" and said[0] == 201:
                reply = json.loads(said[2])
                reply = reply["session"] if isinstance(reply.get("session"), dict) else reply
                sessions.add(reply.get("session"))
            return said
        return rule(asked, noted)

    phone.server = relay.lie(noting).path
    p = phone.start(*args)
    out, err = p.communicate(timeout=900)
    p.stdout, p.stderr = out, err
    r = Result(args, p)
    phone.server = None
    equal(kept(phone), before)
    # Give up the sessions that the lies left running, and do not count them.
    for session in sessions - {None}:
        call(w.daemon.sock, "DELETE", f"/v1/sessions/{session}")
    w.unlock(WALLET)
    return r


def no_presignatures():
    """A restart voids them."""
    w.daemon.stop()
    w.daemon.start()


# --- envelopes ---

def at(fraction):
    return lambda body: altered(body, min(len(body) - 1, int(len(body) * fraction)))


EDITS = {"the kind": lambda b: altered(b, 0), "the version": lambda b: altered(b, 1, 2), "the level": lambda b: altered(b, 2, 0x10),
         "the protocol": lambda b: altered(b, 3), "the round": lambda b: altered(b, 4), "early octets": at(0.01), "a quarter in": at(0.25),
         "the middle": at(0.5), "the end": lambda b: altered(b, len(b) - 1), "an octet short": lambda b: b[:-1],
         "an octet more": lambda b: b + b"x", "half of it": lambda b: b[:len(b) // 2], "three octets": lambda b: b[:3],
         "zeros": lambda b: bytes(len(b)), "noise": lambda b: os.urandom(len(b)), "text": lambda b: b"<html>" * 10}


def altering(n, edit):
    def rule(asked, forward):
        status, kind, body = forward()
        if asked.is_round() and asked.path.endswith(f"/rounds/{n}") and status == 200 and body:
            rule.lied = True
            body = edit(body)
        return status, kind, body
    rule.lied = False
    return rule


def every_edit(phone, exchanges, *args):
    """Each is refused; its name afterwards."""
    for exchange, (name, edit) in drawn(6, zip(itertools.cycle(exchanges), EDITS.items())):
        rule = altering(exchange, edit)
        r = told(phone, rule, *args)
        equal((name, rule.lied), (name, True))
        if r.code not in HONEST_FAILURE:
            raise AssertionError(f"{args} with {name} altered: exit {r.code}: {r.err or r.out}")
        has(r.error(), "")
        yield name


@test
def altered_envelopes_of_key_generation_make_no_wallet():
    phone = w.phone.copy()
    before = phone.wallets()
    for _ in every_edit(phone, [1, 2], "wallet", "create", "--allow", "digest", "--signers", "2"):
        equal(phone.wallets(), before)


@test
def altered_envelopes_of_full_signing_make_no_signature():
    for _ in every_edit(w.phone.copy(), [1, 2], *SIGN):
        pass


@test
def altered_envelopes_in_mode_server_make_no_signature():
    for _ in every_edit(w.phone.copy(), [3, 1, 2], *SIGN, "--mode", "server"):
        pass


@test
def altered_envelopes_of_presigning_leave_no_half_that_the_server_has_not():
    phone = w.phone.copy()
    for _ in every_edit(phone, [1, 2], "presign", WALLET, "--count", "2"):
        ready = json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])["presignatures"]
        equal([h for h in phone.files("devices/phone/presignatures", WALLET) if h not in ready], [])


@test
def altered_envelopes_of_pairing_are_not_kept():
    phone = w.phone.copy()
    peer = phone.files("devices/phone/peers")[0]
    good = read(phone.path("devices/phone/peers", peer))
    os.unlink(phone.path("devices/phone/peers", peer))
    rounds = itertools.cycle([1, 2])
    for name in ("the level", "the middle", "the end", "half of it", "noise"):
        rule = altering(next(rounds), EDITS[name])
        r = told(phone, rule, "device", "enrol")
        equal((rule.lied, r.code in HONEST_FAILURE), (True, True))
        # The last exchange comes after the peer was verified and stored.
        for f in phone.files("devices/phone/peers"):
            equal(f, peer)
            os.unlink(phone.path("devices/phone/peers", f))
    write(phone.path("devices/phone/peers", peer), good)
    phone.server = w.daemon.sock
    phone.run(*SIGN)


@test
def another_level_or_version_of_the_server_is_named():
    phone = w.phone.copy()
    r = told(phone, altering(1, EDITS["the level"]), *SIGN)
    equal(r.code, INPUT)
    has(r.error(), "E_LEVEL", "level")
    r = told(phone, altering(1, EDITS["the version"]), *SIGN)
    equal(r.code, INPUT)
    has(r.error(), "E_VERSION", "update")


@test
def what_is_not_signed_by_the_server_is_named_so():
    r = told(w.phone.copy(), altering(1, EDITS["the end"]), *SIGN)
    equal(r.code, INPUT)
    has(r.error(), "not signed by the server", "--server")


@test
def envelopes_of_another_session_are_refused():
    phone, replies = w.phone.copy(), []

    def record(asked, forward):
        said = forward()
        if asked.is_round():
            replies.append(said[2])
        return said

    equal(told(phone, record, *SIGN).code, OK)
    for n in (1, 2):
        for old in replies[:2]:
            r = told(phone, altering(n, lambda body, old=old: old), *SIGN)
            if r.code not in (INPUT, AGAIN):
                raise AssertionError(f"exit {r.code}: {r.err}")
    # Its own last reply again is nothing new: the session stalls.
    last = []

    def repeat(asked, forward):
        status, kind, body = forward()
        if asked.is_round():
            last.append(body)
            body = last[0]
        return status, kind, body

    r = told(phone, repeat, *SIGN)
    equal(r.code, AGAIN)
    has(r.error(), "stalled")


@test
def silence_where_envelopes_are_due_is_said():
    for n in (1, 2):
        r = told(w.phone.copy(), altering(n, lambda body: b""), *SIGN)
        equal(r.code, AGAIN)
        has(r.error(), "stalled", "start again")


# --- members of control replies ---

def places(value, at=()):
    """Every member of a reply, by its path."""
    if isinstance(value, dict):
        for k in value:
            yield (*at, k)
            yield from places(value[k], (*at, k))
    if isinstance(value, list):
        for i in range(len(value)):
            yield (*at, i)


def replaced(value, place, by):
    value = json.loads(json.dumps(value))
    inner = value
    try:
        for step in place[:-1]:
            inner = inner[step]
        if by is DROP:
            del inner[place[-1]]
        else:
            inner[place[-1]] = by
    except (KeyError, IndexError):
        pass  # a list that is shorter this time
    return value


def replies_of(phone, *args):
    """The control replies that the honest command gets: method, path pattern, body."""
    found = []

    def record(asked, forward):
        said = forward()
        if not asked.is_round():
            found.append((len([a for a in relay.asked if not a.is_round()]), json.loads(said[2] or b"{}")))
        return said

    equal(told(phone, record, *args).code, OK)
    return found


WRONG = itertools.cycle([None, "00", 70000, [[]], "0f" * 32, True])
EITHER = itertools.cycle([DROP, None])
seen = set()


def lies_at(place):
    """Left out, and of another type or value; of a reply that another command gets too, either."""
    again = place in seen
    seen.add(place)
    if not again:
        return DROP, next(WRONG)
    return (next(EITHER) or next(WRONG),)


def every_member_may_be_wrong(*args, prepare=lambda phone: None):
    phone = w.phone.copy()
    prepare(phone)
    replies = replies_of(phone, *args)
    lies = [(n, place, by) for n, reply in replies for place in places(reply) for by in lies_at(place)]
    for n, place, by in drawn(len(lies) // 3, lies):
        def rule(asked, forward):
            status, kind, body = forward()
            if not asked.is_round() and len([a for a in relay.asked if not a.is_round()]) == n:
                body = json.dumps(replaced(json.loads(body), place, by)).encode()
            return status, kind, body
        prepare(phone)
        r = told(phone, rule, *args)
        if r.code not in (OK, *HONEST_FAILURE):
            raise AssertionError(f"{place} is {by}: exit {r.code}: {r.err}")


@test
def every_member_of_the_replies_to_key_generation_may_be_wrong():
    every_member_may_be_wrong("wallet", "create", "--allow", "digest", "--signers", "2")


@test
def every_member_of_the_replies_to_signing_may_be_wrong():
    every_member_may_be_wrong(*SIGN)


@test
def every_member_of_the_replies_to_presigning_may_be_wrong():
    def prepare(phone):
        if len(phone.files("devices/phone/presignatures", WALLET)) > 10:
            no_presignatures()
    every_member_may_be_wrong("presign", WALLET, prepare=prepare)


@test
def every_member_of_the_replies_to_presigned_signing_may_be_wrong():
    def prepare(phone):
        if phone.files("devices/phone/presignatures", WALLET):
            return
        no_presignatures()
        phone.server = w.daemon.sock
        phone.run("presign", WALLET, "--count", "6")
        phone.server = None
    every_member_may_be_wrong(*SIGN, "--presigned", prepare=prepare)


if __name__ == "__main__":
    main()
