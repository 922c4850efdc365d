#!/usr/bin/env python3
"""A resharing that is cut off anywhere, with a device that leaves, one that takes its place and one that is added: lost messages
and dead processes on either side. Both sides are at one epoch and one committee afterwards, and the wallet signs. Each run draws some of
the places, all of them with FAULTS=all; every durable step of both sides: tests/crash."""
import concurrent.futures, json, os, shutil, signal, threading

from cli import *
from relay import DROP, Relay, is_round, lost_reply, lost_request

w = World("phone", "third", "fourth")
for name in ("phone", "third", "fourth"):
    w.phone.run("device", "enrol", "--device", name)
one_at_a_time = threading.Lock()
NOBODY = f"{ROOT}/nobody"
CHANGE = ["--replace", "1=third", "--add", "fourth"]
LAST = 5  # exchanges; the last one commits
STAGED = 3  # from this exchange on shares are staged
OLD, NEW = ({"phone": ["record", "share"], "third": [], "fourth": []},
            {"phone": [], "third": ["keys", "record", "share"], "fourth": ["keys", "record", "share"]})
BOTH = {"phone": ["leaving", "record", "share"], "third": ["keys.staged", "staged", "staged.record"],
        "fourth": ["keys.staged", "staged", "staged.record"]}


def reshare(phone, wallet, *args, **options):
    return phone.run("wallet", "reshare", wallet, "--kdf-memory", "8", *(args or CHANGE), **options)


def new_wallet():
    """Of a phone of its own, behind a relay of its own."""
    with one_at_a_time:
        wallet = w.wallet(2, "phone")["wallet"]
        return w.phone.copy(), wallet, Relay(w.daemon.sock)


def side_by_side(f, cases):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for case, done in [(case, pool.submit(f, *case)) for case in cases]:
            if done.exception():
                raise AssertionError(f"{f.__name__}{case}") from done.exception()


def holds(phone, wallet):
    return {d: phone.files("devices", d, "wallets", wallet) for d in ("phone", "third", "fourth")}


def said_of(wallet):
    return json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{wallet}")[2])


def agree_and_sign(phone, wallet, committed):
    """After a reconcile both sides are at one epoch, of one committee, and sign; and what did not happen can happen now."""
    phone.server = None
    phone.run("wallet", "list")
    said = said_of(wallet)
    equal((said["epoch"], said["parties"]), (1, 3) if committed else (0, 2))
    equal(holds(phone, wallet), NEW if committed else OLD)
    equal(openssl_verifies(phone.run("sign", wallet, "--digest", DIGEST).one(), DIGEST), True)
    if not committed:
        reshare(phone, wallet)
        equal(holds(phone, wallet), NEW)
    for device in ("third", "fourth"):
        equal(openssl_verifies(phone.run("sign", wallet, "--digest", DIGEST, "--device", device).one(), DIGEST), True)
    phone.run("wallet", "refresh", wallet, "--kdf-memory", "8")
    equal(openssl_verifies(phone.run("sign", wallet, "--digest", DIGEST).one(), DIGEST), True)


def undecided(phone, wallet, n):
    """Nothing signs with either share while nobody knows which it is."""
    equal(holds(phone, wallet), BOTH if n >= STAGED else OLD)
    if n < STAGED:
        return
    before = snapshot(phone.state)
    r = phone.run("sign", wallet, "--digest", DIGEST, "--device", "phone", code=AGAIN)
    has(r.error(), "not decided yet", "neither share")
    has(r.notes()[0], "both shares are kept")
    for device in ("third", "fourth"):
        has(phone.run("sign", wallet, "--digest", DIGEST, "--device", device, code=REFUSED).notes()[0], "both shares are kept")
    equal(snapshot(phone.state), before)


# --- messages ---

def loses(lost, n, committed):
    phone, wallet, relay = new_wallet()
    phone.server = relay.lie(lost(n)).path
    r = reshare(phone, wallet, code=OFFLINE)
    has(r.notes()[-1], "was reshared is decided when the server is reached again")
    phone.server = NOBODY
    undecided(phone, wallet, n)
    agree_and_sign(phone, wallet, committed)


@test
def whatever_message_is_lost_both_sides_agree():
    side_by_side(loses, drawn(3, [(lost, n, n == LAST and lost == lost_reply) for n in range(1, LAST + 1)
                                  for lost in (lost_request, lost_reply)], [(lost_reply, LAST, True)]))


# --- the command line ---

