#!/usr/bin/env python3
"""An old phone moves to a new one, over TLS: it shows an invitation, the new one reads it, and afterwards the new one signs and
the old one's share is dead. No operator takes part. What a device may change of a wallet by itself is exactly that."""
import base64, hashlib, hmac, json, os, sqlite3

from cli import *
from meet import *
from terminal import Terminal
from tls import Authority, free_port

CA, PORT = Authority(), free_port()
D = Daemon()
PHONES = people("old", "new", "other", "fresh")
D.start("--listen", f"127.0.0.1:{PORT}", *[w for o, f in zip(("--tls-cert", "--tls-key"), CA.issue("server")) for w in (o, f)])
ADDRESS = f"https://localhost:{PORT}"
KDF = ("--kdf-memory", "8")


def enrolled(phone, name):
    label = ["--label", "treasury"] if name == "old" else []
    token = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", *label, "--server", D.sock]).one()["token"]
    phone.server = ADDRESS
    phone.run("device", "enrol", "--device", name, "--ca", CA.root, "--token", token)
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
    running = Running(phone, "device", "move", *args, "--yes", *KDF, wait=wait)
    return running, json.loads(running.process.stdout.readline())["invitation"]


def adopts(phone, invitation, *args, wait=SECONDS):
    """From a file: on the command line everybody on the machine would see it."""
    return Running(phone, "device", "adopt", write(f"{phone.home}/invitation", f"{invitation}\n"), *args, *KDF, wait=wait)


def signs(phone, wallet):
    signed = phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1").one()
    equal(openssl_verifies(signed, DIGEST), True)
    return signed["public_key"]


def key_of(phone, name):
    """Roles, label and limit of its key, as the server has them."""
    device = phone.run("device", "init", "--device", name, "--no-aux").one()["identity"]
    listed = json.loads(call(D.sock, "GET", "/v1/keys")[2])["keys"]
    return [(k["roles"], k.get("label"), k.get("per_minute")) for k in listed if k.get("device") == device]


def token_in(invitation):
    """What whoever has seen the invitation can enrol with."""
    of = {f[0]: base64.urlsafe_b64decode(f[2:] + "==") for f in invitation.split("&")[1:]}
    return hmac.new(of["k"], b"countersign-v1-move-token" + of["h"] + of["i"], hashlib.sha256).hexdigest()


def seen_by(somebody, invitation, code=OK):
    """A phone without a wallet enrols with what it has seen."""
    thief = Phone(ADDRESS)
    thief.init(somebody)
    r = thief.run("device", "enrol", "--device", somebody, "--ca", CA.root, "--token", "-", code=code, input=token_in(invitation))
    return thief if code == OK else r.error()


def entries(kind):
    found = [json.loads(line)["entry"] for line in call(D.sock, "GET", "/v1/audit/0")[2].decode().splitlines()]
    return [e["detail"] for e in found if e["kind"] == kind]


def server_says(wallet):
    return json.loads(call(D.sock, "GET", f"/v1/wallets/{wallet}")[2])


@test
def an_old_phone_moves_to_a_new_one():
    old, new = PHONES["old"], PHONES["new"]
    plain = old.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", "treasury/eu").one()["wallet"]
    safe = old.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", recovery_card(), f"--recovery-of=1={recovery_card()}").one()["wallet"]
    keys = {w: signs(old, w) for w in (plain, safe)}
    stolen, before = old.copy(), {w: server_says(w) for w in (plain, safe)}
    host, invitation = moves(old, "--all")
    # What fits a QR code of version 10, level M; the token is not in it.
    equal((invitation.startswith("countersign:1?s=https://localhost"), len(invitation) <= 213, "&t=" in invitation), (True, True, False))
    # Somebody looks over the owner's shoulder and is quicker: the owner hears of it, and the other one has nothing.
    thief = seen_by("thief", invitation)
    has(adopts(new, invitation, "--ca", CA.root).ends(REFUSED).error(), "another one has used it")
    equal(key_of(thief, "thief"), [(["device"], None, None)])
    has(thief.run("wallet", "create", "--signers", "2", code=REFUSED).error(), "forbidden")
    host.stop()
    host, invitation = moves(old, "--all")
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
        has(stolen.run("requests", "list", wallet, code=REFUSED).error(), "not-found")
    new.run("wallet", "refresh", safe, *KDF)
    equal(signs(new, safe), keys[safe])
    # It has what the old one has, and nothing more.
    equal(key_of(new, "new"), key_of(old, "old"))
    equal(key_of(new, "new"), [(["create", "sign", "device"], "treasury", None)])
    # Both ends are in the audit log, and told of.
    ids = [json.loads(p.run("device", "card", n).out)["identity"] for p, n in ((old, "old"), (new, "new"))]
    for kind, of in (("move.joined", ("device", "successor")), ("wallet.moving", ("device", "successor")), ("move.ended", ("device", "successor")),
                     ("key.inherited", ("from", "device"))):
        equal([entries(kind)[-1][m] for m in of], ids)
    equal([e["device"] for e in entries("move.begun")], 2 * ids[:1])
    told = json.loads(call(D.sock, "GET", "/v1/events/0")[2])["events"]
    equal([(e["wallet"], e["device"]) for e in told if e["kind"] == "device.left"], [(w, ids[0]) for w in sorted((plain, safe))])
    # And the invitation is used up.
    has(adopts(PHONES["other"], invitation, wait="1").ends(AGAIN).error(), "missing")
    has(seen_by("late", invitation, REFUSED), "forbidden", "token")


