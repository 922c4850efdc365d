"""A refresh, or a resharing in which one device stays, one leaves and one joins, of a wallet with an offline party that has a recovery key,
meets every kind of fault, at every step of both: the daemon or the command line is killed, loses what was not synced, or
has a full disk, at a share of its steps that is drawn unless all are asked for; and at random steps both lose power at once. Afterwards both are at one epoch, csig_shares has held all
shares against each other, the old ones too, and no presignature of the old epoch is honoured. Every fiftieth time the
wallet signs and refreshes again."""
import json, os, shutil, signal, sqlite3, subprocess, tempfile, time

from world import *

SHARES = f"{BUILD}/tests/csig_shares"
KEPT = ["escrows", "keys", "record", "share"]
FRONT = 3 + 16  # of the phone's file of escrows: header, wallet
SIGNED_EVERY = 50
PAIRS = 50
ALONE = ["--kdf-memory", "8"]


class Kind:
    """What is done, and which devices of the phone's folder hold the wallet before and after it; they are made in `enrolled`."""

    def __init__(self, name, words, before, after, enrolled, folder):
        self.name, self.words, self.before, self.after = name, words, before, after
        self.base = f"{folder}/{name}"
        self.make(enrolled)

    def command(self, w):
        return ["wallet", self.name, w.wallet, *ALONE, *self.words]

    def holders(self, epoch):
        return self.after if epoch > 0 else self.before

    def kept(self, epoch):
        return KEPT

    def backups(self, epoch):
        return len(self.after) if epoch > 0 else 0

    def works(self, w):
        return check_epochs(w) == 1

    def prepare(self, w):
        w.phone("presign", w.wallet)

    def check(self, w, result, presigned=False):
        check(w, result, presigned)

    def go_on(self, w):
        go_on(w)

    def make(self, enrolled):
        """A wallet with halves of a presignature; beside it as it was."""
        b = self.base
        shutil.copytree(enrolled, b)
        w = World(b)
        w.start()
        for device in {*self.before, *self.after} - {"phone"}:
            w.phone("device", "init", "--device", device, "--no-aux")
            w.phone("device", "enrol", "--device", device)
        subprocess.run([CLI, "--state", f"{b}/third", "--passphrase-file", f"{b}/pass", *ALONE, "recovery", "init",
                        "--card", f"{b}/card"], stdout=subprocess.DEVNULL, check=True, timeout=300)
        w.phone("wallet", "create", "--allow", "digest", "--signers", "2", "--recovery", f"{b}/card", *[x for d in self.before for x in ("--device", d)])
        self.wallet = next(iter(w.wallets()))
        w.phone("presign", self.wallet)
        self.public_key = w.get(f"/v1/wallets/{self.wallet}")[1]["public_key"]
        w.stop()
        for state in STATES.values():
            shutil.copytree(f"{b}/{state}", f"{b}/old/{state}")
        if os.path.exists(f"{b}/sock"):
            os.unlink(f"{b}/sock")


def make_kinds(folder, enrolled):
    """Of the phone in `enrolled`, a folder."""
    return (Kind("refresh", [], ["phone"], ["phone"], enrolled, folder),
            Kind("reshare", ["--replace", "3=fresh"], ["phone", "tablet"], ["phone", "fresh"], enrolled, folder))


class Case:
    """One fault: who meets it, at which step, and how: "kill" (of the daemon also by a power cut), "power", "full". Of both
    together: at the daemon's step n or the phone's step m, whichever comes first."""

    def __init__(self, kind, who, how, n, signs, m=0):
        self.kind, self.who, self.how, self.n, self.signs, self.m = kind, who, how, n, signs, m

    def __str__(self):
        return f"{self.kind.name}, {self.who}, {self.how} at step {self.n}" + (f" or {self.m}" if self.m else "")


def world(kind, power):
    folder = tempfile.mkdtemp(prefix="r", dir=ROOT)
    shutil.copytree(kind.base, folder, dirs_exist_ok=True)
    w = World(folder, power)
    w.kind, w.wallet, w.public_key = kind, kind.wallet, kind.public_key
    return w


