#!/usr/bin/env python3
"""The command line as such: what it takes, how it says no, and verify, which needs nothing else."""
import json, os, subprocess

from cli import *

WALLET_ID = "0f" * 16
# Known answers: the key is the generator (secret 1), the signature made by OpenSSL, low s.
KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"


def refused(*args, code=USAGE):
    r = run_as(["--json", *args])
    equal(r.code, code)
    equal(r.out, "")
    return r.error()


@test
def help_lists_every_command_and_every_exit_code():
    r = run_as(["--help"])
    equal((r.code, r.err), (OK, ""))
    has(r.out, "device init", "device enrol", "wallet create", "wallet list", "wallet show", "wallet unlock", "presign",
        "sign WALLET", "verify", "0 done", "9 this machine", f"level {LEVEL}")


@test
def the_version_is_an_object_too():
    r = run_as(["--version", "--json"])
    equal(set(r.one()), {"version", "level"})
    equal(r.one()["level"], LEVEL)
    has(run_as(["--version"]).out, r.one()["version"], str(LEVEL))


@test
def a_wrong_command_line_is_exit_2_and_says_which_part():
    has(refused(), "no command", "--help")
    has(refused("walet", "list"), "unknown command", "--help")
    has(refused("wallet"), "unknown command")
    has(refused("wallet", "list", "more"), "too many words")
    has(refused("sign", WALLET_ID, "more"), "too many words")
    has(refused(*"abcdefghijklmnopqrst"), "too many words")
    has(refused("wallet", "list", "--frobnicate"), "unknown option", "--frobnicate")
    has(refused("wallet", "list", "-x"), "unknown option")
    has(refused("wallet", "list", "--device"), "--device", "argument")
    has(refused("wallet", "list", "--count", "3"), "--count", "does not belong")
    has(refused("device", "init", "--passphrase-file", "x", "--passphrase-fd", "3"), "not both")
    has(refused("--", "wallet"), "unknown command")


@test
def numbers_are_numbers():
    for bad in ("", "x", "-1", "+1", " 1", "1x", "0x10", "99999999999999999999"):
        has(refused("wallet", "create", "--allow", "digest", "--signers", bad), "--signers", "number")
    has(refused("presign", WALLET_ID, "--count", "1001"), "--count", "1000")
    for command, option in (("presign", "--count"), ("join", "--wait"), ("wallet", "--signers")):
        has(refused(command, *(["create"] if command == "wallet" else []), option, "0"), option, "from 1")
    has(refused("wallet", "create", "--allow", "digest", "--signers", "17"), "16")


@test
def options_may_stand_anywhere():
    for words in (["--state", "/nowhere/at/all", "wallet", "list"], ["wallet", "--state", "/nowhere/at/all", "list"],
                  ["wallet", "list", "--state=/nowhere/at/all"]):
        has(refused(*words, code=REFUSED), "/nowhere/at/all", "device init")


@test
def errors_are_text_without_json_and_one_object_with_it():
    r = run_as(["wallet", "frobnicate"])
    equal((r.code, r.out), (USAGE, ""))
    equal(r.err, "countersign: unknown command; countersign wallet takes create, list, show, address, xpub, unlock, refresh, reshare, escrows; "
          "see: countersign --help\n")
    equal(run_as(["frobnicate"]).err, "countersign: unknown command; see: countersign --help\n")
    # Also when what is wrong comes before --json.
    r = run_as(["--frobnicate", "wallet", "list", "--json"])
    equal(set(r.objects(r.err)[0]), {"error", "exit"})


@test
def a_name_that_is_no_text_gives_an_object_and_steers_no_terminal():
    r = subprocess.run([CLI, "--json", "--state", b"/nowhere/\xff\x1b[2J", "wallet", "list"], capture_output=True)
    equal(r.returncode, REFUSED)
    has(json.loads(r.stderr)["error"], "/nowhere/", "device init")
    if b"\x1b" in r.stderr:
        raise AssertionError("an escape reaches the terminal")
    r = subprocess.run([CLI, "--state", b"/nowhere/\xff\x1b[2J", "wallet", "list"], capture_output=True)
    if b"\x1b" in r.stderr:
        raise AssertionError("an escape reaches the terminal")


@test
def a_wallet_is_named_by_its_id():
    for command in (["wallet", "show"], ["wallet", "unlock"], ["presign"], ["sign"]):
        has(refused(*command), "wallet list")
        for bad in ("", "xyz", "0F" * 16, "0f" * 15, "0f" * 17, "../../../../etc/passwd0000000000"):
            has(refused(*command, bad), "32", "hex")


@test
def the_state_folder_must_be_set_up_and_reading_makes_none():
    home = folder("home")
    for args in (["wallet", "list"], ["device", "enrol", "--server", "/s"], ["presign", WALLET_ID],
                 ["sign", WALLET_ID, "--digest", DIGEST], ["wallet", "create", "--allow", "digest", "--signers", "2"]):
        has(refused("--state", f"{home}/none", *args, code=REFUSED), "device init")
    equal(os.listdir(home), [])
    r = run_as(["wallet", "list"], env=dict(os.environ, HOME=home))
    has(r.err, f"{home}/.countersign")
    env = {k: v for k, v in os.environ.items() if k != "HOME"}
    has(run_as(["wallet", "list"], env=env).err, "--state")
    has(refused("wallet", "list", "--state", ""), "--state")


