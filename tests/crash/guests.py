"""A presignature of devices in two folders is used in a meeting: the guest, or the host, is killed or loses power at durable steps,
counted from where the meeting gets serious (the guest is ready, the host has a session). Afterwards the half of whoever was ended is
gone if anything of it has left; nothing waits to be sent; and what both still hold, and the server, signs something else."""
import json, os, shutil, sqlite3, subprocess, sys, tempfile

from world import *

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import cli, prepared
from meet import READY, SESSION, said_online
from relay import Relay

HOST, GUEST = "phone", "guest"
SERIOUS = {HOST: SESSION, GUEST: READY}
SILENCE = "3"  # until the other one gives up
REPLY = 67  # api/cli/seal.h: what a used half left


def command(w, who, *args, server=None):
    return [CLI, "--state", f"{w.folder}/{who}", "--server", server or w.sock, "--passphrase-file", f"{w.folder}/{who}-pass", "--json", *args]


def start(w, who, *args, server=None, env=None):
    return subprocess.Popen(command(w, who, *args, server=server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def end(process, may_fail=False):
    out, err = process.communicate(timeout=900)
    if process.returncode != 0 and not may_fail:
        raise Broken(f"{' '.join(process.args[8:])}: exit {process.returncode}: {err.strip()}")
    return out


def run(w, who, *args):
    return end(start(w, who, *args))


def meet(w, *args):
    """A host's command, with the guest; what each says."""
    guest = start(w, GUEST, "join", "--yes", "--device", GUEST, "--wait", "60")
    try:
        return run(w, HOST, *args, "--wait", "60"), end(guest)
    finally:
        guest.kill()


def make_base(folder, enrolled):
    """A wallet of a server and two folders, which sign together."""
    b = f"{folder}/meeting"
    shutil.copytree(enrolled, b)
    shutil.copyfile(f"{b}/pass", f"{b}/{HOST}-pass")
    prepared.device(BUILD, GUEST, 1, GUEST, cli.SECRET, f"{b}/{GUEST}")
    with open(f"{b}/{GUEST}-pass", "w") as f:
        f.write(cli.SECRET + "\n")
    w = World(b)
    w.start()
    try:
        run(w, GUEST, "device", "enrol", "--device", GUEST)
        with open(f"{b}/card", "w") as f:
            f.write(run(w, GUEST, "device", "card", GUEST))
        meet(w, "wallet", "create", "--allow", "digest", "--signers", "3", "--with", f"{b}/card")
    finally:
        w.stop()
    if os.path.exists(w.sock):
        os.unlink(w.sock)
    return b


def halves(w, who):
    """Unused, and what used ones left."""
    found, where = ({}, {}), f"{w.folder}/{who}/devices/{who}/presignatures"
    for path, _, names in os.walk(where):
        for name in names:
            with open(f"{path}/{name}", "rb") as f:
                kind = f.read(1)
            if len(name) == 64:
                found[kind == bytes([REPLY])][name] = path
    return tuple(set(x) for x in found)


def column(w, query):
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    rows = [r[0] for r in db.execute(query)]
    db.close()
    return rows


def used(w):
    return set(column(w, "SELECT lower(hex(id)) FROM presignatures WHERE request IS NOT NULL"))


class Watch:
    """What leaves of one of them; its steps are counted from its first serious message on, and it is ended at the n-th."""

    def __init__(self, w, who, n):
        self.w, self.who, self.n, self.first, self.left = w, who, n, None, False
        self.env = w.under_test(who, f"{w.folder}/{who}")
        self.relay = Relay(w.sock)
        self.relay.rule = self.rule

    def rule(self, asked, forward):
        steps = self.w.steps[self.who]
        if self.first is None and "/messages/" in asked.path and asked.body[:1] == bytes([SERIOUS[self.who]]):
            self.first = steps.count()
            if self.n:
                steps.kill_before(self.first + self.n)
        self.left = self.left or bool(said_online(asked))
        return forward()

    def steps(self):
        return self.w.steps[self.who].count() - self.first


def use(w, watches):
    """Signs, through relays."""
    args = {GUEST: ["join", "--yes", "--device", GUEST], HOST: ["sign", w.wallet, "--digest", DIGESTS[0], "--presigned", "--with", "3"]}
    running, faulty = {}, any(x.n for x in watches.values())
    for who in args:
        x = watches.get(who)
        running[who] = start(w, who, *args[who], "--wait", SILENCE if faulty else "60", server=x and x.relay.path, env=x and x.env)
    for who, process in running.items():
        end(process, may_fail=faulty)
        if who in watches:
            watches[who].relay.close()


def check(w, x):
    unused, _ = halves(w, x.who)
    if x.left and unused & used(w):
        raise Broken("a half of which something has left is there again")
    for who in (HOST, GUEST):
        run(w, who, "wallet", "list")
        if halves(w, who)[1]:
            raise Broken(f"something of {who} waits to be sent")
    before = used(w)
    good = halves(w, HOST)[0] & halves(w, GUEST)[0] & set(w.get(f"/v1/wallets/{w.wallet}")[1]["presignatures"])
    if not good or good & before:
        raise Broken(f"{len(good)} presignatures are left, of which {len(good & before)} were used")
    out, said = meet(w, "sign", w.wallet, "--digest", DIGESTS[3], "--presigned", "--with", "3")
    made = json.loads(out)
    w.phone("verify", "--digest", DIGESTS[3], "--signature", made["compact"], "--public-key", made["public_key"])
    if json.loads(said) != made or len(used(w) - before) != 1 or not used(w) - before <= good:
        raise Broken("another presignature was used than was left")
    if [n for n in column(w, "SELECT count(*) FROM presignatures WHERE request IS NOT NULL GROUP BY request") if n != 1]:
        raise Broken("one request has two presignatures")
    w.check_events()


def world(base, power):
    w = World(tempfile.mkdtemp(prefix="g", dir=ROOT), power)
    shutil.copytree(base, w.folder, dirs_exist_ok=True)
    return w


def stock(w):
    w.start()
    w.wallet = w.get("/v1/wallets")[1]["wallets"][0]["wallet"]
    meet(w, "presign", w.wallet, "--count", "2", "--with", "3")


def drop(w):
    w.stop(signal.SIGKILL)
    shutil.rmtree(w.folder, ignore_errors=True)


def count(base):
    """The steps of both, without any fault."""
    w = world(base, False)
    try:
        stock(w)
        watches = {who: Watch(w, who, 0) for who in (HOST, GUEST)}
        use(w, watches)
        return {who: x.steps() for who, x in watches.items()}
    finally:
        drop(w)


def run_case(base, who, n, power):
    w = world(base, power)
    try:
        stock(w)
        x = Watch(w, who, n)
        use(w, {who: x})
        if power:
            rebuild(f"{w.folder}/{who}", f"{w.folder}/{who}.shadow", f"{w.folder}/{who}")
        check(w, x)
    except (Broken, subprocess.TimeoutExpired, OSError, KeyError, ValueError) as e:
        raise Broken(f"presigned with a guest, {who} ended before step {n}{' by a power cut' if power else ''}: {e!r}; log: {tail(w.folder + '/log')}") from e
    finally:
        drop(w)


def cases(folder, enrolled, rng, every):
    """All, or one that is drawn of each of the two; and how many there are."""
    base = make_base(folder, enrolled)
    points = [[(base, who, n, power) for n in range(1, steps + 1) for power in (False, True)] for who, steps in count(base).items()]
    return [c for some in points for c in (some if every else [rng.choice(some)])], sum(len(some) for some in points)
