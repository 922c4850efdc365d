#!/usr/bin/env python3
"""A state folder that was written once is read for ever: tests/vectors/cli/v1/LEVEL. With --write the folder of the build's
level is written, where there is none."""
import hashlib, json, os, shutil, subprocess

from cli import *
from relay import DROP, Relay

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "cli", "v1")
PASSPHRASE = "golden passphrase"
ADDRESS = "http://127.0.0.1:8441"
JSON = "application/json"
WRITE = "--write" in sys.argv
sys.argv = [a for a in sys.argv if a != "--write"]
HALVES = "devices/phone/presignatures"


# --- written once ---

def write_golden(to):
    """Every kind of file: two devices, a wallet of both and the server, a half, what a half left, a lock."""
    daemon, phone = Daemon(), Phone(ADDRESS, secret=PASSPHRASE)
    daemon.start("--listen", ADDRESS.split("/")[-1])
    for name in ("phone", "second"):
        phone.init(name, aux=name == "phone")
        phone.run("device", "enrol", "--device", name)
    made = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()
    wallet = made["wallet"]
    phone.run("presign", wallet, "--count", "2", "--device", "phone")
    relay = Relay(daemon.sock).lie(lambda asked, forward: DROP if asked.is_round() else forward())
    phone.server = relay.path
    phone.run("sign", wallet, "--digest", DIGEST, "--device", "phone", "--presigned", code=OFFLINE)
    body = [a.body for a in relay.asked if a.is_round()][0]
    shutil.copytree(phone.state, f"{to}/state")
    phone = golden(server=daemon.sock)
    kinds = {n: read(phone.path(HALVES, wallet, n))[0] for n in phone.files(HALVES, wallet)}
    server = json.loads(call(daemon.sock, "GET", "/healthz")[2])["server_identity"]
    write(f"{to}/state/devices/second/locks/{server}", bytes([LOCK, 1, LEVEL]) + bytes(32) + b"E_COMMIT, round 2 open")
    content = {"passphrase": PASSPHRASE, "server": ADDRESS, "server_identity": server, "wallet": wallet,
               "public_key": made["public_key"], "child": phone.run("wallet", "show", wallet, "--path", "m/44/60/0/0/0",
                                                                   code=OK).one()["public_key"],
               "half": [n for n in kinds if kinds[n] != REPLY][0], "spent": [n for n in kinds if kinds[n] == REPLY][0],
               "reply_to": [a.path for a in relay.asked if a.is_round()][0], "reply_sha256": hashlib.sha256(body).hexdigest(),
               "identities": {n: phone.run("device", "init", "--no-aux", "--device", n).one()["identity"] for n in ("phone", "second")}}
    os.unlink(f"{to}/state/lock")
    daemon.stop()
    with open(f"{to}/content.json", "w") as f:
        f.write(json.dumps(content, indent=1) + "\n")


def golden(level=LEVEL, server=f"{ROOT}/nobody"):
    """A copy with the modes that git does not keep."""
    phone = Phone(server, secret=PASSPHRASE)
    shutil.copytree(f"{GOLDEN}/{level}/state", phone.state)
    subprocess.run(["chmod", "-R", "go=", phone.state], check=True)
    os.makedirs(phone.path("devices/phone/locks"), exist_ok=True)
    return phone


if WRITE:
    os.makedirs(f"{GOLDEN}/{LEVEL}")  # stops where there is one
    write_golden(f"{GOLDEN}/{LEVEL}")

with open(f"{GOLDEN}/{LEVEL}/content.json") as f:
    KNOWN = json.load(f)
WALLET = KNOWN["wallet"]


# --- read for ever ---

@test
def the_master_key_opens_and_every_share_is_there():
    r = golden().run("wallet", "list")
    found = {(x["wallet"], x["device"], x["index"], x["signers_required"], x["parties"], x["public_key"]) for x in r.objects(r.out)}
    equal(found, {(WALLET, "phone", 1, 2, 3, KNOWN["public_key"]), (WALLET, "second", 3, 2, 3, KNOWN["public_key"])})


@test
def the_share_gives_the_same_keys():
    equal(golden().run("wallet", "show", WALLET).one()["public_key"], KNOWN["public_key"])
    equal(golden().run("wallet", "show", WALLET, "--path", "m/44/60/0/0/0").one()["public_key"], KNOWN["child"])


@test
def identities_and_auxiliary_info_are_there():
    for name, identity in KNOWN["identities"].items():
        equal(golden().run("device", "init", "--device", name, "--no-aux").one(),
              {"device": name, "identity": identity, "level": LEVEL, "auxiliary": name == "phone"})


@test
def the_server_is_the_one_that_was_pinned():
    phone = golden(server=None)
    # From before requests over TCP were signed: it says what to do.
    has(phone.run("presign", WALLET, code=REFUSED).error(), KNOWN["server"], "--token")
    data = read(phone.path("server"))
    equal((data[0], data[3:35].hex(), data[35:].decode()), (SERVER, KNOWN["server_identity"], KNOWN["server"]))


@test
def what_a_half_left_is_sent_again_as_it_was():
    relay = Relay().lie(lambda asked, forward: (410, "application/problem+json", b'{"code":"session-gone","detail":"x"}'))
    phone = golden(server=relay.path)
    phone.run("wallet", "list")
    equal([(a.method, a.path, hashlib.sha256(a.body).hexdigest()) for a in relay.asked],
          [("PUT", KNOWN["reply_to"], KNOWN["reply_sha256"])])
    equal(phone.files(HALVES, WALLET), [KNOWN["half"]])


@test
def the_half_and_the_peers_open():
    """They are read when a session begins; this server begins one and says no more."""
    nonce = "33" * 32

    def rule(asked, forward):
        if asked.is_round() or asked.method == "DELETE":
            return 410, "application/problem+json", b'{"code":"session-gone","detail":"x"}'
        if asked.method == "GET":
            said = {"server_identity": KNOWN["server_identity"], "presignatures": [KNOWN["half"]], "epoch": 0}
        elif asked.path.endswith("/requests"):
            said = {"request": "44" * 32}
        else:
            ours = json.loads(asked.body)
            equal((ours["signers"], ours["presignatures"]), ([1, 2], [KNOWN["half"]]))
            said = {"session": "55" * 16, "nonces": [*ours["nonces"], nonce], "presignature": KNOWN["half"], "envelopes": ""}
        return 201, JSON, json.dumps(said).encode()

    phone = golden(server=Relay().lie(rule).path)
    has(phone.run("sign", WALLET, "--digest", DIGEST, "--device", "phone", "--presigned", code=AGAIN).error(), "stalled")


@test
def the_lock_holds():
    has(golden().run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "second", code=CHEAT).error(), "E_COMMIT, round 2 open")


@test
def the_folder_of_another_level_is_named_so():
    for level in os.listdir(GOLDEN):
        if int(level) == LEVEL:
            continue
        error = golden(level).run("wallet", "list", code=INPUT).error()
        has(error, "master", f"level {level}", f"built for {LEVEL}")
        # One file of it among ours.
        phone, other = golden(), golden(level)
        with open(f"{GOLDEN}/{level}/content.json") as f:
            theirs = json.load(f)["wallet"]
        write(phone.path("devices/phone/wallets", WALLET, "share"), read(other.path("devices/phone/wallets", theirs, "share")))
        has(phone.run("wallet", "list", code=INPUT).error(), "share", "E_LEVEL")


if __name__ == "__main__":
    main()
