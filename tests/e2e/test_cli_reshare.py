#!/usr/bin/env python3
"""Resharing: devices come and go, are replaced, and more of them have to sign; the key stays. What is of a committee gone by is
refused, with the way out."""
import contextlib, json, os, shutil, sqlite3

from cli import *
from relay import DROP, Relay

w = World("phone", "third", "fourth")
for name in ("phone", "third", "fourth"):
    w.phone.run("device", "enrol", "--device", name)
SOCK = w.daemon.sock
EMPTY = ["keys", "record", "share"]


def server_says(wallet):
    return json.loads(call(SOCK, "GET", f"/v1/wallets/{wallet}")[2])


def reshare(phone, wallet, *args, **options):
    return phone.run("wallet", "reshare", wallet, "--kdf-memory", "8", *args, **options)


def refresh(phone, wallet, *args, **options):
    return phone.run("wallet", "refresh", wallet, "--kdf-memory", "8", *args, **options)


def signs(phone, wallet, *args):
    signed = phone.run("sign", wallet, "--digest", DIGEST, "--path", "m/1", *args).one()
    equal(openssl_verifies(signed, DIGEST), True)
    return signed["public_key"]


def committee(phone, wallet):
    """Who has which index, as the folder says; the server says the same of their number, and of them."""
    said, listing = server_says(wallet), phone.run("wallet", "list")
    listed = [x for x in listing.objects(listing.out) if x["wallet"] == wallet]
    for one in listed:
        equal([one[k] for k in ("signers_required", "parties", "epoch", "public_key")],
              [said[k] for k in ("signers_required", "parties", "epoch", "public_key")])
    equal(len(said["devices"]) + len([x for x in said["recovery"] if "identity" in x]), said["parties"] - 1)
    return {x["device"]: x["index"] for x in listed}


def sound(phone, wallet, epoch, key, members):
    """At this epoch, with these members, everything that a wallet does works; the key is the same."""
    equal(committee(phone, wallet), members)
    said = server_says(wallet)
    equal((said["epoch"], said["public_key"], said["presignatures"]), (epoch, key, []))
    equal(said["backups"], sorted(members.values()))
    signs(phone, wallet)
    if said["signers_required"] == 2:
        for device in members:
            signs(phone, wallet, "--device", device)
    phone.run("presign", wallet)
    signs(phone, wallet, "--presigned")
    equal(refresh(phone, wallet).one()["epoch"], epoch + 1)
    signs(phone, wallet)
    for device in members:
        equal(phone.files("devices", device, "wallets", wallet), EMPTY)
    return phone


def wallet_of(signers, *devices):
    made = w.wallet(signers, *devices)
    return w.phone.copy(), made["wallet"], made["public_key"]


# --- the committee changes ---

@test
def a_party_is_added():
    phone, wallet, key = wallet_of(2, "phone")
    phone.run("presign", wallet)
    said = reshare(phone, wallet, "--add", "third").one()
    equal((said["epoch"], said["signers_required"], said["parties"], said["public_key"]), (1, 2, 3, key))
    equal(phone.files("devices/phone/presignatures", wallet), [])
    sound(phone, wallet, 1, key, {"phone": 1, "third": 3})


@test
def a_lost_phone_is_replaced():
    """The second device was online all the time; the new one takes the index of the lost one."""
    phone, wallet, key = wallet_of(2, "phone", "third")
    lost = phone.copy()
    backup = f"{folder('backup')}/lost"
    lost.run("backup", "export", wallet, "--out", backup, "--device", "phone", "--kdf-memory", "8")
    shutil.rmtree(phone.path("devices/phone"))
    reshare(phone, wallet, "--replace", "1=fourth")
    sound(phone, wallet, 1, key, {"fourth": 1, "third": 3})
    # Whoever finds the lost phone has nothing that signs, and is told what happened.
    before = snapshot(lost.path("devices/phone/wallets"))
    for args in (("sign", wallet, "--digest", DIGEST, "--device", "phone"), ("presign", wallet, "--device", "phone"),
                 ("wallet", "refresh", wallet, "--device", "phone", "--kdf-memory", "8"),
                 ("wallet", "reshare", wallet, "--device", "phone", "--kdf-memory", "8"),
                 ("backup", "export", wallet, "--out", f"{backup}2", "--device", "phone")):
        has(lost.run(*args, code=REFUSED).error(), "phone is no party", "reshared to other devices", "since epoch 0", "reshare")
    equal(snapshot(lost.path("devices/phone/wallets")), before)
    # Its backup is as stale.
    new = Phone(SOCK)
    has(new.run("backup", "restore", backup, code=REFUSED).error(), "is of epoch 0", "is at epoch 2")


@test
def a_party_is_removed():
    phone, wallet, key = wallet_of(2, "phone", "third")
    phone.run("presign", wallet)
    said = reshare(phone, wallet, "--remove", "3")
    equal(said.notes(), [f"device third has left wallet {wallet}; its share is deleted"])
    equal(os.path.exists(phone.path("devices/third/wallets", wallet)), False)
    sound(phone, wallet, 1, key, {"phone": 1})


