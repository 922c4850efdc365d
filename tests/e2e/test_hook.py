"""The hook: a real one in a process of its own, over TLS, decides where a rule says so; whatever is not its own signed answer to
this very question decides nothing, and what it has not decided in time is rejected. Restarts and kills between."""
import json, os, shutil, signal, subprocess, sys, time

from cli import DAEMON, Daemon, Phone, call, cleanups, equal, folder, has, main, read, test, wait_for, write
from hooks import README, InvalidSignature
from signing import Key
from tls import Authority, free_port

JSON = "application/json"
LIES = ("wrong-key", "other-id", "other-nonce", "other-decision", "other-payload", "other-because", "unsigned", "wrong-text", "long", "404", "500")
PLAN = {"a0": ["approve"], "a1": ["reject"], "a2": ["ignore"], "a3": ["retry", "500", "approve"]}
CA, HOOK_KEY, OTHER = Authority(), Key("p-256"), Key("p-256")
EXAMPLE = {}
exec(read(README).decode().split("```python\n")[1].split("```")[0].replace("-webhook", "-hook"), EXAMPLE)


class Hook:
    def __init__(self):
        self.home, self.port, self.process = folder("hook"), free_port(), None
        shutil.copy(f"{HOOK_KEY.home}/key", f"{self.home}/key")
        shutil.copy(f"{OTHER.home}/key", f"{self.home}/other")
        write(f"{self.home}/plan", json.dumps(PLAN | {f"b{i:x}": [lie] for i, lie in enumerate(LIES)}))
        write(f"{self.home}/got", "")
        self.url = f"https://localhost:{self.port}/decide?for=countersign"
        self.tls = CA.issue("hook")
        cleanups.append(self.stop)

    def start(self):
        where = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hook_server.py")
        self.process = subprocess.Popen([sys.executable, where, str(self.port), self.home, *self.tls])
        wait_for(lambda: os.path.exists(f"{self.home}/ready"))

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            os.unlink(f"{self.home}/ready")

    def got(self, r):
        all_of = [json.loads(line) for line in read(f"{self.home}/got").decode().split("\n")[:-1]]
        return [g for g in all_of if json.loads(g["body"])["request"] == r["request"]]


HOOK, D = Hook(), Daemon()
BLIND = {"types": ["digest"], "blind": True}
POLICY = {"version": 1, "default": "deny", "rules": [{"id": "ask", "if": BLIND, "then": "hook"}]}
ASKS = ("--hook", HOOK.url, "--hook-key", HOOK_KEY.pem, "--hook-ca", CA.root)
HOOK.start()
write(f"{D.home}/policy", json.dumps(POLICY))
D.start("--policy", f"{D.home}/policy", *ASKS, mode=())
PHONE = Phone(D.sock)
PHONE.init(aux=True)
PHONE.run("device", "enrol")
WALLET = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]


def ask(method, path, body=None, headers=None):
    octets = json.dumps(body).encode() if body is not None else None
    status, _, said = call(D.sock, method, path, octets, {"Content-Type": JSON, **(headers or {})} if body is not None else {})
    return status, json.loads(said) if said else None


def request(digest, **headers):
    return ask("POST", f"/v1/wallets/{WALLET}/requests", {"payload": {"type": "digest", "digest": digest + "5a" * 31}, "path": "m/0"}, headers)


def pending(digest, **headers):
    status, r = request(digest, **headers)
    equal((status, r["state"], r["rule"]), (201, "pending", "ask"))
    return r


def shown(r):
    return ask("GET", f"/v1/requests/{r['request']}")[1]


def becomes(r, state):
    wait_for(lambda: shown(r)["state"] != "pending")
    equal(shown(r)["state"], state)
    return shown(r)


def opens(r):
    return ask("POST", f"/v1/requests/{r['request']}/sessions", {"signers": [1, 2], "nonces": ["22" * 32]})[1]


def restart(*extra):
    D.stop(signal.SIGKILL)
    D.start(*extra, mode=())


def policy(rules):
    equal(ask("PUT", "/v1/policies", {"policy": {**POLICY, "rules": rules}})[1]["state"], "done")


def decisions(r):
    lines = [json.loads(line) for line in read(f"{D.home}/log").decode().split("\n") if '"hook.decision"' in line]
    return [e["entry"] for e in lines if e["entry"]["request"] == r["request"]]


