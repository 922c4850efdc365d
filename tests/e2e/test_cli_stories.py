#!/usr/bin/env python3
"""Wallets from beginning to end: two of two, two of three, three of three; every signature by OpenSSL's word."""
import json, os, shutil, sqlite3, subprocess

from cli import *
from relay import Relay
from tls import free_port

w = World("phone", "third")
w.phone.init("recovery")
w.phone.run("device", "enrol", "--device", "recovery")
SOCK = w.daemon.sock
# EIP-155's example, and BIP143's native P2WPKH one.
ETHEREUM = "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"
BITCOIN = "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670"


def key_of(wallet, path=None):
    return w.phone.run("wallet", "show", wallet, *(["--path", path] if path else [])).one()["public_key"]


def signs(wallet, digest, path, *args, phone=None):
    """A signature that OpenSSL takes, under the key that wallet show shows, with all its parts in agreement."""
    named = ["--path", path] if path else []
    signed = (phone or w.phone).run("sign", wallet, "--digest", digest, *named, *args).one()
    equal(openssl_verifies(signed, digest), True)
    equal(signed["public_key"], key_of(wallet, path))
    equal(signed["compact"], signed["r"] + signed["s"])
    equal(signed["v"], 27 + signed["recid"])
    equal(int(signed["s"], 16) * 2 < 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141, True)
    w.phone.run("verify", "--digest", digest, "--signature", signed["compact"], "--public-key", signed["public_key"])
    request = json.loads(call(SOCK, "GET", f"/v1/requests/{signed['request']}")[2])
    equal((request["state"], request["signature"]["compact"], request["digest"]), ("signed", signed["compact"], digest))
    return signed


def signs_in_every_way(wallet, *devices):
    named = [x for d in devices for x in ("--device", d)]
    for digest, path in ((ETHEREUM, "m/44/60/0/0/0"), (BITCOIN, "m/84/0/0/0/1"), (DIGEST, None), (DIGEST, "m/2147483647")):
        signs(wallet, digest, path, *named)
    signs(wallet, ETHEREUM, "m/44/60/0/0/0", "--mode", "server", *named)
    signs(wallet, ETHEREUM, "m/44/60/0/0/0", "--mode", "phone", *named)
    w.phone.run("presign", wallet, "--count", "2", *named)
    once = signs(wallet, BITCOIN, "m/84/0/0/0/1", "--presigned", *named)
    twice = signs(wallet, BITCOIN, "m/84/0/0/0/1", "--presigned", *named)
    equal(once["r"] == twice["r"], False)
    has(w.phone.run("sign", wallet, "--digest", BITCOIN, "--presigned", *named, code=REFUSED).error(), "countersign presign", wallet)
    for device in devices:
        equal(w.phone.files("devices", device, "presignatures", wallet), [])


@test
def two_of_two():
    made = w.wallet(2, "phone")
    equal((made["signers_required"], made["parties"]), (2, 2))
    equal(key_of(made["wallet"]), made["public_key"])
    equal(key_of(made["wallet"], "m"), made["public_key"])
    equal(key_of(made["wallet"], "m/0") == made["public_key"], False)
    signs_in_every_way(made["wallet"], "phone")


@test
def two_of_three_in_one_process_with_the_recovery_share_at_rest():
    made = w.wallet(2, "phone", "recovery")
    equal((made["signers_required"], made["parties"]), (2, 3))
    signs_in_every_way(made["wallet"], "phone")
    found = [(x["device"], x["index"]) for x in w.phone.run("wallet", "list").objects(w.phone.run("wallet", "list").out)
             if x["wallet"] == made["wallet"]]
    equal(sorted(found), [("phone", 1), ("recovery", 3)])
    # The recovery device has no auxiliary info: it holds its share for the day it is needed.
    has(w.phone.run("sign", made["wallet"], "--digest", DIGEST, "--device", "recovery", code=REFUSED).error(), "no device here can sign")


@test
def the_recovery_share_signs_once_it_has_auxiliary_info():
    phone = w.phone.copy()
    wallet = w.wallet(2, "phone", "recovery")["wallet"]
    shutil.copytree(w.phone.path("devices/recovery/wallets", wallet), phone.path("devices/recovery/wallets", wallet))
    phone.run("device", "init", "--device", "recovery")
    # It enrols and pairs by itself.
    signs(wallet, DIGEST, "m/1", "--device", "recovery", phone=phone)


@test
def three_of_three_with_two_signers_in_one_process():
    made = w.wallet(3, "phone", "third")
    equal((made["signers_required"], made["parties"]), (3, 3))
    signs_in_every_way(made["wallet"], "phone", "third")
    has(w.phone.run("sign", made["wallet"], "--digest", DIGEST, "--device", "phone", code=REFUSED).error(), "3 signers", "here is 1")


