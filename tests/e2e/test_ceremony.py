#!/usr/bin/env python3
"""Ceremonies of operators, three of five: the daemon and a process for each operator. A plan signed by all, a rehearsal, a key; one
operator killed in the middle; a refresh; a member replaced. The transcripts are checked by somebody who was not there."""
import hashlib, json, shutil, subprocess

from cli import *
from relay import Relay

NAMES = ("anna", "boris", "clara", "dora")
PEOPLE = (*NAMES, "emil")
D = Daemon()


class Operator(Phone):
    """Who has nothing but the README: what is called is kept, to be held against it."""
    called = []

    def command(self, *args):
        Operator.called.append(args)
        return super().command(*args)


OPERATORS = {name: Operator(D.sock) for name in PEOPLE}
for name in PEOPLE:
    OPERATORS[name].init(name, aux=True)
D.start()
for name in PEOPLE:
    OPERATORS[name].run("device", "enrol", "--device", name)
CARDS = {n: write(f"{OPERATORS[n].home}/card", OPERATORS[n].run("device", "card", n).out) for n in PEOPLE}
MADE = {}


def ended(process):
    out, err = process.communicate(timeout=300)
    return Result(process.args, type("Done", (), {"returncode": process.returncode, "stdout": out, "stderr": err}))


class Ceremony:
    """A plan that these have signed, each a copy of it; by these it is carried out."""

    def __init__(self, operation, *more, host="anna", members=NAMES, signed=None, named=None):
        self.home, self.members = folder("ceremony"), members
        self.plan = f"{self.home}/plan"
        withs = [w for n in named or members if n != host for w in ("--with", CARDS[n])]
        OPERATORS[host].run("ceremony", "plan", operation, "--out", self.plan, *more, *withs)
        copies = [write(f"{self.home}/{n}", read(self.plan)) for n in signed or members]
        for n, copy in zip(signed or members, copies):
            OPERATORS[n].run("ceremony", "sign-plan", copy)
        OPERATORS[host].run("ceremony", "sign-plan", *copies)
        write(self.plan, read(copies[0]))

    def transcript(self, name):
        return f"{self.home}/transcript-{name}"

    def start(self, verb, name):
        more = [] if verb == "rehearse" else ["--transcript", self.transcript(name)]
        return OPERATORS[name].start("ceremony", verb, self.plan, *more, "--kdf-memory", "8")

    def rehearse(self):
        """Shares and epochs stay as they are, here and there, and nothing of the throw-away key is left."""
        def kept():
            mine = {n: {k: v for k, v in snapshot(OPERATORS[n].state).items() if "/wallets/" in k} for n in self.members}
            return mine, {w["wallet"]: w["epoch_state"] for w in wallets()["wallets"]}, OPERATORS[self.members[0]].files("ceremonies")
        before = kept()
        for r in self.by_all("rehearse").values():
            equal(r.one()["rehearsed"], True)
        equal(kept(), before)

    def by_all(self, verb, code=OK, members=None):
        """By every operator at the same time."""
        processes = {n: self.start(verb, n) for n in members or self.members}
        results = {n: ended(p) for n, p in processes.items()}
        for n, r in results.items():
            if r.code != code:
                raise AssertionError(f"{n}: exit {r.code}, not {code}: {r.err}")
        return results

    def audit(self):
        """All have the same transcript, and it holds."""
        equal(len({read(self.transcript(n)) for n in self.members}), 1)
        return audit(self.transcript(self.members[-1])).one()

    def state(self, name):
        hash = json.loads(read(self.plan))
        hash.pop("signatures")
        return f"{OPERATORS[name].state}/ceremonies/{hashlib.sha256(canonical(hash)).hexdigest()[:32]}"

    def seen_by(self, name, other):
        try:
            rows = json.loads(read(f"{self.state(name)}/progress"))["participants"]
        except (OSError, ValueError):
            return None
        return next(r["phase"] for r in rows if r["name"] == other)


def canonical(value):
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()


