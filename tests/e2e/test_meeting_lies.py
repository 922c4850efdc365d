#!/usr/bin/env python3
"""Meetings that go wrong: who is silent is named, who declines is heard, a board that drops, reorders, repeats, swaps or
alters is survived or reported, a cheat is named by all in the same words; and whoever is killed, at whatever step, finds
out at the next start what became of the wallet."""
import concurrent.futures, hashlib, json, os, re, threading

from cli import *
from meet import *
from members import Member, statement
from relay import DROP, Relay

D = Daemon()
NAMES = ("anna", "boris", "clara")
PHONES = people(*NAMES, aux=False)
CARDS = {n: card(PHONES[n], n) for n in NAMES}
D.start()
for name in NAMES:
    PHONES[name].server = D.sock
    PHONES[name].run("device", "enrol", "--device", name)


def copies(*names):
    """Of their own, so that tests run side by side."""
    return [PHONES[n].copy() for n in names]


def hosts(phone, *guests, wait="60", signers="2"):
    return Running(phone, "wallet", "create", "--allow", "digest", "--signers", signers, *[w for g in guests for w in ("--with", CARDS[g])], wait=wait)


def through(phone, rule):
    relay = Relay(D.sock)
    relay.rule, phone.server = rule, relay.path
    return phone


def wallets(*phones):
    """What they hold when they have asked the server, which has the same."""
    held = [p.wallets() for p in phones]
    for one in held:
        equal(one, held[0])
    for p in phones:
        for device in p.files("devices"):
            for wallet in p.files("devices", device, "wallets"):
                equal("pending" in p.files("devices", device, "wallets", wallet), False)
    listed = {x["wallet"] for x in json.loads(call(D.sock, "GET", "/v1/wallets")[2])["wallets"]}
    equal(held[0] - listed, set())
    return held[0]


# --- nobody there, or not willing ---

@test
def silence_is_named():
    anna, boris = copies("anna", "boris")
    has(joins(boris, wait="1").ends(AGAIN).error(), "no invitation", "boris")
    r = hosts(anna, "boris", "clara", wait="1").ends(AGAIN)
    has(r.error(), "party 3 (device", "party 4 (device", "last seen never", "missing")
    has(joins(boris, "0" * 32, "--yes").ends(REFUSED).error(), "not-found")


@test
def who_declines_is_heard():
    anna, boris = copies("anna", "boris")
    for args, why in ((("--expect", "sign"), "not sign is asked for, but create"), (("--yes", "--wallet", "11" * 16), "another wallet"),
                      (("--yes", "--digest", DIGEST), "another digest"), (("--yes", "--path", "m/1"), "another path"),
                      ((), "no terminal")):
        host, guest = hosts(anna, "boris"), Running(boris, "join", *args)
        has(guest.ends(USAGE if not args else REFUSED).error(), why)
        has(host.ends(REFUSED).error(), "party 3 (device", "declines", why)
    equal(wallets(anna, boris), set())


@test
def what_is_asked_for_is_said_in_words():
    anna, boris = copies("anna", "boris")
    host, guest = hosts(anna, "boris"), joins(boris)
    host.ends()
    said = guest.ends().notes()
    equal(len(said), 1)
    has(said[0], "asks for a new wallet", "2 of 3 parties", "party 3", "this device")


@test
def wrong_words():
    anna = copies("anna")[0]
    for args, *words in ((("wallet", "create", "--allow", "digest", "--signers", "2", "--with", CARDS["anna"]), "one device would be parties 1 and 3"),
                         (("join", "xyz"), "32 lower-case"), (("join", "--yes", "--expect", "sign"), "not both"),
                         (("join", "0" * 32, "--follow"), "--follow"), (("sign", "1" * 32, "--digest", DIGEST, "--with", "x"), "--with"),
                         (("presign", "1" * 32, "--with", "x"), "--with")):
        has(anna.run(*args, code=USAGE).error(), *words)
    bad = write(f"{anna.home}/bad", read(CARDS["boris"]).replace(b'"identity":"', b'"identity":"0')[:-2])
    has(anna.run("wallet", "create", "--allow", "digest", "--signers", "2", "--with", bad, code=INPUT).error(), "no device's card", "device card")
    wrong = json.loads(read(CARDS["boris"])) | {"fingerprint": "0" * 64}
    has(anna.run("wallet", "create", "--allow", "digest", "--signers", "2", "--with", write(bad, json.dumps(wrong)), code=INPUT).error(), "fingerprint")