@test
def who_has_not_read_the_invitation_gets_nothing():
    old, other = PHONES["other"], PHONES["fresh"]
    wallet = old.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    host, invitation = moves(old, wallet, wait="4")
    at = invitation.index("&k=") + 5
    wrong = invitation[:at] + ("A" if invitation[at] != "A" else "B") + invitation[at + 1:]
    has(seen_by("late", wrong, REFUSED), "forbidden", "token")
    has(adopts(other, wrong, wait="2").ends(AGAIN).error(), "missing")
    r = host.ends(AGAIN)
    has(r.error(), "no new phone")
    has(" ".join(r.notes()), "without having read the invitation")
    # The old phone waits no longer: what it has shown is worth nothing.
    has(seen_by("late", invitation, REFUSED), "forbidden", "token")
    for bad in ("x", invitation[:60], invitation.replace("countersign:1", "countersign:2"), invitation.replace("&h=", "&h=!")):
        has(other.run("device", "adopt", "-", code=INPUT, input=bad).error(), "no invitation")
    has(other.run("device", "adopt", invitation[:60], code=INPUT).error(), "no invitation")
    for bad, words in (("", "empty"), ("\0", "no line of text"), ("a" * 2000, "too long")):
        has(other.run("device", "adopt", "-", code=INPUT, input=bad).error(), "the invitation is", words)
    has(other.run("device", "adopt", f"{other.home}/none", code=LOCAL).error(), "none")
    has(other.run("device", "enrol", "--token", "-", code=INPUT, input="11" * 31).error(), "64 lower-case")
    i = invitation.index("&i=") + 5
    elsewhere = invitation[:i] + ("A" if invitation[i] != "A" else "B") + invitation[i + 1:]
    has(other.run("device", "adopt", elsewhere, code=CHEAT).error(), "not the one that the old phone knows")
    rogue = Authority("rogue")
    has(other.run("device", "adopt", invitation, "--ca", rogue.root, code=REFUSED).error(), "roots")
    equal(server_says(wallet)["epoch"], 0)
    signs(old, wallet)


@test
def who_has_read_the_invitation_gets_nothing_without_the_owner_s_word():
    old, quicker = PHONES["other"], PHONES["fresh"]
    wallet = old.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
    host = Terminal(*old.command("device", "move", wallet, *KDF, "--wait", "60")[1:])
    guest = adopts(quicker, json.loads(host.process.stdout.readline())["invitation"], wait="60")
    host.wait_for("Agree?", 60)
    digits = " ".join(FRESH["fingerprint"][i:i + 4] for i in range(0, 16, 4))
    has(host.seen.decode(), digits)
    host.press(b"no\n")
    equal(host.end()[0], REFUSED)
    said = guest.ends(AGAIN)
    has(" ".join(said.notes()), digits)
    has(said.error(), "says no")
    equal((server_says(wallet)["epoch"], wallet in quicker.wallets()), (0, False))
    signs(old, wallet)


@test
def a_stranger_fills_nobody_s_mailboxes():
    old, name = PHONES["old"], PHONES["other"].run("device", "card", "other").out
    other, opener = (bytes.fromhex(json.loads(c)["identity"]) for c in (name, old.run("device", "card", "old").out))
    create = ("wallet", "create", "--allow", "digest", "--signers", "2", "--with", write(f"{old.home}/other", name), "--wait", "3")
    has(old.run(*create, code=AGAIN).error(), "missing")
    db = sqlite3.connect(f"{D.state}/store.db", timeout=60)
    # It has seven more.
    for n in range(1, 9):
        db.execute("INSERT INTO mailboxes SELECT ?1, 1, 4000000000, 0, 0, ?2 WHERE (SELECT count(*) FROM mailboxes WHERE opener = ?2) < 8", (bytes([n]) * 16, opener))
        db.execute("INSERT INTO mailbox_members SELECT id, 0, ?, ?, 0, 0, 0, 1 FROM mailboxes WHERE id = ?", (other, 1000 + n, bytes([n]) * 16))
    db.commit()
    db.close()
    has(old.run(*create, code=AGAIN).error(), "session-limit", "strangers")
    for m in json.loads(call(D.sock, "GET", f"/v1/devices/{other.hex()}/mailboxes")[2])["mailboxes"]:
        equal(call(D.sock, "DELETE", f"/v1/mailboxes/{m['mailbox']}")[0], 204)


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
