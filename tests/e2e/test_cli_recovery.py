#!/usr/bin/env python3
"""Recovery keys: a machine that is offline until the phone is lost; what it is given, what it refuses, and what it signs
with. Two of two with two machines. Everybody in a folder of its own."""
import json, shutil

from cli import *
from relay import DROP, Relay

w = World()
HOME = folder("recovery")
HEADER, EPOCH, ESCROW = 3 + 16, 1719, 18749
FRONT = HEADER + EPOCH + 64


class Machine(Phone):
    """A recovery machine and its card. It knows no server."""

    def __init__(self, name, state=None):
        super().__init__(state=state)
        self.card = f"{self.home}/{name}.card"
        self.made = self.run("recovery", "init", "--card", self.card, "--kdf-memory", "8").one()

    def copy(self):
        to = f"{folder('copy')}/state"
        shutil.copytree(self.state, to)
        return Machine("copy", to)

    def restore(self, file, *args, **options):
        return self.run("recovery", "restore", file, *args, **options)


def create(*args, phone=None, **options):
    return (phone or w.phone).run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", *args, **options)


def escrows(wallet, phone=None, **options):
    """The file, and what was said of it."""
    file = f"{folder('escrows')}/file"
    return file, (phone or w.phone).run("wallet", "escrows", wallet, "--out", file, **options)


def refresh(wallet, phone=None, *args, **options):
    return (phone or w.phone).run("wallet", "refresh", wallet, "--device", "phone", "--kdf-memory", "8", *args, **options)


def signs(phone, wallet):
    signed = phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1").one()
    equal(openssl_verifies(signed, DIGEST), True)
    return signed["public_key"]


def inspect(file, **options):
    return Phone().run("recovery", "inspect", file, **options)


def shown(wallet):
    return json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{wallet}")[2])


third = Machine("third")


# --- the card ---

@test
def a_card_says_who_and_its_fingerprint():
    card = json.loads(read(third.card))
    equal(sorted(card), ["fingerprint", "identity", "key"])
    equal(card, {k: third.made[k] for k in card})
    # Another card of the same machine is the same one; a card is never overwritten.
    again = f"{HOME}/again"
    third.run("recovery", "init", "--card", again)
    equal(read(again), read(third.card))
    has(third.run("recovery", "init", "--card", again, code=REFUSED).error(), "never overwritten")
    has(third.run("recovery", "init", code=USAGE).error(), "--card FILE")


@test
def what_is_no_card():
    card = json.loads(read(third.card))
    other = json.loads(read(Machine("other").card))
    for made, word in (("x", "JSON"), ("[]", "JSON"), (card | {"x": 1}, "identity, key and fingerprint"),
                       ({k: card[k] for k in ("identity", "key")}, "fingerprint"), (card | {"key": "00"}, "64 hex"),
                       (card | {"key": "00" * 32}, "nobody's"), (card | {"key": other["key"]}, "not the one of its key")):
        file = write(f"{HOME}/card", made if isinstance(made, str) else json.dumps(made))
        has(create("--recovery", file, code=INPUT).error(), "no recovery card", word, "recovery init")
    create("--recovery", f"{HOME}/nothing", code=LOCAL)


@test
def cards_that_no_wallet_takes():
    both = [f"--recovery-of={i}={third.card}" for i in (1, 2)]
    has(create(*both, code=USAGE).error(), "same recovery key", "different recovery machines")
    has(create(f"--recovery-of=1={third.card}", f"--recovery={third.card}", code=USAGE).error(), "same recovery key")
    has(create(f"--recovery-of=3={third.card}", code=USAGE).error(), "--recovery CARD")
    has(create(f"--recovery-of={third.card}", code=USAGE).error(), "INDEX=CARD")
    has(create(*both[:1], *both[:1], code=USAGE).error(), "already")
    has(create("--parties", "4", "--recovery", third.card, code=USAGE).error(), "here are 2")
    has(w.phone.run("wallet", "create", "--allow", "digest", "--signers", "3", "--recovery", third.card, code=USAGE).error(), "make the key together")
    has(w.phone.run("sign", "00" * 16, "--digest", DIGEST, "--recovery", third.card, code=USAGE).error(), "does not belong")


# --- the story of the lost phone ---