@test
def the_first_party_is_removed_and_the_one_behind_the_server_takes_its_place():
    phone, wallet, key = wallet_of(2, "phone", "third")
    reshare(phone, wallet, "--remove", "1")
    equal(os.path.exists(phone.path("devices/phone/wallets", wallet)), False)
    sound(phone, wallet, 1, key, {"third": 1})


@test
def the_threshold_is_raised_and_lowered():
    phone, wallet, key = wallet_of(2, "phone", "third")
    said = reshare(phone, wallet, "--signers", "3").one()
    equal((said["signers_required"], said["parties"]), (3, 3))
    sound(phone, wallet, 1, key, {"phone": 1, "third": 3})
    has(phone.run("sign", wallet, "--digest", DIGEST, "--device", "phone", code=REFUSED).error(), "needs 3 signers")
    reshare(phone, wallet, "--signers", "2")
    sound(phone, wallet, 3, key, {"phone": 1, "third": 3})


@test
def everybody_but_the_server_is_another_device():
    phone, wallet, key = wallet_of(2, "phone")
    reshare(phone, wallet, "--replace", "1=third", "--add", "fourth")
    equal(os.path.exists(phone.path("devices/phone/wallets", wallet)), False)
    phone = sound(phone, wallet, 1, key, {"third": 1, "fourth": 3})
    # It may come back: it has nothing left that is of another epoch.
    reshare(phone, wallet, "--add", "phone")
    sound(phone, wallet, 3, key, {"third": 1, "fourth": 3, "phone": 4})


@test
def nothing_changes_but_the_shares():
    phone, wallet, key = wallet_of(2, "phone")
    reshare(phone, wallet)
    sound(phone, wallet, 1, key, {"phone": 1})


@test
def what_a_person_reads():
    phone, wallet, key = wallet_of(2, "phone")
    base = ["--state", phone.state, "--passphrase-file", phone.passphrase]
    has(run_as([*base, "wallet", "reshare", wallet, "--add", "third", "--kdf-memory", "8"]).out, f"wallet {wallet} is at epoch 1",
        "2 of 3", "as before")
    has(run_as([*base, "wallet", "list"]).out, "2 of 3  party 3 (third)  epoch 1")
    has(run_as([*base, "wallet", "show", wallet]).out, "2 of 3 parties sign, epoch 1")


# --- recovery keys ---

def machine():
    """A recovery machine and its card."""
    m = Phone()
    card = f"{m.home}/card"
    m.run("recovery", "init", "--card", card, "--kdf-memory", "8")
    return m, card


def escrows_of(phone, wallet):
    file = f"{folder('escrows')}/file"
    phone.run("wallet", "escrows", wallet, "--out", file)
    return file


@test
def a_member_that_is_offline_gets_its_share_and_a_new_recovery_key():
    old, old_card = machine()
    new, new_card = machine()
    made = w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", "--recovery", old_card).one()
    phone, wallet, key = w.phone.copy(), made["wallet"], made["public_key"]
    reshare(phone, wallet, "--add", "third")
    equal(committee(phone, wallet), {"phone": 1, "third": 4})
    # Its key stays: it was not named.
    told = Phone().run("recovery", "inspect", escrows_of(phone, wallet)).one()
    equal((told["index"], told["epoch"], told["dealers"]), (3, 1, [1, 2]))
    # Another key for the same member: the old one opens nothing any more.
    stale = escrows_of(phone, wallet)
    reshare(phone, wallet, f"--recovery-of=3={new_card}")
    fresh = escrows_of(phone, wallet)
    equal(Phone().run("recovery", "inspect", fresh).one()["fingerprint"], json.loads(read(new_card))["fingerprint"])
    old.server = SOCK
    has(old.run("recovery", "restore", stale, code=REFUSED).error(), "epoch 1")
    has(old.run("recovery", "restore", fresh, code=REFUSED).error(), "key")
    refresh(phone, wallet)
    signs(phone, wallet)
    signs(phone, wallet, "--device", "third")


@test
def the_phone_is_lost_and_the_recovery_machine_and_the_server_give_its_place_to_a_new_one():
    m, card = machine()
    made = w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", "--recovery", card).one()
    wallet, key = made["wallet"], made["public_key"]
    file = escrows_of(w.phone, wallet)
    # From here on the phone's folder is gone.
    m.server = SOCK
    m.run("recovery", "restore", file)
    for device in ("recovery", "new"):
        m.init(device, aux=True)
        m.run("device", "enrol", "--device", device)
    said = reshare(m, wallet, "--replace", "1=new").one()
    equal((said["epoch"], said["public_key"]), (1, key))
    equal(committee(m, wallet), {"recovery": 3, "new": 1})
    for device in ("recovery", "new"):
        signs(m, wallet, "--device", device)
    has(w.phone.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "no party of wallet")
    refresh(m, wallet, "--device", "new")


