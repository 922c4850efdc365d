#!/usr/bin/env python3
"""Backups: made, looked at, restored where nothing else is left; and everything that is refused on the way."""
import json, os, shutil

from cli import *
from relay import Relay

w = World("phone", "third")
w.phone.init("recovery")
w.phone.run("device", "enrol", "--device", "recovery")
WALLET = w.wallet(2, "phone", "recovery")["wallet"]
OTHER = w.wallet(2, "phone")["wallet"]
HOME = folder("backups")
FILE = f"{HOME}/phone"
# Where things are in a backup: src/share/backup.c
LABEL, EPOCH, SIGNATURE = 39, 142, 2140 - 64


def export(wallet, to, *args, phone=None, **options):
    return (phone or w.phone).run("backup", "export", wallet, "--out", to, "--kdf-memory", "8", *args, **options)


EXPORTED = export(WALLET, FILE, "--device", "phone").one()
export(WALLET, f"{HOME}/recovery", "--device", "recovery")
export(OTHER, f"{HOME}/other", "--device", "phone")


def inspect(*files, **options):
    r = Phone().run("backup", "inspect", *files, **options)
    return r.objects(r.out)


def fresh(server=True, **options):
    return Phone(w.daemon.sock if server else None, **options)


def restore(phone, file=FILE, *args, **options):
    return phone.run("backup", "restore", file, "--kdf-memory", "8", *args, **options)


@test
def what_is_exported_is_said():
    equal((EXPORTED["wallet"], EXPORTED["index"], EXPORTED["epoch"], EXPORTED["device"]), (WALLET, 1, 0, "phone"))
    equal(len(read(FILE)), 2140)
    equal(os.stat(FILE).st_mode & 0o777, 0o600)
    equal(SECRET.encode() in read(FILE), False)


@test
def inspect_needs_neither_passphrase_nor_folder_nor_server():
    done = run_as(["--json", "backup", "inspect", FILE], env={"PATH": "/nowhere"})
    equal(done.code, OK)
    said = done.one()
    equal({k: said[k] for k in ("wallet", "index", "parties", "signers_required", "epoch", "generation", "fingerprint")},
          {"wallet": WALLET, "index": 1, "parties": 3, "signers_required": 2, "epoch": 0, "generation": 1,
           "fingerprint": EXPORTED["fingerprint"]})
    wallet = json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])
    equal((said["key_id"], said["public_key"]), (wallet["key_id"], wallet["public_key"]))
    has(run_as(["backup", "inspect", FILE]).out, WALLET, "party        1 of 3, 2 sign", EXPORTED["fingerprint"])


@test
def inspect_says_whether_two_belong_together():
    equal(inspect(FILE, f"{HOME}/recovery")[2], {"together": True, "enough": True})
    equal(inspect(FILE, f"{HOME}/other")[2], {"together": False, "why": "of different wallets"})
    again = f"{HOME}/again"
    export(WALLET, again, "--device", "phone")
    equal(inspect(FILE, f"{HOME}/recovery", again)[3], {"together": False, "why": "of the same party"})
    equal(inspect(again)[0]["fingerprint"], EXPORTED["fingerprint"])
    has(run_as(["backup", "inspect", FILE, f"{HOME}/recovery"]).out, "whole key: keep them apart")


@test
def what_cannot_be_exported():
    has(w.phone.run("backup", "export", WALLET, code=USAGE).error(), "--out FILE")
    has(export(WALLET, f"{HOME}/x", code=USAGE).error(), "--device NAME")
    has(export(WALLET, FILE, "--device", "phone", code=REFUSED).error(), "never overwritten")
    has(export("00" * 16, f"{HOME}/x", code=REFUSED).error(), "no device here has wallet")
    has(export(WALLET, f"{HOME}/nowhere/x", "--device", "phone", code=LOCAL).error(), "nowhere")
    equal(os.path.exists(f"{HOME}/x"), False)


