#!/usr/bin/env python3
"""A presignature is used once: the half is gone before anything of it leaves, what leaves is always the same octets, and
a disk that is full, a server that is silent or a process that is killed changes nothing of that."""
import json, os, subprocess, threading

from cli import *
from relay import DROP, Relay

w = World("phone", "third")
relay = Relay(w.daemon.sock)
WALLET = w.wallet(2, "phone")["wallet"]
BOTH = w.wallet(3, "phone", "third")["wallet"]
SIGN = ["sign", WALLET, "--digest", DIGEST, "--path", "m/1"]


def halves(phone, wallet=WALLET, device="phone"):
    """Kind of every file: of a half or of what used one."""
    where = f"devices/{device}/presignatures"
    return {n: read(phone.path(where, wallet, n))[0] for n in phone.files(where, wallet)}


def stocked(count=1, wallet=WALLET, devices=("phone",)):
    """A phone with so many halves and nothing else."""
    w.daemon.stop()
    w.daemon.start()
    phone = w.phone.copy()
    phone.server = w.daemon.sock
    phone.run("presign", wallet, "--count", str(count), *[x for d in devices for x in ("--device", d)])
    equal(len(halves(phone, wallet)), count)
    return phone


def through(phone, rule):
    phone.server = relay.lie(rule).path
    return phone


def rounds():
    return [a for a in relay.asked if a.is_round()]


def deaf(asked, forward):
    """The server never hears an exchange."""
    return DROP if asked.is_round() else forward()


def mute(asked, forward):
    """The server hears, its answer is lost."""
    said = forward()
    return DROP if asked.is_round() else said


def state_of(presignature):
    """The daemon's word, from outside: is it still listed as ready?"""
    listed = json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])["presignatures"]
    return presignature in listed


@test
def the_half_is_gone_before_anything_of_it_leaves():
    phone = stocked()
    seen = []

    def look(asked, forward):
        if asked.is_round():
            seen.append(halves(phone))
        return forward()

    through(phone, look).run(*SIGN, "--presigned")
    equal(len(seen), 1)
    equal(list(seen[0].values()), [REPLY])
    equal(halves(phone), {})


@test
def a_lost_request_and_a_lost_answer_send_the_same_octets_until_answered():
    for rule, signed in ((deaf, False), (mute, True)):
        phone = stocked()
        half = list(halves(phone))[0]
        has(through(phone, rule).run(*SIGN, "--presigned", code=OFFLINE).error(), "no answer")
        first = rounds()
        equal(len(first) > 1, True)
        equal({a.body for a in first}, {first[0].body})
        equal(halves(phone), {half: REPLY})
        # Silence again: it stays.
        notes = through(phone, rule).run("wallet", "list").notes()
        has(notes[0], WALLET, "waits to be sent again")
        equal(halves(phone), {half: REPLY})
        # Heard at last.
        through(phone, None).run("wallet", "list")
        equal([a.body for a in rounds()], [first[0].body])
        equal(rounds()[0].path, first[0].path)
        equal(halves(phone), {})
        has(phone.run(*SIGN, "--presigned", code=REFUSED).error(), "countersign presign")


@test
def with_two_signers_here_the_whole_exchange_is_kept():
    for rule in (deaf, mute):
        phone = stocked(1, BOTH, ("phone", "third"))
        half = list(halves(phone, BOTH))[0]
        has(through(phone, rule).run("sign", BOTH, "--digest", DIGEST, "--presigned", code=OFFLINE).error(), "no answer")
        first = rounds()
        equal({a.body for a in first}, {first[0].body})
        equal(halves(phone, BOTH), {half: REPLY})
        equal(halves(phone, BOTH, "third"), {half: REPLY})
        through(phone, None).run("wallet", "list")
        equal([a.body for a in rounds()], [first[0].body])
        equal((halves(phone, BOTH), halves(phone, BOTH, "third")), ({}, {}))


@test
def a_killed_process_leaves_what_the_next_one_sends():
    phone = stocked()
    came, gone = threading.Event(), threading.Event()

    def hang(asked, forward):
        if asked.is_round():
            came.set()
            gone.wait(300)
            return DROP
        return forward()

    p = through(phone, hang).start(*SIGN, "--presigned")
    came.wait(300)
    p.kill()
    p.communicate()
    gone.set()
    sent = rounds()[0].body
    equal(list(halves(phone).values()), [REPLY])
    through(phone, None).run("wallet", "list")
    equal([a.body for a in rounds()], [sent])
    equal(halves(phone), {})


@test
def what_no_server_of_ours_says_is_no_answer():
    phone = stocked()
    half = list(halves(phone))[0]
    through(phone, deaf).run(*SIGN, "--presigned", code=OFFLINE)
    problem = b'{"code":"store-unavailable","detail":"x"}'
    for said in ((404, "text/html", b"<h1>"), (410, None, b""), (503, "application/problem+json", problem), b"nonsense"):
        through(phone, lambda asked, forward, s=said: s).run("wallet", "list")
        equal(halves(phone), {half: REPLY})
    through(phone, None).run("wallet", "list")
    equal(halves(phone), {})


