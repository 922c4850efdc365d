"""No secret where none belongs: a passphrase, the server's key file, tokens, an invitation's secret are planted and known, so are both sides' shares, a wallet
is made, signs and is refreshed, things go wrong; then everything that is written or told (logs, audit log, metrics, answers, errors,
stores, state folders, command line and environment, cores) is searched for them, as octets and as text."""
import base64, http.client, json, os, re, signal, subprocess

from cli import BUILD, DIGEST, REFUSED, SEALED, Daemon, Phone, call, equal, has, main, once, read, run_as, snapshot, test, write
from signing import Key, signed
from tls import free_port

PORT = free_port()
BASE, JSON = f"http://127.0.0.1:{PORT}", "application/json"
WORDS = "correct horse battery staple canary"
# What is signed belongs to the store and to who asks for it, and to no log.
MESSAGE = "the cat is in the private bag"
D = Daemon()
KEYFILE = read(f"{D.home}/key")
D.start("--listen", f"127.0.0.1:{PORT}")
SAID = []


def said(result):
    SAID.append((result.out + result.err).encode())
    return result


def token():
    r = run_as(["--json", "token", "new", "--role", "create", "--role", "sign", "--server", D.sock])
    return r.one()["token"]


TOKEN, UNUSED = token(), token()
PHONE = Phone(BASE, secret=WORDS)
said(PHONE.init(aux=True))
said(PHONE.run("device", "enrol", "--token", TOKEN))
WALLET = said(PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2")).one()["wallet"]
BACKEND = Key()


def shares():
    """The secret octets of all shares that there are now, the server's and the phone's: opened by a program of the tests."""
    said = [subprocess.run([f"{BUILD}/tests/csig_shares", *args], capture_output=True, text=True, check=True).stdout
            for args in ((PHONE.passphrase, PHONE.state), ("server", f"{D.home}/key", D.state))]
    return {json.loads(line)["x"] for text in said for line in text.splitlines()}


SHARES = shares()


def invitation():
    """What an old phone shows: its secret, once, to one camera."""
    p = PHONE.start("device", "move", "--all", "--wait", "60")
    text = json.loads(p.stdout.readline())["invitation"]
    p.send_signal(signal.SIGKILL)
    p.communicate()
    secret = re.search("[&?]k=([^&]*)", text)[1]
    return secret, base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))


def tell_all():
    """Work, and what goes wrong on the way."""
    said(run_as(["--json", "key", "add", BACKEND.pem, "--name", "backend", "--role", "sign", "--all-wallets", "--server", D.sock]))
    said(PHONE.run("sign", WALLET, "--digest", DIGEST))
    said(PHONE.run("presign", WALLET, "--count", "1"))
    said(PHONE.run("sign", WALLET, "--digest", DIGEST, "--presigned"))
    said(PHONE.run("wallet", "refresh", WALLET))
    said(PHONE.run("backup", "export", WALLET, "--out", f"{PHONE.home}/backup"))
    wrong = PHONE.copy()
    write(wrong.passphrase, WORDS[::-1])
    said(wrong.run("sign", WALLET, "--digest", DIGEST, code=SEALED))
    said(PHONE.run("device", "enrol", "--token", "00" * 32, code=REFUSED))
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    for path, body in ((f"/v1/wallets/{WALLET}/requests", b'{"payload": {"type": "digest", "digest": "'), ("/v1/tokens", b"{}")):
        c.request("POST", path, body, signed(BACKEND, BASE, "POST", path, body, JSON))
        r = c.getresponse()
        SAID.append(str(r.getheaders()).encode() + r.read())
        equal(r.status >= 400, True)
    c.close()
    typed = PHONE.run("wallet", "create", "--signers", "2").one()["wallet"]
    body = json.dumps({"payload": {"type": "eip191", "message": MESSAGE}, "path": "m"}).encode()
    status, _, answer = call(D.sock, "POST", f"/v1/wallets/{typed}/requests", body, {"Content-Type": JSON})
    equal((status, MESSAGE in answer.decode()), (201, True))
    for path in ("/metrics", "/v1/audit/0", "/v1/audit", "/healthz", "/readyz", "/v1/keys", "/v1/wallets", f"/v1/wallets/{WALLET}"):
        status, headers, body = call(D.sock, "GET", path)
        equal(status, 200)
        SAID.append(str(headers).encode() + body)


def forms(octets):
    """As octets, hexadecimal in either case, and base64 of either alphabet, wherever it begins."""
    yield octets
    yield from (octets.hex().encode(), octets.hex().upper().encode())
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + octets)
        core = text[4 if shift else 0:-4]
        yield from (core, core.translate(bytes.maketrans(b"+/", b"-_")))


SECRET, SECRET_OCTETS = invitation()
tell_all()
D.stop()
D.start("--listen", f"127.0.0.1:{PORT}")
SHARES |= shares()
CANARIES = {"share": {f for x in SHARES for f in forms(bytes.fromhex(x))}, "passphrase": {WORDS.encode(), *forms(WORDS.encode())}, "key file": set(forms(KEYFILE)),
            "token": set(forms(bytes.fromhex(TOKEN))), "unused token": set(forms(bytes.fromhex(UNUSED))),
            "invitation": {SECRET.encode(), *forms(SECRET_OCTETS)}, "message": {MESSAGE.encode(), *forms(MESSAGE.encode())}}


def search(where, octets, *but):
    for name, some in CANARIES.items():
        for c in some if name not in but else ():
            if c in octets:
                raise AssertionError(f"{where} tells the {name}: {c[:16]!r}...")


@test
def the_search_finds_what_is_there():
    equal(len(SHARES), 6)  # of a wallet before and after its refresh, and of another one
    for name, some in CANARIES.items():
        for c in some:
            equal(len(c) >= 12, True)
            try:
                search("this", b"before" + c + b"behind")
            except AssertionError as e:
                has(str(e), name)
            else:
                raise AssertionError(f"{name} is not found")


@test
def no_line_of_a_log_and_no_answer_tells_a_secret():
    log = read(f"{D.home}/log")
    equal(log.count(b'"level":"audit"') > 10, True)
    search("the log", log)
    for line in log.decode().splitlines():
        equal(once(line)["time"][:2], "20")
    for octets in SAID:
        search("an answer", octets)
    out = f"{D.home}/audit"
    run_as(["audit", "export", "--out", out, "--server", D.sock])
    search("the audit log", read(out))


@test
def no_file_holds_a_secret_in_the_clear():
    D.stop(signal.SIGKILL)
    for path, octets in snapshot(D.state).items():
        search(f"the server's {path}", octets, "message")
    for path, octets in snapshot(PHONE.state).items():
        search(f"the phone's {path}", octets)
    search("the backup", read(f"{PHONE.home}/backup"))
    D.start("--listen", f"127.0.0.1:{PORT}")


@test
def no_command_line_or_environment_or_core_shows_one():
    pid = D.process.pid
    for name in ("cmdline", "environ"):
        search(name, read(f"/proc/{pid}/{name}"))
    limits = read(f"/proc/{pid}/limits").decode()
    equal(re.search(r"Max core file size +(\d+) +(\d+)", limits).groups(), ("0", "0"))
    cwd = f"{D.home}/core"
    os.mkdir(cwd)
    D.stop(signal.SIGABRT)
    equal([n for n in os.listdir(D.home) + os.listdir(cwd) if n.startswith("core.")], [])
    D.start("--listen", f"127.0.0.1:{PORT}")


main()