# --- a board that lies ---

def meets(rule, code, *words, wait="2"):
    """The guest reads the board through a liar; nobody has a wallet that others do not have."""
    anna, boris = copies("anna", "boris")
    host = hosts(anna, "boris", wait=wait)
    guest = joins(through(boris, rule), wait=wait)
    has(guest.ends(code).err, *words)
    host.process.communicate(timeout=120)
    equal(host.process.returncode in (AGAIN, REFUSED), code != OK)
    boris.server = D.sock
    equal(len(wallets(anna, boris)), 0 if code != OK else 1)


def of_kind(kind, change):
    return lambda listed: [x if x[3][0] != kind else (*x[:3], change(x[3])) for x in listed]


def dropped(listed):
    return [x for x in listed if x[3][0] != SESSION]


def swapped(listed):
    if len(listed) < 2:
        return listed
    return [(listed[0][0], *listed[1][1:]), (listed[1][0], *listed[0][1:]), *listed[2:]]


@test
def a_board_that_is_not_whole_is_not_read_on():
    said = "as they were put there"
    cases = [(on_board(dropped), INPUT, said), (on_board(lambda l: [l[0], *l] if l else l), INPUT, said),
             (on_board(lambda l: [(p, m, n + 1, o) for p, m, n, o in l]), AGAIN, "no invitation"),
             (on_board(of_kind(READY, lambda o: altered(o, 40))), INPUT, "not signed by it"),
             (on_board(of_kind(OPEN, lambda o: altered(o, 20))), AGAIN, "no invitation"),
             (on_board(of_kind(END, lambda o: altered(o, 3))), OK)]
    for case in cases:
        meets(*case)


@test
def what_is_altered_for_one_is_survived_or_ends_without_a_wallet():
    """An envelope with one bit changed is not its sender's: it is passed over, and then missing."""
    meets(on_board(of_kind(ENVELOPES, lambda o: altered(o, len(o) - 70))), AGAIN, "missing", "was not taken")
    meets(on_board(of_kind(ENVELOPES, lambda o: o[:50])), AGAIN, "missing", "no envelopes")
    other = lambda o: re.sub(rb'"nonces":\s*\["[0-9a-f]{8}', lambda m: m[0][:-8] + b"0badcafe", o)
    meets(on_board(of_kind(SESSION, other)), INPUT, "nonce")
    # Repeated envelopes change nothing.
    meets(on_board(of_kind(ENVELOPES, lambda o: o + o[2:])), OK)


# --- a cheat ---

class Cheat(Member):
    """Ready like everybody, and then it says what its turn does not allow, under its signature."""

    def statement_of(self, use, body, mailbox):
        return self.identity.sign(statement(use, bytes.fromhex(mailbox) + body))

    def wait(self, mailbox, wanted):
        seen = []
        wait_for(lambda: seen.extend(x for x in self.read(mailbox, len(seen))) or any(wanted(x) for x in seen))
        return [x for x in seen if wanted(x)][0]

    def take_part(self, n):
        wait_for(lambda: self.list())
        mailbox = self.list()[0]["mailbox"]
        opened = self.wait(mailbox, lambda x: x[3][0] == OPEN)[3]
        plan = json.loads(opened[2:-64])
        place = plan["members"].index(self.id)
        ready = hashlib.sha256(opened[2:-64]).digest() + bytes([place]) + os.urandom(64) + bytes(36 + 32 * len(plan["members"]))
        self.send(mailbox, 1, bytes([READY, 1]) + ready + self.statement_of(b"meeting-ready", ready, mailbox))
        first = self.wait(mailbox, lambda x: x[3][0] == ENVELOPES)[3][2:]
        header = first[:6] + n.to_bytes(2, "big") + first[8:42] + (7).to_bytes(4, "big")
        body = b"garbage"
        framed = lambda kind, data: bytes([kind]) + len(data).to_bytes(4, "big") + data
        said = hashlib.sha512(b"countersign/v1/h\0" + framed(1, b"envelope") + framed(1, header) + framed(1, body)
                              + b"\x05" + (2).to_bytes(4, "big")).digest()
        self.send(mailbox, 2, bytes([ENVELOPES, 1]) + header + body + self.identity.sign(said))


