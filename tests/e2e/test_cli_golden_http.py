"""Files of a folder that asks over TLS, written once and read for ever: tests/vectors/cli/http/LEVEL. With --write those of
the build's level are written, where there are none."""
import json, os, shutil, subprocess, sys

WRITE = "--write" in sys.argv
sys.argv = [a for a in sys.argv if a != "--write"]

from cli import LEVEL, OFFLINE, SEALED, Daemon, Phone, altered, equal, has, main, read, run_as, test, write
from tls import Authority

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "cli", "http")
PASSPHRASE, ADDRESS = "golden passphrase", "https://127.0.0.1:8442"
HTTP_KEY, SERVER_KEY, SERVER_CA = 72, 73, 74


def write_golden(to):
    ca, d, phone = Authority(), Daemon(), Phone(ADDRESS, secret=PASSPHRASE)
    cert, key = ca.issue("server")
    d.start("--listen", ADDRESS.split("/")[-1], "--tls-cert", cert, "--tls-key", key, ready=False)
    phone.init()
    token = run_as(["--json", "token", "new", "--server", d.sock]).one()["token"]
    phone.run("device", "enrol", "--ca", ca.root, "--token", token)
    keys = run_as(["--json", "key", "list", "--server", d.sock]).one()
    d.stop()
    os.unlink(phone.path("lock"))
    shutil.copytree(phone.state, f"{to}/state")
    write(f"{to}/content.json", json.dumps({"keyid": keys["keyid"], "device": keys["device"]}, indent=1) + "\n", 0o644)


def golden():
    phone = Phone(None, secret=PASSPHRASE)
    shutil.copytree(f"{GOLDEN}/{LEVEL}/state", phone.state)
    subprocess.run(["chmod", "-R", "go=", phone.state], check=True)
    return phone


if WRITE:
    os.makedirs(f"{GOLDEN}/{LEVEL}")  # stops where there is one
    write_golden(f"{GOLDEN}/{LEVEL}")


@test
def the_files_are_of_their_kinds():
    phone = golden()
    for name, kind in (("devices/phone/http", HTTP_KEY), ("server.key", SERVER_KEY), ("server.ca", SERVER_CA)):
        equal(list(read(phone.path(name))[:3]), [kind, 1, LEVEL])
    equal(len(read(phone.path("server.key"))), 3 + 64 + 44)
    has(read(phone.path("server.ca")).decode("latin-1"), "-----BEGIN CERTIFICATE-----")


@test
def the_key_opens_and_is_the_one_that_was_enrolled():
    """Another daemon is told of it over its Unix socket."""
    with open(f"{GOLDEN}/{LEVEL}/content.json") as f:
        known = json.load(f)
    d, phone = Daemon(), golden()
    d.start(ready=False)
    os.unlink(phone.path("server"))
    phone.server = d.sock
    phone.run("device", "enrol")
    told = run_as(["--json", "key", "list", "--server", d.sock]).one()
    equal((told["keyid"], told["device"]), (known["keyid"], known["device"]))
    d.stop()


@test
def requests_are_signed_and_go_to_where_it_enrolled():
    has(golden().run("device", "enrol", code=OFFLINE).error(), ADDRESS)
    phone = golden()
    path = phone.path("devices/phone/http")
    write(path, altered(read(path), -1 + len(read(path))))
    phone.run("device", "enrol", code=SEALED)


main()
