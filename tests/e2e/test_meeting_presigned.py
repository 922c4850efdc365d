#!/usr/bin/env python3
"""Presignatures of devices in folders of their own: each process keeps its half, burns it before anything of it leaves, and
never has it again, whoever is killed when, whatever folder comes back. A wallet of five parties, two of them away."""
import json, os, shutil, signal, sqlite3, subprocess

import cli
from chains import Spend, paying
from cli import *
from meet import *
from relay import DROP, Relay

SPENT = 4  # api/store/schema
BURNED = 36  # octets of a half's file when nothing has left
D = Daemon()
NAMES = ("anna", "boris", "clara", "dora")
PHONES = people(*NAMES)
CARDS = cards(PHONES, *NAMES[1:])
D.start()
for name in NAMES:
    PHONES[name].server = D.sock
    PHONES[name].run("device", "enrol", "--device", name)
GUESTS = [joins(PHONES[n], "--expect", "create") for n in NAMES[1:]]
WALLET = PHONES["anna"].run("wallet", "create", "--signers", "3", "--allow", "digest", "--allow", "psbt", *CARDS, "--wait", SECONDS).one()["wallet"]
for g in GUESTS:
    equal(g.ends().one()["wallet"], WALLET)
SIGN = ["sign", WALLET, "--digest", DIGEST, "--path", "m/1", "--presigned"]


def halves(name, phone=None):
    """Kind and length of every file: of a half, or of what used one."""
    phone, where = phone or PHONES[name], f"devices/{name}/presignatures"
    found = {n: read(phone.path(where, WALLET, n)) for n in phone.files(where, WALLET)}
    return {n: (octets[0], len(octets)) for n, octets in found.items()}


def unused(name, phone=None):
    return {n for n, (kind, _) in halves(name, phone).items() if kind != REPLY}


def ready():
    return set(json.loads(call(D.sock, "GET", f"/v1/wallets/{WALLET}")[2])["presignatures"])


def presign(count=1):
    guest = joins(PHONES["boris"], "--expect", "presign", "--wallet", WALLET)
    r = PHONES["anna"].run("presign", WALLET, "--count", str(count), "--with", "3", "--wait", SECONDS)
    equal(r.one(), {"wallet": WALLET, "presignatures": count})
    equal(guest.ends().one(), r.one())


def stocked(count=1):
    """Of these two alone, and no more than that. Copies: what they do is not done to the folders, which have what the test before
    did not use."""
    if len(ready()) != count or not unused("anna") == unused("boris") == ready():
        D.stop()
        D.start()
        presign(count)
    for name in ("anna", "boris"):
        equal((len(unused(name)), unused(name)), (count, ready()))
    return PHONES["anna"].copy(), PHONES["boris"].copy()


def signs(anna, boris, *more, code=OK, guest_code=OK, wait=SECONDS):
    guest = joins(boris, "--expect", "sign", "--wallet", WALLET, wait=wait)
    host = Running(anna, *SIGN, "--with", "3", *more, wait=wait)
    return host.ends(code), guest.ends(guest_code)


def check_spent():
    """The daemon gave none to more than one input of a request, and every input that is signed so had one."""
    db = sqlite3.connect(f"{D.state}/store.db")
    inputs = "SELECT count(*) FROM request_inputs i WHERE i.request = p.request"
    rows = db.execute(f"SELECT count(*), ({inputs}) FROM presignatures p WHERE state = {SPENT} GROUP BY request").fetchall()
    db.close()
    equal([(n, of) for n, of in rows if n > of], [])


class Watched:
    """Both talk through relays; no call has anything of a half in it that is not burned, or the half of anybody else."""

    def __init__(self, **phones):
        self.phones, self.left, self.exchanges, self.rules = phones, {n: [] for n in phones}, [], {}
        for name, phone in phones.items():
            relay = Relay(D.sock)
            relay.rule, phone.server = self.rule(name), relay.path

    def rule(self, name):
        def rule(asked, forward):
            rounds = said_online(asked)
            if rounds:
                kept = halves(name, self.phones[name]).values()
                self.left[name].append((rounds, len(unused(name, self.phones[name])), [size for kind, size in kept if kind == REPLY]))
            if "/rounds/" in asked.path:
                self.exchanges.append(len(asked.body))
            return self.rules.get(name, lambda asked, forward: forward())(asked, forward)
        return rule


# --- made and used ---

