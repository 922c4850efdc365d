"""The audit log from outside: what happens is in it, in the same write; it is exported and verified without the server, and whatever
was altered, cut off or put back is found and named."""
import http.client, itertools, json, os, shutil, signal, sqlite3, threading

from cli import CHEAT, DIGEST, INPUT, LOCAL, OK, REFUSED, USAGE, Daemon, Phone, call, drawn, equal, folder, has, main, read, run_as, test, wait_for, write
from signing import Key, code_of, signed
from tls import free_port

PORT = free_port()
BASE, JSON = f"http://127.0.0.1:{PORT}", "application/json"
D = Daemon().start("--listen", f"127.0.0.1:{PORT}")
PHONE = Phone(D.sock)
DEVICE = PHONE.init(aux=True).one()["identity"]
PHONE.run("device", "enrol")
WALLET = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
SERVER = json.loads(call(D.sock, "GET", "/healthz")[2])["server_identity"]
HOME = folder("logs")
NUMBERS = itertools.count()
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def operator(*args, code=OK, sock=None):
    r = run_as(["--json", "--server", sock or D.sock, *args])
    equal((r.code, r.complaints() if code == OK else []), (code, []))
    return r


def verify(path, *args, code=OK):
    r = run_as(["--json", "audit", "verify", path, *args])
    equal((r.code, r.complaints() if code == OK else []), (code, []))
    return r.one() if code == OK else r.error()


def export(*args, sock=None):
    path = f"{HOME}/export{next(NUMBERS)}"
    operator("audit", "export", "--out", path, *args, sock=sock)
    return path


def entries(path=None):
    return [json.loads(line)["entry"] for line in read(path or export()).decode().splitlines()]


def head():
    said = operator("audit", "head").one()
    return f"{said['sequence']}:{said['hash']}"


def added(name, role, *wallets):
    k = Key()
    operator("key", "add", k.pem, "--name", name, "--role", role, *(wallets or ["--all-wallets"]))
    return k


def ask(key, method, path, body=None, more=None):
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    c.request(method, path, body, {**signed(key, BASE, method, path, body, JSON), **(more or {})})
    r = c.getresponse()
    status, headers, said = r.status, dict(r.getheaders()), r.read()
    c.close()
    return status, headers, said


def of_kind(found, kind):
    return [e for e in found if e["kind"] == kind]


# --- what is in it ---

