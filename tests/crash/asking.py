"""Crash points of what a backend asks for: a request under a name, and its end."""
import json, sqlite3, types

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
