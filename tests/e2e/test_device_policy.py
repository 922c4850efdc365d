#!/usr/bin/env python3
"""A device's own policy: whoever asks, and whatever the server allows, it signs nothing that this does not allow; and it knows what it
has signed, also when it was killed. And the server's policies, proposed and approved by hand."""
import json, os, signal, subprocess, threading

from chains import rlp
from cli import (AGAIN, BUILD, CLI, DIGEST, INPUT, OFFLINE, OK, REFUSED, SEALED, USAGE, Skipped, World, altered, call, equal, has, main,
                 read, run_as, test, write)
from meet import joins
from relay import DROP, Relay
from terminal import Terminal

JSON = "application/json"
FRIEND, OTHER, ETHER = "0x" + "f1" * 20, "0x" + "f2" * 20, "eip155:1/slip44:60"
w = World("phone", "third")
SOCK = w.daemon.sock
WALLET = w.phone.run("wallet", "create", "--device", "phone", "--signers", "2", "--allow", "eth_tx", "--allow", "digest").one()["wallet"]
BOTH = w.wallet(3, "phone", "third")["wallet"]
DEVICE = w.phone.run("device", "init", "--device", "phone").one()["identity"]
nonce = iter(range(1, 1000))


def rule(name, then, **conditions):
    return {"id": name, "if": conditions, "then": then}


def policy(*rules, **more):
    return {"version": 1, "default": "deny", "rules": list(rules), **more}


FRIENDS = rule("friends", "allow", to=[FRIEND], chains=["eip155:1"])
BLIND = rule("digests", "allow", types=["digest"], blind=True)
LIMITS = policy(rule("most", "deny", amount=[{"asset": ETHER, "above": "70"}]),
                {**rule("hour", "deny", sum=[{"asset": ETHER, "seconds": 3600, "above": "100"}]), "because": "A hundred an hour."}, FRIENDS)


def guarded(rules, device="phone"):
    """A copy of the folder whose device has this policy."""
    phone = w.phone.copy()
    given(phone, rules, device)
    return phone


def given(phone, rules, device="phone", code=OK):
    return phone.run("device", "policy", "set", write(f"{phone.home}/policy", json.dumps(rules)), "--device", device, code=code)


def transaction(amount, to=FRIEND):
    return "0x02" + rlp([1, next(nonce), 1, 2, 21000, bytes.fromhex(to[2:]), amount, b"", []]).hex()


def send(phone, amount, to=FRIEND, code=OK, tx=None, **options):
    return phone.run("sign", WALLET, "--device", "phone", "--eth-tx", tx or transaction(amount, to), code=code, **options)


def denied(r, name, *words):
    has(r.error(), f"rule {name} of its own policy", *words)


def ask(method, path, body=None):
    status, _, said = call(SOCK, method, path, json.dumps(body).encode() if body is not None else None,
                           {"Content-Type": JSON} if body is not None else {})
    return status, json.loads(said)


def wanted(tx):
    status, said = ask("POST", f"/v1/wallets/{WALLET}/requests", {"payload": {"type": "eth_tx", "transaction": tx}, "path": "m/0"})
    equal((status, said["state"]), (201, "approved"))
    return said["request"]


def signed(phone):
    return phone.run("device", "policy", "show", "--device", "phone").one()["signed"]


@test
def a_policy_is_set_shown_and_cleared():
    phone = w.phone.copy()
    show = ["device", "policy", "show", "--device", "phone"]
    equal(phone.run(*show).one(), {"device": "phone"})
    for people in ("hook", {"approve": {"quorum": 1, "of": ["ab" * 32]}}):
        has(given(phone, policy(rule("a", people)), code=REFUSED).error(), "nobody can be asked")
    has(given(phone, policy(FRIENDS, changes={"quorum": 1, "of": ["ab" * 32]}), code=REFUSED).error(), "changes")
    has(given(phone, policy(rule("a", "perhaps")), code=INPUT).error(), "rules[0].then")
    for words in ((), ("set",), ("show", "x"), ("change",)):
        phone.run("device", "policy", *words, code=USAGE)
    equal(phone.run(*show).one(), {"device": "phone"})
    said = given(phone, LIMITS).one()
    equal((json.loads(said["policy"]), said["signed"]), (LIMITS, 0))
    equal(phone.run(*show).one(), said)
    equal([read(phone.path("devices/phone", n))[0] for n in ("policy", "policy.history")], [80, 81])
    equal(b"friends" in read(phone.path("devices/phone/policy")), False)
    equal(phone.run("device", "policy", "clear", "--device", "phone").one(), {"device": "phone"})
    equal("policy.history" in phone.files("devices/phone"), False)


