#!/usr/bin/env python3
"""New epochs of a wallet whose devices are in several processes: refresh, a member that is replaced by one elsewhere, one that
leaves and one that stays, each in a folder of its own."""
import concurrent.futures, json

from cli import *
from meet import *
from relay import DROP, Relay

D = Daemon()
NAMES = ("anna", "boris", "clara", "dora")
PHONES = people(*NAMES)
CARDS = {n: card(PHONES[n], n) for n in NAMES}
D.start()
for name in NAMES:
    PHONES[name].server = D.sock
    PHONES[name].run("device", "enrol", "--device", name)
HOST = ("--wait", SECONDS)


def with_cards(*names):
    return [w for n in names for w in ("--with", CARDS[n])]


def create(signers, host, *guests):
    running = [joins(PHONES[g]) for g in guests]
    made = PHONES[host].run("wallet", "create", "--allow", "digest", "--signers", str(signers), *with_cards(*guests), *HOST).one()
    for g in running:
        equal(g.ends().one(), made)
    return made["wallet"], made["public_key"]


def together(host, guests, *args, expect, kdf=("--kdf-memory", "8")):
    """The host's result; every guest's is the same."""
    running = [joins(PHONES[g], "--expect", expect, *kdf) for g in guests]
    r = PHONES[host].run(*args, *kdf, *HOST)
    said = r.one()
    for g in running:
        equal({k: v for k, v in g.ends().one().items() if k != "refreshed"}, {k: v for k, v in said.items() if k != "refreshed"})
    return said


def sign(wallet, host, guest, index):
    running = joins(PHONES[guest], "--expect", "sign", "--digest", DIGEST)
    signed = PHONES[host].run("sign", wallet, "--digest", DIGEST, "--with", str(index), *HOST).one()
    equal(running.ends().one(), signed)
    equal(openssl_verifies(signed, DIGEST), True)
    return signed


def held(name, wallet):
    return PHONES[name].files("devices", name, "wallets", wallet)


def listed(name, wallet, phone=None):
    said = (phone or PHONES[name]).run("wallet", "list")
    return [(x["index"], x["signers_required"], x["parties"], x["epoch"]) for x in said.objects(said.out) if x["wallet"] == wallet]


def server_says(wallet):
    return json.loads(call(D.sock, "GET", f"/v1/wallets/{wallet}")[2])


@test
def refreshed_by_three_processes():
    """Two of three sign, so one of them takes no part in the test."""
    wallet, key = create(3, "anna", "boris", "clara")
    said = together("anna", ("boris", "clara"), "wallet", "refresh", wallet, "--with", "3", "--with", "4", expect="refresh")
    equal((said["epoch"], said["public_key"]), (1, key))
    equal(server_says(wallet)["backups"], [1, 3, 4])
    # Hosted by another one; the one that was first is a guest now.
    said = together("clara", ("anna", "boris"), "wallet", "refresh", wallet, "--with", "1", "--with", "3", expect="refresh")
    equal((said["epoch"], said["public_key"]), (2, key))
    for name, index in (("anna", 1), ("boris", 3), ("clara", 4)):
        equal(listed(name, wallet), [(index, 3, 4, 2)])
        equal(held(name, wallet), ["record", "share"])
    equal(sign(wallet, "boris", "clara", 4)["public_key"], key)


def campaign(*args):
    return run_as(["--json", "campaign", *args, "--server", D.sock]).one()


def wants_refreshed(wallet):
    return campaign("new", "--wallet", wallet, "--per-minute", "1000", "--at-once", "9", "--deadline", "2099-01-01T00:00:00Z", "--on-miss", "warn")["campaign"]


def signs_both(wallet, host=None):
    """What both note; each has told the signature."""
    guest = joins(PHONES["boris"], "--expect", "sign", "--digest", DIGEST)
    r = (host or PHONES["anna"]).run("sign", wallet, "--digest", DIGEST, "--with", "3", *HOST)
    told = guest.ends()
    equal(openssl_verifies(r.one(), DIGEST), True)
    equal(told.one(), r.one())
    return " ".join(r.notes()), " ".join(told.notes())


@test
def a_campaign_rides_on_a_signature_that_all_make():
    wallet, key = create(3, "anna", "boris")
    asked = wants_refreshed(wallet)
    for note in signs_both(wallet):
        has(note, "refresh", "campaign")
    equal((listed("anna", wallet), listed("boris", wallet)), ([(1, 3, 3, 1)], [(3, 3, 3, 1)]))
    equal((server_says(wallet)["epoch"], server_says(wallet)["public_key"], server_says(wallet)["backups"]), (1, key, [1, 3]))
    equal(campaign("show", asked)["done"], 1)
    # It was wanted, and when they have signed it is not: both have the signature, and nothing waits.
    asked, relay, host = wants_refreshed(wallet), Relay(D.sock), PHONES["anna"].copy()

    def too_late(asked_for, forward):
        if asked_for.method == "POST" and b'"refresh"' in asked_for.body:
            campaign("pause", asked)
        return forward()
    relay.rule, host.server = too_late, relay.path
    notes = signs_both(wallet, host)
    has(notes[1], "that was not done", "the host has ended")
    equal((server_says(wallet)["epoch"], campaign("show", asked)["done"]), (1, 0))
    campaign("resume", asked)
    # Where one of those that refresh does not sign, it does not ride, and signing is what it was.
    other, _ = create(3, "anna", "boris", "clara")
    second = wants_refreshed(other)
    has(signs_both(other)[0], "that was not done", "party that is elsewhere")
    equal(server_says(other)["epoch"], 0)
    for c in (asked, second):
        equal(campaign("cancel", c)["done"], 0)