@test
def two_of_three_where_either_device_signs():
    wallet = w.wallet(2, "phone", "third")["wallet"]
    signs_in_every_way(wallet, "phone")
    signs_in_every_way(wallet, "third")
    # Without a name the first that can.
    signs(wallet, DIGEST, "m/1")


@test
def a_stock_of_presignatures_is_made_at_once_and_used_up():
    wallet = w.wallet()["wallet"]
    equal(w.phone.run("presign", wallet, "--count", "5").one(), {"wallet": wallet, "presignatures": 5})
    equal(len(w.phone.files("devices/phone/presignatures", wallet)), 5)
    seen = {signs(wallet, DIGEST, f"m/{i}", "--presigned")["r"] for i in range(5)}
    equal(len(seen), 5)
    equal(w.phone.files("devices/phone/presignatures", wallet), [])


@test
def halves_that_the_server_lost_are_removed():
    wallet = w.wallet()["wallet"]
    w.phone.run("presign", wallet, "--count", "2")
    w.daemon.stop()
    w.daemon.start()
    has(w.phone.run("sign", wallet, "--digest", DIGEST, "--presigned", code=REFUSED).error(), "no presignature is ready")
    equal(w.phone.files("devices/phone/presignatures", wallet), [])
    signs(wallet, DIGEST, "m/1")


@test
def a_half_is_never_taken_from_a_damaged_or_renamed_file():
    wallet = w.wallet()["wallet"]
    w.phone.run("presign", wallet, "--count", "2")
    phone = w.phone.copy()
    folder_of = "devices/phone/presignatures"
    one, two = phone.files(folder_of, wallet)
    first, second = (read(phone.path(folder_of, wallet, n)) for n in (one, two))
    write(phone.path(folder_of, wallet, one), second)
    write(phone.path(folder_of, wallet, two), first)
    has(phone.run("sign", wallet, "--digest", DIGEST, "--presigned", code=INPUT).error(), "damaged", "only this presignature")
    phone = w.phone.copy()
    for name in (one, two):
        data = read(phone.path(folder_of, wallet, name))
        write(phone.path(folder_of, wallet, name), altered(data, len(data) - 1))
    r = phone.run("sign", wallet, "--digest", DIGEST, "--presigned", code=SEALED)
    has(r.error(), folder_of, "E_SEAL")


@test
def every_damaged_file_of_a_wallet_is_named():
    wallet = w.wallet()["wallet"]
    phone = w.phone.copy()
    peer = [n for n in phone.files("devices/phone/peers") if n == json.loads(call(SOCK, "GET", "/healthz")[2])["server_identity"]][0]
    for name in ("server", "devices/phone/aux", f"devices/phone/peers/{peer}", f"devices/phone/wallets/{wallet}/record",
                 f"devices/phone/wallets/{wallet}/share"):
        good = read(phone.path(name))
        for bad in (altered(good, 0), altered(good, 1, 2), altered(good, 2, 4), altered(good, min(60, len(good) - 1)), good[:2], b""):
            if name == "server" and bad not in (altered(good, 0), altered(good, 1, 2), altered(good, 2, 4), good[:2], b""):
                continue  # its address is just another one
            write(phone.path(name), bad)
            p = phone.start("sign", wallet, "--digest", DIGEST, "--device", "phone")
            out, err = p.communicate()
            p.stdout, p.stderr = out, err
            r = Result([name], p)
            equal((name, r.code in (INPUT, SEALED)), (name, True))
            has(r.error(), name)
            equal(read(phone.path(name)), bad)
        write(phone.path(name), good)
    signs(wallet, DIGEST, "m/1", phone=phone)


# --- who the server is ---

@test
def another_server_is_refused_for_ever():
    other = Daemon().start(ready=False)
    wallet = w.wallet()["wallet"]
    w.phone.run("presign", wallet)
    phone = w.phone.copy()
    phone.server = other.sock
    before = snapshot(phone.state)
    has(phone.run("device", "enrol", code=CHEAT).error(), "another server", "new state folder")
    for command in (["wallet", "create", "--allow", "digest", "--signers", "2"], ["sign", wallet, "--digest", DIGEST], ["presign", wallet],
                    ["sign", wallet, "--digest", DIGEST, "--presigned"], ["wallet", "unlock", wallet, "--device", "phone"]):
        phone.run(*command, code=REFUSED)
    equal(snapshot(phone.state), before)
    phone.server = None
    signs(wallet, DIGEST, "m/1", "--presigned", phone=phone)
    other.stop()