@test
def amounts_sums_and_destinations_are_the_devices_own():
    phone = guarded(LIMITS)
    before = len(ask("GET", f"/v1/wallets/{WALLET}/requests")[1]["requests"])
    denied(send(phone, 71, code=REFUSED), "most")
    denied(send(phone, 1, OTHER, code=REFUSED), "default")
    denied(phone.run("sign", WALLET, "--digest", DIGEST, "--device", "phone", code=REFUSED), "default")
    equal(len(ask("GET", f"/v1/wallets/{WALLET}/requests")[1]["requests"]), before)  # the server was not even asked
    send(phone, 60)
    denied(send(phone, 41, code=REFUSED), "hour", "A hundred an hour.")
    send(phone, 40)
    denied(send(phone, 1, code=REFUSED), "hour")
    equal(signed(phone), 2)
    # Another policy knows what was signed before it.
    given(phone, policy(rule("day", "deny", sum=[{"asset": ETHER, "seconds": 86400, "above": "110"}]), FRIENDS))
    denied(send(phone, 11, code=REFUSED), "day")


@test
def what_a_backend_wants_and_the_server_allows_is_not_signed():
    phone = guarded(LIMITS)
    request = wanted(transaction(80))
    denied(phone.run("sign", WALLET, "--device", "phone", "--request", request, "--yes", code=REFUSED), "most")
    now = ask("GET", f"/v1/requests/{request}")[1]
    equal((now["state"], now["declines"], now.get("released"), now.get("signature")), ("approved", [], None, None))
    equal(ask("POST", f"/v1/requests/{request}/cancel")[0], 200)
    request = wanted(transaction(70))
    first = phone.run("sign", WALLET, "--device", "phone", "--request", request, "--yes").one()
    equal(phone.run("sign", WALLET, "--device", "phone", "--request", request, "--yes").one(), first)
    equal(signed(phone), 1)


@test
def what_it_denies_is_declined_and_the_next_one_is_signed():
    phone = guarded(LIMITS)
    first, second = wanted(transaction(80)), wanted(transaction(1))
    r = phone.run("requests", "wait", "--device", "phone", "--wallet", WALLET, "--yes")
    equal(r.one()["request"], second)
    has(" ".join(r.notes()), "by rule most of its own policy", f"has declined request {first}, which is rejected")
    now = ask("GET", f"/v1/requests/{first}")[1]
    d, = now["declines"]
    equal((now["state"], d["device"], d["rule"], now["rule"]), ("rejected", DEVICE, "most", "default"))
    has(now["because"], "too few devices are left")
    kinds = [(e["kind"], e.get("device")) for e in ask("GET", "/v1/events/0")[1]["events"] if e.get("request") == first]
    equal(kinds[2:], [("request.declined", DEVICE), ("request.rejected", None)])
    told = [json.loads(x)["entry"] for x in call(SOCK, "GET", "/v1/audit/0")[2].decode().split("\n") if first in x]
    equal([(e["kind"], e["detail"].get("rule")) for e in told[2:]], [("request.declined", "most"), ("request.rejected", "most")])
    has(phone.run("requests", "wait", "--device", "phone", "--wallet", WALLET, "--yes", "--wait", "1", code=AGAIN).error(), "nothing was asked for")
    equal(ask("POST", f"/v1/requests/{first}/sessions", {"signers": [1, 2], "nonces": ["22" * 32]})[1]["code"], "state-conflict")