def alone():
    """How a program is run without any network, where this machine lets us."""
    words = [shutil.which("unshare") or "unshare", "--map-root-user", "--net"]
    try:
        return words if subprocess.run([*words, "true"], capture_output=True).returncode == 0 else []
    except OSError:
        return []


ALONE = alone()


def audit(path, code=OK):
    """As on another machine: in a folder with nothing but a copy of the file, without any network."""
    home = folder("auditor")
    shutil.copy(path, f"{home}/transcript")
    done = subprocess.run([*ALONE, CLI, "--json", "ceremony", "verify", "transcript"], capture_output=True, text=True, cwd=home,
                          env={"HOME": "/nonexistent"})
    r = Result(["verify"], done)
    if (r.code, os.listdir(home)) != (code, ["transcript"]):
        raise AssertionError(f"exit {r.code}, not {code}: {r.err}")
    return r


def cheating_in(kind):
    """Whoever speaks through this says something else in messages of this kind."""
    def rule(asked, forward):
        if asked.method == "PUT" and "/messages/" in asked.path and asked.body[:1] == bytes([kind]):
            at = len(asked.body) - 4
            asked.body = asked.body[:at] + bytes([asked.body[at] ^ 1]) + asked.body[at + 1:]
        return forward()
    return rule


def signs(wallet, guest="clara", index="4"):
    other = OPERATORS[guest].start("join", "--expect", "sign", "--wait", "120")
    signed = OPERATORS["anna"].run("sign", wallet, "--digest", DIGEST, "--path", "m/1", "--with", index, "--wait", "120").one()
    equal(ended(other).code, OK)
    equal(openssl_verifies(signed, DIGEST), True)


def wallets():
    return json.loads(call(D.sock, "GET", "/v1/wallets")[2])


# --- plans ---

@test
def nothing_runs_that_is_not_signed_by_all():
    c = Ceremony("keygen", "--signers", "3", signed=("anna", "boris", "dora"))
    for verb in ("rehearse", "run"):
        for r in c.by_all(verb, REFUSED, ("anna", "boris")).values():
            has(r.error(), "plan signed by all", "not signed by party 4 (clara)", "sign-plan")
    r = OPERATORS["anna"].run("ceremony", "preflight", c.plan, code=REFUSED)
    said = {x["check"]: x["good"] for x in r.objects(r.out)}
    equal({k for k, good in said.items() if not good}, {"plan signed by all"})
    equal(len(said), 10)


@test
def a_plan_is_what_was_signed():
    c = Ceremony("keygen", "--signers", "3")
    whole = json.loads(read(c.plan))

    def refused(value, code, *words):
        path = write(f"{folder('plan')}/plan", value if isinstance(value, bytes) else canonical(value))
        has(OPERATORS["anna"].run("ceremony", "run", path, "--transcript", f"{path}.t", code=code).error(), *words)

    def changed(**members):
        return {**whole, **members}

    refused(changed(signers_required=2), CHEAT, "party 1 (anna)", "altered after it was signed")
    refused(changed(seconds={**whole["seconds"], "rounds": 9}), CHEAT, "party 1 (anna)")
    refused(changed(signatures=whole["signatures"][::-1]), CHEAT, "party 1 (anna)")
    refused(changed(signatures=whole["signatures"][:4]), INPUT, "signatures")
    refused(changed(signatures=[whole["signatures"][2]] + whole["signatures"][1:]), CHEAT, "party 1 (anna)")
    refused(changed(more=1), INPUT, "a member that no plan has")
    refused(changed(parties=whole["parties"][:2]), INPUT, "two devices")
    refused(changed(host=2), INPUT, "host")
    refused(changed(operation="refresh"), INPUT, "wallet")
    refused(json.dumps(whole).encode(), INPUT, "not written as a plan is")
    refused(canonical({k: v for k, v in whole.items() if k != "nonce"}), INPUT, "nonce")
    other = Ceremony("keygen", "--signers", "3")
    has(OPERATORS["anna"].run("ceremony", "sign-plan", c.plan, other.plan, code=REFUSED).error(), "another plan")
    has(OPERATORS["emil"].run("ceremony", "sign-plan", c.plan, code=REFUSED).error(), "no device")
    has(OPERATORS["emil"].run("ceremony", "run", c.plan, "--transcript", "/dev/null/x", code=REFUSED).error(), "no device")


