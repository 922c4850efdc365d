"""The command line over TLS: the certificate it shows, and a recovery machine that meets the server there first."""
import os

from cli import CHEAT, INPUT, LOCAL, OFFLINE, OK, REFUSED, USAGE, Daemon, Phone, equal, has, main, read, run_as, test, write
from tls import Authority, free_port

CA, D, PORT = Authority(), Daemon(), free_port()
BASE = f"https://localhost:{PORT}"
CERT, CERT_KEY = CA.issue("server")
MINE = CA.issue("client", "clientAuth")
SHOWN = ["--cert", MINE[0], "--key", MINE[1]]


def start(d=D, port=PORT):
    d.start("--listen", f"127.0.0.1:{port}", "--tls-cert", CERT, "--tls-key", CERT_KEY, "--tls-client-ca", CA.root)


def token(*roles, d=D):
    r = run_as(["--json", "token", "new", *[w for r in roles for w in ("--role", r)], "--server", d.sock])
    equal(r.code, OK)
    return r.one()["token"]


start()
PHONE, MACHINE = Phone(BASE), Phone()
PHONE.init(aux=True)
MACHINE.run("recovery", "init", "--card", f"{MACHINE.home}/card", "--kdf-memory", "8")


@test
def a_server_that_asks_is_shown_a_certificate_and_it_is_remembered():
    enrol = ["device", "enrol", "--ca", CA.root, "--token", token("create", "sign")]
    has(PHONE.run(*enrol, code=REFUSED).error(), "client-certificate", "--cert")
    has(PHONE.run(*enrol, *SHOWN[:2], code=USAGE).error(), "go together")
    has(PHONE.run(*enrol, "--cert", MINE[0], "--key", CERT_KEY, code=OFFLINE).error(), "of one another")
    has(PHONE.run(*enrol, "--cert", MINE[0], "--key", "/none", code=LOCAL).error(), "/none")
    has(PHONE.run(*enrol, "--cert", CERT, "--key", CERT_KEY, code=REFUSED).error(), "client-certificate")
    equal(os.path.exists(PHONE.path("client")), False)
    PHONE.run(*enrol, *SHOWN)
    equal(list(read(PHONE.path("client"))[:2]), [79, 1])
    PHONE.run("device", "enrol")
    # Renewed where it is, and given anew.
    write(MINE[0], b"nothing")
    has(PHONE.run("device", "enrol", code=OFFLINE).error(), "of one another")
    other = CA.issue("other", "clientAuth")
    PHONE.run("device", "enrol", "--cert", other[0], "--key", other[1])
    PHONE.run("device", "enrol")
    damaged = PHONE.copy()
    for bad in (b"", b"\0", b"a", b"a\0", b"\0b", b"a\0b\0c", b"a" * 2000 + b"\0b"):
        write(damaged.path("client"), read(PHONE.path("client"))[:3] + bad)
        damaged.run("device", "enrol", code=INPUT)


@test
def a_recovery_machine_meets_the_server_over_tcp():
    shown = CA.issue("machine", "clientAuth")
    wallet = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", f"{MACHINE.home}/card").one()["wallet"]
    file = f"{PHONE.home}/escrows"
    PHONE.run("wallet", "escrows", wallet, "--out", file)
    MACHINE.server = BASE
    restore = ["recovery", "restore", file, "--ca", CA.root, "--cert", shown[0], "--key", shown[1]]
    has(MACHINE.run(*restore, code=REFUSED).error(), "token")
    equal([MACHINE.files("devices", "recovery", "wallets"), os.path.exists(MACHINE.path("server"))], [[], False])
    # Another server has a certificate as good, and no share of this wallet.
    other, port = Daemon(), free_port()
    start(other, port)
    stranger = MACHINE.copy()
    stranger.server = f"https://localhost:{port}"
    has(stranger.run(*restore, "--token", token(d=other), code=CHEAT).error(), "is not the server")
    equal([stranger.files("devices", "recovery", "wallets"), os.path.exists(stranger.path("server"))], [[], False])
    other.stop()
    # Nobody there: the share is restored all the same, with a word.
    lonely = MACHINE.copy()
    lonely.server = f"https://localhost:{port}"
    has(lonely.run(*restore, "--token", "55" * 32).notes()[0], "was not asked", "not there")
    said = MACHINE.run(*restore, "--token", token("sign"))
    equal((said.one()["wallet"], said.one()["index"], said.one()["signs"]), (wallet, 3, True))
    equal([n for n in said.notes() if "not asked" in n], [])
    MACHINE.server = None
    MACHINE.run("device", "enrol", "--device", "recovery")
    equal(MACHINE.files("devices", "recovery", "wallets"), [wallet])


@test
def the_card_of_another_s_index_is_told_nothing_by_the_server():
    helper = Phone(BASE)
    helper.run("recovery", "init", "--card", f"{helper.home}/card", "--kdf-memory", "8")
    shown = CA.issue("helper", "clientAuth")
    wallet = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery-of", f"1={helper.home}/card").one()["wallet"]
    file = f"{PHONE.home}/escrows2"
    PHONE.run("wallet", "escrows", wallet, "--out", file)
    said = helper.run("recovery", "restore", file, "--ca", CA.root, "--cert", shown[0], "--key", shown[1], "--token", token())
    has(said.notes()[0], "was not asked", "parties alone")
    equal(said.one()["signs"], False)


main()
