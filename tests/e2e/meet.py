"""Devices that meet: each in a folder of its own, run by a process of its own."""
import concurrent.futures, json, signal, subprocess

from cli import *
from members import frames

OPEN, READY, DECLINE, SESSION, ENVELOPES, PAIRED, END = range(1, 8)
HEADER = 46  # octets before the body of an envelope
ONLINE, REVEAL, PARTIAL = 5, 2, 3  # signing with a presignature; its rounds that have something of a client's half in them
SECONDS = "60"  # of silence; where nothing is to fail that is never reached


def people(*names, aux=True):
    """A folder for each name, with a device of that name."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = {n: Phone() for n in names}
        for done in [pool.submit(found[n].init, n, aux) for n in names]:
            done.result()
    return found


def card(phone, name):
    return write(f"{phone.home}/card-{name}", phone.run("device", "card", name).out)


def cards(phones, *names):
    return [w for n in names for w in ("--with", card(phones[n], n))]


class Running:
    """A command that runs; its end is asked for later."""

    def __init__(self, phone, *args, wait=SECONDS):
        self.phone, self.args = phone, args
        self.process = phone.start(*args, "--wait", wait)
        cleanups.append(self.stop)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def meeting(self):
        """Of a host: whom it waits for is the first thing that it says."""
        return json.loads(self.process.stderr.readline())["note"].split()[1]

    def ends(self, code=OK):
        out, err = self.process.communicate(timeout=120)
        done = subprocess.CompletedProcess(self.args, self.process.returncode, out, err)
        r = Result(self.args, done)
        if r.code != code:
            raise AssertionError(f"{' '.join(self.args)}: exit {r.code}, not {code}: {err.strip()}")
        return r

    def dies(self):
        """It was killed."""
        self.process.communicate(timeout=120)
        equal(self.process.returncode, -signal.SIGKILL)


def joins(phone, *args, **options):
    return Running(phone, "join", *(args or ("--yes",)), **options)


def packed(listed):
    """Frames from (position, place, number, octets)."""
    return b"".join(p.to_bytes(4, "big") + bytes([m]) + n.to_bytes(4, "big") + len(o).to_bytes(4, "big") + o for p, m, n, o in listed)


def is_board(asked):
    return asked.method == "GET" and "/messages/" in asked.path


def said_online(asked):
    """Rounds of the envelopes with something of a client's half in them that leave with this call."""
    at, rounds, body = 0, [], asked.body if asked.method == "PUT" else b""
    if "/messages/" in asked.path:
        body = body[2:] if body[:1] == bytes([ENVELOPES]) else b""
    while at < len(body):
        header = body[at:at + HEADER]
        if header[3] == ONLINE and header[4] in (REVEAL, PARTIAL) and header[5] == 0:
            rounds.append(header[4])
        at += HEADER + int.from_bytes(header[42:46], "big") + 64
    return rounds


def on_board(change):
    """A relay's rule: change(frames) gives the frames that are read instead."""
    def rule(asked, forward):
        status, kind, octets = forward()
        if is_board(asked) and status == 200:
            octets = packed(change(frames(octets)))
        return status, kind, octets
    return rule
