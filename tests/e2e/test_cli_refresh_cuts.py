#!/usr/bin/env python3
"""A refresh that is cut off anywhere: lost messages, dead processes on either side, half renamed files, and liars about what
became of it. Both sides are at one epoch afterwards, and the wallet signs. Each run draws some of the places, all of them
with FAULTS=all; every durable step of both sides: tests/crash."""
import concurrent.futures, json, os, signal, threading

from cli import *
from relay import DROP, Relay, is_round, lost_reply, lost_request

w = World()
w.phone.init("recovery")
w.phone.run("device", "enrol", "--device", "recovery")
one_at_a_time = threading.Lock()
HERE = "devices/phone/wallets"
KEPT, BOTH = ["record", "share"], ["record", "share", "staged", "staged.record"]
NOBODY = f"{ROOT}/nobody"


# Exchanges of a refresh with so many devices here; the last one commits.
LAST = {1: 4, 2: 5}


def server_epoch(wallet):
    return json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{wallet}")[2])["epoch"]


def epoch_of(phone, wallet):
    return phone.run("wallet", "show", wallet).one()["epoch"]


def refresh(phone, wallet, *args, **options):
    return phone.run("wallet", "refresh", wallet, "--kdf-memory", "8", *args, **options)


def new_wallet(*devices):
    """Of a phone of its own, behind a relay of its own."""
    with one_at_a_time:
        wallet = w.wallet(2, *(devices or ("phone",)))["wallet"]
        return w.phone.copy(), wallet, Relay(w.daemon.sock)


def meets(phone, rule):
    phone.server = Relay(w.daemon.sock).lie(rule).path


