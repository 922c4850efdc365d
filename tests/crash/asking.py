"""Crash points of what a backend asks for: a request under a name, and its end."""
import json, os, sqlite3, threading, types

from world import DIGESTS, Broken, Unix

NAME = '"order-1"'
BODY = json.dumps({"payload": {"type": "digest", "digest": DIGESTS[5]}, "path": "m/3"}).encode()


def ask(w):
    c = Unix(w.sock)
    try:
        c.request("POST", f"/v1/wallets/{next(iter(w.known))}/requests", BODY,
                  {"Content-Type": "application/json", "Idempotency-Key": NAME})
        r = c.getresponse()
        return r.status, json.loads(r.read())
    finally:
        c.close()


def do_request(w, **how):
    """Asked for, and cancelled by the phone."""
    w.asked = None
    try:
        status, said = ask(w)
    except (OSError, ValueError):
        return types.SimpleNamespace(returncode=5, stdout="", stderr="")
    if status != 201:
        raise Broken(f"a request is answered with {status} {said}")
    w.asked = said["request"]
    return w.phone("requests", "cancel", w.asked, **how)


def check(w, result):
    """What was answered is there, once; what was cancelled stays so, and what was not can be signed."""
    asked = getattr(w, "asked", None)
    status, said = ask(w)
    if asked and (status, said["request"]) != (200, asked):
        raise Broken(f"a request that was answered is another one: {status} {said}")
    if ask(w)[1]["request"] != said["request"]:
        raise Broken("one name stands for two requests")
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    made = db.execute("SELECT count(*) FROM request_inputs WHERE digest = ?", (bytes.fromhex(DIGESTS[5]),)).fetchone()[0]
    parts = db.execute("SELECT count(*) FROM requests WHERE id NOT IN (SELECT request FROM request_inputs) "
                       "OR id NOT IN (SELECT request FROM request_payloads)").fetchone()[0]
    db.close()
    if (made, parts) != (1, 0):
        raise Broken(f"not one whole request: {made}, {parts}")
    done = result is not None and result.returncode == 0
    if done and said["state"] != "cancelled":
        raise Broken(f"what was cancelled is {said['state']}")
    if said["state"] == "approved":
        wallet = next(iter(w.known))
        signed = json.loads(w.phone("sign", wallet, "--request", said["request"], "--yes").stdout)
        if ask(w)[1]["signature"]["compact"] != signed["signatures"][0]["compact"]:
            raise Broken("one name stands for two signatures")


# --- by many at once ---

def do_crowd(w, **how):
    """Some begin wallets at the same time, one after another each: their writes are synced together."""
    w.made, failed = [], []
    device = json.loads(w.phone("device", "init").stdout)["identity"]

    def some():
        c = Unix(w.sock)
        try:
            for _ in range(2):
                body = {"signers_required": 2, "parties": 2, "devices": [device], "nonces": [os.urandom(32).hex()]}
                c.request("POST", "/v1/wallets", json.dumps(body), {"Content-Type": "application/json"})
                r = c.getresponse()
                said = json.loads(r.read())
                if r.status != 201:
                    raise Broken(f"a wallet is answered with {r.status} {said}")
                w.made.append(said["session"]["session"])
        except (Broken, OSError, ValueError) as e:
            failed.append(e)
        finally:
            c.close()

    threads = [threading.Thread(target=some) for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for e in failed:
        if isinstance(e, Broken):
            raise e
    if failed:
        return types.SimpleNamespace(returncode=5, stdout="", stderr="")
    return w.phone("wallet", "list", **how)


def check_crowd(w):
    """What was answered is there; and nothing goes on that was not finished."""
    db = sqlite3.connect(f"file:{w.folder}/server/store.db?mode=ro", uri=True)
    there = {h.hex() for h, in db.execute("SELECT id FROM sessions WHERE kind = 2")}
    running = db.execute("SELECT count(*) FROM sessions WHERE state = 1").fetchone()[0]
    db.close()
    if not set(w.made) <= there or running:
        raise Broken(f"of {len(w.made)} sessions that were answered some are not there, or {running} run")
