#!/usr/bin/env python3
"""Refresh: the shares change and the key does not; what is of an epoch gone by is refused, with the way out."""
import json, os, re, shutil

from cli import *
from relay import Relay

w = World("phone", "third")
w.phone.init("recovery")
w.phone.run("device", "enrol", "--device", "recovery")
SOCK = w.daemon.sock
WALLETS = "devices/phone/wallets"
OTHER = w.wallet(2, "phone")["wallet"]


def server_says(wallet):
    return json.loads(call(SOCK, "GET", f"/v1/wallets/{wallet}")[2])


def refresh(wallet, *devices, phone=None, **options):
    named = [x for d in devices for x in ("--device", d)]
    return (phone or w.phone).run("wallet", "refresh", wallet, "--kdf-memory", "8", *named, **options)


def signs(wallet, *args, phone=None):
    signed = (phone or w.phone).run("sign", wallet, "--digest", DIGEST, "--path", "m/1", *args).one()
    equal(openssl_verifies(signed, DIGEST), True)


def refreshes_and_signs(wallet, *devices):
    """Twice, with everything that signs before, between and after; the key stays."""
    before = server_says(wallet)
    for epoch in (before["epoch"] + 1, before["epoch"] + 2):
        w.phone.run("presign", wallet, "--count", "2")
        said = refresh(wallet, *devices)
        equal(said.notes(), [])
        for device in devices or ("phone",):
            equal(w.phone.files("devices", device, "presignatures", wallet), [])
            equal(w.phone.files("devices", device, "wallets", wallet), ["record", "share"])
        now = server_says(wallet)
        equal({k: said.one()[k] for k in ("wallet", "epoch", "epoch_state", "public_key", "refreshed")},
              {"wallet": wallet, "epoch": epoch, "epoch_state": now["epoch_state"], "public_key": before["public_key"],
               "refreshed": "shares-only"})
        equal((now["epoch"], now["public_key"], now["presignatures"]), (epoch, before["public_key"], []))
        equal(now["backups"], [i for i in range(1, before["parties"] + 1) if i != 2])
        shown = w.phone.run("wallet", "show", wallet).one()
        equal((shown["epoch"], shown["public_key"]), (epoch, before["public_key"]))
        signs(wallet)
        signs(wallet, "--mode", "server")
        has(w.phone.run("sign", wallet, "--digest", DIGEST, "--presigned", code=REFUSED).error(), "no presignature is ready")
        w.phone.run("presign", wallet)
        signs(wallet, "--presigned")


@test
def two_of_two():
    refreshes_and_signs(w.wallet(2, "phone")["wallet"])


@test
def two_of_three_with_a_recovery_share_that_has_no_auxiliary_info():
    wallet = w.wallet(2, "phone", "recovery")["wallet"]
    old = read(w.phone.path("devices/recovery/wallets", wallet, "share"))
    refreshes_and_signs(wallet, "phone", "recovery")
    equal(read(w.phone.path("devices/recovery/wallets", wallet, "share")) == old, False)
    # Its refreshed share is a good one: it signs once the device has auxiliary info.
    phone = w.phone.copy()
    phone.run("device", "init", "--device", "recovery")
    phone.run("device", "enrol", "--device", "recovery")
    signs(wallet, "--device", "recovery", phone=phone)


@test
def two_of_three_where_either_device_signs():
    wallet = w.wallet(2, "phone", "third")["wallet"]
    refreshes_and_signs(wallet, "phone", "third")
    signs(wallet, "--device", "third")


@test
def three_of_three():
    refreshes_and_signs(w.wallet(3, "phone", "third")["wallet"], "phone", "third")


@test
def what_a_person_reads():
    wallet = w.wallet(2, "phone")["wallet"]
    base = ["--state", w.phone.state, "--passphrase-file", w.phone.passphrase]
    has(run_as([*base, "wallet", "refresh", wallet, "--kdf-memory", "8"]).out, f"wallet {wallet} is at epoch 1, shares-only", "as before")
    has(run_as([*base, "wallet", "show", wallet]).out, "epoch 1")


