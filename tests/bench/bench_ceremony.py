#!/usr/bin/env python3
"""What a ceremony of five parties costs on one machine: the refresh by a process for each, from the start of the first to the end of the
last, receipts included; and the verification of its transcript. One JSON line each; the limits are the product's.
Usage: bench_ceremony.py BUILD"""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
from cli import *

NAMES = ("anna", "boris", "clara", "dora")


def result(process):
    out, err = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(process.args)}: {err}")
    return out


def signed(operators, home, operation, *more):
    plan = f"{home}/{operation}"
    operators["anna"].run("ceremony", "plan", operation, "--out", plan, *more, *(w for n in NAMES[1:] for w in ("--with", f"{home}/{n}")))
    for n in NAMES:
        operators[n].run("ceremony", "sign-plan", plan)
    return plan


def run(operators, plan):
    start = time.monotonic()
    for p in [operators[n].start("ceremony", "run", plan, "--transcript", f"{plan}.{n}") for n in NAMES]:
        result(p)
    return time.monotonic() - start


def tell(name, seconds, limit):
    print(json.dumps({"name": name, "seconds": round(seconds, 3), "limit": limit, "cores": os.cpu_count()}), flush=True)


def main():
    daemon, home = Daemon(), folder("plans")
    operators = {n: Phone(daemon.sock) for n in NAMES}
    for p in [operators[n].start("device", "init", "--device", n) for n in NAMES]:
        result(p)
    daemon.start()
    for n in NAMES:
        operators[n].run("device", "enrol", "--device", n)
        write(f"{home}/{n}", operators[n].run("device", "card", n).out)
    run(operators, signed(operators, home, "keygen", "--signers", "3"))
    wallet = json.loads(read(f"{home}/keygen.anna"))["wallet"]
    tell("refresh of five parties by ceremony", run(operators, signed(operators, home, "refresh", "--wallet", wallet)), 30)
    start = time.monotonic()
    run_as(["ceremony", "verify", f"{home}/refresh.anna"])
    tell("transcript of five parties, verified", time.monotonic() - start, 10)


try:
    main()
finally:
    for clean in reversed(cleanups):
        clean()
    shutil.rmtree(ROOT, ignore_errors=True)