@test
def a_share_that_was_recovered_for_another_device_signs_once_a_resharing_gave_it_to_this_one():
    """Two of two: the phone's share comes back on a machine that is not the phone."""
    (m, card), (_, other) = machine(), machine()
    made = w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", f"--recovery-of=1={card}",
                       f"--recovery-of=2={other}").one()
    wallet, key = made["wallet"], made["public_key"]
    file = escrows_of(w.phone, wallet)
    m.server = SOCK
    equal(m.run("recovery", "restore", file).one()["signs"], False)
    m.init("recovery", aux=True)
    m.run("device", "enrol", "--device", "recovery")
    has(m.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "before a resharing gives it")
    said = reshare(m, wallet, "--replace", "1=recovery").one()
    equal((said["epoch"], said["public_key"]), (1, key))
    equal(committee(m, wallet), {"recovery": 1})
    signs(m, wallet)
    has(w.phone.run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "no party of wallet")


# --- what is refused ---

@test
def what_is_wrong_is_known_before_a_session_is_opened():
    phone, wallet, key = wallet_of(2, "phone", "third")
    relay = Relay(SOCK)
    phone.server = relay.path
    before = snapshot(phone.state)
    for args, code, *words in (
            (("--add", "nobody"), USAGE, "no device nobody", "device init"),
            (("--replace", "1=nobody"), USAGE, "no device nobody"),
            (("--replace", "fourth"), USAGE, "--replace", "=DEVICE"),
            (("--replace", "4=fourth"), USAGE, "1 to 3"),
            (("--replace", "1=third"), USAGE, "two parties"),
            (("--add", "phone"), USAGE, "two parties"),
            (("--add", "fourth", "--add", "fourth"), USAGE, "two parties"),
            (("--remove", "0"), USAGE, "1 to 3"), (("--remove", "4"), USAGE, "1 to 3"), (("--remove", "x"), USAGE, "--remove"),
            (("--remove", "2"), USAGE, "is the server"), (("--replace", "2=fourth"), USAGE, "is the server"),
            (("--remove", "1", "--remove", "1"), USAGE, "twice"), (("--remove", "1", "--replace", "1=fourth"), USAGE, "twice"),
            (("--remove", "1", "--remove", "3"), USAGE, "2 to"),
            (("--signers", "4"), USAGE, "4 of 3", "2 to 3"), (("--signers", "3", "--remove", "3"), USAGE, "3 of 2"),
            (("--device", "phone"), REFUSED, "party 3", "not here", "--remove or --replace 3"),
            (("--device", "fourth"), REFUSED, "no device here has wallet")):
        has(reshare(phone, wallet, *args, code=code).error(), *words)
    equal([x for x in relay.asked if x.method != "GET"], [])
    equal(snapshot(phone.state), before)


@test
def it_takes_as_many_shares_as_sign():
    phone, wallet, key = wallet_of(3, "phone", "third")
    shutil.rmtree(phone.path("devices/third/wallets", wallet))
    has(reshare(phone, wallet, "--replace", "3=fourth", code=REFUSED).error(), "takes 3 shares", "here 2")
    signs(w.phone, wallet)


@test
def a_device_that_has_not_enrolled_or_is_not_paired_does_not_join():
    phone, wallet, key = wallet_of(2, "phone")
    phone.run("device", "init", "--device", "bare", "--no-aux")
    has(reshare(phone, wallet, "--add", "bare", code=REFUSED).error(), "enrol")
    # Enrolled it holds a share, though it cannot sign yet.
    phone.run("device", "enrol", "--device", "bare")
    reshare(phone, wallet, "--add", "bare")
    equal(committee(phone, wallet), {"bare": 3, "phone": 1})
    signs(phone, wallet)


@test
def who_was_to_join_is_locked_and_unlocked():
    """It is no party, and never was."""
    phone, wallet, key = wallet_of(2, "phone")
    identity = phone.run("device", "init", "--device", "fourth").one()["identity"]
    with contextlib.closing(sqlite3.connect(f"{w.daemon.state}/store.db", timeout=300)) as db:
        equal(db.execute("UPDATE pairs SET locked = 1 WHERE device = ?", (bytes.fromhex(identity),)).rowcount, 1)
        db.commit()
    before = snapshot(phone.state)
    has(reshare(phone, wallet, "--add", "fourth", code=CHEAT).error(), "key-locked", "wallet unlock")
    equal(snapshot(phone.state), before)
    phone.run("wallet", "unlock", wallet, "--device", "fourth")
    reshare(phone, wallet, "--add", "fourth")
    equal(committee(phone, wallet), {"phone": 1, "fourth": 3})
    equal(call(SOCK, "POST", f"/v1/wallets/{wallet}/unlock", json.dumps({"device": "77" * 32}).encode(),
               {"Content-Type": "application/json"})[0], 404)


if __name__ == "__main__":
    main()