@test
def a_no_is_kept_until_the_server_has_it():
    """The line is cut before it arrives, or before the answer does; the process ends with that."""
    phone, direct = guarded(LIMITS), SOCK
    for arrives in (False, True):
        request = wanted(transaction(80))

        def cut(asked, forward, arrives=arrives):
            if "/declines/" not in asked.path:
                return forward()
            if arrives:
                forward()
            return DROP

        phone.server = Relay(SOCK).lie(cut).path
        phone.run("requests", "wait", "--device", "phone", "--wallet", WALLET, "--yes", code=OFFLINE)
        phone.server = direct
        equal(phone.files("devices/phone/declines"), [request])
        equal(ask("GET", f"/v1/requests/{request}")[1]["state"], "rejected" if arrives else "approved")
        w.daemon.stop(signal.SIGKILL)
        w.daemon.start()
        phone.run("requests", "list", WALLET, "--device", "phone")
        equal(phone.files("devices/phone/declines"), [])
        now = ask("GET", f"/v1/requests/{request}")[1]
        equal((now["state"], [d["rule"] for d in now["declines"]]), ("rejected", ["most"]))


@test
def a_person_says_no_and_of_two_of_three_one_is_not_all():
    phone = w.phone.copy()
    wallet = phone.run("wallet", "create", "--device", "phone", "--device", "third", "--signers", "2", "--allow", "eth_tx").one()["wallet"]
    body = {"payload": {"type": "eth_tx", "transaction": transaction(1)}, "path": "m/0"}
    request, other = (ask("POST", f"/v1/wallets/{wallet}/requests", body)[1]["request"] for _ in range(2))
    t = Terminal(*phone.command("requests", "wait", "--device", "phone", "--wallet", wallet, "--wait", "60")[1:])
    for r, answer in ((request, b"no\n"), (other, b"yes\n")):
        t.wait_for(f"request {r} of wallet", 60)
        t.press(answer)
    code, out, _ = t.end()
    equal((code, json.loads(out)["request"]), (OK, other))
    now = ask("GET", f"/v1/requests/{request}")[1]
    d, = now["declines"]
    equal((now["state"], d["device"], "rule" in d, d["because"]), ("approved", DEVICE, False, "The user has declined."))
    said = ask("POST", f"/v1/requests/{request}/sessions", {"signers": [1, 2], "nonces": ["22" * 32]})[1]
    equal((said["code"], said["field"]), ("state-conflict", "signers"))
    # The other device may: it has not said no. And when it does, too few are left.
    phone.run("requests", "decline", request, "--device", "third", code=USAGE)  # nobody at the terminal has agreed
    phone.run("requests", "decline", request, "--device", "third", "--yes")
    equal(ask("GET", f"/v1/requests/{request}")[1]["state"], "rejected")
    phone.run("requests", "decline", other, "--device", "third", "--yes")  # it is signed: told, and no failure
    equal(ask("GET", f"/v1/requests/{other}")[1]["declines"], [])


@test
def presignatures_are_judged_too():
    phone = guarded(policy(rule("once", "deny", count={"seconds": 3600, "above": 1}), BLIND))
    phone.run("presign", WALLET, "--device", "phone", "--count", "2")
    halves = lambda: len(phone.files("devices/phone/presignatures", WALLET))
    phone.run("sign", WALLET, "--device", "phone", "--digest", DIGEST, "--presigned")
    equal((halves(), signed(phone)), (1, 1))
    denied(phone.run("sign", WALLET, "--device", "phone", "--digest", DIGEST, "--presigned", code=REFUSED), "once")
    denied(phone.run("sign", WALLET, "--device", "phone", "--digest", DIGEST, code=REFUSED), "once")
    equal(halves(), 1)


@test
def what_was_cut_off_counts():
    phone = guarded(LIMITS)
    tx, direct = transaction(60), phone.server
    came, gone = threading.Event(), threading.Event()

    def hang(asked, forward):
        if asked.is_round():
            came.set()
            gone.wait(300)
            return DROP
        return forward()

    phone.server = Relay(SOCK).lie(hang).path
    killed = phone.start("sign", WALLET, "--device", "phone", "--eth-tx", tx)
    came.wait(300)
    killed.kill()
    killed.communicate()
    gone.set()
    phone.server = direct
    equal(signed(phone), 1)
    denied(send(phone, 41, code=REFUSED), "hour")
    # Before the server even began: it counts, too.
    phone.server = Relay(SOCK).lie(lambda asked, forward: DROP if asked.path.endswith("/sessions") else forward()).path
    send(phone, 40, code=OFFLINE)
    phone.server = direct
    denied(send(phone, 1, code=REFUSED), "hour")
    equal(signed(phone), 2)
    # The same request again is no other one: it is signed, and counts once.
    newest = ask("GET", f"/v1/wallets/{WALLET}/requests")[1]["requests"][0]["request"]
    phone.run("sign", WALLET, "--device", "phone", "--request", newest, "--yes")
    equal(signed(phone), 2)


