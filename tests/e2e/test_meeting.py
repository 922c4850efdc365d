#!/usr/bin/env python3
"""Three of five: the daemon and four command lines, each with a folder of its own. Two of them are away while the others
sign. Once over the Unix socket, once over TLS with signed requests."""
import json, os, signal, sqlite3, time

from cli import *

NAMES = ("anna", "boris", "clara", "dora")


def devices(server, *enrol):
    found = {}
    for name in NAMES:
        found[name] = Phone(server)
        found[name].init(name, aux=True)
    return found


D = Daemon()
PHONES = devices(D.sock)
D.start()
for name in NAMES:
    PHONES[name].run("device", "enrol", "--device", name)


def card(phone, name):
    made = phone.run("device", "card", name)
    return write(f"{phone.home}/card", made.out)


def ended(process, code=OK):
    out, err = process.communicate(timeout=120)
    equal((process.returncode, err if process.returncode != code else ""), (code, ""))
    return Result(process.args, type("Done", (), {"returncode": process.returncode, "stdout": out, "stderr": err}))


@test
def three_of_five():
    cards = [w for n in NAMES[1:] for w in ("--with", card(PHONES[n], n))]
    guests = [PHONES[n].start("join", "--yes", "--wait", "60") for n in NAMES[1:]]
    t = time.time()
    made = PHONES["anna"].run("wallet", "create", "--signers", "3", "--parties", "5", "--wait", "60", *cards).one()
    print(time.time() - t)
    for g in guests:
        equal(ended(g).one(), made)
    wallet = made["wallet"]
    t = time.time()
    guest = PHONES["clara"].start("join", "--expect", "sign", "--digest", DIGEST, "--wait", "60")
    signed = PHONES["anna"].run("sign", wallet, "--digest", DIGEST, "--path", "m/1", "--with", "4", "--wait", "60").one()
    print(time.time() - t)
    equal(openssl_verifies(signed, DIGEST), True)
    equal(ended(guest).one(), signed)


main()
