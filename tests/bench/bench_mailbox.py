"""How long a message takes to one who waits for it: from the first octet of the writer's PUT to the last of the reader's answer,
over the Unix socket, stored in between (where there is /dev/shm, in memory: what a disk takes to sync comes on top); beside it the same PUT
when nobody waits. Wall clock. Usage: bench_mailbox.py BUILD"""
import json, os, shutil, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))
from cli import LEVEL, ROOT, Daemon, Unix, cleanups, equal
from members import Member, frames

RUNS, OCTETS = 101, 20000  # about what one party says in a round


class Line(Unix):
    """A connection that is kept."""

    def begin(self, method, path, body=None, **fields):
        self.request(method, path, body, {} if body is None else {"Content-Type": "application/octet-stream", **fields})

    def end(self, status):
        r = self.getresponse()
        octets = r.read()
        equal(r.status, status)
        return octets


def a_message_to_who_waits():
    d = Daemon().start(ready=False)
    a, b = Member(d), Member(d)
    m = f"/v1/mailboxes/{a.make(b)}/messages/"
    writer, reader, other = Line(d.sock), Line(d.sock), Line(d.sock)
    body, plain, woken = os.urandom(OCTETS), [], []

    def put(n):
        writer.begin("PUT", f"{m}{a.id}/{n}", body)

    for i in range(RUNS):
        begun = time.perf_counter()
        put(2 * i + 1)
        writer.end(204)
        plain.append(time.perf_counter() - begun)
        reader.request("GET", f"{m}{2 * i + 1}", None, {"Prefer": "wait=60"})
        waiting = 0
        while waiting == 0:
            other.begin("GET", "/healthz")
            waiting = json.loads(other.end(200))["waiting"]
        begun = time.perf_counter()
        put(2 * i + 2)
        octets = reader.end(200)
        woken.append(time.perf_counter() - begun)
        equal(frames(octets), [(2 * i + 2, 0, 2 * i + 2, body)])
        writer.end(204)
    plain.sort()
    woken.sort()
    print(json.dumps({"name": "mailbox, message to who waits", "median_us": round(woken[RUNS // 2] * 1e6, 3),
                      "p90_us": round(woken[RUNS * 9 // 10] * 1e6, 3), "n": RUNS, "level": LEVEL,
                      "put_alone_us": round(plain[RUNS // 2] * 1e6, 3)}, separators=(",", ":")), flush=True)


try:
    a_message_to_who_waits()
finally:
    for clean in cleanups:
        clean()
    shutil.rmtree(ROOT, ignore_errors=True)