@test
def the_address_is_remembered_and_may_change():
    phone = w.phone.copy()
    phone.server = None
    has(phone.run("wallet", "list").out, "wallet")
    wallet = phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone").one()["wallet"]
    moved = f"{ROOT}/moved"
    os.symlink(os.path.dirname(SOCK), moved)
    phone.server = f"{moved}/sock"
    phone.run("device", "enrol")
    # A relative path is kept as a whole one.
    phone.server = os.path.relpath(SOCK)
    phone.run("device", "enrol")
    phone.server = None
    done = subprocess.run(phone.command("sign", wallet, "--digest", DIGEST), capture_output=True, cwd="/")
    equal(done.returncode, OK)


@test
def a_device_that_is_not_enrolled_is_told_how():
    phone = w.phone.copy()
    phone.init("fourth")
    has(phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "fourth", code=REFUSED).error(), "not-found about devices")
    phone.run("device", "enrol", "--device", "fourth")
    phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "fourth", "--device", "phone")


@test
def more_than_the_server_takes_says_try_again():
    wallet = w.wallet()["wallet"]
    for _ in range(2):
        w.phone.run("presign", wallet, "--count", "16")
    has(w.phone.run("presign", wallet, "--count", "1", code=AGAIN).error(), "session-limit")


# --- locks ---

def lock_pair(device):
    """As a failed check would: in the daemon's store."""
    w.daemon.stop()
    db = sqlite3.connect(f"{w.daemon.state}/store.db")
    equal(db.execute("UPDATE pairs SET locked = 1 WHERE device = ?", (bytes.fromhex(device),)).rowcount, 1)
    db.commit()
    db.close()
    w.daemon.start()


@test
def a_locked_pair_is_exit_8_until_the_operator_unlocks_it():
    wallet = w.wallet()["wallet"]
    lock_pair(w.phone.run("device", "init").one()["identity"])
    for command in (["sign", wallet, "--digest", DIGEST, "--device", "phone"], ["presign", wallet, "--device", "phone"],
                    ["wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone"], ["device", "enrol"]):
        r = w.phone.run(*command, code=CHEAT)
        has(r.error(), "key-locked", "countersign wallet unlock")
    has(w.phone.run("wallet", "unlock", wallet, code=USAGE).error(), "--device NAME")
    equal(w.phone.run("wallet", "unlock", wallet, "--device", "phone").one(), {"wallet": wallet, "device": "phone", "unlocked": True})
    signs(wallet, DIGEST, "m/1", "--device", "phone")


@test
def over_tcp_everything_works_but_unlocking():
    wallet = w.wallet()["wallet"]
    port = free_port()
    w.daemon.stop()
    w.daemon.start("--listen", f"127.0.0.1:{port}")
    phone = w.phone.copy()
    phone.server = f"http://127.0.0.1:{port}"
    # Enrolled over the Unix socket: a device, and no more.
    phone.run("device", "enrol")
    has(phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1", code=REFUSED).error(), "forbidden")
    token = run_as(["--json", "token", "new", "--role", "sign", "--server", SOCK]).one()["token"]
    for address in (f"http://127.0.0.1:{port}", f"http://localhost:{port}/"):
        phone.server = address
        phone.run("device", "enrol", "--token", token)
        signs(wallet, DIGEST, "m/1", phone=phone)
        r = phone.run("wallet", "unlock", wallet, "--device", "phone", code=REFUSED)
        has(r.error(), "unix-socket-only", "--server PATH")


@test
def a_device_that_refuses_the_server_says_why_and_how_to_go_on():
    wallet = w.wallet()["wallet"]
    phone = w.phone.copy()
    server = json.loads(call(SOCK, "GET", "/healthz")[2])["server_identity"]
    own_aux = read(phone.path("devices/phone/aux"))[3:35]
    lock = write(phone.path("devices/phone/locks", server), bytes([LOCK, 1, LEVEL]) + own_aux + b"E_PROOF, round 2 presign/2")
    between = Relay(w.daemon.sock)
    phone.server = between.path
    for command in (["sign", wallet, "--digest", DIGEST, "--device", "phone"], ["presign", wallet, "--device", "phone"],
                    ["wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone"]):
        has(phone.run(*command, code=CHEAT).error(), "refuses the server", "E_PROOF, round 2", "wallet unlock")
    # It may look how the wallet stands; it begins nothing.
    equal([a for a in between.asked if a.method != "GET"], [])
    # A newer generation of its own auxiliary info is no way out.
    write(lock, bytes([LOCK, 1, LEVEL]) + altered(own_aux, 0) + b"E_PROOF")
    for command in (["sign", wallet, "--digest", DIGEST], ["device", "rotate"]):
        has(phone.run(*command, "--device", "phone", code=CHEAT).error(), "refuses the server", "wallet unlock")
    equal(phone.files("devices/phone", "primes.next"), [])
    phone.run("wallet", "unlock", wallet, "--device", "phone")
    equal(os.path.exists(lock), False)
    signs(wallet, DIGEST, "m/1", "--device", "phone", phone=phone)


if __name__ == "__main__":
    main()