@test
def a_session_that_is_over_is_an_answer():
    phone = stocked()
    through(phone, deaf).run(*SIGN, "--presigned", code=OFFLINE)
    w.daemon.stop()
    w.daemon.start()
    equal(through(phone, None).run("wallet", "list").notes(), [])
    equal(halves(phone), {})
    has(phone.run(*SIGN, "--presigned", code=REFUSED).error(), "countersign presign")
    phone.run(*SIGN)


@test
def a_busy_server_hears_the_same_octets_again():
    phone = stocked()
    count = []

    def busy(asked, forward):
        if asked.is_round():
            count.append(asked.body)
            if len(count) < 3:
                return 503, "application/problem+json", b'{"code":"store-unavailable","detail":"again"}'
        return forward()

    signed = through(phone, busy).run(*SIGN, "--presigned").one()
    equal(openssl_verifies(signed, DIGEST), True)
    equal((len(count), len(set(count))), (3, 1))
    count.clear()
    phone.run(*SIGN)


@test
def an_id_that_is_none_or_not_held_touches_nothing():
    for named in ("0f" * 32, "../" * 21 + "x", "0F" * 32, "", 7, None):
        phone = stocked()
        before = halves(phone)

        def rename(asked, forward, named=named):
            status, kind, body = forward()
            if asked.path.endswith("/sessions") and "/requests/" in asked.path:
                said = json.loads(body)
                said["presignature"] = named
                body = json.dumps(said).encode()
            return status, kind, body

        code = REFUSED if named == "0f" * 32 else INPUT
        has(through(phone, rename).run(*SIGN, "--presigned", code=code).error(), "presignature")
        equal(halves(phone), before)


@test
def a_list_that_is_none_costs_no_half():
    phone = stocked()
    before = halves(phone)

    def unlisted(by):
        def rule(asked, forward):
            status, kind, body = forward()
            if asked.method == "GET":
                said = json.loads(body)
                said.update(by)
                body = json.dumps(said).encode()
            return status, kind, body
        return rule

    for by, code in (({"presignatures": None}, INPUT), ({"presignatures": {}}, INPUT), ({"presignatures": "00"}, INPUT),
                     ({"server_identity": "11" * 32, "presignatures": []}, CHEAT), ({"server_identity": 7}, INPUT)):
        through(phone, unlisted(by)).run(*SIGN, "--presigned", code=code)
        equal(halves(phone), before)
    through(phone, None).run(*SIGN, "--presigned")


@test
def two_copies_of_a_folder_cannot_use_one_half_twice():
    phone = stocked()
    twin = phone.copy()
    phone.run(*SIGN, "--presigned")
    twin.run("sign", WALLET, "--digest", "22" * 32, "--presigned", code=REFUSED)
    equal(halves(twin), {})


@test
def a_signature_whose_report_was_lost_is_given_out():
    phone = w.phone.copy()

    def no_report(asked, forward):
        return DROP if asked.path.endswith("/rounds/3") else forward()

    r = through(phone, no_report).run(*SIGN)
    equal(openssl_verifies(r.one(), DIGEST), True)
    has(r.notes()[0], "signed", "the server does not know")


# --- a full disk, with a server ---

def on_a_small_disk(phone):
    """The phone's state moved to a disk of its own; how to fill it, and how to make room again."""
    small = f"{phone.home}/small"
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", small], capture_output=True).returncode != 0:
        raise Skipped("no small disk can be mounted here")
    cleanups.append(lambda: subprocess.run(["umount", small], check=True))
    subprocess.run(["cp", "-r", phone.state, small], check=True)
    phone.state = f"{small}/state"
    filler = f"{small}/filler"

    def fill():
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
    return fill, lambda: os.unlink(filler)


@test
def a_full_disk_burns_no_half_and_sends_nothing():
    phone = stocked()
    fill, make_room = on_a_small_disk(phone)
    fill()
    before = snapshot(phone.state)
    has(through(phone, None).run(*SIGN, "--presigned", code=LOCAL).error(), "No space left")
    equal(rounds(), [])
    equal(snapshot(phone.state), before)
    make_room()
    phone.run("presign", WALLET)
    phone.run(*SIGN, "--presigned")


@test
def a_full_disk_acknowledges_no_share():
    phone = w.phone.copy()
    fill, make_room = on_a_small_disk(phone)
    fill()
    listed, before = w.listed(), snapshot(phone.state)
    has(through(phone, None).run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", code=LOCAL).error(), "No space left")
    equal(len([a for a in rounds() if a.path.endswith("/3")]), 0)
    equal(snapshot(phone.state), before)
    equal(w.listed(), listed)
    make_room()
    phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone")
    equal((len(w.listed() - listed), w.listed() - listed <= phone.wallets()), (1, True))


@test
def a_full_disk_at_the_birth_is_followed_later():
    phone = w.phone.copy()
    fill, make_room = on_a_small_disk(phone)
    listed = w.listed()

    def fill_before_birth(asked, forward):
        said = forward()
        if asked.is_round() and asked.path.endswith("/3"):
            fill()
        return said

    has(through(phone, fill_before_birth).run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", code=LOCAL).error(),
        "No space left")
    make_room()
    through(phone, None)
    born = w.listed() - listed
    equal((len(born), born <= phone.wallets()), (1, True))


if __name__ == "__main__":
    main()
