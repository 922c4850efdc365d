#!/usr/bin/env python3
"""Three of five in five processes: the daemon and four command lines, each with a folder of its own. Two of them are away
while the others sign. Over the Unix socket, and over TLS with signed requests."""
import json, sqlite3, subprocess

from chains import Spend, keccak256, paying
from cli import *
from meet import *
from relay import Relay
from tls import Authority, free_port

CA, PORT = Authority(), free_port()
D = Daemon()
NAMES = ("anna", "boris", "clara", "dora")
PHONES = people(*NAMES)
CARDS = cards(PHONES, *NAMES[1:])
D.start("--listen", f"127.0.0.1:{PORT}", *[w for o, f in zip(("--tls-cert", "--tls-key"), CA.issue("server")) for w in (o, f)])


def on_socket():
    for name in NAMES:
        PHONES[name].server = D.sock
        PHONES[name].run("device", "enrol", "--device", name)


def on_tcp():
    """With keys and roles of their own; from now on the folders know this address."""
    for name in NAMES:
        token = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", "--server", D.sock]).one()["token"]
        PHONES[name].server = f"https://localhost:{PORT}"
        PHONES[name].run("device", "enrol", "--device", name, "--ca", CA.root, "--token", token)
        PHONES[name].server = None


def create(*more):
    guests = [joins(PHONES[n], "--expect", "create") for n in NAMES[1:]]
    r = PHONES["anna"].run("wallet", "create", "--allow", "digest", "--signers", "3", "--parties", "5", "--wait", SECONDS, *CARDS, *more)
    made = r.one()
    for g in guests:
        equal(g.ends().one(), made)
    equal((made["signers_required"], made["parties"]), (3, 5))
    return made


def sign(wallet, host, guest, index, *more):
    """The other two are away."""
    running = joins(PHONES[guest], "--expect", "sign", "--wallet", wallet, "--digest", DIGEST, "--path", "m/1")
    r = PHONES[host].run("sign", wallet, "--digest", DIGEST, "--path", "m/1", "--with", str(index), "--wait", SECONDS, *more)
    signed = r.one()
    equal(running.ends().one(), signed)
    equal(openssl_verifies(signed, DIGEST), True)
    equal(json.loads(call(D.sock, "GET", f"/v1/requests/{signed['request']}")[2])["state"], "signed")
    return signed


def wallet_works(wallet, key):
    """Every one of the four signs in some set, as host and as guest, collecting and not."""
    equal(sign(wallet, "anna", "clara", 4)["public_key"] != key, True)  # of the path
    sign(wallet, "dora", "boris", 3)  # the guest has the signature first
    sign(wallet, "boris", "dora", 5, "--mode", "server")
    for i, name in enumerate(NAMES):
        listed = PHONES[name].run("wallet", "list")
        shown = [x for x in listed.objects(listed.out) if x["wallet"] == wallet]
        equal([(x["index"], x["public_key"]) for x in shown], [(1 if i == 0 else i + 2, key)])


@test
def over_the_unix_socket():
    on_socket()
    made = create()
    wallet_works(made["wallet"], made["public_key"])


@test
def over_tls_with_signed_requests():
    on_tcp()
    made = create()
    wallet_works(made["wallet"], made["public_key"])


@test
def the_board_has_no_share():
    """What lay in the mailbox while a wallet was made, against the secrets that came of it."""
    seen = set()
    relay = Relay(D.sock)

    def look(asked, forward):
        said = forward()
        if is_board(asked):
            seen.update(o for _, _, _, o in frames(said[2]))
        return said
    relay.rule, anna = look, PHONES["anna"].copy()
    anna.server = relay.path
    guest = joins(PHONES["boris"])
    made = anna.run("wallet", "create", "--allow", "digest", "--signers", "2", "--wait", SECONDS, *CARDS[:2]).one()
    equal(guest.ends().one(), made)
    board = b"".join(seen)
    for phone in (anna, PHONES["boris"]):
        shares = subprocess.run([f"{BUILD}/tests/csig_shares", phone.passphrase, phone.state], capture_output=True, text=True, check=True)
        found = [json.loads(line)["x"] for line in shares.stdout.split("\n") if made["wallet"] in line]
        equal([len(x) for x in found], [64])
        equal([bytes.fromhex(x) in board or x.encode() in board for x in found], [False])
    # What is public of it is there, so this is the right board.
    equal(bytes.fromhex(made["wallet"]) in board or made["wallet"].encode() in board, True)


