"""Policies and approvals: without one nothing starts, and nothing is signed that no rule allows; people approve with their own keys;
a policy changes as its approvers want."""
import concurrent.futures, hashlib, json, signal, subprocess

from cli import DAEMON, INPUT, OK, REFUSED, World, call, equal, has, main, read, run_as, test, wait_for, write
from relay import Relay
from signing import Key

JSON = "application/json"
ALICE, BOB, CAROL, NOBODY = Key("p-256"), Key(), Key(), Key()


def policy(*rules, **more):
    return {"version": 1, "default": "deny", "rules": list(rules), **more}


def rule(name, then, **conditions):
    return {"id": name, "if": conditions, "then": then}


def of(m, *keys, **more):
    return {"quorum": m, "of": [k.id for k in keys], **more}


BLIND = {"types": ["digest"], "blind": True}
FIRST = policy(rule("digests", "allow", **BLIND), changes=of(2, ALICE, BOB))
w = World()
D = w.daemon
D.stop(signal.SIGTERM)


def approver(key, name):
    equal(run_as(["--json", "key", "add", key.pem, "--name", name, "--role", "approve", "--all-wallets", "--server", D.sock]).code, OK)


def ends(*extra):
    r = subprocess.run([DAEMON, "--state", D.state, "--socket", D.sock, "--key-file", f"{D.home}/key", *extra],
                       capture_output=True, text=True, timeout=300)
    return r.returncode, r.stderr


def ask(method, path, body=None):
    octets = json.dumps(body).encode() if body is not None else None
    status, _, said = call(D.sock, method, path, octets, {"Content-Type": JSON} if body is not None else {})
    return status, json.loads(said) if said else None


def restart():
    D.stop(signal.SIGKILL)
    D.start(mode=())


def request(digest=None, **more):
    return ask("POST", f"/v1/wallets/{WALLET}/requests", {"payload": {"type": "digest", "digest": digest or "a1" * 32}, "path": "m/0", **more})


def lines_of(r, decision):
    text = json.dumps(r["payload"], separators=(",", ":"), sort_keys=True)
    return "\n".join(("countersign-v1-approval", decision, f"request {r['request']}", f"wallet {r['wallet']}", f"path {r['path']}",
                      f"payload {hashlib.sha256(text.encode()).hexdigest()}"))


def lines_of_change(c, decision):
    text = json.dumps(c["policy"], separators=(",", ":"), sort_keys=True)
    return "\n".join(("countersign-v1-policy-change", decision, f"change {c['change']}", f"subject {c['subject']}",
                      f"over {c['over']} {c['over_version']}", f"policy {hashlib.sha256(text.encode()).hexdigest()}"))


def say(r, key, decision="approve", text=None, where="requests"):
    text = text or (lines_of if where == "requests" else lines_of_change)(r, decision)
    word = {"decision": decision, "key": key.id, "signature": key.sign(text.encode()).hex()}
    return ask("POST", f"/v1/{where}/{r['request' if where == 'requests' else 'change']}/approvals", word)


def in_force(*rules):
    """By its approvers, as everything later."""
    status, c = ask("PUT", "/v1/policies", {"policy": policy(*rules, changes=of(2, ALICE, BOB))})
    equal((status, c["state"]), (201, "pending"))
    c = ask("GET", f"/v1/policy-changes/{c['change']}")[1]
    equal(say(c, ALICE, where="policy-changes")[1]["state"], "pending")
    equal(say(c, BOB, where="policy-changes")[1]["state"], "done")


@test
def without_a_policy_it_does_not_start():
    code, said = ends()
    equal(code, 6)
    has(said, "no policy is in force")
    for bad, why in (("{}", "version: it is missing"), ("{", "octet")):
        write(f"{D.home}/policy", bad.encode())
        code, said = ends("--policy", f"{D.home}/policy")
        equal(code, 6)
        has(said, why)
    equal(ends("--policy", f"{D.home}/nothing")[0], 6)
    write(f"{D.home}/policy", json.dumps(FIRST).encode())
    D.start("--policy", f"{D.home}/policy", mode=())
    D.stop(signal.SIGTERM)
    # it is the store's now: another file changes nothing
    write(f"{D.home}/policy", json.dumps(policy(rule("b", "allow"))).encode())
    D.start("--policy", f"{D.home}/policy", mode=())
    equal([(p["subject"], p["version"], p["policy"]) for p in ask("GET", "/v1/policies")[1]["policies"]], [("all", 1, FIRST)])
    # Who changed the file and started again is told that it changes nothing; who did not, or gives another form of it, is not.
    told = '"event":"the policy that is given is not in force"'
    equal(read(f"{D.home}/log").decode().count(told), 1)
    write(f"{D.home}/policy", json.dumps(FIRST, indent=3).encode())
    D.stop()
    D.start("--policy", f"{D.home}/policy", mode=())
    equal(read(f"{D.home}/log").decode().count(told), 1)


