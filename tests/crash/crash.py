#!/usr/bin/env python3
"""Ends the daemon or the command line at durable steps of key generation, presigning and signing, by kill -9 or
as by a power cut (what was not yet synced is gone), at drawn ones or at all, then asks: does every listed wallet sign, do both sides list the same wallets, was any
presignature used twice? For refreshes and resharings see refresh.py, for a lost phone recovery.py, for devices elsewhere guests.py. The library preload.c counts the steps and ends the process.
Usage: crash.py [--all] BUILD [SHARE [SEED]]; SHARE of the points that is drawn, of each kind of them; --all: every
point"""
import concurrent.futures, json, os, random, shutil, signal, sqlite3, subprocess, sys, tempfile, time

EVERYTHING = "--all" in sys.argv
sys.argv = [a for a in sys.argv if a != "--all"]

import asking, guests, recovery, refresh
from guests import cli, prepared
from world import *

SHARE = 1.0 if EVERYTHING else float(sys.argv[2]) if len(sys.argv) > 2 else 0.07
SEED = int(sys.argv[3] if len(sys.argv) > 3 else os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))


# --- what is done, and what must hold ---

def do_keygen(w, **how):
    return w.phone("wallet", "create", "--allow", "digest", "--signers", "2", **how)


def do_presign(w, **how):
    return w.phone("presign", next(iter(w.known)), "--count", "2", **how)


def do_online(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[0], "--path", "m/7", "--presigned", **how)


def do_full(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[1], **how)


def do_server_mode(w, **how):
    return w.phone("sign", next(iter(w.known)), "--digest", DIGESTS[2], "--mode", "server", **how)


SCENARIOS = {"keygen": do_keygen, "online": do_online, "full": do_full, "presign": do_presign, "server-mode": do_server_mode,
             "request": asking.do_request, "crowd": asking.do_crowd}

# Where a share or a half is at stake, more of the points: so many times the share; fewer where many do the same.
AT_STAKE = {"keygen": 2, "online": 2, "crowd": 0.1}


def prepare(w, scenario):
    w.known = w.wallets() if scenario != "keygen" else set()
    if scenario == "online":
        w.phone("presign", next(iter(w.known)), "--count", "2")
    if scenario == "server-mode":
        with open(f"{w.folder}/policy", "w") as f:
            json.dump({"version": 1, "default": "deny", "rules": [{"id": "a", "if": {"types": ["digest"], "blind": True}, "then": "allow"}]}, f)
        w.phone("device", "policy", "set", f"{w.folder}/policy")


def check(w, scenario, result):
    w.start()
    mine = w.wallets()
    server = {x["wallet"] for x in w.get("/v1/wallets")[1]["wallets"]}
    if mine != server:
        raise Broken(f"half-born: phone {sorted(mine)}, server {sorted(server)}")
    if not w.known <= mine:
        raise Broken("a wallet is gone")
    for wallet in mine:
        made = json.loads(w.phone("sign", wallet, "--digest", DIGESTS[3], "--path", "m/1").stdout)
        w.phone("verify", "--digest", DIGESTS[3], "--signature", made["compact"], "--public-key", made["public_key"])
    if scenario == "request":
        asking.check(w, result)
    if scenario == "crowd":
        asking.check_crowd(w)
    if scenario == "server-mode":
        check_history(w)
    check_presignatures(w, result if scenario not in ("request", "crowd") else None)
    w.check_events()


def check_history(w):
    """The phone's own policy is there, and it knows of every signature that its part may have left for."""
    told = json.loads(w.phone("device", "policy", "show").stdout)
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    released = db.execute("SELECT count(*) FROM request_inputs WHERE released != 0 AND digest IN (?, ?)",
                          [bytes.fromhex(DIGESTS[i]) for i in (2, 3)]).fetchone()[0]
    db.close()
    if released < 1 or told["signed"] < released:
        raise Broken(f"the phone knows of {told['signed']} signatures, the server of {released}")


def check_presignatures(w, result):
    """Nothing outlives the daemon's process but what was spent; one signature for one presignature."""
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    rows = db.execute("SELECT lower(hex(id)), state, lower(hex(request)) FROM presignatures").fetchall()
    db.close()
    for name, state, _ in rows:
        if state not in (SPENT, DESTROYED):
            raise Broken(f"presignature {name} came back in state {state}")
    requests = [r for _, state, r in rows if state == SPENT]
    if len(requests) != len(set(requests)):
        raise Broken("one request has two presignatures")
    if result is not None and result.returncode == 0 and result.stdout.strip():
        told = json.loads(result.stdout)
        if "request" in told:
            status, request = w.get(f"/v1/requests/{told['request']}")
            if status == 200 and request.get("signature") and request["signature"]["compact"] != told["compact"]:
                raise Broken("two signatures for one request")
    wallet = next(iter(w.known), None)
    if wallet is not None:
        refused = w.phone("sign", wallet, "--digest", DIGESTS[4], "--presigned", may_fail=True)
        if refused.returncode == 0:
            raise Broken("a presignature was used that no process has")


