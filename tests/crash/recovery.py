"""The phone is lost, and every kind of fault is met on the way back, at every step of daemon and command line: while its wallet is
restored, from escrows by the recovery machine or from a backup in another folder, and in the resharing that gives it to a new device.
Whatever happened, the same commands once more bring it to an end; then the wallet signs, and the lost phone, whose folder somebody has
found, signs with nothing that it has."""
import json, os, shutil, subprocess

from guests import cli, prepared
from world import *
import refresh
from refresh import ALONE, Kind, check_epochs, column, sign

ALREADY = ("has wallet", "is at epoch")  # and each goes on: nothing was changed


class Way:
    """From a lost phone to a whole wallet: commands of the folder "phone", the last one the resharing."""

    def __init__(self, name, commands, holders, kept, backups):
        self.name, self.commands, self.holders, self.kept, self.backups = name, commands, holders, kept, backups


WAYS = (Way("escrows", [["recovery", "restore", "{folder}/escrows", "--device", "recovery"], ["device", "enrol", "--device", "recovery"],
                        ["device", "enrol", "--device", "fresh"], ["wallet", "reshare", "{wallet}", *ALONE, "--replace", "1=fresh"]],
            (["recovery"], ["recovery", "fresh"]), (["escrows", "keys", "record", "share"],) * 2, 0),
        Way("backup", [["backup", "restore", "{folder}/backup", "--device", "fresh"], ["device", "enrol", "--device", "recovery"],
                       ["wallet", "reshare", "{wallet}", *ALONE, "--replace", "1=recovery"]],
            (["fresh"], ["recovery"]), (["record", "share"], ["keys", "record", "share"]), 1))


class Step(Kind):
    """One command of a way, with those before it done."""

    def __init__(self, way, first, base, made):
        self.way, self.first, self.base = way, first, base
        self.wallet, self.public_key = made
        self.name = f"{way.name}, {' '.join(way.commands[first][:2])}"

    def is_restore(self):
        return self.first == 0

    def command(self, w, i=None):
        return [x.format(folder=w.folder, wallet=self.wallet) for x in self.way.commands[self.first if i is None else i]]

    def holders(self, epoch):
        return self.way.holders[epoch]

    def kept(self, epoch):
        return self.way.kept[epoch]

    def backups(self, epoch):
        return len(self.way.holders[1]) if epoch > 0 else self.way.backups

    def works(self, w):
        return check_epochs(w) == (0 if self.is_restore() else 1)

    def prepare(self, w):
        """Halves of the lost phone that the daemon, as it runs now, has the others of."""
        lost(w, "presign", self.wallet)

    def check(self, w, result, presigned=False):
        if result is not None and result[0] != 0 and not result[1] and not result[2].strip():
            raise Broken(f"exit {result[0]} without a word")
        if self.is_restore():
            again(w, result)
        w.epoch = check_epochs(w)
        if self.is_restore() != (w.epoch == 0) and (self.is_restore() or result is not None and result[0] == 0):
            raise Broken(f"epoch {w.epoch}")
        if w.epoch > 0:
            check_lost(w)
        refused = w.phone("sign", self.wallet, "--digest", DIGESTS[5], "--presigned", may_fail=True)
        if refused.returncode == 0:
            raise Broken("who was restored has presignatures")
        w.check_events()

    def go_on(self, w):
        """To the end of the way, whatever was met on it."""
        for i in range(1, len(self.way.commands) if w.epoch == 0 else 0):
            w.phone(*self.command(w, i))
        w.epoch = check_epochs(w)
        if w.epoch != 1:
            raise Broken(f"the wallet is restored and reshared, and at epoch {w.epoch}")
        sign(w)
        check_lost(w)


def lost(w, *args, may_fail=False):
    """Whoever has found the phone."""
    command = w.command(*args)
    command[command.index(f"{w.folder}/phone")] = f"{w.folder}/lost"
    r = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if r.returncode != 0 and not may_fail:
        raise Broken(f"the lost phone, {args}: {r.stderr}")
    return r