@test
def preflight_names_the_check():
    c = Ceremony("keygen", "--signers", "3")
    there = write(f"{c.home}/there", b"")
    r = OPERATORS["boris"].run("ceremony", "preflight", c.plan, "--transcript", there, code=REFUSED)
    has(r.error(), "party 3 (boris)", "destination empty", "never overwritten")
    r = OPERATORS["boris"].run("ceremony", "run", c.plan, "--transcript", there, code=REFUSED)
    has(r.error(), "party 3 (boris)", "destination empty")
    r = OPERATORS["boris"].run("ceremony", "preflight", c.plan, "--backup-passphrase-file", there, code=INPUT)
    has(r.error(), "party 3 (boris)", "backups can be made", "empty")
    equal(len(OPERATORS["boris"].run("ceremony", "preflight", c.plan).objects(OPERATORS["boris"].run("ceremony", "preflight", c.plan).out)), 10)


# --- the story ---

@test
def rehearsed_then_killed_then_made():
    c = Ceremony("keygen", "--signers", "3", "--limit", "rounds=8")
    before, there = {n: snapshot(OPERATORS[n].state) for n in NAMES}, wallets()
    c.by_all("rehearse")
    equal({n: snapshot(OPERATORS[n].state) for n in NAMES}, before)
    equal(wallets(), there)

    # She has agreed, and is gone when the last one comes and the rounds begin.
    processes = {n: c.start("run", n) for n in ("anna", "boris", "clara")}
    wait_for(lambda: c.seen_by("anna", "clara") == "ready", 240)
    processes["clara"].kill()
    processes["clara"].communicate()
    processes["dora"] = c.start("run", "dora")
    for n, p in processes.items():
        if n == "clara":
            continue
        r = ended(p)
        equal(r.code, AGAIN)
        has(r.error(), "party 4 (clara)", "ceremony resume")
    has(OPERATORS["boris"].run("ceremony", "run", c.plan, "--transcript", c.transcript("boris"), code=REFUSED).error(), "begun already", "resume")
    said = OPERATORS["boris"].run("ceremony", "status", c.plan).one()
    equal([p["name"] for p in said["participants"]], ["anna", "server", "boris", "clara", "dora"])

    # The key is made. A guest that lies in the closing meeting is named by all the others in the same words.
    for kind, words in ((16, "the moduli that it shows are not its own good ones"), (18, "(party 3)")):
        OPERATORS["boris"].server = Relay(D.sock).lie(cheating_in(kind)).path
        lied = {n: OPERATORS[n].start("ceremony", "resume", c.plan, "--transcript", f"{c.home}/lied-{kind}-{n}") for n in NAMES}
        said = {n: ended(p) for n, p in lied.items()}
        OPERATORS["boris"].server = D.sock
        for n in ("anna", "clara", "dora"):
            equal(said[n].code in (INPUT, CHEAT, AGAIN, REFUSED), True)
            has(said[n].error(), words)
            equal(os.path.exists(f"{c.home}/lied-{kind}-{n}"), False)
    kept = [json.loads(read(f"{c.state('anna')}/test")), read(f"{c.state('dora')}/record").hex()]
    # Again: what is done stays, the test signature too, which was made in the meeting before.
    made = c.by_all("resume")
    wallet = made["anna"].one()["wallet"]
    said = c.audit()
    equal((said["wallet"], said["operation"], said["attempts"], said["signers_required"]), (wallet, "keygen", 2, 3))
    equal([p["name"] for p in said["parties"]], ["anna", "server", "boris", "clara", "dora"])
    t = json.loads(read(c.transcript("anna")))
    equal([t["test"], t["record"]], kept)
    equal(call(D.sock, "GET", f"/v1/wallets/{wallet}/record")[2].hex(), t["record"])
    equal([a["outcome"] == "done" for a in t["attempts"]], [False, True])
    equal(OPERATORS["boris"].run("ceremony", "status", c.plan).one()["phase"], "done")
    has(OPERATORS["anna"].run("ceremony", "abort", c.plan, code=REFUSED).error(), "point of no return is behind")
    signs(wallet)
    MADE["wallet"], MADE["key"], MADE["transcript"] = wallet, said["public_key"], c.transcript("anna")