@test
def each_process_keeps_its_half_and_burns_it_before_anything_of_it_leaves():
    anna, boris = stocked(2)
    equal([unused(n) for n in ("clara", "dora")], [set(), set()])
    before, w = ready(), Watched(anna=anna, boris=boris)
    host, guest = signs(anna, boris)
    equal(guest.one(), host.one())
    equal(openssl_verifies(host.one(), DIGEST), True)
    has(guest.notes()[0], "by 3 of 5 parties, with presignatures")
    used = before - ready()
    equal(len(used), 1)
    # What the guest says leaves once and is kept nowhere; the host keeps the one exchange with the daemon, which has it all.
    *board, (rounds, _, kept) = w.left["anna"]
    equal([sum((r for r, _, _ in said), []) for said in (w.left["boris"], board)], [[2, 3], [2, 3]])
    equal((sorted(rounds), kept, len(w.exchanges)), ([2, 2, 3, 3], [BURNED + w.exchanges[0]], 1))
    equal({(n, *k) for said in (w.left["boris"], board) for _, n, k in said}, {(1, BURNED)})
    for name, phone in w.phones.items():
        equal((halves(name, phone).keys(), unused(name, phone)), (before - used, before - used))


@test
def all_inputs_of_a_payload_in_one_meeting():
    """The host is killed before the third; another meeting signs that, and nothing twice."""
    anna, boris = stocked(3)
    key = bytes.fromhex(anna.run("wallet", "show", WALLET, "--path", "m/0").one()["public_key"])
    spend = Spend([(70000, key, (0,)), (50000, key, (0,)), (30000, key, (0,))], [(110000, paying(b"somebody"))])
    w, asked = Watched(anna=anna, boris=boris), []

    def third(call, forward):
        if call.method == "POST" and call.path.startswith("/v1/requests/"):
            asked.append(call.path.split("/")[3])
        if len(asked) < 3:
            return forward()
        host.process.kill()
        return DROP
    w.rules["anna"] = third
    guest = joins(boris, "--expect", "sign", "--path", "m/0")
    host = Running(anna, "sign", WALLET, "--psbt", write(f"{anna.home}/psbt", spend.psbt()), "--path", "m/0", "--presigned", "--with", "3")
    host.dies()
    guest.process.send_signal(signal.SIGTERM)
    has(guest.process.communicate(timeout=120)[1], "3 signatures", "with presignatures", "0.0011")
    anna.server = boris.server = D.sock
    again = joins(boris, "--expect", "sign")
    signed = anna.run("sign", WALLET, "--request", asked[0], "--yes", "--with", "3", "--wait", SECONDS).one()["signatures"]
    equal(again.ends().one()["der"], signed[2]["der"])
    for i, s in enumerate(signed):
        equal(openssl_verifies(s, spend.digest(i).hex()), True)
    equal((halves("anna", anna), halves("boris", boris), ready()), ({}, {}, set()))
    has(signs(anna, boris, code=REFUSED, guest_code=AGAIN, wait="1")[0].error(), "no presignature is ready")
    check_spent()


@test
def who_holds_no_half_declines_and_costs_none():
    anna, boris = stocked()
    shutil.rmtree(boris.path("devices/boris/presignatures"))
    host, guest = signs(anna, boris, code=REFUSED, guest_code=REFUSED)
    has(guest.error(), "holds no unused half")
    has(host.error(), "party 3", "declines", "holds no unused half")
    equal((unused("anna", anna), len(ready())), (ready(), 1))
    # Nor do others: the server has made it with these.
    guest = joins(PHONES["clara"])
    has(anna.run(*SIGN, "--with", "4", "--wait", SECONDS, code=REFUSED).error(), "party 4", "declines")
    guest.ends(REFUSED)
    equal(unused("anna", anna), ready())


# --- used once ---

@test
def an_older_folder_has_nothing_that_was_used():
    """The server says what is ready; and where it lies, the guest's own burn decides."""
    anna, boris = stocked()
    half, older = ready(), boris.copy()
    equal(len(unused("boris", older)), 1)
    signs(anna, boris)
    hosts = PHONES["anna"].copy()
    has(signs(hosts, older, code=REFUSED, guest_code=AGAIN, wait="1")[0].error(), "no presignature is ready")

    def revived(asked, forward):
        said = forward()
        if asked.method == "GET" and asked.path.endswith(f"/wallets/{WALLET}"):
            said = (*said[:2], json.dumps(json.loads(said[2]) | {"presignatures": list(half)}).encode())
        return said
    hosts = PHONES["anna"].copy()
    relay = Relay(D.sock)
    relay.rule, hosts.server = revived, relay.path
    # An honest guest, which hears from the server itself; one that is lied to, with its own burn; one with an older folder,
    # which no server honours any more: its half is not lost to it, and signs nothing.
    for phone, lied, why in ((older, False, "holds no unused half"), (boris, True, "holds no unused half")):
        phone.server = relay.path if lied else D.sock
        host, guest = signs(hosts, phone, code=REFUSED, guest_code=REFUSED)
        has(guest.error(), why)
    older = PHONES["boris"].copy()
    older.server = relay.path
    has(signs(hosts, older, code=REFUSED, guest_code=AGAIN)[0].error(), "no-presignature")
    check_spent()


