#!/usr/bin/env python3
"""An old phone moves to a new one, over TLS: it shows an invitation, the new one reads it, and afterwards the new one signs and
the old one's share is dead. What a device may change of a wallet by itself is exactly that."""
import json, os

from cli import *
from meet import *
from tls import Authority, free_port

CA, PORT = Authority(), free_port()
D = Daemon()
PHONES = people("old", "new", "other", "fresh")
D.start("--listen", f"127.0.0.1:{PORT}", *[w for o, f in zip(("--tls-cert", "--tls-key"), CA.issue("server")) for w in (o, f)])
ADDRESS = f"https://localhost:{PORT}"
KDF = ("--kdf-memory", "8")


def token(*roles):
    return run_as(["--json", "token", "new", *[w for r in roles for w in ("--role", r)], "--server", D.sock]).one()["token"]


def enrolled(phone, name):
    phone.server = ADDRESS
    phone.run("device", "enrol", "--device", name, "--ca", CA.root, "--token", token("create", "sign"))
    phone.server = None


for n in ("old", "other", "fresh"):
    enrolled(PHONES[n], n)


FRESH = json.loads(PHONES["fresh"].run("device", "card", "fresh").out)


def recovery_card():
    m = Phone()
    m.run("recovery", "init", "--card", f"{m.home}/card", *KDF)
    return f"{m.home}/card"


def moves(phone, *args, wait=SECONDS):
    """The old phone, and the invitation that it shows."""
    running = Running(phone, "device", "move", *args, *KDF, wait=wait)
    return running, json.loads(running.process.stdout.readline())["invitation"]


def adopts(phone, invitation, *args, wait=SECONDS):
    return Running(phone, "device", "adopt", invitation, *args, *KDF, wait=wait)


def signs(phone, wallet):
    signed = phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1").one()
    equal(openssl_verifies(signed, DIGEST), True)
    return signed["public_key"]


def server_says(wallet):
    return json.loads(call(D.sock, "GET", f"/v1/wallets/{wallet}")[2])


@test
def an_old_phone_moves_to_a_new_one():
    old, new = PHONES["old"], PHONES["new"]
    plain = old.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    safe = old.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", recovery_card(), f"--recovery-of=1={recovery_card()}").one()["wallet"]
    keys = {w: signs(old, w) for w in (plain, safe)}
    stolen, before = old.copy(), {w: server_says(w) for w in (plain, safe)}
    host, invitation = moves(old, "--all", "--token", token("sign"))
    equal((invitation.startswith("countersign:1?s=https://localhost"), len(invitation) <= 310), (True, True))
    guest = adopts(new, invitation, "--ca", CA.root)
    r = guest.ends()
    equal([x.get("wallet", x.get("wallets")) for x in r.objects(r.out)], [*sorted((plain, safe)), 2])
    said = host.ends()
    has(" ".join(said.notes()), plain, safe, "has left wallet")
    # The new one has everything, and signs; the old one has nothing.
    for wallet, key in keys.items():
        equal(signs(new, wallet), key)
        now = server_says(wallet)
        equal((now["epoch"], now["public_key"], now["signers_required"], now["parties"], now["recovery"]),
              (1, *[before[wallet][k] for k in ("public_key", "signers_required", "parties", "recovery")]))
        equal(now["devices"], [json.loads(new.run("device", "card", "new").out)["identity"]])
        has(old.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "wallet")
        equal(os.path.exists(old.path("devices/old/wallets", wallet)), False)
    # A copy of its folder from before is as dead.
    for wallet in keys:
        has(stolen.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "no party of wallet")
    new.run("wallet", "refresh", safe, *KDF)
    equal(signs(new, safe), keys[safe])
    has(read(f"{D.home}/log").decode(), "a device gives its place to another one", plain, safe)
    # And the invitation is used up.
    has(adopts(PHONES["other"], invitation, wait="1").ends(AGAIN).error(), "missing")


@test
def who_has_not_read_the_invitation_gets_nothing():
    old, other = PHONES["other"], PHONES["fresh"]
    wallet = old.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    host, invitation = moves(old, wallet, wait="4")
    at = invitation.index("&k=") + 5
    wrong = invitation[:at] + ("A" if invitation[at] != "A" else "B") + invitation[at + 1:]
    has(adopts(other, wrong, wait="2").ends(AGAIN).error(), "missing")
    r = host.ends(AGAIN)
    has(r.error(), "no new phone")
    has(" ".join(r.notes()), "without having read the invitation")
    for bad in ("x", invitation[:60], invitation.replace("countersign:1", "countersign:2"), invitation.replace("&h=", "&h=!")):
        has(other.run("device", "adopt", bad, code=INPUT).error(), "no invitation")
    i = invitation.index("&i=") + 5
    elsewhere = invitation[:i] + ("A" if invitation[i] != "A" else "B") + invitation[i + 1:]
    has(other.run("device", "adopt", elsewhere, code=CHEAT).error(), "not the one that the old phone knows")
    rogue = Authority("rogue")
    has(other.run("device", "adopt", invitation, "--ca", rogue.root, code=REFUSED).error(), "roots")
    equal(server_says(wallet)["epoch"], 0)
    signs(old, wallet)


@test
def a_device_gives_its_own_place_and_nothing_else():
    """Everything else about who the parties are is the operator's: refused when all that are asked have agreed."""
    other, new = PHONES["other"], PHONES["fresh"]
    third, old = FRESH["identity"], json.loads(PHONES["old"].run("device", "card", "old").out)["identity"]
    plain = other.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    safe = other.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", recovery_card(), f"--recovery-of=1={recovery_card()}").one()["wallet"]
    guest = joins(new)
    made = Running(other, "wallet", "create", "--allow", "digest", "--signers", "2", "--with", write(f"{other.home}/fresh", json.dumps(FRESH)))
    shared = made.ends().one()["wallet"]
    guest.ends()
    for wallet, joining, args in ((plain, "fresh", ("--add", third)), (safe, "fresh", ("--replace", f"1={third}")),
                                  (shared, "old", ("--replace", f"3={old}"))):
        guest = Running(PHONES[joining], "join", "--yes", *KDF)
        r = Running(other, "wallet", "reshare", wallet, *args, *KDF).ends(REFUSED)
        has(r.error(), "unix-socket-only")
        has(guest.ends(AGAIN).error(), "gave up", "unix-socket-only")
        equal(server_says(wallet)["epoch"], 0)


@test
def who_is_killed_in_the_middle_goes_on_with_a_new_invitation():
    other, new = PHONES["other"], PHONES["fresh"]
    wallet = other.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    key = signs(other, wallet)
    host, invitation = moves(other, wallet, wait="3")
    guest = adopts(new, invitation, wait="3")
    wait_for(lambda: any(f in new.files("devices/fresh/wallets", wallet) for f in ("staged", "share")) or guest.process.poll() is not None)
    guest.process.kill()
    guest.process.communicate()
    host.process.communicate(timeout=120)
    for phone in (other, new):
        phone.run("wallet", "list")
    if server_says(wallet)["epoch"] == 0:
        equal(signs(other, wallet), key)
        host, invitation = moves(other, wallet)
        guest = adopts(new, invitation)
        guest.ends()
        host.ends()
    equal((signs(new, wallet), wallet in other.wallets()), (key, False))


if __name__ == "__main__":
    main()