def copy_of(w):
    """Both folders as they are now; a process may be at work in the phone's."""
    v = World(tempfile.mkdtemp(prefix="r", dir=ROOT))
    v.kind, v.wallet, v.public_key = w.kind, w.wallet, w.public_key
    for _ in range(100):
        try:
            shutil.copytree(w.folder, v.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("sock"))
            return v
        except (shutil.Error, OSError):
            time.sleep(0.01)
    raise Broken("a folder cannot be copied")


def wait(phone):
    """What was on its way has arrived, and without an answer it does no more."""
    try:
        phone.wait(0.3)
    except subprocess.TimeoutExpired:
        pass


# --- the faults ---

def daemon_dies(case, worlds):
    """It is started again at once, and the command line goes on by itself; and what a power cut would have left, of the
    server alone, with the phone as it was then."""
    w = world(case.kind, True)
    worlds.append(w)
    w.start(tested=True)
    w.steps["daemon"].kill_before(w.steps["daemon"].count() + case.n)
    with subprocess.Popen(w.command(*w.kind.command(w)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as phone:
        while phone.poll() is None and w.daemon.poll() is None:
            time.sleep(0.02)
        w.stop(signal.SIGKILL)
        wait(phone)
        cut = copy_of(w)
        worlds.append(cut)
        cut.power_cut("daemon", w.folder)
        w.start()
        out, err = phone.communicate()
    w.kind.check(w, done(phone.returncode, out, err))
    w.stop()
    cut.start()
    cut.kind.check(cut, None)


def phone_dies(case, worlds):
    w = world(case.kind, case.how == "power")
    worlds.append(w)
    w.start()
    w.kind.prepare(w)
    r = w.phone(*w.kind.command(w), tested=True, may_fail=True, at=case.n)
    if case.how == "power":
        w.power_cut("cli")
    w.kind.check(w, done(r.returncode, r.stdout, r.stderr), presigned=True)


def daemon_is_full(case, worlds):
    """There is room again soon (odd steps) or when the command line has given up."""
    w = world(case.kind, False)
    worlds.append(w)
    w.start(tested=True)
    steps = w.steps["daemon"]
    at = steps.writes() + case.n
    steps.full_from(at)
    with subprocess.Popen(w.command(*w.kind.command(w)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as phone:
        while phone.poll() is None and (case.n % 2 == 0 or steps.writes() < at):
            time.sleep(0.02)
        if phone.poll() is None:
            time.sleep(0.05)
        steps.full_from(0)
        out, err = phone.communicate()
    w.kind.check(w, done(phone.returncode, out, err))


def phone_is_full(case, worlds):
    w = world(case.kind, False)
    worlds.append(w)
    w.start()
    w.kind.prepare(w)
    r = w.phone(*w.kind.command(w), tested=True, may_fail=True, full=case.n)
    w.kind.check(w, done(r.returncode, r.stdout, r.stderr), presigned=True)


def both_lose_power(case, worlds):
    """At one moment, as on one machine."""
    w = world(case.kind, True)
    worlds.append(w)
    w.start(tested=True)
    w.steps["daemon"].kill_before(w.steps["daemon"].count() + case.n)
    env = w.under_test("cli", f"{w.folder}/phone")
    w.steps["cli"].kill_before(case.m)
    with subprocess.Popen(w.command(*w.kind.command(w)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env) as phone:
        while phone.poll() is None and w.daemon.poll() is None:
            time.sleep(0.001)
        phone.kill()
        w.stop(signal.SIGKILL)
    for who in STATES:
        w.power_cut(who)
    w.start()
    w.kind.check(w, None)


FAULTS = {("daemon", "kill"): daemon_dies, ("cli", "kill"): phone_dies, ("cli", "power"): phone_dies,
          ("daemon", "full"): daemon_is_full, ("cli", "full"): phone_is_full,
          ("both", "power"): both_lose_power}


# --- what must hold ---

def done(code, out, err):
    """What the command line said at its end; None: it was killed."""
    if code == 1:
        raise Broken(f"a bug shows: {err}")
    return None if code < 0 else (code, out, err)


def held(w):
    """What csig_shares says of the wallet."""
    r = subprocess.run([SHARES, f"{w.folder}/key", f"{w.folder}/pass", f"{w.folder}/server", f"{w.folder}/phone",
                        f"{w.folder}/old/server", f"{w.folder}/old/phone"], capture_output=True, text=True, timeout=300)
    if r.returncode != 0:
        raise Broken(f"shares: {r.stderr.strip()}")
    lines = [json.loads(line) for line in r.stdout.split("\n") if line]
    if [x["wallet"] for x in lines] != [w.wallet]:
        raise Broken(f"shares of {lines}")
    return lines[0]


def check_epochs(w):
    """Both sides list the wallet, at one epoch, with nothing staged; its number."""
    listed = w.wallets()
    server = {x["wallet"]: x for x in w.get("/v1/wallets")[1]["wallets"]}
    if listed != {w.wallet} or set(server) != {w.wallet}:
        raise Broken(f"a wallet is gone: phone {listed}, server {set(server)}")
    shares, said = held(w), w.get(f"/v1/wallets/{w.wallet}")[1]
    for name in ("epoch", "epoch_state", "public_key"):
        if shares[name] != said[name]:
            raise Broken(f"{name}: in the store {shares[name]}, the server says {said[name]}")
    if shares["public_key"] != w.public_key:
        raise Broken("another key")
    holders = w.kind.holders(shares["epoch"])
    if (shares["parties"], shares["others"], shares["staged"]) != (1 + len(holders), 0, 0):
        raise Broken(f"not at one epoch: {shares}")
    if len(said["backups"]) != w.kind.backups(shares["epoch"]):
        raise Broken(f"backups of {said['backups']}")
    check_files(w, holders, w.kind.kept(shares["epoch"]))
    return shares["epoch"]


def check_files(w, holders, kept):
    """Who holds a share has what belongs to it and no more; nobody else has anything of the wallet."""
    escrows = w.octets(f"/v1/wallets/{w.wallet}/escrows")[1]
    for device in os.listdir(f"{w.folder}/phone/devices"):
        home = f"{w.folder}/phone/devices/{device}/wallets/{w.wallet}"
        if os.path.isdir(home) != (device in holders):
            raise Broken(f"{device} has {os.listdir(home) if os.path.isdir(home) else 'nothing'}")
        if device not in holders:
            continue
        if sorted(os.listdir(home)) != kept:
            raise Broken(f"left behind by {device}: {sorted(os.listdir(home))}")
        if "escrows" not in kept:
            continue
        with open(f"{home}/escrows", "rb") as f:
            if f.read()[FRONT:] != escrows:
                raise Broken(f"escrows: {device} has others than the server")


def column(w, query):
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True, timeout=300)
    values = [row[0] for row in db.execute(query)]
    db.close()
    return values


def check_presignatures(w, epoch, presigned):
    """Those of the old epoch are gone on both sides; a refresh that came to nothing took none."""
    halves = f"{w.folder}/phone/devices/phone/presignatures/{w.wallet}"
    usable = [s for s in column(w, "SELECT state FROM presignatures") if s not in (SPENT, DESTROYED)]
    if epoch > 0 and (usable or os.path.isdir(halves) and os.listdir(halves)):
        raise Broken("a presignature of the old epoch is left")
    r = w.phone("sign", w.wallet, "--digest", DIGESTS[5], "--presigned", may_fail=True)
    if presigned and epoch == 0 and r.returncode != 0:
        raise Broken(f"the presignatures of an epoch that goes on are gone: {r.stderr}")
    if (epoch > 0 or not presigned) and (r.returncode == 0 or "no presignature" not in r.stderr):
        raise Broken(f"a presignature that nobody has: {r.stdout} {r.stderr}")


def sign(w):
    made = json.loads(w.phone("sign", w.wallet, "--digest", DIGESTS[3], "--path", "m/1").stdout)
    w.phone("verify", "--digest", DIGESTS[3], "--signature", made["compact"], "--public-key", made["public_key"])


def check(w, result, presigned=False):
    told = any(os.path.exists(f"{w.folder}/phone/devices/{d}/wallets/{w.wallet}/staged") for d in w.kind.after)
    epoch = check_epochs(w)
    if told and epoch == 0 and column(w, "SELECT refresh_attempts FROM wallets") == [0]:
        raise Broken("an attempt that the phone has staged is not counted")
    if epoch not in (0, 1):
        raise Broken(f"epoch {epoch}")
    if result is not None and result[0] == 0 and (epoch != 1 or json.loads(result[1])["epoch"] != 1):
        raise Broken(f"the command line says {result[1]}, it is epoch {epoch}")
    check_presignatures(w, epoch, presigned)
    w.check_events()
    w.epoch = epoch


def go_on(w):
    """It signs, its escrows are true ones of this epoch, and what came to nothing can be done now, or a refresh."""
    sign(w)
    file = f"{w.folder}/escrows"
    w.phone("wallet", "escrows", w.wallet, "--out", file)
    r = subprocess.run([CLI, "--json", "recovery", "inspect", file], capture_output=True, text=True, timeout=300)
    if r.returncode != 0 or json.loads(r.stdout.split("\n")[0])["epoch"] != w.epoch:
        raise Broken(f"escrows: {r.stdout} {r.stderr}")
    w.phone(*(w.kind.command(w) if w.epoch == 0 else ["wallet", "refresh", w.wallet, *ALONE]))
    if check_epochs(w) != w.epoch + 1:
        raise Broken("the next refresh did not change the epoch")
    sign(w)


# --- all of them ---

def run(case):
    worlds = []
    try:
        FAULTS[case.who, case.how](case, worlds)
        if case.signs:
            case.kind.go_on(worlds[-1])
        return len(worlds)
    except (Broken, subprocess.TimeoutExpired, OSError, KeyError, ValueError) as e:
        raise Broken(f"{case}: {e!r}; log: {''.join(tail(x.folder + '/log') for x in worlds)}") from e
    finally:
        for w in worlds:
            w.stop(signal.SIGKILL)
            shutil.rmtree(w.folder, ignore_errors=True)


def count(kind):
    """Steps and writes of daemon and command line when nothing is met."""
    w = world(kind, False)
    try:
        w.start(tested=True)
        daemon = w.steps["daemon"]
        steps, writes = daemon.count(), daemon.writes()
        w.phone(*kind.command(w), tested=True)
        if not kind.works(w):
            raise Broken(f"{kind.name}: without any fault it comes to nothing")
        cli = w.steps["cli"]
        return {("daemon", "kill"): daemon.count() - steps, ("daemon", "full"): daemon.writes() - writes,
                ("cli", "kill"): cli.count(), ("cli", "power"): cli.count(), ("cli", "full"): cli.writes()}
    finally:
        w.stop(signal.SIGKILL)
        shutil.rmtree(w.folder, ignore_errors=True)


def cases(kind, rng, drawn):
    """Of each kind of fault this share of its steps, drawn, and one at least; and how many there are of all."""
    counted = count(kind)
    for (who, how), n in counted.items():
        also = " and by a power cut" if (who, how) == ("daemon", "kill") else ""
        print(f"{kind.name}: {who}, {how}{also}: {n} steps", flush=True)
    every = [(who, how, n, 0) for (who, how), last in counted.items() for n in range(1, last + 1)]
    every += [("both", "power", rng.randint(1, counted["daemon", "kill"]), rng.randint(1, counted["cli", "kill"]))
              for _ in range(PAIRS) if counted["daemon", "kill"]]
    chosen = []
    for fault in FAULTS:
        alike = [c for c in every if c[:2] == fault]
        chosen += rng.sample(alike, min(len(alike), max(1, round(drawn * len(alike)))))
    return [Case(kind, who, how, n, i % SIGNED_EVERY == 0, m) for i, (who, how, n, m) in enumerate(chosen)], len(every)