@test
def every_party_takes_part():
    wallet = w.wallet(2, "phone", "third")["wallet"]
    before = snapshot(w.phone.state)
    has(refresh(wallet, "phone", code=REFUSED).error(), "all 3 parties", "party 3 is not here")
    has(refresh("00" * 16, code=REFUSED).error(), "no device here can sign")
    equal(snapshot(w.phone.state), before)
    equal(server_says(wallet)["epoch"], 0)


@test
def what_is_wrong_is_known_before_a_session_is_opened():
    wallet = w.wallet(2, "phone")["wallet"]
    phone = w.phone.copy()
    relay = Relay(SOCK)
    phone.server = relay.path
    has(phone.run("wallet", "refresh", code=USAGE).error(), "name the wallet")
    has(phone.run("wallet", "refresh", wallet, "--kdf-memory", "7", code=USAGE).error(), "8 to 1024 MiB")
    has(phone.run("wallet", "refresh", wallet, "--backup-passphrase-file", f"{ROOT}/none", code=LOCAL).error(), "none")
    for index, word in (("3", "parties 1 to 2"), ("1", "is here"), ("2", "the server")):
        has(phone.run("wallet", "refresh", wallet, "--with", index, "--kdf-memory", "8", code=USAGE).error(), word)
    equal([x for x in relay.asked if x.method != "GET"], [])
    equal(phone.files(WALLETS, wallet), ["record", "share"])


# --- backups ---

def kept_by_server(wallet, index):
    status, _, octets = call(SOCK, "GET", f"/v1/wallets/{wallet}/backups/{index}")
    equal(status, 200)
    return write(f"{folder('kept')}/backup", octets)


def export(wallet, phone=None, **options):
    to = f"{folder('backup')}/backup"
    r = (phone or w.phone).run("backup", "export", wallet, "--out", to, "--device", "phone", "--kdf-memory", "8", **options)
    return to, r


def restore(phone, file, *args, **options):
    return phone.run("backup", "restore", file, "--kdf-memory", "8", *args, **options)


@test
def a_passphrase_of_its_own_for_what_the_server_keeps():
    wallet = w.wallet(2, "phone")["wallet"]
    own = write(f"{ROOT}/own", "of backups alone\n")
    w.phone.run("wallet", "refresh", wallet, "--kdf-memory", "8", "--backup-passphrase-file", own)
    kept, new = kept_by_server(wallet, 1), Phone(SOCK)
    has(restore(new, kept, code=SEALED).error(), "wrong passphrase", "--backup-passphrase-file")
    restore(new, kept, "--backup-passphrase-file", own)


def without():
    return int(re.search(r"^countersign_wallets_without_backup (\d+)$", call(SOCK, "GET", "/metrics")[2].decode(), re.M)[1])


@test
def wallets_without_a_backup_are_counted():
    before = without()
    wallet = w.wallet(2, "phone")["wallet"]
    equal(without(), before + 1)
    export(wallet)
    equal(without(), before)


# --- old copies ---

@test
def an_old_share_put_over_the_new_one_is_refused():
    wallet = w.wallet(2, "phone")["wallet"]
    old = w.phone.copy()
    refresh(wallet, "phone")
    phone = w.phone.copy()
    for name in ("share", "record"):
        good = read(phone.path(WALLETS, wallet, name))
        write(phone.path(WALLETS, wallet, name), read(old.path(WALLETS, wallet, name)))
        for command in (["sign", wallet, "--digest", DIGEST], ["presign", wallet], ["wallet", "refresh", wallet],
                        ["backup", "export", wallet, "--out", f"{ROOT}/x", "--device", "phone"], ["wallet", "show", wallet]):
            has(phone.run(*command, code=INPUT).error(), f"{wallet}/share", f"{wallet}/record", "another epoch", "newest")
        write(phone.path(WALLETS, wallet, name), good)
    signs(wallet, phone=phone)