@test
def refreshed_and_a_member_replaced():
    wallet = MADE["wallet"]
    c = Ceremony("refresh", "--wallet", wallet)
    backups = lambda: json.loads(call(D.sock, "GET", f"/v1/wallets/{wallet}")[2])["backups"]
    equal(backups(), [])
    OPERATORS["boris"].run("ceremony", "preflight", c.plan, "--kdf-memory", "8")
    equal(backups(), [3])
    c.rehearse()
    # What a process that was ended leaves of a throw-away wallet goes at the next start.
    left = OPERATORS["boris"].path("devices/boris/wallets", "ab" * 16)
    os.makedirs(left)
    for name in ("rehearsal", "record", "share"):
        write(f"{left}/{name}", b"")
    equal(OPERATORS["boris"].wallets(), {wallet})
    equal(os.path.exists(left), False)
    # Everybody ends between the server's commit and the writing of the record: the server has it.
    for n in NAMES:
        os.makedirs(f"{c.state(n)}/record")
    for r in c.by_all("run", LOCAL).values():
        has(r.error(), "record")
    for n in NAMES:
        os.rmdir(f"{c.state(n)}/record")
    c.by_all("resume")
    said = c.audit()
    equal(said["attempts"], 1)
    equal((said["epoch"], said["public_key"]), (1, MADE["key"]))
    equal({p["part"] for p in said["parties"]}, {"destroyed its old share", "committed: its old share is erased"})
    signs(wallet)
    has(OPERATORS["anna"].run("ceremony", "resume", Ceremony("refresh", "--wallet", wallet).plan, "--transcript", c.transcript("anna"), code=REFUSED)
        .error(), "never overwritten")

    # Dora gives her share up, and is there; Clara is gone.
    r = Ceremony("reshare", "--wallet", wallet, "--replace", f"5={CARDS['emil']}", "--remove", "4", members=("anna", "boris", "dora", "emil"),
                 named=("anna", "boris", "dora"))
    has(OPERATORS["dora"].run("ceremony", "sign-plan", r.plan).out, "dora")
    r.rehearse()
    r.by_all("run")
    said = r.audit()
    equal((said["operation"], said["epoch"], said["public_key"], said["signers_required"]), ("reshare", 2, MADE["key"], 3))
    parts = {p["name"]: p["part"] for p in said["parties"]}
    equal(parts, {"anna": "destroyed its old share", "server": "committed: its old share is erased", "boris": "destroyed its old share",
                  "emil": "joined", "party-4": "left without being there: its share is worth nothing", "dora": "left: its share is destroyed"})
    equal(OPERATORS["dora"].files("devices/dora/wallets"), [])
    equal(OPERATORS["dora"].run("ceremony", "status", r.plan).one()["phase"], "done")
    signs(wallet, "boris", "3")
    MADE["reshared"] = r.transcript("anna")