def again(w, result):
    """The same command, by a process that meets no fault: it is done now, or was done before."""
    there = bool(w.wallets())
    r = w.phone(*w.kind.command(w), may_fail=True)
    if r.returncode == 0 and not there:
        return
    if r.returncode != 6 or not there or "nothing was changed" not in r.stderr or not any(x in r.stderr for x in ALREADY):
        raise Broken(f"again: exit {r.returncode}: {r.stderr}")


def check_lost(w):
    """Neither share nor halves of it; nothing of its is left at the server either."""
    for more in ([], ["--presigned"]):
        r = lost(w, "sign", w.wallet, "--digest", DIGESTS[6], *more, may_fail=True)
        if r.returncode != 6:
            raise Broken(f"the lost phone: exit {r.returncode}: {r.stdout} {r.stderr}")
    if [s for s in column(w, "SELECT state FROM presignatures") if s not in (SPENT, DESTROYED)]:
        raise Broken("a presignature of the lost phone is left")


def make_base(way, enrolled, machine, folder):
    """A server with a wallet, the lost phone, and the folder in which it is restored, which nothing was done in yet."""
    b = f"{folder}/{way.name}-0"
    shutil.copytree(enrolled, b)
    os.rename(f"{b}/phone", f"{b}/lost")
    shutil.copytree(machine, f"{b}/phone")
    w = World(b)
    w.kind = None
    escrowed = way.name == "escrows"
    if escrowed:
        w.phone("device", "init", "--device", "fresh", "--no-aux")
    w.start()
    lost(w, "wallet", "create", "--allow", "digest", "--signers", "2", *(["--recovery", f"{b}/phone/card"] if escrowed else []))
    made = w.get("/v1/wallets")[1]["wallets"][0]
    lost(w, *(["wallet", "escrows", made["wallet"], "--out", f"{b}/escrows"] if escrowed else
              ["backup", "export", made["wallet"], "--out", f"{b}/backup", *ALONE]))
    w.stop()
    shutil.copytree(f"{b}/server", f"{b}/old/server")
    shutil.copytree(f"{b}/lost", f"{b}/old/phone")
    key = made["public_key"]
    return b, (made["wallet"], key)


def go(way, base, made, folder):
    """The same, and all but the resharing is done."""
    b = f"{folder}/{way.name}-1"
    shutil.copytree(base, b, ignore=shutil.ignore_patterns("sock"))
    w = World(b)
    w.start()
    step = Step(way, len(way.commands) - 1, b, made)
    for i in range(len(way.commands) - 1):
        w.phone(*step.command(w, i))
    w.stop()
    return step


def make_machine(folder, phrase):
    """A folder with a recovery key and auxiliary info that has never met a server."""
    prepared.device(BUILD, "recovery", 1, "recovery", cli.SECRET, folder)
    subprocess.run([CLI, "--state", folder, "--passphrase-file", phrase, *ALONE, "recovery", "init", "--card", f"{folder}/card"],
                   stdout=subprocess.DEVNULL, check=True, timeout=900)


def make_kinds(folder, enrolled):
    """Of each way the restoring and the resharing."""
    machine, kinds = f"{folder}/machine", []
    make_machine(machine, f"{enrolled}/pass")
    for way in WAYS:
        base, made = make_base(way, enrolled, machine, folder)
        kinds += [Step(way, 0, base, made), go(way, base, made, folder)]
        for kind in kinds:
            if os.path.exists(f"{kind.base}/sock"):
                os.unlink(f"{kind.base}/sock")
    return kinds


def cases(kinds, rng, everything):
    """Every fault of every step; or of each fault one that a restoring meets, and one that a resharing after it meets. How
    many there are of all."""
    every = [c for kind in kinds for c in refresh.cases(kind, rng, 1)[0]]
    if everything:
        return every, len(every)
    restores = [c for c in every if c.kind.is_restore()]
    chosen = [rng.choice([c for c in restores if (c.who, c.how) == fault]) for fault in sorted({(c.who, c.how) for c in restores})]
    chosen.append(rng.choice([c for c in every if not c.kind.is_restore()]))
    for c in chosen:
        c.signs = c in (chosen[0], chosen[-1])
    return chosen, len(every)