@test
def an_old_copy_of_the_folder_is_refused_by_what_the_server_says():
    wallet = w.wallet(2, "phone")["wallet"]
    w.phone.run("presign", wallet)
    old = w.phone.copy()
    refresh(wallet, "phone")
    before = server_says(wallet)
    for command in (["sign", wallet, "--digest", DIGEST], ["sign", wallet, "--digest", DIGEST, "--presigned"], ["presign", wallet],
                    ["wallet", "refresh", wallet], ["backup", "export", wallet, "--out", f"{ROOT}/x", "--device", "phone"]):
        has(old.run(*command, code=REFUSED).error(), "at epoch 0", "the server at epoch 1", "old copy", "backup restore")
    equal(os.path.exists(f"{ROOT}/x"), False)
    equal(server_says(wallet), before)
    signs(wallet)


@test
def one_device_of_an_older_epoch_than_the_other_is_named():
    wallet = w.wallet(3, "phone", "third")["wallet"]
    old = w.phone.copy()
    refresh(wallet, "phone", "third")
    for device in ("phone", "third"):
        phone = w.phone.copy()
        shutil.rmtree(phone.path("devices", device, "wallets", wallet))
        shutil.copytree(old.path("devices", device, "wallets", wallet), phone.path("devices", device, "wallets", wallet))
        for command in (["sign", wallet, "--digest", DIGEST], ["wallet", "refresh", wallet]):
            has(phone.run(*command, code=REFUSED).error(), "epoch 0", "epoch 1", "old copy", "newest")


@test
def a_server_with_an_old_store_is_named():
    wallet = w.wallet(2, "phone")["wallet"]
    w.daemon.stop()
    old = shutil.copytree(w.daemon.state, f"{folder('store')}/state")
    w.daemon.start()
    refresh(wallet, "phone")
    backup = export(wallet)[0]
    w.daemon.stop()
    new = w.daemon.state
    w.daemon.state = old
    w.daemon.start()
    has(restore(Phone(SOCK), backup, code=REFUSED).error(), "at epoch 0", "at epoch 1", "store is an old copy")
    has(w.phone.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "the server is at epoch 0", "store is an old copy")
    w.daemon.stop()
    w.daemon.state = new
    w.daemon.start()
    signs(wallet)


# --- last, for the device is another one afterwards ---

@test
def a_backup_of_an_epoch_gone_by_is_refused_and_the_newest_is_taken():
    wallet = w.wallet(2, "phone", "recovery")["wallet"]
    old, said = export(wallet)
    equal(said.one()["server"], True)
    equal(server_says(wallet)["backups"], [1])
    refresh(wallet, "phone", "recovery")
    new = Phone(SOCK)
    error = restore(new, old, code=REFUSED).error()
    has(error, "epoch 0", "at epoch 1", "newest backup", f"/v1/wallets/{wallet}/backups/1")
    equal(new.files("devices"), [])
    kept, fresh = kept_by_server(wallet, 1), export(wallet)[0]
    looked = new.run("backup", "inspect", old, kept, fresh, kept_by_server(wallet, 3))
    said = looked.objects(looked.out)
    equal([x["epoch"] for x in said[:4]], [0, 1, 1, 1])
    has(said[4]["why"], "different epochs")
    together = new.run("backup", "inspect", kept, kept_by_server(wallet, 3))
    equal(together.objects(together.out)[2], {"together": True, "enough": True})
    restore(new, kept)
    new.run("device", "init")
    new.run("device", "enrol")
    signs(wallet, phone=new)
    # And the party that stayed behind comes back, too, and both refresh again: the old files are dead.
    restore(new, kept_by_server(wallet, 3), "--device", "recovery")
    equal(refresh(wallet, "phone", "recovery", phone=new).one()["epoch"], 2)
    signs(wallet, phone=new)
    has(w.phone.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "at epoch 1", "the server at epoch 2", "backup restore")
    # Of another wallet the old device has the newest share, and auxiliary info that is known no more.
    has(refresh(OTHER, code=AGAIN).error(), "ssid-mismatch about auxiliary info")
    equal(w.phone.files(WALLETS, OTHER), ["record", "share"])
    has(w.phone.run("device", "enrol", code=REFUSED).error(), "newer auxiliary info", "restored elsewhere")


if __name__ == "__main__":
    main()