@test
def a_restored_device_signs_again_with_newer_auxiliary_info():
    phone = fresh()
    w.phone.run("presign", WALLET, "--device", "phone", "--count", "2")
    said = restore(phone)
    equal(said.one(), {"wallet": WALLET, "device": "phone", "index": 1, "epoch": 0, "generation": 1})
    has(said.notes()[0], "device init --device phone", "device enrol --device phone")
    # No auxiliary info and no presignature came back.
    equal(phone.files("devices/phone/presignatures"), [])
    equal(phone.files("devices/phone/peers"), [])
    equal(os.path.exists(phone.path("devices/phone/aux")), False)
    has(phone.run("sign", WALLET, "--digest", DIGEST, code=REFUSED).error(), "no device here can sign")
    phone.run("device", "init")
    # It pairs by itself when it signs.
    signed = phone.run("sign", WALLET, "--digest", DIGEST, "--path", "m/1").one()
    equal(openssl_verifies(signed, DIGEST), True)
    has(phone.run("sign", WALLET, "--digest", DIGEST, "--presigned", code=REFUSED).error(), "no presignature is ready")
    phone.run("presign", WALLET)
    equal(openssl_verifies(phone.run("sign", WALLET, "--digest", DIGEST, "--presigned").one(), DIGEST), True)
    # Its backup says so, and another restore goes one further.
    export(WALLET, f"{HOME}/second", phone=phone)
    equal(inspect(f"{HOME}/second")[0]["generation"], 2)
    third = fresh()
    equal(restore(third).one()["generation"], 2)
    # The folder it was copied from still has the old auxiliary info: told, not locked.
    has(w.phone.run("device", "enrol", code=REFUSED).error(), "newer auxiliary info", "restored elsewhere")
    equal(json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])["locked"], [])


@test
def a_share_without_auxiliary_info_comes_back_too():
    phone = fresh()
    equal(restore(phone, f"{HOME}/recovery", "--device", "recovery").one()["generation"], 0)
    phone.run("device", "init", "--device", "recovery")
    phone.run("device", "enrol", "--device", "recovery")
    equal(openssl_verifies(phone.run("sign", WALLET, "--digest", DIGEST).one(), DIGEST), True)


@test
def two_wallets_of_one_device():
    phone = fresh()
    restore(phone)
    restore(phone, f"{HOME}/other")
    equal(phone.wallets(), {WALLET, OTHER})
    equal(len(phone.files("devices")), 1)


@test
def a_device_that_is_there_is_not_overwritten():
    phone = fresh()
    restore(phone)
    before = snapshot(phone.state)
    has(restore(phone, code=REFUSED).error(), "has wallet", WALLET, "nothing was changed")
    has(restore(phone, FILE, "--device", "second", code=REFUSED).error(), "--device phone")
    has(restore(phone, f"{HOME}/recovery", code=REFUSED).error(), "another device", "stays")
    has(restore(phone, f"{HOME}/recovery", "--device", "No", code=USAGE).error(), "letters a-z")
    equal(snapshot(phone.state), before)
    restore(phone, f"{HOME}/recovery", "--device", "recovery")
    equal(phone.files("devices"), ["phone", "recovery"])


@test
def a_wrong_passphrase_leaves_nothing_behind():
    phone = fresh(secret="something else")
    has(restore(phone, code=SEALED).error(), "wrong passphrase", "--backup-passphrase-file")
    equal(os.path.exists(phone.state), False)
    # The folder's own may differ from the backup's.
    right = write(f"{phone.home}/right", SECRET + "\n")
    restore(phone, FILE, "--backup-passphrase-file", right)
    equal(phone.wallets(), {WALLET})
    has(restore(phone, FILE, "--backup-passphrase-file", f"{phone.home}/none", code=LOCAL).error(), "none")


@test
def a_passphrase_of_its_own():
    own = write(f"{HOME}/own-pass", "of this backup alone\n")
    export(OTHER, f"{HOME}/own", "--device", "phone", "--backup-passphrase-file", own, phone=w.phone)
    phone = fresh()
    has(restore(phone, f"{HOME}/own", code=SEALED).error(), "wrong passphrase")
    restore(phone, f"{HOME}/own", "--backup-passphrase-file", own)
    os.chmod(own, 0o644)
    has(export(OTHER, f"{HOME}/x", "--device", "phone", "--backup-passphrase-file", own, code=LOCAL).error(), "chmod 600")