@test
def a_request_that_changes_under_its_name_is_another_one():
    """The server chooses the names of requests: one name for two payloads is two."""
    phone = guarded(LIMITS)
    request, other = wanted(transaction(60)), transaction(50)
    phone.run("sign", WALLET, "--device", "phone", "--request", request, "--yes")
    again = wanted(other)
    said = ask("GET", f"/v1/requests/{again}")[1]
    lie = json.dumps({**said, "request": request}).encode()
    direct, phone.server = phone.server, Relay(SOCK).lie(lambda asked, forward: (200, JSON, lie) if asked.path == f"/v1/requests/{request}" else forward()).path
    denied(phone.run("sign", WALLET, "--device", "phone", "--request", request, "--yes", code=REFUSED), "hour")
    phone.server = direct


@test
def a_lost_or_altered_history_is_not_begun_anew():
    phone = guarded(LIMITS)
    where = phone.path("devices/phone/policy.history")
    policy_file = phone.path("devices/phone/policy")
    whole, rules = read(where), read(policy_file)
    os.unlink(where)
    has(send(phone, 1, code=REFUSED).error(), "is lost", "device policy clear")
    given(phone, LIMITS, code=REFUSED)
    for at in (3, len(whole) - 1):
        write(where, altered(whole, at))
        send(phone, 1, code=SEALED)
    given(phone, LIMITS, code=SEALED)
    write(where, whole[:2])
    send(phone, 1, code=INPUT)
    write(where, whole)
    write(policy_file, altered(rules, len(rules) - 1))
    send(phone, 1, code=SEALED)
    os.unlink(policy_file)
    has(send(phone, 1, code=REFUSED).error(), "is lost", "device policy set")
    # Another device's, and one file for the other.
    given(phone, LIMITS, "third")
    for name in ("policy", "policy.history"):
        write(phone.path("devices/phone", name), read(phone.path("devices/third", name)))
    send(phone, 1, code=SEALED)
    write(policy_file, altered(whole, 0, whole[0] ^ rules[0]))
    send(phone, 1, code=SEALED)
    phone.run("device", "policy", "clear", "--device", "phone")
    equal(given(phone, LIMITS).one()["signed"], 0)


@test
def every_device_of_the_folder_that_signs_is_asked():
    phone = guarded(policy(FRIENDS), "third")
    r = phone.run("sign", BOTH, "--digest", DIGEST, code=REFUSED)
    has(r.error(), "device third does not sign", "rule default")
    phone.run("sign", WALLET, "--device", "phone", "--digest", DIGEST)


@test
def a_guest_judges_what_the_host_wants():
    host, guest = w.phone.copy(), guarded(policy(FRIENDS), "third")
    wants = ["sign", BOTH, "--digest", DIGEST, "--device", "phone", "--with", "3", "--wait", "60"]
    running = joins(guest, "--device", "third", "--yes")
    has(host.run(*wants, code=REFUSED).err, "rule default")
    denied(running.ends(REFUSED), "default")
    given(guest, policy(BLIND), "third")
    running = joins(guest, "--device", "third", "--yes")
    equal(host.run(*wants).one(), running.ends().one())
    equal(guest.run("device", "policy", "show", "--device", "third").one()["signed"], 1)


