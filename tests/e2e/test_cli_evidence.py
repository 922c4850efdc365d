#!/usr/bin/env python3
"""Three signers, one of whom cheats: a device of the folder, or the server. The others name the same one in the same words,
refuse it, and have evidence that anybody verifies without folder, server and secret."""
import json, os, random, sqlite3, subprocess

import cli
from cli import BUILD, CHEAT, DIGEST, INPUT, LOCAL, OK, World, altered, call, equal, folder, has, main, read, run_as, test, write
from relay import Relay

w = World("a", "b")
MADE = w.wallet(3, "a", "b")
WALLET, PUBLIC_KEY = MADE["wallet"], MADE["public_key"]
SIGN = ["sign", WALLET, "--digest", DIGEST]
IDENTITY = {name: w.phone.run("device", "init", "--device", name).one()["identity"] for name in ("a", "b")}
SERVER = json.loads(call(w.daemon.sock, "GET", "/healthz")[2])["server_identity"]
HONEST = cli.DAEMON
relay = Relay(w.daemon.sock)
GOOD = {}  # evidence that holds, by what was done


def lying(phone, lie, *args):
    """The command, by a program that cheats."""
    command = [f"{BUILD}/tests/csig_lying_cli", *phone.command(*args)[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "LIE": lie})
    return cli.Result(args, done)


def server_lies(lie):
    w.daemon.stop()
    cli.DAEMON = f"{BUILD}/tests/csig_lying_daemon" if lie else HONEST
    w.daemon.start(env={**os.environ, "LIE": lie or ""})


def unlocked():
    """As if nothing had been."""
    for name in ("a", "b"):
        w.phone.run("wallet", "unlock", WALLET, "--device", name)


def locked():
    return set(json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])["locked"])


def refused_by(name):
    return set(w.phone.files("devices", name, "locks"))


def verdict(path, code=OK):
    r = run_as(["--json", "verify-evidence", path], cwd="/", env={})
    equal(r.code, code)
    return r.one() if code == OK else r.error()


def newest_session():
    db = sqlite3.connect(f"{w.daemon.state}/store.db")
    found = db.execute("SELECT hex(id) FROM sessions ORDER BY rowid DESC LIMIT 1").fetchone()[0].lower()
    db.close()
    return found


def of_daemon():
    """The evidence that the daemon has of its newest session, as a file."""
    session = newest_session()
    status, headers, octets = call(w.daemon.sock, "GET", f"/v1/sessions/{session}/evidence")
    equal((status, headers["Content-Type"]), (200, "application/octet-stream"))
    has(read(f"{w.daemon.home}/log").decode(), f'"session":"{session}"', "evidence.stored")
    return write(f"{folder('evidence')}/daemon", octets)


def of_device(r, name):
    """The file that the command said it wrote."""
    found = [n.split(": ")[1] for n in r.notes() if n.startswith(f"the evidence of device {name}: ")]
    equal(len(found), 1)
    has(found[0], w.phone.path("devices", name, "evidence"))
    equal(os.stat(found[0]).st_mode & 0o777, 0o600)
    return found[0]


def all_name(r, files, party, identity, error, round, key=PUBLIC_KEY):
    """The command and every file say the same."""
    told = [verdict(f) for f in files]
    for v in told:
        equal((v["party"], v["identity"], v["error"], v["round"]), (party, identity, error, round))
        equal(v["verdict"], told[0]["verdict"])
        equal(v.get("public_key"), key)
    has(r.error(), told[0]["verdict"], "unlock")
    shown = run_as(["verify-evidence", files[0]]).out
    has(shown, f"party {party} cheated", told[0]["verdict"], identity, told[0]["session"])


@test
def a_device_that_lies_is_named_by_the_other_one_and_the_server():
    # It keeps 64 files: of those that were there the oldest go.
    before = w.phone.path("devices", "a", "evidence")
    os.makedirs(before, mode=0o700)
    for n in range(66):
        write(f"{before}/{n:064x}", "")
        os.utime(f"{before}/{n:064x}", (1000 - n, 1000 - n))
    for lie, error, round in (("message 3 2", "E_PROOF", 2), ("message 3 3", "E_PROOF", 3)):
        r = lying(w.phone, lie, *SIGN)
        equal(r.code, CHEAT)
        files = [of_device(r, "a"), of_daemon()]
        all_name(r, files, 3, IDENTITY["b"], error, round)
        equal((locked(), refused_by("a"), refused_by("b")), ({IDENTITY["b"]}, {IDENTITY["b"]}, set()))
        has(w.phone.run(*SIGN, code=CHEAT).error(), "device a refuses another party", error)
        unlocked()
        GOOD[lie] = files[0]
    left = os.listdir(before)
    equal((len(left), {os.path.basename(f) for f in GOOD.values()} <= set(left)), (64, True))
    equal(sorted(left)[:62], [f"{n:064x}" for n in range(62)])
    w.phone.run(*SIGN)


@test
def a_part_of_the_chain_code_that_does_not_fit_is_shown_to_all():
    """The server's; the other device sees nothing wrong by itself."""
    before = w.phone.wallets()
    r = lying(w.phone, "message 3 2", "wallet", "create", "--allow", "digest", "--signers", "2", "--device", "a", "--device", "b")
    equal(r.code, CHEAT)
    all_name(r, [of_device(r, "a"), of_daemon()], 3, IDENTITY["b"], "E_COMMIT", 2, None)
    equal((locked(), refused_by("a"), w.phone.wallets()), ({IDENTITY["b"]}, {IDENTITY["b"]}, before))
    unlocked()