@test
def who_leaves_has_signed_and_given_a_receipt():
    t = json.loads(read(MADE["reshared"]))
    dora = next(x for x in t["plan"]["leaves"] if x["name"] == "dora")
    mine = next(x for x in t["receipts"] if x["identity"] == dora["identity"])
    equal((mine["deals"], mine["holds"], mine["kept"], mine["destroyed"]), (5, 0, None, t["plan"]["epoch"]["state"]))

    def refused(code, *words, **members):
        has(audit(write(f"{folder('altered')}/transcript", canonical({**t, **members})), code).error(), *words)

    others = [x for x in t["receipts"] if x is not mine]
    refused(CHEAT, "receipt", "(party 5)", "missing", receipts=others)
    refused(CHEAT, "receipt", "(party 5)", "not signed by that member", receipts=[*others, {**mine, "destroyed": None}])
    plan = t["plan"]
    refused(CHEAT, "party 1 (anna)", "altered", plan={**plan, "leaves": [{**x, "takes_part": False} for x in plan["leaves"]]})
    refused(INPUT, "not signed by party 5 (dora)", plan={**plan, "signatures": plan["signatures"][:-1] + [None]})


@test
def aborted_before_the_point_of_no_return():
    c = Ceremony("refresh", "--wallet", MADE["wallet"], members=("anna", "boris", "emil"))
    host = c.start("run", "anna")
    other = c.start("run", "boris")
    wait_for(lambda: c.seen_by("anna", "boris") == "ready", 240)
    OPERATORS["emil"].run("ceremony", "abort", c.plan)
    for process in (host, other):
        r = ended(process)
        equal(r.code, AGAIN)
        has(r.error(), "is over")
    has(OPERATORS["emil"].run("ceremony", "resume", c.plan, "--transcript", c.transcript("emil"), code=REFUSED).error(), "was aborted")
    # She who has joined signs, too.
    signs(MADE["wallet"], "emil", "4")


# --- altered ---

@test
def a_planned_transcript_is_as_it_was_signed():
    t = json.loads(read(MADE["transcript"]))

    def refused(code, *words, **members):
        has(audit(write(f"{folder('altered')}/transcript", canonical({**t, **members})), code).error(), *words)

    plan, other = t["plan"], json.loads(read(MADE["reshared"]))
    refused(INPUT, '"test"', "by plan", plan=None, attempts=None)
    refused(CHEAT, "altered after it was signed", plan=None, attempts=None, test=None)
    refused(INPUT, "test", test=None)
    refused(CHEAT, '"test"', "not signed under the new key", test={**t["test"], "r": t["test"]["s"], "s": t["test"]["r"]})
    refused(CHEAT, '"test"', "not signed under the new key", wallet="00" * 16)
    has(audit(write(f"{folder('altered')}/transcript", canonical({**other, "test": t["test"]})), INPUT).error(), '"test"')
    refused(INPUT, "attempts", plan=None)
    refused(INPUT, "attempts", attempts=[])
    refused(INPUT, "attempts", attempts=t["attempts"][::-1])
    refused(CHEAT, "altered after it was signed", attempts=[{**t["attempts"][0], "outcome": "done"}, t["attempts"][1]])
    refused(CHEAT, "altered after it was signed", attempts=t["attempts"][:1])
    refused(CHEAT, "party 1 (anna)", plan={**plan, "address": "elsewhere"})
    refused(INPUT, "party 1 (anna)", "not signed", plan={**plan, "signatures": [None] + plan["signatures"][1:]})
    parties = [{**p, "name": p["name"] + "x"} for p in plan["parties"]]
    refused(CHEAT, "signature of party 1", plan={**plan, "parties": parties})


@test
def an_operator_needs_nothing_but_the_readme():
    """Every command and option of the story is there, or where it links to; but what makes passphrases cheap for tests."""
    root = f"{os.path.dirname(os.path.abspath(__file__))}/../.."
    text = read(f"{root}/README.md").decode() + read(f"{root}/api/cli/README.md").decode()
    has(text, "](api/cli/README.md#ceremonies)", "ceremony verify")
    for args in Operator.called:
        words = args[:2] if args[0] in ("ceremony", "device", "wallet") else args[:1]
        if not re.search(rf"[ `]{' '.join(words)}[ `\n]", text):
            raise AssertionError(f"no README has {' '.join(words)}")
        for option in (a.split("=")[0] for a in args if a.startswith("--") and a != "--kdf-memory"):
            has(text, option)


main()