@test
def what_was_met_for_is_gone_afterwards():
    db = sqlite3.connect(f"{D.state}/store.db")
    equal(db.execute("SELECT count(*) FROM mailboxes").fetchone(), (0,))
    equal(db.execute("SELECT count(*) FROM mailbox_messages").fetchone(), (0,))
    db.close()


@test
def pairs_are_made_once():
    """Who has signed together before pairs no more: its files of peers stay what they are."""
    wallet = sorted(PHONES["anna"].wallets())[0]
    before = snapshot(PHONES["clara"].path("devices/clara/peers"))
    sign(wallet, "anna", "clara", 4)
    equal(snapshot(PHONES["clara"].path("devices/clara/peers")), before)


@test
def devices_of_one_folder_and_one_elsewhere():
    """The host may hold several parties."""
    both = PHONES["anna"].copy()
    both.init("eva")
    both.server = D.sock
    both.run("device", "enrol", "--device", "eva")
    guest = joins(PHONES["boris"])
    made = both.run("wallet", "create", "--allow", "digest", "--signers", "2", "--wait", SECONDS, *CARDS[:2]).one()
    equal((made["parties"], guest.ends().one()), (4, made))


@test
def each_reads_what_says_itself_what_it_is():
    """The guest takes digests, paths and words from the payload, as it has it from the server; two inputs are one meeting."""
    made = [joins(PHONES["boris"], "--expect", "create"), joins(PHONES["clara"], "--expect", "create")]
    wallet = PHONES["anna"].run("wallet", "create", "--signers", "3", "--parties", "4", "--wait", SECONDS, *CARDS[:4]).one()["wallet"]
    for m in made:
        equal(m.ends().one()["wallet"], wallet)
    guest = joins(PHONES["clara"], "--expect", "sign", "--wallet", wallet)
    r = PHONES["anna"].run("sign", wallet, "--message", "the same for all", "--path", "m/1", "--with", "4", "--wait", SECONDS)
    told = guest.ends()
    has(" ".join(told.notes()), "the same for all")
    sig = r.one()["signatures"][0]
    equal({n: told.one()[n] for n in ("r", "s", "public_key")}, {n: sig[n] for n in ("r", "s", "public_key")})
    equal(openssl_verifies(sig, keccak256(b"\x19Ethereum Signed Message:\n16the same for all").hex()), True)

    key = bytes.fromhex(PHONES["anna"].run("wallet", "show", wallet, "--path", "m/0").one()["public_key"])
    spend = Spend([(70000, key, (0,)), (50000, key, (0,))], [(110000, paying(b"somebody"))])
    file = write(f"{PHONES['anna'].home}/psbt", spend.psbt())
    guest = joins(PHONES["boris"], "--expect", "sign", "--wallet", wallet, "--path", "m/0")
    signed = PHONES["anna"].run("sign", wallet, "--psbt", file, "--path", "m/0", "--with", "3", "--wait", SECONDS).one()
    told = guest.ends()
    has(told.notes()[-1], "asks for 2 signatures", "all of its 2 inputs")
    equal([x["der"] for x in told.objects(told.out)], [x["der"] for x in signed["signatures"]])
    for i, s in enumerate(signed["signatures"]):
        equal(openssl_verifies(s, spend.digest(i).hex()), True)
    equal("transaction" in signed["result"], True)


if __name__ == "__main__":
    main()