@test
def products_that_a_device_got_wrong_are_named_after_all_have_proven_theirs():
    r = lying(w.phone, "sums 1", *SIGN)
    equal(r.code, CHEAT)
    all_name(r, [of_device(r, "a"), of_daemon()], 3, IDENTITY["b"], "E_PROOF", 6)
    equal((locked(), refused_by("a")), ({IDENTITY["b"]}, {IDENTITY["b"]}))
    unlocked()


@test
def a_server_that_lies_is_named_by_both_devices():
    server_lies("message 2 2")
    r = w.phone.run(*SIGN, code=CHEAT)
    all_name(r, [of_device(r, "a"), of_device(r, "b")], 2, SERVER, "E_PROOF", 2)
    equal((refused_by("a"), refused_by("b")), ({SERVER}, {SERVER}))
    has(w.phone.run(*SIGN, code=CHEAT).error(), "refuses the server")
    server_lies(None)
    unlocked()
    w.phone.run(*SIGN)


@test
def a_failure_that_names_nobody_excludes_nobody_until_the_third():
    def fails(*words):
        r = lying(w.phone, "unnamed 3 2", *SIGN)
        equal(r.code, CHEAT)
        has(r.error(), *words)
        # The server knows better; its operator lets the device go on.
        body = json.dumps({"device": IDENTITY["b"]})
        equal(call(w.daemon.sock, "POST", f"/v1/wallets/{WALLET}/unlock", body, {"Content-Type": "application/json"})[0], 200)

    for n in ("1 of 3", "2 of 3"):
        fails("nobody is named", "may try again", f"failure {n}")
        equal((refused_by("a"), refused_by("b")), (set(), set()))
        equal([w.phone.files("devices", d, "suspicions") for d in ("a", "b")], [[SERVER], [SERVER]])
    w.phone.run(*SIGN)
    fails("third time", "refuse the server")
    equal((refused_by("a"), refused_by("b")), ({SERVER}, {SERVER}))
    has(w.phone.run(*SIGN, code=CHEAT).error(), "refuses the server")
    unlocked()
    equal([w.phone.files("devices", d, "suspicions") for d in ("a", "b")], [[], []])
    w.phone.run(*SIGN)


@test
def presignatures_too():
    r = lying(w.phone, "message 3 2", "presign", WALLET, "--count", "2")
    equal(r.code, CHEAT)
    all_name(r, [of_device(r, "a"), of_daemon()], 3, IDENTITY["b"], "E_PROOF", 2)
    unlocked()


def without_proofs(envelopes):
    """What is said before the sums are known not to match."""
    kept, at = b"", 0
    while at < len(envelopes):
        end = at + 46 + int.from_bytes(envelopes[at + 42:at + 46], "big") + 64
        kept += envelopes[at:end] if envelopes[at + 4] < 6 else b""
        at = end
    return kept


@test
def who_is_silent_when_sums_do_not_match_is_refused():
    """On both sides: a relay keeps the proofs of all to itself."""
    def rule(asked, forward):
        if not asked.is_round():
            return forward()
        asked.body = without_proofs(asked.body)
        status, kind, body = forward()
        return status, kind, without_proofs(body) if status == 200 else body

    server_lies("sums 1")
    w.phone.server = relay.lie(rule).path
    has(w.phone.run(*SIGN, code=CHEAT).error(), "party 2 does not prove", "unlock")
    w.phone.server = w.daemon.sock
    session = newest_session()
    equal((refused_by("a"), refused_by("b"), locked()), ({SERVER}, {SERVER}, set(IDENTITY.values())))
    equal(json.loads(call(w.daemon.sock, "GET", f"/v1/sessions/{session}")[2])["state"], "failed")
    equal(call(w.daemon.sock, "GET", f"/v1/sessions/{session}/evidence")[0], 404)
    has(read(f"{w.daemon.home}/log").decode(), "silent after sums that do not match")
    server_lies(None)
    unlocked()


@test
def an_octet_that_is_another_one_is_seen():
    path, rng = f"{folder('evidence')}/altered", random.Random(5)
    data = read(GOOD["message 3 3"])
    # The head, the ends, and some between; the library's test has them all.
    # Who accuses (octets 9, 10) matters to nobody.
    for at in [*range(9), *range(11, 32), len(data) - 1, *(rng.randrange(len(data)) for _ in range(16))]:
        write(path, altered(data, at, 1 << rng.randrange(8)))
        if run_as(["verify-evidence", path]).code not in (CHEAT, INPUT):
            raise AssertionError(f"octet {at} is as good as another one")
    for other in (data[:-1], data + b"x", data[:100], b""):
        write(path, other)
        if run_as(["verify-evidence", path]).code not in (CHEAT, INPUT):
            raise AssertionError(f"{len(other)} octets")


@test
def what_is_no_evidence_is_said():
    path = f"{folder('evidence')}/nothing"
    has(verdict(path, LOCAL), "nothing")
    write(path, b"\0" * 64)
    verdict(path, INPUT)
    run_as(["verify-evidence"])
    has(verdict(w.phone.path("devices/a/identity"), INPUT), "another kind")
    good = read(GOOD["message 3 2"])
    write(path, altered(good, 2, 0xff))
    has(verdict(path, INPUT), "level")
    write(path, good[:200] + bytes(len(good) - 200))
    has(verdict(path, CHEAT), "nobody's cheating")


@test
def a_session_that_went_well_has_none():
    w.phone.run(*SIGN)
    status, _, body = call(w.daemon.sock, "GET", f"/v1/sessions/{newest_session()}/evidence")
    equal((status, json.loads(body)["code"]), (404, "not-found"))


if __name__ == "__main__":
    main()