@test
def the_phone_is_lost_and_the_recovery_machine_signs():
    made = create("--recovery", third.card).one()
    wallet, key = made["wallet"], made["public_key"]
    equal((made["parties"], made["signers_required"]), (3, 2))
    signs(w.phone, wallet)
    first, said = escrows(wallet)
    equal(said.one() | {"file": 0}, {"file": 0, "wallet": wallet, "epoch": 0, "escrows": 2, "from": "the server"})
    told = inspect(first).one()
    equal({k: told[k] for k in ("wallet", "public_key", "epoch", "index", "parties", "signers_required", "dealers", "identity",
                                "fingerprint")},
          {"wallet": wallet, "public_key": key, "epoch": 0, "index": 3, "parties": 3, "signers_required": 2, "dealers": [1, 2],
           "identity": third.made["identity"], "fingerprint": third.made["fingerprint"]})
    # A refresh leaves the machine out; what was written before is stale.
    refresh(wallet)
    second, _ = escrows(wallet)
    equal(inspect(second).one()["epoch"], 1)
    machine = third.copy()
    machine.server = w.daemon.sock
    before = snapshot(machine.state)
    has(machine.restore(first, code=REFUSED).error(), "epoch 0", "is at epoch 1", "wallet escrows")
    equal(snapshot(machine.state), before)
    # The phone is lost: nobody has its folder from here on.
    restored = machine.restore(second)
    equal(restored.one(), {"wallet": wallet, "device": "recovery", "index": 3, "epoch": 1, "public_key": key, "signs": True})
    has(restored.notes()[0], "device init --device recovery", "device enrol --device recovery")
    has(machine.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "enrol")
    machine.run("device", "init", "--device", "recovery")
    machine.run("device", "enrol", "--device", "recovery")
    signs(machine, wallet)
    machine.run("presign", wallet)
    equal(openssl_verifies(machine.run("sign", wallet, "--digest", DIGEST, "--presigned").one(), DIGEST), True)
    # It cannot refresh without the phone, which has no recovery key.
    has(machine.run("wallet", "refresh", wallet, "--kdf-memory", "8", code=REFUSED).error(), "party 1 is not here")
    # The phone is found again: a refresh, and the machine is stale; the newest escrows bring it back.
    refresh(wallet)
    has(machine.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "epoch 1", "epoch 2")
    has(machine.restore(second, code=REFUSED).error(), "epoch 1", "is at epoch 2")
    third_file, _ = escrows(wallet, phone=machine)
    equal(machine.restore(third_file).one()["epoch"], 2)
    equal(signs(machine, wallet), signs(w.phone, wallet))
    has(machine.restore(third_file, code=REFUSED).error(), "nothing was changed")


@test
def a_machine_that_is_not_the_one():
    wallet = create("--recovery", third.card).one()["wallet"]
    file, _ = escrows(wallet)
    other = Machine("stranger")
    has(other.restore(file, code=REFUSED).error(), "nothing in", "recovery inspect")
    has(w.phone.run("recovery", "restore", file, "--device", "phone", code=REFUSED).error(), "no recovery key")
    has(Phone().run("recovery", "restore", file, code=REFUSED).error(), "nothing is set up")


@test
def one_key_for_two_parties_gives_the_one_that_it_is():
    phone = w.phone.copy()
    phone.init("second")
    phone.run("device", "enrol", "--device", "second")
    made = phone.run("wallet", "create", "--allow", "digest", "--signers", "3", f"--recovery-of=1={third.card}", "--recovery", third.card).one()
    file, said = escrows(made["wallet"], phone=phone)
    equal((made["parties"], said.one()["escrows"]), (4, 6))
    told = inspect(file)
    equal([(x["index"], x["dealers"]) for x in told.objects(told.out)], [(1, [1, 2, 3]), (4, [1, 2, 3])])
    restored = third.copy().restore(file).one()
    equal((restored["index"], restored["signs"]), (4, True))


@test
def a_wallet_of_another_server_is_not_taken_for_one_of_ours():
    other, phone = Daemon().start(ready=False), Phone()
    phone.server = other.sock
    phone.init()
    phone.run("device", "enrol")
    wallet = create("--recovery", third.card, phone=phone).one()["wallet"]
    ours = w.phone.copy()
    ours.server = other.sock
    has(escrows(wallet, phone=ours, code=CHEAT)[1].error(), "another server")
    other.stop()


# --- two of two, two machines ---