@test
def a_member_elsewhere_is_replaced_by_one_elsewhere():
    wallet, key = create(2, "anna", "boris", "clara")
    said = together("anna", ("boris", "clara", "dora"), "wallet", "reshare", wallet, "--replace", f"3={CARDS['dora']}",
                    "--with", "3", "--with", "4", expect="reshare")
    equal((said["epoch"], said["signers_required"], said["parties"], said["public_key"]), (1, 2, 4, key))
    equal((held("boris", wallet), listed("boris", wallet)), ([], []))
    for name, index in (("anna", 1), ("dora", 3), ("clara", 4)):
        equal(listed(name, wallet), [(index, 2, 4, 1)])
        equal(held(name, wallet), ["keys", "record", "share"])
        signed = PHONES[name].run("sign", wallet, "--digest", DIGEST).one()
        equal((openssl_verifies(signed, DIGEST), signed["public_key"]), (True, key))
    equal(server_says(wallet)["backups"], [1, 3, 4])
    # More of them have to sign, and who hosts leaves.
    said = together("anna", ("clara", "dora"), "wallet", "reshare", wallet, "--remove", "1", "--signers", "3", "--with", "3", "--with", "4",
                    expect="reshare")
    equal((said["epoch"], said["signers_required"], said["parties"]), (2, 3, 3))
    equal(held("anna", wallet), [])
    equal(sign(wallet, "clara", "dora", 1)["public_key"], key)


@test
def a_lost_phone_is_replaced_by_one_that_joins():
    """It takes as many shares as sign, the server's among them: the lost one takes no part, the new one is elsewhere."""
    wallet, key = create(2, "anna", "boris")
    together("anna", ("dora",), "wallet", "reshare", wallet, "--replace", f"3={CARDS['dora']}", expect="reshare")
    has(PHONES["boris"].run("sign", wallet, "--digest", DIGEST, code=REFUSED).error(), "no party of wallet")
    equal(listed("dora", wallet), [(3, 2, 3, 1)])
    signed = PHONES["dora"].run("sign", wallet, "--digest", DIGEST).one()
    equal(openssl_verifies(signed, DIGEST), True)


@test
def who_is_not_there_is_named_and_nothing_changes():
    wallet, key = create(2, "anna", "boris")
    has(PHONES["anna"].run("wallet", "refresh", wallet, "--kdf-memory", "8", code=REFUSED).error(), "party 3 is not here", "--with 3")
    r = PHONES["anna"].run("wallet", "refresh", wallet, "--with", "3", "--kdf-memory", "8", "--wait", "1", code=AGAIN)
    has(r.error(), "missing", "party 3")
    guest = joins(PHONES["boris"], "--yes", "--wallet", "11" * 16)
    r = PHONES["anna"].run("wallet", "reshare", wallet, "--add", CARDS["dora"], "--with", "3", "--kdf-memory", "8", *HOST, code=REFUSED)
    has(r.error(), "party 3", "declines", "another wallet")
    guest.ends(REFUSED)
    for name in ("anna", "boris"):
        equal(held(name, wallet), ["record", "share"])
    equal(server_says(wallet)["epoch"], 0)


# --- killed ---

def killed(wallet, who, change, guest_is, after):
    """Dead at the first call after its share is staged, before the daemon hears it or after. Both are at the server's epoch then,
    and sign."""
    phones = {n: PHONES[n].copy() for n in ("anna", "boris")}
    relay, running = Relay(D.sock), []

    def rule(asked, forward):
        if asked.method == "PUT" and any(f in phones[who].files("devices", who, "wallets", wallet) for f in ("staged", "leaving")):
            if after:
                forward()
            running[0].process.kill()
            return DROP
        return forward()
    relay.rule, phones[who].server = rule, relay.path
    host = Running(phones["anna"], "wallet", *change, "--with", "3", "--kdf-memory", "8", wait="3")
    running.append(host)
    guest = Running(phones["boris"], "join", host.meeting(), "--expect", guest_is, "--kdf-memory", "8", wait="3")
    running[:] = [host, guest] if who == "anna" else [guest, host]
    running[0].dies()
    running[1].process.communicate(timeout=120)
    for n, p in phones.items():
        p.server = D.sock
        p.run("wallet", "list")
        equal([f for f in p.files("devices", n, "wallets", wallet) if "staged" in f or f == "leaving"], [])
    epoch = server_says(wallet)["epoch"]
    parties = server_says(wallet)["parties"]
    equal(listed("anna", wallet, phones["anna"]), [(1, 2, parties, epoch)])
    equal(listed("boris", wallet, phones["boris"]), [(3, 2, 3, epoch)] if parties == 3 else [])
    signed = phones["anna"].run("sign", wallet, "--digest", DIGEST).one()
    equal(openssl_verifies(signed, DIGEST), True)
    return epoch


@test
def whoever_is_killed_is_at_the_servers_epoch_afterwards():
    cases = []
    for who in ("anna", "boris"):
        for after in (False, True):
            wallet, _ = create(2, "anna", "boris")
            cases.append((wallet, who, ("refresh", wallet), "refresh", after))
    wallet, _ = create(2, "anna", "boris")
    cases.append((wallet, "boris", ("reshare", wallet, "--remove", "3"), "reshare", False))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        epochs = list(pool.map(lambda x: killed(*x), cases))
    equal([e for (*_, after), e in zip(cases, epochs) if not after], [0] * 3)


if __name__ == "__main__":
    main()