@test
def what_it_approves_is_signed():
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    r = pending("a0", traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    becomes(r, "approved")
    g, = HOOK.got(r)
    keys = [k["key"] for k in ask("GET", "/v1/server-keys")[1]["keys"]]
    q = EXAMPLE["event_of"](g["method"], HOOK.url, g["headers"], g["body"].encode(), keys, int(time.time()))
    try:
        EXAMPLE["event_of"](g["method"], HOOK.url + "x", g["headers"], g["body"].encode(), keys, int(time.time()))
        raise AssertionError("the URL is not signed")
    except InvalidSignature:
        pass
    equal({n: q[n] for n in ("request", "wallet", "payload", "description", "words", "rule", "path", "attempt")},
          {**{n: r[n] for n in ("request", "wallet", "payload", "description", "words", "rule", "path")}, "attempt": 1})
    parent = {n.lower(): v for n, v in g["headers"].items()}["traceparent"]
    equal((parent[:36], parent[36:52] != "00f067aa0ba902b7"), (f"00-{trace}-", True))
    e, = decisions(r)
    equal((e["trace"], e["detail"]["verdict"], e["detail"]["rule"], e["detail"]["key"], e["detail"]["nonce"]),
          (trace, "approve", "ask", HOOK_KEY.id, q["nonce"]))
    # what it has settled holds after a restart, with its key, and for this version of the policy
    restart()
    said = opens(r)
    equal((said["code"], said["rule"]), ("policy-denied", "ask"))
    has(said["detail"], "there is none")
    equal((request("a0")[0], request("a0")[1]["rule"]), (403, "ask"))
    restart(*ASKS[:3], OTHER.pem, *ASKS[4:])
    equal(opens(r)["code"], "policy-denied")
    restart(*ASKS)
    equal(opens(r)["kind"], "sign")


@test
def what_it_rejects_is_rejected_and_what_it_passes_over_the_other_rules_decide():
    r = pending("a1")
    equal(becomes(r, "rejected")["because"], "Not on a Saturday.")
    equal(decisions(r)[0]["detail"]["because"], "Not on a Saturday.")
    r = pending("a2")
    now = becomes(r, "rejected")  # nobody has said yes
    equal((now["rule"], now["because"]), ("default", "No rule allows this."))
    equal((len(HOOK.got(r)), opens(r)["code"], decisions(r)[0]["detail"]["verdict"]), (1, "state-conflict", "ignore"))
    kinds = [e["kind"] for e in ask("GET", "/v1/events/0")[1]["events"] if e.get("request") == r["request"]]
    equal(kinds, ["request.created", "request.pending", "request.rejected"])
    policy(POLICY["rules"] + [{"id": "else", "if": BLIND, "then": "allow"}])
    r, no = pending("a2"), pending("a1")
    equal((becomes(r, "approved")["rule"], opens(r)["kind"], becomes(no, "rejected")["rule"]), ("else", "sign", "ask"))
    policy(POLICY["rules"])


@test
def it_is_asked_again_when_it_says_so():
    r = pending("a3")
    becomes(r, "approved")
    bodies = [json.loads(g["body"]) for g in HOOK.got(r)]
    equal(([b["attempt"] for b in bodies], len({b["nonce"] for b in bodies})), ([1, 2, 3], 3))


@test
def a_kill_while_it_waits_changes_nothing():
    HOOK.stop()  # a closed port
    r, gone = pending("a0"), pending("a0")
    wait_for(lambda: any("the hook has not answered" in line and r["request"] in line for line in read(f"{D.home}/log").decode().split("\n")))
    equal(ask("POST", f"/v1/requests/{gone['request']}/cancel")[1]["state"], "cancelled")
    restart(*ASKS)
    equal((shown(r)["state"], shown(gone)["state"]), ("pending", "cancelled"))
    HOOK.start()
    becomes(r, "approved")
    equal((len(decisions(r)), shown(gone)["state"]), (1, "cancelled"))


@test
def another_version_of_the_policy_asks_anew():
    r = pending("a0")
    becomes(r, "approved")
    policy([{**POLICY["rules"][0], "because": "Somebody has to look at it."}])
    said = opens(r)
    equal((said["code"], said["rule"], said["detail"]), ("policy-denied", "ask", "Somebody has to look at it."))


@test
def no_lie_decides_anything():
    restart(*ASKS, "--hook-seconds", "3")
    all_of = [pending(f"b{i:x}") for i in range(len(LIES))]
    for r, lie in zip(all_of, LIES):
        equal((becomes(r, "rejected")["rule"], decisions(r), lie), ("ask", [], lie))
        equal(len(HOOK.got(r)) >= 1, True)
    HOOK.stop()
    r = pending("a0")
    becomes(r, "rejected")
    equal(opens(r)["code"], "state-conflict")


@test
def the_command_line_is_checked():
    for bad, code in ((("--hook", HOOK.url), 2), (("--hook-key", HOOK_KEY.pem), 2), (("--hook-ca", CA.root), 2), ((*ASKS, "--hook-seconds", "0"), 2),
                      (("--hook", "http://example.org/", *ASKS[2:]), 6), ((*ASKS[:3], CA.root, *ASKS[4:]), 6)):
        home = folder("state")
        write(f"{home}/key", os.urandom(32))
        shutil.copytree(D.state, f"{home}/state")
        r = subprocess.run([DAEMON, "--state", f"{home}/state", "--socket", f"{home}/sock", "--key-file", f"{D.home}/key", *bad],
                           capture_output=True, text=True, timeout=300)
        equal((r.returncode, bad), (code, bad))


main()