@test
def an_invitation_is_answered_once():
    anna, boris = stocked()
    host = Running(anna, *SIGN, "--with", "3")
    meeting = host.meeting()
    joins(boris, meeting, "--yes").ends()
    host.ends()
    has(joins(boris, meeting, "--yes").ends(REFUSED).error(), "not-found")
    equal(halves("boris", boris), {})


@test
def an_old_epoch_signs_nothing():
    anna, boris = stocked()
    phones = {"anna": anna, "boris": boris, "clara": PHONES["clara"].copy(), "dora": PHONES["dora"].copy()}
    older, mine = boris.path("devices/boris/presignatures"), f"{boris.home}/older"
    shutil.copytree(older, mine)
    guests = [joins(phones[n], "--expect", "refresh", "--kdf-memory", "8") for n in NAMES[1:]]
    anna.run("wallet", "refresh", WALLET, "--kdf-memory", "8", *[w for i in (3, 4, 5) for w in ("--with", str(i))], "--wait", SECONDS)
    for g in guests:
        g.ends()
    for name, phone in phones.items():
        PHONES[name] = phone
        equal(halves(name), {})
    # It comes back, and goes before anything is asked.
    shutil.copytree(mine, older, dirs_exist_ok=True)
    equal(len(unused("boris")), 1)
    boris.run("wallet", "list")
    equal(unused("boris"), set())
    stocked()


# --- killed ---

def killed(who, after, rounds):
    """At its first call that takes a message of one of these rounds away, before the daemon has heard it or after."""
    anna, boris = stocked(2)
    w, running = Watched(anna=anna, boris=boris), {}
    before = unused(who, w.phones[who])

    def kill(asked, forward):
        if rounds and not set(said_online(asked)) & set(rounds) or not rounds and asked.method != "POST":
            return forward()
        if after:
            forward()
        running[who].process.kill()
        return DROP
    w.rules[who] = kill
    running["anna"] = Running(anna, *SIGN, "--with", "3")
    running["boris"] = joins(boris, running["anna"].meeting(), "--yes")
    running[who].dies()
    running["boris" if who == "anna" else "anna"].stop()
    # Whatever became of it: what was used is not there again, and what was not is still good, for another digest.
    for name, phone in w.phones.items():
        phone.server = D.sock
        phone.run("wallet", "list")
        equal(unused(name, phone) <= before, True)
        equal([kind for kind, _ in halves(name, phone).values() if kind == REPLY], [])
    host, guest = signs(anna, boris, "--digest", "22" * 32)
    equal(openssl_verifies(host.one(), "22" * 32), True)
    check_spent()
    return len(before) - len(unused(who, w.phones[who]))


@test
def whoever_is_killed_uses_nothing_twice():
    cases = [(who, after, rounds) for who in ("anna", "boris") for after in (False, True) for rounds in ((REVEAL,), (PARTIAL,))]
    for case in drawn(1, cases):
        equal(killed(*case), 2)


# --- lies ---

class Liar:
    """By a program that cheats."""

    def __init__(self, phone, lie):
        self.phone, self.lie = phone, lie

    def start(self, *args):
        command = [f"{BUILD}/tests/csig_lying_cli", *self.phone.command(*args)[1:]]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "LIE": self.lie})


def locked():
    return json.loads(call(D.sock, "GET", f"/v1/wallets/{WALLET}")[2])["locked"]


@test
def who_lies_is_named():
    """By the other device, which refuses it from then on; the server may have heard too little of it to say who it was, and
    refuses nobody else."""
    id = {n: PHONES[n].run("device", "init", "--device", n).one()["identity"] for n in ("anna", "boris")}
    for liar, lie, name in drawn(2, [("boris", "message 3 2", "E_COMMIT"), ("boris", "message 3 3", "E_PARTIAL"), ("anna", "message 1 3", "E_PARTIAL")]):
        anna, boris = stocked()
        phones = {"anna": anna, "boris": boris}
        phones[liar] = Liar(phones[liar], lie)
        guest = joins(phones["boris"])
        host = Running(phones["anna"], *SIGN, "--with", "3")
        honest, other = (host, guest) if liar == "boris" else (guest, host)
        has(honest.ends(CHEAT).error(), name, f"party {3 if liar == 'boris' else 1} (device {id[liar][:12]}", "refuses that party")
        other.process.communicate(timeout=120)
        equal(other.process.returncode == OK, False)
        equal(honest.phone.files("devices", "anna" if liar == "boris" else "boris", "locks"), [id[liar]])
        equal(unused("anna", anna) | unused("boris", boris), set())
        equal(set(locked()) <= {id[liar]}, True)
        body = json.dumps({"device": id[liar]}).encode()
        equal(call(D.sock, "POST", f"/v1/wallets/{WALLET}/unlock", body, {"Content-Type": "application/json"})[0], 200)


if __name__ == "__main__":
    main()