def run_case(base, scenario, who, n, power):
    folder = tempfile.mkdtemp(prefix="c", dir=ROOT)
    w = World(folder, power)
    result = None
    try:
        shutil.copytree(base["keygen" if scenario == "keygen" else "wallet"], folder, dirs_exist_ok=True)
        w.start(tested=who == "daemon")
        prepare(w, scenario)
        if who == "daemon":
            first = w.steps["daemon"].count()
            if n:
                w.steps["daemon"].kill_before(first + n)
            result = SCENARIOS[scenario](w, may_fail=True)
            total = w.steps["daemon"].count() - first
        else:
            result = SCENARIOS[scenario](w, tested=True, may_fail=True, at=n)
            total = w.steps["cli"].count()
        if n == 0:
            if result.returncode != 0:
                raise Broken(f"{scenario} fails without any crash: {result.stderr}")
            w.stop()
            return total
        w.stop(signal.SIGKILL)
        if power:
            w.power_cut(who)
        check(w, scenario, result)
        w.stop()
        return None
    except (Broken, subprocess.TimeoutExpired, OSError, KeyError, ValueError) as e:
        raise Broken(f"{scenario}, {who} ended before step {n}{' by a power cut' if power else ''}: {e}; log: "
                     f"{tail(folder + '/log')}") from e
    finally:
        w.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def make_base(folder):
    """A server, with its spare primes too (a daemon that is started again would use every pause to look for them), and a phone that
    has enrolled; and the same with one wallet."""
    a = f"{folder}/keygen"
    os.makedirs(a)
    prepared.server(BUILD, 0, a)
    os.rename(f"{a}/state", f"{a}/server")
    prepared.device(BUILD, "phone", 1, "phone", cli.SECRET, f"{a}/phone")
    with open(f"{a}/pass", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(cli.SECRET + "\n")
    w = World(a)
    w.start()
    w.phone("device", "enrol")
    w.stop()
    b = f"{folder}/wallet"
    shutil.copytree(a, b, ignore=shutil.ignore_patterns("sock"))
    v = World(b)
    v.start()
    v.phone("wallet", "create", "--allow", "digest", "--signers", "2")
    v.stop()
    for x in (a, b):
        if os.path.exists(f"{x}/sock"):
            os.unlink(f"{x}/sock")
    return {"keygen": a, "wallet": b}


def run_all(jobs):
    """How many failed. Most of a case is waiting for time-outs: many more of them than processors."""
    broken = 0
    with concurrent.futures.ThreadPoolExecutor(10 * (os.cpu_count() or 2)) as pool:
        for j in concurrent.futures.as_completed([pool.submit(*job) for job in jobs]):
            if j.exception():
                broken += 1
                print(j.exception(), flush=True)
    return broken


def main():
    folder = tempfile.mkdtemp(prefix="base", dir=ROOT)
    rng = random.Random(SEED)
    try:
        base = make_base(folder)
        # A resharing is a refresh with more devices: fewer of its points.
        faults = [refresh.cases(kind, rng, SHARE if EVERYTHING or kind.name == "refresh" else SHARE / 5) for kind in refresh.make_kinds(folder, base["keygen"])]
        faults.append(recovery.cases(recovery.make_kinds(folder, base["keygen"]), rng, EVERYTHING))
        meetings = guests.cases(folder, base["keygen"], rng, EVERYTHING)
        turnovers = [c for some, _ in faults for c in some]
        cases, every = [], 0
        for scenario in SCENARIOS:
            for who in ("daemon", "cli"):
                steps = run_case(base, scenario, who, 0, False)
                print(f"{scenario}: {who} takes {steps} durable steps", flush=True)
                for power in (False, True):
                    points = [(scenario, who, n, power) for n in range(1, steps + 1)]
                    share = min(1, SHARE * AT_STAKE.get(scenario, 1))
                    cases += rng.sample(points, max(1, round(share * len(points))) if points else 0)
                    every += len(points)
        print(f"seed {SEED}; {len(cases)} of {every} crash points; of the faults of a refresh {len(faults[0][0])} of "
              f"{faults[0][1]}, of a resharing {len(faults[1][0])} of {faults[1][1]}, of a lost phone's way back {len(faults[2][0])} of "
              f"{faults[2][1]}; of a presignature with a guest {len(meetings[0])} of {meetings[1]}", flush=True)
        jobs = [(refresh.run, c) for c in turnovers] + [(run_case, base, *c) for c in cases] + [(guests.run_case, *c) for c in meetings[0]]
        broken = run_all(jobs)
        print(f"{len(jobs) - broken} passed, {broken} failed")
        return 1 if broken else 0
    finally:
        for path in (folder, cli.ROOT):
            shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