def side_by_side(f, cases):
    """Most of the time nothing happens but that the command line waits for an answer."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(f, *case) for case in cases]:
            done.result()


def staged_phone(rule, *devices):
    """A phone whose refresh met this rule, and does not reach the server for now."""
    phone, wallet, relay = new_wallet(*devices)
    phone.server = relay.lie(rule).path
    r = refresh(phone, wallet, *[x for d in devices or ("phone",) for x in ("--device", d)], code=OFFLINE)
    has(r.error(), "no answer")
    has(r.notes()[-1], "decided when the server is reached again")
    phone.server = NOBODY
    return phone, wallet


def agree_and_sign(phone, wallet, epoch=None):
    """After a reconcile both sides are at one epoch and sign, and can refresh again."""
    phone.server = None
    phone.run("wallet", "list")
    equal(epoch_of(phone, wallet), server_epoch(wallet))
    if epoch is not None:
        equal(server_epoch(wallet), epoch)
    for device in phone.files("devices"):
        if phone.files("devices", device, "wallets", wallet):
            equal(phone.files("devices", device, "wallets", wallet), KEPT)
    equal(openssl_verifies(phone.run("sign", wallet, "--digest", DIGEST).one(), DIGEST), True)
    now = server_epoch(wallet)
    equal(refresh(phone, wallet, "--device", "phone", *(["--device", "recovery"] if
          phone.files("devices/recovery/wallets", wallet) else [])).one()["epoch"], now + 1)
    equal(openssl_verifies(phone.run("sign", wallet, "--digest", DIGEST).one(), DIGEST), True)


def signs_with_neither(phone, wallet):
    before = snapshot(phone.state)
    for command in (["sign", wallet, "--digest", DIGEST], ["sign", wallet, "--digest", DIGEST, "--presigned"], ["presign", wallet],
                    ["wallet", "refresh", wallet], ["backup", "export", wallet, "--out", f"{ROOT}/x"]):
        r = phone.run(*command, "--device", "phone", code=AGAIN)
        has(r.error(), "not decided yet", "neither share", wallet)
        has(r.notes()[0], "both shares are kept")
    equal(snapshot(phone.state), before)
    equal(os.path.exists(f"{ROOT}/x"), False)


# --- messages ---

def loses(lost, n, committed):
    phone, wallet = staged_phone(lost(n))
    equal(phone.files(HERE, wallet), BOTH if n > 1 else KEPT)
    if n > 1:
        signs_with_neither(phone, wallet)
    agree_and_sign(phone, wallet, 1 if committed else 0)


@test
def whatever_message_is_lost_both_sides_agree():
    side_by_side(loses, drawn(2, [(lost, n, n == LAST[1] and lost == lost_reply) for n in range(1, LAST[1] + 1)
                                  for lost in (lost_request, lost_reply)], [(lost_reply, LAST[1], True)]))


def loses_once(rule, n):
    phone, wallet, relay = new_wallet()
    lost = []

    def once(asked, forward):
        if is_round(asked, n) and not lost:
            lost.append(asked)
            return rule(n)(asked, forward)
        return forward()

    phone.server = relay.lie(once).path
    equal(refresh(phone, wallet).one()["epoch"], 1)
    equal(len(lost), 1)
    agree_and_sign(phone, wallet, 1)


@test
def a_message_that_is_lost_once_is_sent_again():
    side_by_side(loses_once, drawn(2, [(rule, n) for n in range(1, LAST[1] + 1) for rule in (lost_request, lost_reply)]))


def one_device_hears_of_it(lost, epoch):
    phone, wallet = staged_phone(lost(LAST[2]), "phone", "recovery")
    for device in ("phone", "recovery"):
        equal(phone.files("devices", device, "wallets", wallet), BOTH)
    # One hears of it and the other does not: they do not sign together with different shares.
    phone.server = None
    phone.run("wallet", "list", "--device", "recovery")
    phone.server = NOBODY
    equal(phone.files("devices/recovery/wallets", wallet), KEPT)
    has(phone.run("sign", wallet, "--digest", DIGEST, code=AGAIN).error(), "not decided yet")
    agree_and_sign(phone, wallet, epoch)


@test
def three_parties_of_two_devices_follow_together():
    side_by_side(one_device_hears_of_it, [(lost_request, 0), (lost_reply, 1)])


# --- the server ---

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
    for n, after in drawn(2, [(1, True), (2, True), (3, True), (4, False), (4, True)], [(4, True)]):
        phone, wallet = staged_phone(killed_daemon(n, after))
        w.daemon.start()
        agree_and_sign(phone, wallet, 1 if n == LAST[1] and after else 0)


@test
def while_the_server_has_not_decided_both_are_kept():
    phone, wallet = staged_phone(lost_reply(3))

    def undecided(asked, forward):
        if "/epochs/" in asked.path:
            return 200, "application/json", json.dumps({"wallet": wallet, "state": "undecided", "session": "00" * 16}).encode()
        return (204, None, b"") if asked.method == "DELETE" else forward()

    meets(phone, undecided)
    signs_with_neither(phone, wallet)
    has(phone.run("wallet", "list").notes()[0], "not decided yet", wallet)
    agree_and_sign(phone, wallet, 0)


def is_lied_to(lost, epoch):
    phone, wallet = staged_phone(lost(LAST[1]))
    relay = Relay(w.daemon.sock)
    before = snapshot(phone.path(HERE, wallet))
    lies = [{"state": "dead", "epoch": 5, "signature": "22" * 64}, {"state": "current", "epoch": 1, "attempt": 1, "commit": "33" * 64},
            {"state": "dead", "epoch": 5}, {"state": "current", "epoch": 1, "attempt": 1}, {"state": "gone"}, {}]
    answers = [(200, "application/json", json.dumps({"wallet": wallet, **lie}).encode()) for lie in lies]
    answers += [(404, "application/problem+json", json.dumps({"code": "not-found", "unborn": "44" * 64}).encode()),
                (404, "text/plain", b"gone"), (200, "application/json", b"nonsense"), (503, None, b"")]
    for answer in answers:
        phone.server = relay.lie(lambda asked, forward: answer if "/epochs/" in asked.path else forward()).path
        has(phone.run("wallet", "list").notes()[0], wallet, "both shares are kept")
        equal(snapshot(phone.path(HERE, wallet)), before)
    agree_and_sign(phone, wallet, epoch)


@test
def nobody_else_decides():
    """Answers that the server never gave cost no share, of either slot."""
    side_by_side(is_lied_to, [(lost_request, 0), (lost_reply, 1)])


@test
def the_word_on_one_wallet_does_not_kill_another():
    one, first = staged_phone(lost_request(4))
    two, second = staged_phone(lost_request(4))
    said = []

    def heard(asked, forward):
        answer = forward()
        if "/epochs/" in asked.path:
            said.append(answer)
        return answer

    meets(one, heard)
    one.run("wallet", "list")
    equal(json.loads(said[0][2])["state"], "dead")
    meets(two, lambda asked, forward: said[0] if "/epochs/" in asked.path else forward())
    has(two.run("wallet", "list").notes()[0], "E_SIGNATURE")
    equal(two.files(HERE, second), BOTH)
    agree_and_sign(two, second, 0)
    agree_and_sign(one, first, 0)


# --- the command line ---

def killed_at(n, after, device_names=("phone",)):
    """The command line dies before exchange n leaves for the daemon, or before its answer comes."""
    phone, wallet, relay = new_wallet(*device_names)
    ready = threading.Event()

    def rule(asked, forward):
        if n == 0 and asked.path.endswith("/sessions") or is_round(asked, n):
            said = forward() if after else None
            ready.wait(300)
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
            return DROP
        return forward()

    running = []
    phone.server = relay.lie(rule).path
    running.append(phone.start("wallet", "refresh", wallet, "--kdf-memory", "8", *[x for d in device_names for x in ("--device", d)]))
    ready.set()
    running[0].communicate()
    equal(running[0].returncode, -signal.SIGKILL)
    return phone, wallet


def dies(n, after, devices):
    phone, wallet = killed_at(n, after, devices)
    agree_and_sign(phone, wallet, 1 if n == LAST[len(devices)] and after else 0)


@test
def the_command_line_dies_at_every_exchange():
    for devices in (("phone",), ("phone", "recovery")):
        side_by_side(dies, drawn(2, [(n, after, devices) for n in range(LAST[len(devices)] + 1) for after in (False, True)],
                                 [(LAST[len(devices)], True, devices)]))


@test
def a_refresh_that_was_never_staged_does_not_hold_the_wallet():
    phone, wallet = killed_at(1, True)
    phone.server = None
    r = refresh(phone, wallet)
    has(r.notes()[0], "cut off is given up")
    equal(r.one()["epoch"], 1)


# --- files ---

def before_and_after():
    """The files of a wallet before its refresh, and a phone after it."""
    wallet = w.wallet()["wallet"]
    w.phone.run("presign", wallet)
    old = snapshot(w.phone.path("devices/phone"))
    phone = w.phone.copy()
    refresh(phone, wallet)
    return wallet, {n.split("/")[-1]: d for n, d in old.items() if wallet in n}, phone


@test
def every_file_state_between_the_renames_is_finished_without_the_server():
    for state in ("commit written", "share renamed"):
        wallet, old, phone = before_and_after()
        share, record = (phone.path(HERE, wallet, n) for n in ("share", "record"))
        os.rename(record, phone.path(HERE, wallet, "staged.record"))
        write(record, old["record"])
        if state == "commit written":
            os.rename(share, phone.path(HERE, wallet, "staged"))
            write(share, old["share"])
        # A half of the old epoch, as if the process had ended before it was removed.
        half = [n for n in old if len(n) == 64]
        equal(len(half), 1)
        write(phone.path("devices/phone/presignatures", wallet, half[0]), old[half[0]])
        phone.server = NOBODY
        equal(epoch_of(phone, wallet), 1)
        equal(phone.files(HERE, wallet), KEPT)
        equal(phone.files("devices/phone/presignatures", wallet), [])
        agree_and_sign(phone, wallet, 1)


@test
def what_was_cut_off_before_it_was_staged_or_after_it_was_dropped_is_removed():
    phone, wallet = staged_phone(lost_request(2))
    os.unlink(phone.path(HERE, wallet, "staged"))
    equal(epoch_of(phone, wallet), 0)
    equal(phone.files(HERE, wallet), KEPT)
    agree_and_sign(phone, wallet, 0)


@test
def an_old_staged_share_is_not_gone_back_to():
    phone, wallet = staged_phone(lost_reply(4))
    staged = {n: read(phone.path(HERE, wallet, n)) for n in ("staged", "staged.record")}
    agree_and_sign(phone, wallet, 1)
    now = {n: read(phone.path(HERE, wallet, n)) for n in KEPT}
    for name, data in staged.items():
        write(phone.path(HERE, wallet, name), data)
    # The server says it is dead: epoch 1 has gone by.
    equal(epoch_of(phone, wallet), 2)
    equal({n: read(phone.path(HERE, wallet, n)) for n in phone.files(HERE, wallet)}, now)
    agree_and_sign(phone, wallet, 2)


@test
def a_damaged_staged_share_stops_no_other_wallet():
    phone, wallet = staged_phone(lost_reply(4))
    path = phone.path(HERE, wallet, "staged")
    good = read(path)
    write(path, altered(good, len(good) - 1))
    phone.server = None
    other = phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone").one()["wallet"]
    r = phone.run("wallet", "list")
    has(r.notes()[0], wallet, "both shares are kept", "E_SEAL")
    equal(openssl_verifies(phone.run("sign", other, "--digest", DIGEST).one(), DIGEST), True)
    has(phone.run("sign", wallet, "--digest", DIGEST, code=AGAIN).error(), "not decided")
    write(path, good)
    agree_and_sign(phone, wallet, 1)


if __name__ == "__main__":
    main()