@test
def two_of_two_with_a_machine_each():
    a, b = Machine("a"), Machine("b")
    made = create(f"--recovery-of=1={a.card}", f"--recovery-of=2={b.card}").one()
    wallet, key = made["wallet"], made["public_key"]
    equal([(x["index"], x["key"], "identity" in x) for x in shown(wallet)["recovery"]],
          [(1, a.made["key"], False), (2, b.made["key"], False)])
    signs(w.phone, wallet)
    refresh(wallet)
    # The server is gone; the phone has its own copy, and that is all there is.
    theirs, _ = escrows(wallet)
    w.daemon.stop()
    file, said = escrows(wallet)
    equal(read(file), read(theirs))
    has(said.notes()[-1], "the server is not there", "epoch 1")
    told = inspect(file)
    equal([(x["index"], x["fingerprint"]) for x in told.objects(told.out)], [(1, a.made["fingerprint"]), (2, b.made["fingerprint"])])
    for machine, index in ((a, 1), (b, 2)):
        r = machine.restore(file)
        equal(r.one(), {"wallet": wallet, "device": "recovery", "index": index, "epoch": 1, "public_key": key, "signs": False})
        has(r.notes()[0], "the server was not asked")
        has(r.notes()[1], "another device", "resharing")
        equal(machine.run("wallet", "show", wallet).one()["public_key"], key)
    w.daemon.start()
    # Neither is the phone or the server: as it is, no machine signs with what it has.
    a.server = w.daemon.sock
    a.run("device", "init", "--device", "recovery")
    a.run("device", "enrol", "--device", "recovery")
    for command in (("sign", wallet, "--digest", DIGEST), ("wallet", "refresh", wallet, "--kdf-memory", "8")):
        has(a.run(*command, code=REFUSED).error(), "recovered share of party 1", "another device", "resharing")


# --- what was altered ---

@test
def every_altered_part_is_named():
    wallet = create("--recovery", third.card).one()["wallet"]
    file, _ = escrows(wallet)
    whole = read(file)
    equal(len(whole), FRONT + 2 * ESCROW)
    bad = f"{HOME}/altered"
    for at in (*range(3, 250, 13), 300, 5000, 12345, ESCROW - 81):
        for dealer in (1, 2):
            write(bad, altered(whole, FRONT + (dealer - 1) * ESCROW + at))
            r = run_as(["--json", "recovery", "inspect", bad])
            # What cannot be read any more is named by its place; where it says its dealer, that may be altered.
            equal(r.code in (INPUT, CHEAT), True)
            has(r.error(), f"number {dealer} of 2", "dealer" if r.code == CHEAT else "altered")
            if r.code == CHEAT and at > 250:
                has(r.error(), f"dealer {dealer} for party 3")
            equal(r.out, "")
    for at, code, word in ((0, INPUT, bad), (HEADER + 700, INPUT, "its epoch"),
                           (HEADER + EPOCH + 3, CHEAT, "signature on epoch")):
        has(inspect(write(bad, altered(whole, at)), code=code).error(), word)
    has(inspect(write(bad, whole[:-1]), code=INPUT).error(), bad)
    has(inspect(write(bad, whole[:FRONT]), code=INPUT).error(), bad)
    has(inspect(write(bad, whole[:-ESCROW]), code=INPUT).error(), "party 3", "missing")
    has(inspect(write(bad, whole + whole[-ESCROW:]), code=INPUT).error(), "party 3", "twice")
    other, _ = escrows(create("--recovery", third.card).one()["wallet"])
    has(inspect(write(bad, whole[:-ESCROW] + read(other)[-ESCROW:]), code=CHEAT).error(), "dealer 2")
    # And nothing is restored of it.
    machine = third.copy()
    before = snapshot(machine.state)
    machine.restore(write(bad, altered(whole, FRONT + 5000)), code=CHEAT)
    equal(snapshot(machine.state), before)


@test
def one_honest_chain_code_is_enough():
    """It is sealed beside the proof, and nobody but its receiver can check it."""
    made = create("--recovery", third.card).one()
    file, _ = escrows(made["wallet"])
    one = altered(read(file), FRONT + ESCROW - 1)
    bad = write(f"{HOME}/chain", one)
    inspect(bad)
    machine = third.copy()
    equal(machine.restore(bad).one()["public_key"], made["public_key"])
    args = ("wallet", "show", made["wallet"], "--path", "m/1")
    equal(machine.run(*args).one(), w.phone.run(*args).one())
    machine = third.copy()
    machine.restore(write(bad, altered(one, len(one) - 1)), code=SEALED)
    equal(machine.files("devices/recovery/wallets"), [])


@test
def what_the_server_alters_is_found_out():
    wallet = create("--recovery", third.card).one()["wallet"]
    relay = Relay(w.daemon.sock)
    phone = w.phone.copy()
    phone.server = relay.path

    def escrow_rule(asked, forward):
        status, kind, body = forward()
        return status, kind, altered(body, EPOCH + 64 + 9000) if asked.path.endswith("/escrows") else body

    relay.lie(escrow_rule)
    has(escrows(wallet, phone=phone, code=CHEAT)[1].error(), "dealer 1 for party 3", "what the server gives")

    def keys_rule(rows):
        def rule(asked, forward):
            status, kind, body = forward()
            if asked.method == "GET" and asked.path == f"/v1/wallets/{wallet}":
                said = json.loads(body)
                body = json.dumps(said | {"recovery": rows(said["recovery"])}).encode()
            return status, kind, body
        return rule

    for rows in (lambda r: [], lambda r: [r[0] | {"key": "11" * 32}], lambda r: [r[0] | {"index": 1}], lambda r: r + r):
        relay.lie(keys_rule(rows))
        has(refresh(wallet, phone, code=CHEAT).error(), "other recovery keys")
        equal([a for a in relay.asked if a.method == "POST"], [])
    relay.lie(None)
    refresh(wallet, phone)
    equal(shown(wallet)["epoch"], 1)