@test
def a_cheat_is_named_by_all_in_the_same_words():
    anna, boris = copies("anna", "boris")
    cheat = Cheat(D)
    print_of = hashlib.sha256(bytes.fromhex(cheat.id)).hexdigest()
    CARDS["cheat"] = write(f"{anna.home}/cheat", json.dumps({"identity": cheat.id, "name": "cheat", "fingerprint": print_of}))
    host, guest = hosts(anna, "boris", "cheat", wait="20"), joins(boris, wait="20")
    cheat.take_part(4)
    said = [host.ends(CHEAT).error(), guest.ends(CHEAT).error()]
    equal(said[0], said[1])
    has(said[0], "party 4", "refused by the devices here")
    for phone, name in ((anna, "anna"), (boris, "boris")):
        equal(phone.files("devices", name, "locks"), [cheat.id])
    has(read(f"{D.home}/log").decode(), cheat.id)
    equal(wallets(anna, boris), set())
    # And is not met again.
    has(hosts(anna, "boris", "cheat").ends(CHEAT).error(), f"refuses another party (device {cheat.id[:12]})")


# --- killed ---

COMMIT = 5  # the round of key generation, in the header of its envelopes


def is_message(asked):
    return asked.method == "PUT" and "/messages/" in asked.path


def is_round(asked):
    return asked.method == "PUT" and "/rounds/" in asked.path


def killer(running, phone, name, wanted, acknowledges, after):
    """Kills the process at its first call of this kind, or at the first that can carry its acknowledgement: before the daemon
    has heard it, or after."""
    lock = threading.Lock()

    def is_time():
        kept = [phone.files("devices", name, "wallets", w) for w in phone.files("devices", name, "wallets")]
        return ["pending", "record"] in kept or not acknowledges

    def rule(asked, forward):
        with lock:
            if not wanted(asked) or not is_time():
                return forward()
            if after:
                forward()
            running[0].process.kill()
            return DROP
    return rule


def killed(who, wanted, acknowledges, after):
    anna, boris = copies("anna", "boris")
    phone, running = anna if who == "anna" else boris, []
    through(phone, killer(running, phone, who, wanted, acknowledges, after))
    host = hosts(anna, "boris", wait="2")
    running.append(host)
    guest = joins(boris, host.meeting(), "--yes", wait="2")
    running[:] = [host, guest] if who == "anna" else [guest, host]
    running[0].dies()
    running[1].process.communicate(timeout=120)
    equal(running[1].process.returncode in (OK, AGAIN), True)
    anna.server = boris.server = D.sock
    return len(wallets(anna, boris))


@test
def whoever_is_killed_finds_out_what_became_of_it():
    cases = [("boris", is_message, acks, after) for acks in (False, True) for after in (False, True)]
    cases += [("anna", is_round, acks, after) for acks in (False, True) for after in (False, True)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        born = list(pool.map(lambda x: killed(*x), cases))
    # One whose acknowledgement was heard may be the last that it took.
    equal([b for (_, _, acks, after), b in zip(cases, born) if not acks or not after], [0] * 6)


@test
def a_birth_that_the_guest_did_not_hear_of_is_followed():
    """The host has it; the guest is dead before it reads the commit."""
    anna, boris = copies("anna", "boris")
    host, running = hosts(anna, "boris"), []

    def rule(asked, forward):
        said = forward()
        if is_board(asked) and any(o[0] == ENVELOPES and o[6] == COMMIT for _, _, _, o in frames(said[2])):
            running[0].process.kill()
            return DROP
        return said
    running.append(joins(through(boris, rule), host.meeting(), "--yes"))
    running[0].dies()
    made = host.ends().one()
    equal(boris.files("devices/boris/wallets", made["wallet"]), ["pending", "record"])
    boris.server = D.sock
    equal(wallets(anna, boris), {made["wallet"]})


if __name__ == "__main__":
    main()