@test
def a_file_is_checked_before_it_is_given():
    write(f"{D.home}/policy", json.dumps(FIRST).encode())
    r = run_as(["--json", "policy", "check", f"{D.home}/policy"])
    equal((r.code, json.loads(r.one()["policy"]), r.one()["changes"]), (OK, FIRST, True))
    write(f"{D.home}/policy", json.dumps(policy(rule("a", "allow", to=["0x12"]))).encode())
    r = run_as(["policy", "check", f"{D.home}/policy"])
    equal(r.code, INPUT)
    has(r.err, "rules[0].if.to[0]: 0x and 40 digits are wanted")


@test
def what_a_rule_allows_is_signed_and_the_verdict_names_it():
    global WALLET
    WALLET = w.wallet()["wallet"]
    for k, name in ((ALICE, "alice"), (BOB, "bob"), (CAROL, "carol")):
        approver(k, name)
    equal(ask("GET", f"/v1/wallets/{WALLET}/policy")[1]["policy"], FIRST)
    status, r = request()
    equal((status, r["state"], r["rule"], r["because"]), (201, "approved", "digests", "The rule digests allows this."))
    w.phone.run("sign", WALLET, "--digest", "a2" * 32)


@test
def the_operator_alone_changes_nothing_that_has_approvers():
    status, c = ask("PUT", f"/v1/wallets/{WALLET}/policy", {"policy": policy(rule("all", "allow"))})
    equal((status, c["state"], c["over"], c["over_version"]), (201, "pending", "all", 1))
    c = ask("GET", f"/v1/policy-changes/{c['change']}")[1]
    equal(say(c, NOBODY, where="policy-changes")[1]["code"], "forbidden")
    equal(say(c, CAROL, where="policy-changes")[1]["field"], "key")
    equal(say(c, ALICE, text=lines_of_change(c, "reject"), where="policy-changes")[1]["code"], "bad-signature")
    equal(say(c, ALICE, where="policy-changes")[0], 200)
    equal(say(c, ALICE, where="policy-changes")[1]["state"], "pending")  # twice is once
    equal(say(c, ALICE, "reject", where="policy-changes")[1]["code"], "state-conflict")
    equal(say(c, BOB, "reject", where="policy-changes")[1]["state"], "rejected")
    equal(say(c, BOB, where="policy-changes")[1]["code"], "state-conflict")
    equal(ask("GET", f"/v1/wallets/{WALLET}/policy")[1]["policy"], FIRST)
    status, p = ask("PUT", "/v1/policies", {"policy": {}})
    equal((status, p["field"]), (400, "policy"))
    has(p["detail"], "version: it is missing")
    equal(ask("PUT", "/v1/policies", {"policy": FIRST, "label": "No"})[1]["field"], "label")


@test
def of_two_changes_of_one_policy_one_comes_into_force():
    changes = [ask("PUT", "/v1/policies", {"policy": policy(rule("digests", "allow", **BLIND), rule(n, "deny", to=["0x" + "00" * 20]),
                                                            changes=of(2, ALICE, BOB))})[1] for n in ("x", "y")]
    changes = [ask("GET", f"/v1/policy-changes/{c['change']}")[1] for c in changes]
    for c in changes:
        equal(say(c, ALICE, where="policy-changes")[1]["state"], "pending")
    equal(say(changes[0], BOB, where="policy-changes")[1]["state"], "done")
    equal(say(changes[1], BOB, where="policy-changes")[1]["code"], "state-conflict")
    equal(ask("GET", "/v1/policies")[1]["policies"][0]["version"], 2)