# --- the phone's own copy ---

@test
def a_birth_that_was_cut_off_has_its_escrows():
    relay = Relay(w.daemon.sock)
    phone = w.phone.copy()
    phone.server = relay.path
    before = set(phone.files("devices/phone/wallets"))
    left = []

    def rule(asked, forward):
        if asked.is_round():
            left.append(asked)
        said = forward()
        return DROP if len(left) >= 3 else said

    relay.lie(rule)
    create("--recovery", third.card, phone=phone, code=OFFLINE)
    wallet = (set(phone.files("devices/phone/wallets")) - before).pop()
    equal(phone.files("devices/phone/wallets", wallet), ["escrows.staged", "keys", "pending", "record"])
    relay.lie(None)
    phone.run("wallet", "list")
    equal(phone.files("devices/phone/wallets", wallet), ["escrows", "keys", "record", "share"])
    file, _ = escrows(wallet, phone=phone)
    equal(read(phone.path("devices/phone/wallets", wallet, "escrows")), read(file))
    # And one that came to nothing leaves nothing.
    left.clear()
    relay.lie(lambda asked, forward: DROP if asked.is_round() and asked.path.endswith("/3") else forward())
    before = set(phone.files("devices/phone/wallets"))
    create("--recovery", third.card, phone=phone, code=OFFLINE)
    relay.lie(None)
    phone.run("wallet", "list")
    equal(set(phone.files("devices/phone/wallets")), before)


@test
def a_refresh_that_was_cut_off_keeps_or_changes_both():
    wallet = create("--recovery", third.card).one()["wallet"]
    relay = Relay(w.daemon.sock)
    phone = w.phone.copy()
    phone.server = relay.path
    own = phone.path("devices/phone/wallets", wallet, "escrows")
    for last, epoch in ((2, 0), (4, 1)):
        def rule(asked, forward):
            gone = asked.is_round() and int(asked.path.split("/")[-1]) >= last
            if gone and last == 4:
                forward()
            return DROP if gone else forward()
        relay.lie(rule)
        refresh(wallet, phone, code=OFFLINE)
        equal("escrows.staged" in phone.files("devices/phone/wallets", wallet), True)
        relay.lie(None)
        phone.run("wallet", "list")
        equal(phone.files("devices/phone/wallets", wallet), ["escrows", "keys", "record", "share"])
        equal(inspect(own).one()["epoch"], epoch)
        equal(read(own), read(escrows(wallet, phone=phone)[0]))


@test
def keys_that_were_altered_are_named():
    wallet = create("--recovery", third.card).one()["wallet"]
    other = create("--recovery", third.card).one()["wallet"]
    phone = w.phone.copy()
    file = phone.path("devices/phone/wallets", wallet, "keys")
    whole = read(file)
    theirs = read(phone.path("devices/phone/wallets", other, "keys"))
    for data, code in ((altered(whole, 30), SEALED), (altered(whole, 0), INPUT), (whole[:3], SEALED), (theirs, SEALED)):
        write(file, data)
        has(refresh(wallet, phone, code=code).error(), "keys")
    write(file, whole)
    refresh(wallet, phone)


# --- a phone that was restored from its backup ---

@test
def a_restored_phone_is_told_the_keys_by_their_cards():
    wallet = create("--recovery", third.card).one()["wallet"]
    backup = f"{HOME}/{wallet}"
    w.phone.run("backup", "export", wallet, "--out", backup, "--device", "phone", "--kdf-memory", "8")
    phone = Phone(w.daemon.sock)
    phone.run("backup", "restore", backup, "--kdf-memory", "8")
    phone.run("device", "init")
    phone.run("device", "enrol")
    has(refresh(wallet, phone, code=REFUSED).error(), "was restored", "--recovery-of INDEX=CARD")
    stranger = Machine("liar")
    has(refresh(wallet, phone, "--recovery-of", f"3={stranger.card}", code=CHEAT).error(), "other recovery keys")
    equal(shown(wallet)["epoch"], 0)
    refresh(wallet, phone, "--recovery-of", f"3={third.card}")
    has(refresh(wallet, phone, "--recovery-of", f"3={third.card}", code=USAGE).error(), "knows the recovery keys")
    refresh(wallet, phone)
    equal(third.copy().restore(escrows(wallet, phone=phone)[0]).one()["epoch"], 2)


if __name__ == "__main__":
    main()