@test
def a_clock_that_is_put_back_makes_no_window_shorter():
    preload = f"{BUILD}/tests/csig_clock.so"

    def at(shift):
        return {**os.environ, "LD_PRELOAD": preload, "CLOCK_SHIFT": str(shift)}

    if subprocess.run([CLI, "--version"], capture_output=True, env=at(0)).returncode != 0:
        raise Skipped("nothing is preloaded into these programs")
    phone = guarded(LIMITS)
    send(phone, 60)
    denied(send(phone, 60, code=REFUSED, env=at(-86400)), "hour")
    send(phone, 60, env=at(3700))
    send(phone, 40)  # an hour back: it is signed at the newest time that is known, and counts from then
    denied(send(phone, 1, code=REFUSED), "hour")
    denied(send(phone, 1, code=REFUSED, env=at(7200)), "hour")
    equal(signed(phone), 3)
    send(phone, 60, env=at(91 * 86400))
    equal(signed(phone), 1)  # 90 days are kept


# --- the server's policy, by hand ---

@test
def policies_are_proposed_shown_and_approved_by_hand():
    """Two devices' words, over the Unix socket; the first policy is the operator's."""
    def operator(*words, code=OK):
        r = run_as(["--json", "policy", *words, "--server", SOCK])
        if r.code != code:
            raise AssertionError(r.err)
        return r

    def key_of(device):
        token = run_as(["--json", "token", "new", "--role", "sign", "--role", "approve", "--server", SOCK]).one()["token"]
        w.phone.run("device", "enrol", "--device", device, "--token", token)
        return next(k["keyid"] for k in ask("GET", "/v1/keys")[1]["keys"] if k["name"] == device)

    def say(verb, change, device, *more, code=OK):
        return w.phone.run("policy", verb, change, "--device", device, *more, code=code)

    equal(operator("show", WALLET).one(), {"policy": None})
    quorum = {"quorum": 2, "of": [key_of(d) for d in ("phone", "third")]}
    rules = policy(BLIND, FRIENDS, changes=quorum)
    file = write(f"{w.phone.home}/server-policy", json.dumps(rules))
    for whom in ((), ("--all-wallets", "--label", "a"), ("--wallet", WALLET, "--wallet", BOTH)):
        operator("propose", file, *whom, code=USAGE)
    operator("propose", write(f"{w.phone.home}/none", "{}"), "--all-wallets", code=INPUT)
    operator("propose", file, "--wallet", "12", code=USAGE)
    equal(operator("propose", file, "--all-wallets").one()["state"], "done")
    equal([(p["subject"], p["policy"]) for p in operator("show").objects(operator("show").out)], [("all", rules)])
    # From now on it needs both.
    many = policy(BLIND, *[rule(f"r{i}", "allow", to=[FRIEND], chains=["eip155:1"]) for i in range(40)])
    for whom, subject in ((("--wallet", WALLET), f"wallet/{WALLET}"), (("--label", "shop"), "label/shop")):
        made = operator("propose", write(f"{w.phone.home}/next", json.dumps(many)), *whom).one()
        equal((made["state"], made["subject"]), ("pending", subject))
        change = made["change"]
        say("approve", change, "phone", code=USAGE)  # nobody at the terminal has agreed
        first = say("approve", change, "phone", "--yes")
        equal(first.one()["state"], "pending")
        has(" ".join(first.notes()), subject, '"r39"', "version 1")  # all of it is shown
        equal(say("approve", change, "third", "--yes").one()["state"], "done")
    equal((operator("show", WALLET).one()["policy"], operator("show", BOTH).one()["policy"]), (many, rules))
    # What is shown is what is signed: a server that shows another policy gets a word about that one.
    change = operator("propose", file, "--label", "other").one()["change"]
    lie = lambda asked, forward: (lambda s, k, b: (s, k, b.replace(b"f1" * 20, b"f2" * 20) if asked.method == "GET" else b))(*forward())
    direct, w.phone.server = w.phone.server, Relay(SOCK).lie(lie).path
    say("approve", change, "phone", "--yes", code=REFUSED)
    w.phone.server = Relay(SOCK).lie(lambda asked, forward: (lambda s, k, b: (s, k, b.replace(b'"label/other"', b'"label/o\\npolicy"')))(*forward())).path
    has(say("approve", change, "phone", "--yes", code=INPUT).error(), "subject")
    w.phone.server = direct
    equal(say("reject", change, "third", "--yes").one()["state"], "rejected")
    say("approve", change, "phone", "--yes", code=7)
    say("approve", "12", "phone", code=USAGE)
    w.phone.run("policy", "approve", change, code=USAGE)  # whose word?


main()