@test
def people_approve_and_only_they():
    in_force(rule("two", {"approve": of(2, ALICE, BOB, CAROL, seconds=3600)}, **BLIND))
    status, r = request("b1" * 32)
    equal((status, r["state"], r["rule"]), (201, "pending", "two"))
    nonces = {"signers": [1, 2], "nonces": ["22" * 32]}
    equal(ask("POST", f"/v1/requests/{r['request']}/sessions", nonces)[1]["code"], "state-conflict")
    equal(say(r, NOBODY)[1]["code"], "forbidden")
    other = {**r, "path": "m/1"}
    equal(say(r, ALICE, text=lines_of(other, "approve"))[1]["code"], "bad-signature")
    equal(say(r, ALICE, text=lines_of({**r, "payload": {"type": "digest", "digest": "b2" * 32}}, "approve"))[1]["code"], "bad-signature")
    equal(say(r, ALICE, text=lines_of(r, "reject"))[1]["code"], "bad-signature")
    equal(say(r, ALICE)[1]["state"], "pending")
    equal(say(r, ALICE)[1]["state"], "pending")
    restart()
    equal(say(r, ALICE, "reject")[1]["code"], "state-conflict")
    status, said = say(r, CAROL)
    equal((said["state"], {a["key"] for a in said["approvals"]}), ("approved", {ALICE.id, CAROL.id}))
    equal(say(r, BOB)[1]["code"], "state-conflict")
    equal(ask("POST", f"/v1/requests/{r['request']}/sessions", nonces)[0], 201)


@test
def one_no_is_enough():
    _, r = request("b3" * 32)
    equal(say(r, BOB, "reject")[1]["state"], "rejected")
    equal(say(r, ALICE)[1]["code"], "state-conflict")
    _, r = request("b4" * 32)
    equal(ask("POST", f"/v1/requests/{r['request']}/cancel")[1]["state"], "cancelled")
    equal(say(r, ALICE)[1]["code"], "state-conflict")


@test
def a_key_that_is_revoked_has_approved_nothing():
    dave = Key()
    approver(dave, "dave")
    in_force(rule("one", {"approve": of(1, dave, CAROL)}, **BLIND))
    _, r = request("b5" * 32)
    equal(say(r, dave)[1]["state"], "approved")
    equal(ask("DELETE", f"/v1/keys/{dave.id}")[0], 204)
    said = ask("POST", f"/v1/requests/{r['request']}/sessions", {"signers": [1, 2], "nonces": ["22" * 32]})[1]
    equal((said["code"], said["rule"]), ("policy-denied", "one"))


@test
def who_says_nothing_in_time_has_rejected():
    in_force(rule("soon", {"approve": of(1, ALICE, seconds=1)}, **BLIND))
    _, r = request("b6" * 32)
    wait_for(lambda: ask("GET", f"/v1/requests/{r['request']}")[1]["state"] == "rejected")
    equal(say(r, ALICE)[1]["code"], "state-conflict")


@test
def a_limit_holds_for_those_who_come_at_once():
    in_force(rule("few", "deny", count={"seconds": 3600, "above": 3}), rule("digests", "allow", **BLIND))
    open_before = sum(r["state"] in ("approved", "signed", "signing") for r in ask("GET", f"/v1/wallets/{WALLET}/requests")[1]["requests"])
    in_force(rule("few", "deny", count={"seconds": 3600, "above": open_before + 3}), rule("digests", "allow", **BLIND))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda i: request(f"{i:02x}" * 32), range(0x10, 0x18)))
    made = [r for status, r in said if status == 201]
    denied = [r for status, r in said if status == 403]
    equal((len(made), len(denied), {r["rule"] for r in denied}), (3, 5, {"few"}))
    # what is cancelled is given back, once
    equal(ask("POST", f"/v1/requests/{made[0]['request']}/cancel")[0], 200)
    w.phone.run("sign", WALLET, "--digest", "d1" * 32)
    equal(request("d2" * 32)[0], 403)
    restart()
    equal(request("d3" * 32)[1]["rule"], "few")
    has(w.phone.run("sign", WALLET, "--digest", "d4" * 32, code=REFUSED).error(), "policy-denied by rule few")


