#!/usr/bin/env python3
"""A device's policy and what it has signed, written once and read for ever: tests/vectors/cli/policy/LEVEL, two files for the
folder of test_cli_golden.py. With --write those of the build's level are written, where there are none."""
import json, os, shutil, subprocess, sys

WRITE = "--write" in sys.argv
sys.argv = [a for a in sys.argv if a != "--write"]

from chains import rlp
from cli import BUILD, CLI, LEVEL, OFFLINE, REFUSED, Phone, Skipped, equal, has, main, read, test, write
from relay import DROP, Relay

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "cli")
GOLDEN, NAMES = f"{VECTORS}/policy/{LEVEL}", ("policy", "policy.history")
TO, ETHER = "0x" + "f1" * 20, "eip155:1/slip44:60"
RULES = {"version": 1, "default": "deny", "rules": [
    {"id": "quarter", "if": {"sum": [{"asset": ETHER, "seconds": 7776000, "above": "100"}]}, "then": "deny", "because": "A hundred in ninety days."},
    {"id": "friend", "if": {"to": [TO]}, "then": "allow"}]}
with open(f"{VECTORS}/v1/{LEVEL}/content.json") as f:
    KNOWN = json.load(f)


def folder_of_then():
    phone = Phone(None, secret=KNOWN["passphrase"])
    shutil.copytree(f"{VECTORS}/v1/{LEVEL}/state", phone.state)
    subprocess.run(["chmod", "-R", "go=", phone.state], check=True)
    os.makedirs(phone.path("devices/phone/locks"), exist_ok=True)
    return phone


def golden():
    phone = folder_of_then()
    for name in NAMES:
        write(phone.path("devices/phone", name), read(f"{GOLDEN}/{name}"))
    return phone


def rule(asked, forward):
    """A server that takes requests and begins nothing."""
    if asked.is_round() or asked.path.endswith("/sessions"):
        return DROP
    said = {"server_identity": KNOWN["server_identity"], "presignatures": [KNOWN["half"]], "epoch": 0, "request": "44" * 32}
    return 201, "application/json", json.dumps(said).encode()


def send(phone, amount, code, **options):
    tx = "0x02" + rlp([1, amount, 1, 2, 21000, bytes.fromhex(TO[2:]), amount, b"", []]).hex()
    phone.server = Relay().lie(rule).path
    return phone.run("sign", KNOWN["wallet"], "--device", "phone", "--presigned", "--eth-tx", tx, code=code, **options)


def shown(phone):
    return phone.run("device", "policy", "show", "--device", "phone").one()


if WRITE:
    os.makedirs(GOLDEN)  # stops where there is one
    then = folder_of_then()
    then.run("device", "policy", "set", write(f"{then.home}/policy", json.dumps(RULES)), "--device", "phone")
    send(then, 60, OFFLINE)
    for n in NAMES:
        shutil.copy(then.path("devices/phone", n), f"{GOLDEN}/{n}")


@test
def the_policy_is_read_and_what_was_signed_is_known():
    said = shown(golden())
    equal((json.loads(said["policy"]), said["signed"]), (RULES, 1))


@test
def what_was_signed_counts():
    """On the day it was signed, which is the newest that these files know."""
    env = {**os.environ, "LD_PRELOAD": f"{BUILD}/tests/csig_clock.so", "CLOCK_SHIFT": str(-10 ** 9)}
    if subprocess.run([CLI, "--version"], capture_output=True, env=env).returncode != 0:
        raise Skipped("nothing is preloaded into these programs")
    phone = golden()
    has(send(phone, 41, REFUSED, env=env).error(), "rule quarter", "A hundred in ninety days.")
    send(phone, 40, OFFLINE, env=env)
    equal(shown(phone)["signed"], 2)


@test
def a_folder_from_before_there_were_policies_has_none():
    phone = folder_of_then()
    equal(shown(phone), {"device": "phone"})
    send(phone, 101, OFFLINE)


main()