@test
def altered_files():
    good, bad = read(FILE), f"{HOME}/bad"
    phone = fresh()
    for at in (LABEL, EPOCH + 7, 222, SIGNATURE - 1, SIGNATURE, len(good) - 1):
        write(bad, altered(good, at))
        for command in (["backup", "inspect", bad], ["backup", "restore", bad]):
            has(phone.run(*command, code=INPUT).error(), bad, "E_SIGNATURE")
    for data, name in ((good[:-1], "E_LENGTH"), (b"", "E_LENGTH"), (good + b"x", "E_LENGTH"), (altered(good, 0), "E_KIND"),
                       (altered(good, 1, 2), "E_VERSION")):
        write(bad, data)
        has(phone.run("backup", "inspect", bad, code=INPUT).error(), bad, name)
    has(phone.run("backup", "inspect", f"{HOME}/none", code=LOCAL).error(), "none")
    has(phone.run("backup", "inspect", code=USAGE).error(), "name the file")
    has(phone.run("backup", "restore", FILE, FILE, code=USAGE).error(), "too many words")
    equal(os.path.exists(phone.state), False)


@test
def a_backup_of_the_other_level_is_named():
    golden = f"{os.path.dirname(os.path.abspath(__file__))}/../vectors/v1/{240 - LEVEL}/backup-1"
    has(fresh().run("backup", "inspect", golden, code=INPUT).error(), "E_LEVEL", "level")
    has(fresh().run("backup", "restore", golden, code=INPUT).error(), "E_LEVEL", "level")
    own = f"{os.path.dirname(os.path.abspath(__file__))}/../vectors/v1/{LEVEL}/backup-"
    equal(inspect(own + "1", own + "2")[2], {"together": True, "enough": True})


@test
def who_the_server_is_says_the_share():
    other = Daemon().start()
    phone = Phone(other.sock)
    has(restore(phone, code=REFUSED).error(), "not-found")
    equal(phone.files("devices"), [])
    phone.server = None
    has(restore(phone, code=USAGE).error(), "--server")
    phone.server = f"{ROOT}/nobody"
    has(restore(phone, code=OFFLINE).error(), "nobody")
    equal(phone.files("devices"), [])
    phone.server = w.daemon.sock
    restore(phone)
    other.stop()


@test
def a_relay_that_is_no_server_restores_nothing():
    def posing(asked, forward):
        status, kind, body = forward()
        said = json.loads(body)
        if asked.method == "GET":
            said["server_identity"] = "0f" * 32
        return status, kind, json.dumps(said).encode()

    phone = Phone(Relay(w.daemon.sock).lie(posing).path)
    has(restore(phone, code=CHEAT).error(), "not the server that holds a share", WALLET)
    equal(phone.files("devices"), [])
    for name in ("server", "epoch", "commit", "server_identity"):
        def lacking(asked, forward, name=name):
            status, kind, body = forward()
            said = json.loads(body)
            said.pop(name, None)
            return status, kind, json.dumps(said).encode()

        phone.server = Relay(w.daemon.sock).lie(lacking).path
        has(restore(phone, code=INPUT).error(), f'"{name}"')
    # A commit that is not of this epoch says that the backup is stale.
    def other_commit(asked, forward):
        status, kind, body = forward()
        return status, kind, json.dumps(dict(json.loads(body), commit="22" * 64)).encode()

    phone.server = Relay(w.daemon.sock).lie(other_commit).path
    has(restore(phone, code=REFUSED).error(), "newest backup")
    equal(phone.files("devices"), [])


@test
def export_without_a_server_is_a_note():
    phone = w.phone.copy()
    phone.server = f"{ROOT}/nobody"
    r = export(OTHER, f"{HOME}/alone", "--device", "phone", phone=phone)
    equal(r.one()["server"], False)
    has(r.notes()[0], "did not take a copy")


if __name__ == "__main__":
    main()