@test
def a_server_is_a_socket_or_https_or_this_machine():
    for bad in ("", "http://example.com:80", "https://", "https://a b", "https://example.com/path", "https://u@example.com",
                "https://example.com:", "https://example.com:123456", "https://[::1", "http://127.0.0.1.example.com", "http://127.0.0.1:80x",
                "http://127.0.0.1/path/", "ftp://127.0.0.1", "http://user@127.0.0.1", "x" * 200):
        has(refused("wallet", "list", "--server", bad), "--server")


@test
def a_digest_is_32_octets_and_not_zero_modulo_the_order():
    for bad in ("", "11" * 31, "11" * 33, "AA" * 32, "zz" * 32, "0x" + "11" * 31):
        has(refused("sign", WALLET_ID, "--digest", bad), "--digest", "64")
    has(refused("sign", WALLET_ID), "--digest")
    order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    for zero in ("00" * 32, order):
        has(refused("sign", WALLET_ID, "--digest", zero, code=INPUT), "zero", "E_DIGEST")


@test
def a_path_is_m_and_numbers_and_hardened_ones_are_explained():
    def path(p):
        return refused("sign", WALLET_ID, "--digest", DIGEST, "--path", p)
    for bad in ("", "0/1", "M/0", "m0", "m/", "m//1", "m/x", "m/-1", "m/1/", "m/99999999999", "m/1 ", "m" + "/1" * 11):
        has(path(bad), "path")
    for hardened in ("m/44'/60'/0'/0/0", "m/0h", "m/0H", "m/2147483648", "m/4294967295"):
        has(path(hardened), "hardened", "whole secret", "2^31")


@test
def who_collects_is_phone_or_server_and_nobody_else():
    has(refused("sign", WALLET_ID, "--digest", DIGEST, "--mode", "relay"), "phone or server")
    has(refused("sign", WALLET_ID, "--digest", DIGEST, "--presigned", "--mode", "phone"), "--presigned")
    has(refused("presign", WALLET_ID, "--count", "17", "--state", ROOT), "16")


# --- verify ---

def sign_with_openssl(digest):
    """r and s, low s, by the key 1."""
    home = folder("openssl")
    der = "302e0201010420" + "00" * 31 + "01" + "a00706052b8104000a"
    write(f"{home}/key", bytes.fromhex(der))
    write(f"{home}/digest", bytes.fromhex(digest))
    subprocess.run(["openssl", "pkeyutl", "-sign", "-keyform", "DER", "-inkey", f"{home}/key", "-in", f"{home}/digest", "-out",
                    f"{home}/signature"], check=True, capture_output=True)
    sig = read(f"{home}/signature")
    n = sig[3]
    return int.from_bytes(sig[4:4 + n], "big"), int.from_bytes(sig[6 + n:], "big")


ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141


@test
def verify_takes_openssl_s_signature_in_its_low_form_only():
    r, s = sign_with_openssl(DIGEST)
    low = f"{r:064x}{min(s, ORDER - s):064x}"
    high = f"{r:064x}{max(s, ORDER - s):064x}"
    done = run_as(["verify", "--json", "--digest", DIGEST, "--signature", low, "--public-key", KEY])
    equal(done.code, OK)
    equal(done.one()["valid"], True)
    has(run_as(["verify", "--digest", DIGEST, "--signature", low, "--public-key", KEY]).out, "valid")
    has(refused("verify", "--digest", DIGEST, "--signature", high, "--public-key", KEY, code=CHEAT), "no valid low-s")
    has(refused("verify", "--digest", "22" * 32, "--signature", low, "--public-key", KEY, code=CHEAT), "no valid")
    other = "03" + KEY[2:]
    has(refused("verify", "--digest", DIGEST, "--signature", low, "--public-key", other, code=CHEAT), "no valid")
    for bad in ("02" + "ff" * 32, "04" + KEY[2:], "00" * 33):
        has(refused("verify", "--digest", DIGEST, "--signature", low, "--public-key", bad, code=CHEAT), "no valid")
    for bad in ("00" * 64, f"{ORDER:064x}" + low[64:], low[:64] + "00" * 32):
        has(refused("verify", "--digest", DIGEST, "--signature", bad, "--public-key", KEY, code=CHEAT), "no valid")


@test
def verify_says_which_argument_is_none():
    has(refused("verify", "--digest", "11"), "--digest")
    has(refused("verify", "--digest", DIGEST, "--signature", "11" * 63), "--signature", "128")
    has(refused("verify", "--digest", DIGEST, "--signature", "11" * 64), "--public-key", "66")


if __name__ == "__main__":
    main()
