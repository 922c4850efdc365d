#!/usr/bin/env python3
"""A card, a file of escrows, a recovery machine and its wallet's phone that were written once are read for ever:
tests/vectors/cli/recovery/LEVEL. With --write those of the build's level are written, where there are none."""
import json, os, shutil, subprocess

from cli import *
from relay import Relay

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "cli", "recovery")
PASSPHRASE = "golden passphrase"
ADDRESS = "http://127.0.0.1:8442"
JSON = "application/json"
WRITE = "--write" in sys.argv
sys.argv = [a for a in sys.argv if a != "--write"]


# --- written once ---

def write_golden(to):
    """Two wallets, phone and server and a machine offline; the machine has restored the first of them."""
    daemon, phone, machine = Daemon(), Phone(ADDRESS, secret=PASSPHRASE), Phone(secret=PASSPHRASE)
    daemon.start("--listen", ADDRESS.split("/")[-1])
    phone.init("phone", aux=True)
    phone.run("device", "enrol")
    made = machine.run("recovery", "init", "--card", f"{to}/card", "--kdf-memory", "8").one()
    wallets = [phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", f"{to}/card").one() for _ in range(2)]
    phone.run("wallet", "escrows", wallets[0]["wallet"], "--out", f"{machine.home}/first")
    phone.run("wallet", "escrows", wallets[1]["wallet"], "--out", f"{to}/escrows")
    machine.run("recovery", "restore", f"{machine.home}/first")
    server = json.loads(call(daemon.sock, "GET", "/healthz")[2])["server_identity"]
    daemon.stop()
    for name, who in (("machine", machine), ("phone", phone)):
        shutil.copytree(who.state, f"{to}/{name}", ignore=shutil.ignore_patterns("lock"))
    with open(f"{to}/content.json", "w") as f:
        f.write(json.dumps({"server_identity": server, "card": {k: made[k] for k in ("identity", "key", "fingerprint")},
                            "wallets": [{k: w[k] for k in ("wallet", "public_key")} for w in wallets]}, indent=1) + "\n")


def golden(name, server=None, level=LEVEL):
    """A copy with the modes that git does not keep."""
    who = Phone(server, secret=PASSPHRASE)
    shutil.copytree(f"{GOLDEN}/{level}/{name}", who.state)
    subprocess.run(["chmod", "-R", "go=", who.state], check=True)
    return who


if WRITE:
    os.makedirs(f"{GOLDEN}/{LEVEL}")  # stops where there is one
    write_golden(f"{GOLDEN}/{LEVEL}")

HERE = f"{GOLDEN}/{LEVEL}"
with open(f"{HERE}/content.json") as f:
    KNOWN = json.load(f)
FIRST, SECOND = KNOWN["wallets"]


# --- read for ever ---

@test
def the_card_is_the_machine_s():
    equal(json.loads(read(f"{HERE}/card")), KNOWN["card"])
    again = f"{folder('card')}/card"
    golden("machine").run("recovery", "init", "--card", again)
    equal(read(again), read(f"{HERE}/card"))


@test
def the_escrows_are_verified():
    said = Phone().run("recovery", "inspect", f"{HERE}/escrows").one()
    equal({k: said[k] for k in ("wallet", "public_key", "index", "dealers", "epoch", "fingerprint", "identity")},
          {**SECOND, "index": 3, "dealers": [1, 2], "epoch": 0, "fingerprint": KNOWN["card"]["fingerprint"],
           "identity": KNOWN["card"]["identity"]})


@test
def the_machine_restores_from_them():
    machine = golden("machine")
    equal(machine.run("recovery", "restore", f"{HERE}/escrows").one(),
          {**SECOND, "device": "recovery", "index": 3, "epoch": 0, "signs": True})
    r = machine.run("wallet", "list")
    equal({(x["wallet"], x["public_key"], x["index"]) for x in r.objects(r.out)},
          {(x["wallet"], x["public_key"], 3) for x in (FIRST, SECOND)})


@test
def the_copies_of_phone_and_machine_are_given_out():
    files = []
    for name, device in (("phone", "phone"), ("machine", "recovery")):
        who = golden(name, server=f"{ROOT}/nobody")
        files.append(f"{who.home}/file")
        r = who.run("wallet", "escrows", FIRST["wallet"], "--out", files[-1])
        equal((r.one()["from"], r.one()["escrows"]), (device, 2))
    equal(read(files[0]), read(files[1]))
    equal(Phone().run("recovery", "inspect", files[0]).one()["public_key"], FIRST["public_key"])


@test
def the_phone_knows_the_recovery_keys():
    """It compares them before it asks for a refresh; this server says them and no more."""
    row = {"index": 3, "key": KNOWN["card"]["key"], "identity": KNOWN["card"]["identity"]}

    def server(rows):
        def rule(asked, forward):
            if asked.method == "GET":
                said = {"server_identity": KNOWN["server_identity"], "epoch": 0, "recovery": rows}
                return 200, JSON, json.dumps(said).encode()
            equal(json.loads(asked.body)["signers"], [1, 2])
            return 409, "application/problem+json", b'{"code":"no-presignature","detail":"enough"}'
        return Relay().lie(rule)

    for rows, code, word in (([row], REFUSED, "enough"), ([], CHEAT, "other recovery keys"),
                             ([row | {"key": "11" * 32}], CHEAT, "other recovery keys")):
        phone = golden("phone", server=server(rows).path)
        has(phone.run("wallet", "refresh", FIRST["wallet"], "--kdf-memory", "8", code=code).error(), word)


@test
def what_is_of_another_level_is_named_so():
    for level in os.listdir(GOLDEN):
        if int(level) == LEVEL:
            continue
        error = Phone().run("recovery", "inspect", f"{GOLDEN}/{level}/escrows", code=INPUT).error()
        has(error, f"level {level}", f"built for {LEVEL}")
        machine = golden("machine")
        shutil.copy(f"{GOLDEN}/{level}/machine/devices/recovery/recovery", machine.path("devices/recovery/recovery"))
        has(machine.run("recovery", "restore", f"{HERE}/escrows", code=INPUT).error(), "recovery", "E_LEVEL")


if __name__ == "__main__":
    main()