def rlp(item):
    if isinstance(item, list):
        body, base = b"".join(map(rlp, item)), 0xc0
    else:
        body, base = item.to_bytes((item.bit_length() + 7) // 8, "big") if isinstance(item, int) else item, 0x80
        if len(body) == 1 and body[0] < 0x80:
            return body
    return bytes([base + len(body)]) + body


def transfer(to, amount, data=b""):
    """Of ether, chain 1."""
    octets = rlp([0, 10, 21000, bytes.fromhex(to[2:]), amount, data, 1, 0, 0])
    return ask("POST", f"/v1/wallets/{ETHEREUM}/requests", {"payload": {"type": "eth_tx", "transaction": "0x" + octets.hex()}, "path": "m/0"})


@test
def amounts_and_destinations_of_transactions():
    global ETHEREUM
    friend, other, ether = "0x" + "f1" * 20, "0x" + "f2" * 20, "eip155:1/slip44:60"
    ETHEREUM = w.phone.run("wallet", "create", "--signers", "2", "--allow", "eth_tx").one()["wallet"]
    in_force(rule("most", "deny", amount=[{"asset": ether, "above": "70"}]),
             rule("hour", "deny", sum=[{"asset": ether, "seconds": 3600, "above": "100"}]),
             rule("friends", "allow", to=[friend], chains=["eip155:1"], fee={"up_to": "210000"}))
    for r, by in ((transfer(friend, 71), "most"), (transfer(other, 1), "default"), (transfer(friend, 1, b"\x12\x34\x56\x78"), "default")):
        equal((r[0], r[1]["code"], r[1]["rule"]), (403, "policy-denied", by))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda i: transfer(friend, 40 + i % 2), range(8)))
    made = [r for status, r in said if status == 201]
    equal((len(made), {r["rule"] for status, r in said if status == 403}), (2, {"hour"}))
    equal(ask("POST", f"/v1/requests/{made[0]['request']}/cancel")[0], 200)
    equal([transfer(friend, 61)[0], transfer(friend, 50)[0], transfer(friend, 30)[0]], [403, 201, 403])


@test
def a_device_approves_what_it_has_read():
    w.phone.init("tablet", aux=True)
    token = run_as(["--json", "token", "new", "--role", "approve", "--server", D.sock]).one()["token"]
    w.phone.run("device", "enrol", "--device", "tablet", "--token", token)
    key = next(k["keyid"] for k in ask("GET", "/v1/keys")[1]["keys"] if k["name"] == "tablet")
    both = w.wallet(2, "phone", "tablet")["wallet"]
    quorum = {"quorum": 1, "of": [key, ALICE.id]}
    in_force(rule("tablet", {"approve": quorum}, **BLIND))
    for command, state in (("approve", "approved"), ("reject", "rejected")):
        r = ask("POST", f"/v1/wallets/{both}/requests", {"payload": {"type": "digest", "digest": "f3" * 32}, "path": "m/0"})[1]
        equal(r["state"], "pending")
        done = w.phone.run(command, r["request"], "--device", "tablet", "--yes")
        equal(done.one()["state"], state)
        has(done.err, "f3" * 32)
        equal(ask("GET", f"/v1/requests/{r['request']}")[1]["state"], state)
    r = ask("POST", f"/v1/wallets/{both}/requests", {"payload": {"type": "digest", "digest": "f4" * 32}, "path": "m/0"})[1]
    w.phone.run("approve", r["request"], "--device", "phone", "--yes", code=REFUSED)
    # what the server shows is not what it stores
    def lie(asked, forward):
        status, kind, body = forward()
        return status, kind, body.replace(b"f4" * 32, b"f5" * 32) if asked.method == "GET" else body
    w.phone.server, direct = Relay(D.sock).lie(lie).path, w.phone.server
    w.phone.run("approve", r["request"], "--device", "tablet", "--yes", code=REFUSED)
    w.phone.server = direct
    equal(ask("GET", f"/v1/requests/{r['request']}")[1]["state"], "pending")


@test
def the_policy_of_now_is_asked_before_anything_leaves():
    in_force(rule("digests", "allow", **BLIND))
    _, r = request("e1" * 32)
    equal(r["state"], "approved")
    in_force(rule("never", "deny", **BLIND), rule("digests", "allow", **BLIND))
    said = ask("POST", f"/v1/requests/{r['request']}/sessions", {"signers": [1, 2], "nonces": ["22" * 32]})[1]
    equal((said["code"], said["rule"]), ("policy-denied", "never"))
    log = read(f"{D.home}/log").decode()
    for kind in ("policy.in_force", "policy.proposed", "policy.approval", "policy.rejection", "request.pending", "request.approved",
                 "request.rejected", "request.denied", "approval", "rejection"):
        has(log, f'"{kind}"')


main()