def dies(n, after):
    """The command line dies before exchange n leaves for the daemon, or before its answer comes."""
    phone, wallet, relay = new_wallet()
    ready, running = threading.Event(), []

    def rule(asked, forward):
        if n == 0 and asked.path.endswith("/sessions") or is_round(asked, n):
            forward() if after else None
            ready.wait(10)
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
            return DROP
        return forward()

    phone.server = relay.lie(rule).path
    running.append(phone.start("wallet", "reshare", wallet, "--kdf-memory", "8", *CHANGE))
    ready.set()
    running[0].communicate()
    equal(running[0].returncode, -signal.SIGKILL)
    agree_and_sign(phone, wallet, n == LAST and after)


@test
def the_command_line_dies_at_every_exchange():
    side_by_side(dies, drawn(3, [(n, after) for n in range(LAST + 1) for after in (False, True)]))


# --- the daemon ---

def killed_daemon(n, after):
    def rule(asked, forward):
        if not is_round(asked, n):
            return forward() if w.daemon.process else DROP
        if after and w.daemon.process:
            forward()
        w.daemon.stop(signal.SIGKILL)
        return DROP
    return rule


@test
def the_daemon_dies_at_every_exchange():
    for n, after in drawn(2, [(n, after) for n in range(STAGED - 1, LAST + 1) for after in (False, True)], [(LAST, True)]):
        phone, wallet, relay = new_wallet()
        phone.server = relay.lie(killed_daemon(n, after)).path
        reshare(phone, wallet, code=OFFLINE)
        phone.server = NOBODY
        undecided(phone, wallet, n)
        w.daemon.start()
        agree_and_sign(phone, wallet, n == LAST and after)


# --- liars ---

def is_lied_to(lost, committed):
    phone, wallet, relay = new_wallet()
    phone.server = relay.lie(lost(LAST)).path
    reshare(phone, wallet, code=OFFLINE)
    before = snapshot(phone.state)
    lies = [{"state": "dead", "epoch": 5, "signature": "22" * 64}, {"state": "current", "epoch": 1, "attempt": 1, "commit": "33" * 64},
            {"state": "dead", "epoch": 5}, {"state": "current", "epoch": 1, "attempt": 1}, {"state": "gone"},
            {"state": "undecided", "session": "00" * 16}]
    for lie in lies:
        said = json.dumps({"wallet": wallet, **lie}).encode()
        phone.server = relay.lie(lambda asked, forward: (200, "application/json", said) if "/epochs/" in asked.path else
                                 (204, None, b"")).path
        notes = phone.run("wallet", "list").notes()
        equal(len([n for n in notes if "both shares are kept" in n]), 3)
        equal(snapshot(phone.state), before)
    agree_and_sign(phone, wallet, committed)


@test
def nobody_else_decides():
    """Answers that the server never gave cost no share: neither of who leaves nor of who joins."""
    side_by_side(is_lied_to, [(lost_request, False), (lost_reply, True)])


# --- files ---

@test
def every_file_state_between_the_steps_is_finished():
    for device, states in (("third", [["keys.staged", "staged.record", "share"], ["keys", "staged.record", "share"]]),
                           ("phone", [["leaving", "record"], ["record"], ["leaving"]])):
        for state in drawn(1, states):
            phone, wallet, relay = new_wallet()
            phone.server = relay.lie(lost_reply(LAST)).path
            reshare(phone, wallet, code=OFFLINE)
            phone.server = None
            path = phone.path("devices", device, "wallets", wallet)
            files = snapshot(path)
            phone.run("wallet", "list")
            equal(holds(phone, wallet), NEW)
            done = snapshot(path) if device == "third" else {}
            shutil.rmtree(path, ignore_errors=True)
            os.makedirs(path, mode=0o700)
            for name in state:
                committed = {"keys.staged": "keys", "staged.record": "record"}.get(name, name)
                write(f"{path}/{name}", done.get(committed, files.get(name, b"")))
            agree_and_sign(phone, wallet, True)


@test
def what_was_cut_off_before_it_was_staged_is_removed():
    for name in ("keys", "staged.record"):
        phone, wallet, relay = new_wallet()
        folder_of = phone.path("devices/third/wallets", wallet)
        os.makedirs(folder_of, mode=0o700)
        write(f"{folder_of}/{name}", b"x")
        agree_and_sign(phone, wallet, False)


@test
def a_damaged_note_of_leaving_costs_no_share():
    phone, wallet, relay = new_wallet()
    phone.server = relay.lie(lost_reply(LAST)).path
    reshare(phone, wallet, code=OFFLINE)
    phone.server = None
    path = phone.path("devices/phone/wallets", wallet, "leaving")
    good = read(path)
    for bad in (b"", good[:-1], altered(good, 0), altered(good, 20, 0xff), altered(good, 40), altered(good, len(good) - 9)):
        write(path, bad)
        phone.run("wallet", "list")
        equal(phone.files("devices/phone/wallets", wallet), ["leaving", "record", "share"])
    write(path, good)
    agree_and_sign(phone, wallet, True)


if __name__ == "__main__":
    main()