@test
def what_happens_is_in_it_and_who_did_it():
    backend = added("backend", "sign")
    body = json.dumps({"payload": {"type": "digest", "digest": DIGEST}, "path": "m/1"}).encode()
    status, headers, said = ask(backend, "POST", f"/v1/wallets/{WALLET}/requests", body,
                                {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    equal((status, headers["traceparent"][:36]), (201, f"00-{TRACE}-"))
    PHONE.run("backup", "export", WALLET, "--out", f"{HOME}/backup")
    operator("token", "new", "--role", "sign")
    operator("key", "revoke", backend.id)
    hook = json.dumps({"url": "https://backend.example/hook?token=private-word", "all_wallets": True}).encode()
    status, _, said_of_hook = call(D.sock, "POST", "/v1/webhooks", hook, {"Content-Type": JSON})
    equal((status, call(D.sock, "DELETE", f"/v1/webhooks/{json.loads(said_of_hook)['webhook']}")[0]), (201, 204))
    found = entries()
    equal([e["detail"]["webhook"] for e in found if e["kind"].startswith("webhook.")], 2 * [json.loads(said_of_hook)["webhook"]])
    equal((of_kind(found, "webhook.added")[0]["detail"]["origin"], "private-word" in json.dumps(found)), ("https://backend.example", False))
    equal([e["sequence"] for e in found], list(range(1, len(found) + 1)))
    equal(found[0]["kind"], "log.begun")
    born, made = of_kind(found, "wallet.born")[0], of_kind(found, "request.created")[0]
    equal((born["wallet"], of_kind(found, "device.enrolled")[0]["detail"]), (WALLET, {"device": DEVICE, "name": "phone"}))
    equal(born["who"], {"by": "socket", "uid": os.getuid()})
    equal((made["wallet"], made["request"], made["trace"]), (WALLET, json.loads(said)["request"], TRACE))
    equal((made["detail"]["type"], made["detail"]["digest"], made["detail"]["path"]), ("digest", DIGEST, "m/1"))
    equal(made["who"], {"by": "key", "key": backend.id, "roles": ["sign"]})
    equal([e["detail"]["roles"] for e in of_kind(found, "key.added")], ["device", "sign"])
    equal(of_kind(found, "key.revoked")[0]["detail"], {"key": backend.id})
    equal(len(of_kind(found, "token.made")), 1)
    # The log on stderr has the entries, too, as they are.
    log = [x["entry"] for x in map(json.loads, read(f"{D.home}/log").decode().splitlines()) if "entry" in x]
    equal(log, found[found.index(log[0]):])


@test
def a_signature_is_in_it_with_what_it_is_of():
    said = PHONE.run("sign", WALLET, "--digest", DIGEST, "--path", "m/2").one()
    found = [e for e in entries() if e.get("request") == said["request"]]
    equal([e["kind"] for e in found], ["request.created", "request.approved", "request.released", "request.signed"])
    equal(len({e["trace"] for e in found}), 1)
    equal((found[3]["wallet"], found[3]["detail"]["r"], found[3]["detail"]["s"]), (WALLET, said["r"], said["s"]))


@test
def a_command_is_one_trace():
    given = {**os.environ, "TRACEPARENT": f"00-{TRACE}-00f067aa0ba902b7-01"}
    said = PHONE.run("wallet", "unlock", "00" * 16, code=REFUSED, env=given)
    equal(said.objects(said.err)[-1]["trace"], TRACE)
    said = PHONE.run("wallet", "unlock", "00" * 16, code=REFUSED, env={**given, "TRACEPARENT": "00-0-0-00"})
    equal(len(said.objects(said.err)[-1]["trace"]), 32)
    said = PHONE.run("sign", WALLET, "--digest", DIGEST, env=given)
    equal(said.objects(said.err)[-1], {"trace": TRACE})
    request = said.one()["request"]
    log = [json.loads(line) for line in read(f"{D.home}/log").decode().splitlines()]
    equal({e["trace"] for e in entries() if e.get("request") == request}, {TRACE})
    equal({x["trace"] for x in log if x["event"] == "session opened"} >= {TRACE}, True)


@test
def those_with_all_wallets_read_it_and_refusals_are_told():
    reader, signer, narrow = added("reader", "read"), added("signer", "sign"), added("narrow", "read", "--wallet", WALLET)
    status, headers, said = ask(reader, "GET", "/v1/audit/0")
    equal((status, headers["Content-Type"]), (200, "application/jsonl"))
    path = write(f"{HOME}/by-reader", said)
    verify(path, "--identity", SERVER)
    equal(json.loads(ask(reader, "GET", "/v1/audit")[2])["sequence"] >= len(said.splitlines()), True)
    for k in (signer, narrow):
        for _ in range(3):
            status, _, said = ask(k, "GET", "/v1/audit/0")
            equal((status, code_of(said)), (403, "forbidden"))
    # The first of a kind at once, the others when the minute, or the daemon, is over.
    found = [e for e in of_kind(entries(), "refused") if e["who"]["key"] in (signer.id, narrow.id)]
    equal([(e["detail"]["times"], e["detail"]["code"], e["detail"]["route"]) for e in found], 2 * [(1, "forbidden", "/v1/audit/:after")])
    D.stop()
    D.start("--listen", f"127.0.0.1:{PORT}", ready=False)
    found = [e for e in of_kind(entries(), "refused") if e["who"]["key"] in (signer.id, narrow.id)]
    equal(sum(e["detail"]["times"] for e in found), 6)


# --- verified without the server ---

@test
def every_altered_octet_is_found_and_named():
    path = export()
    text = read(path)
    last = verify(path, "--identity", SERVER)
    equal((last["server_identity"], f"{last['sequence']}:{last['hash']}"), (SERVER, head()))
    equal(verify(path)["server_identity"], SERVER)
    has(verify(path, "--identity", "00" * 32, code=CHEAT), "entry 1 is not signed")
    ends = [i for i, c in enumerate(text) if c == ord("\n")]
    for at in drawn(25, range(len(text)), always=(0, 60, text.index(b'log.begun'), ends[2], ends[-1], len(text) - 2)):
        other = write(f"{HOME}/altered", text[:at] + bytes([text[at] ^ 1]) + text[at + 1:])
        line = sum(e < at for e in ends) + 1
        has(verify(other, code=CHEAT), f"entry {line} ")


@test
def what_is_missing_or_moved_is_found():
    lines = read(export()).splitlines(keepends=True)
    cases = {"entry 3 is missing": lines[:2] + lines[3:], "entry 4 ": lines[:3] + [lines[4], lines[3]] + lines[5:],
             "entry 2 is missing": [lines[0], lines[0]] + lines[1:], "is cut off": [*lines[:-1], lines[-1][:-9]]}
    for words, some in cases.items():
        has(verify(write(f"{HOME}/moved", b"".join(some)), code=CHEAT), words)
    verify(write(f"{HOME}/none", b""), code=INPUT)
    has(verify(write(f"{HOME}/late", b"".join(lines[2:])), code=USAGE), "--identity")
    verify(f"{HOME}/late", "--identity", SERVER)
    # Its end alone nobody misses who has not seen it.
    pinned, short = head(), write(f"{HOME}/short", b"".join(lines[:-2]))
    verify(short)
    has(verify(short, "--head", pinned, code=CHEAT), "cut off", "older copy")
    verify(short, "--head", "17", code=USAGE)


@test
def an_export_goes_on_where_the_last_one_ended():
    first = export()
    operator("token", "new")
    second, whole = export("--after", first), export()
    equal(read(first) + read(second), read(whole))
    for path in (second, whole):
        verify(path, "--identity", SERVER, "--after", first)
    has(verify(first, "--identity", SERVER, "--after", whole, code=CHEAT), "cut off")
    operator("audit", "export", "--out", first, code=LOCAL)
    third = write(f"{HOME}/third", b"".join(read(whole).splitlines(keepends=True)[-1:]))
    has(verify(third, "--identity", SERVER, "--after", short_of(first), code=CHEAT), "is missing")


def short_of(path):
    return write(f"{HOME}/first", b"".join(read(path).splitlines(keepends=True)[:-1]))


# --- and with it ---

@test
def an_old_copy_of_the_store_is_found_by_a_pinned_head():
    D.stop()
    old = f"{HOME}/old-state"
    shutil.copytree(D.state, old)
    D.start("--listen", f"127.0.0.1:{PORT}", ready=False)
    operator("token", "new")
    pinned = head()
    D.stop()
    now = f"{HOME}/new-state"
    os.rename(D.state, now)
    os.rename(old, D.state)
    D.start("--listen", f"127.0.0.1:{PORT}", ready=False)
    path = export()
    verify(path)
    has(verify(path, "--head", pinned, code=CHEAT), "older copy")
    for _ in range(4):
        operator("token", "new")
    has(verify(export(), "--head", pinned, code=CHEAT), f"entry {pinned.split(':')[0]} is another one")
    D.stop()
    shutil.rmtree(D.state)
    os.rename(now, D.state)
    D.start("--listen", f"127.0.0.1:{PORT}", ready=False)
    verify(export(), "--head", pinned)


@test
def a_change_and_its_entry_are_there_together_after_any_kill():
    made = []

    def work():
        try:
            while True:
                status, _, said = call(D.sock, "POST", "/v1/tokens", b"{}", {"Content-Type": JSON})
                equal(status, 201)
                made.append(json.loads(said))
        except (OSError, http.client.HTTPException):
            pass

    for _ in range(3):
        before = len(made)
        workers = [threading.Thread(target=work) for _ in range(4)]
        for t in workers:
            t.start()
        wait_for(lambda: len(made) >= before + 20)
        D.stop(signal.SIGKILL)
        for t in workers:
            t.join()
        db = sqlite3.connect(f"{D.state}/store.db")
        told = {json.loads(e)["detail"]["token_sha256"] for e, in
                db.execute("SELECT entry FROM audit WHERE json_extract(entry, '$.kind') = 'token.made'")}
        equal({h for h, in db.execute("SELECT lower(hex(hash)) FROM tokens")}, told)
        db.close()
        D.start("--listen", f"127.0.0.1:{PORT}", ready=False)
        verify(export(), "--identity", SERVER)


@test
def the_daemon_does_not_go_on_behind_an_altered_entry():
    D.stop()
    db = sqlite3.connect(f"{D.state}/store.db")
    db.execute("DROP TRIGGER audit_is_not_changed")
    db.execute("UPDATE audit SET entry = replace(entry, 'daemon', 'nobody') WHERE sequence = (SELECT max(sequence) FROM audit)")
    db.commit()
    db.close()
    try:
        D.start(ready=False)
    except AssertionError as e:
        has(str(e), "the audit log was altered")
    else:
        raise AssertionError("it starts")


main()
