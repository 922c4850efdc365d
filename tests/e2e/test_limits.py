"""How much a key and an address may ask for, as the daemon was told: over TLS, with openssl's signatures."""
import json, time

from cli import OK, USAGE, Daemon, equal, has, main, run_as, test, wait_for
from signing import Key, code_of, signed
from tls import Authority, Connection, context, free_port

CA, D, PORT = Authority(), Daemon(), free_port()
BASE = f"https://localhost:{PORT}"
CERT, CERT_KEY = CA.issue("server")
PATH = "/v1/wallets"


def start(*limits):
    D.start("--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT, "--tls-key", CERT_KEY, *limits, ready=False)


start("--key-limit", "120")


def added(name, *args):
    k = Key()
    r = run_as(["--json", "key", "add", k.pem, "--name", name, "--role", "read", "--all-wallets", *args, "--server", D.sock])
    equal(r.code, OK)
    return k, r.one()


def ask(c, key, path=PATH):
    c.request("GET", path, None, signed(key, BASE, "GET", path))
    r = c.getresponse()
    return r.status, r.read(), dict(r.getheaders())


def status(key):
    return ask(Connection(PORT, context(CA)), key)[0]


@test
def a_key_has_its_own_limit_or_that_of_all():
    plain, shown = added("plain")
    equal("per_minute" in shown, False)
    slow, shown = added("slow", "--per-minute", "40")
    equal(shown["per_minute"], 40)
    once, _ = added("once", "--per-minute", "1")
    fast, _ = added("fast", "--per-minute", "100000")
    keys = {k["name"]: k for k in run_as(["--json", "key", "list", "--server", D.sock]).objects(
        run_as(["--json", "key", "list", "--server", D.sock]).out)}
    equal([keys[n].get("per_minute") for n in ("plain", "slow", "fast")], [None, 40, 100000])
    for key, most in ((plain, 120), (slow, 40)):
        wait_for(lambda: status(key) == 200)
        begun, good, c = time.monotonic(), 0, Connection(PORT, context(CA))
        for _ in range(most + 20):
            code, body, headers = ask(c, key)
            if code == 429:
                break
            good += 1
        took = time.monotonic() - begun
        equal(code, 429)
        equal(code_of(body), "rate-limited")
        equal(json.loads(body)["field"], "key")
        equal(1 <= int(headers["Retry-After"]) <= 60 / most + 1, True)
        equal(good <= most * (1 + took / 60), True)
        equal(status(fast), 200)
    # Starting it again gives nothing.
    D.stop()
    start("--key-limit", "120")
    equal(status(once), 429)
    wait_for(lambda: status(plain) == 200)


@test
def nobody_else_spends_what_a_key_has():
    """Neither who knows its id nor who has seen what it sent: twenty of either, against one a second."""
    frugal, _ = added("frugal", "--per-minute", "60")
    wait_for(lambda: status(frugal) == 200)
    for how in ("forged", "replayed"):
        time.sleep(1.1)  # it has one again, at least
        seen = signed(frugal, BASE, "GET", PATH)
        if how == "replayed":
            equal(Connection(PORT, context(CA)).ask(path=PATH, headers=seen)[0], 200)
            time.sleep(1.1)
        for _ in range(20):
            headers = signed(frugal, BASE, "GET", PATH, signer=Key()) if how == "forged" else seen
            equal(Connection(PORT, context(CA)).ask(path=PATH, headers=headers)[0], 401)
        equal(status(frugal), 200)


@test
def a_stranger_spends_what_its_address_has():
    D.stop()
    start("--address-limit", "20")
    known, _ = added("known")
    c = Connection(PORT, context(CA))
    wait_for(lambda: ask(c, known)[0] == 200)
    answers = [ask(Connection(PORT, context(CA)), Key())[0] for _ in range(30)]
    equal(set(answers), {401, 429})
    equal(answers[0], 401)
    equal(Connection(PORT, context(CA)).ask()[0], 429)
    # Who came before goes on.
    for _ in range(5):
        equal(ask(c, known)[0], 200)
    # And a connection of nothing but refusals ends.
    c, n = Connection(PORT, context(CA)), 0
    while True:
        code, _, headers = ask(c, Key())
        n += 1
        if headers.get("Connection", "").lower() == "close":
            break
    equal(n, 16)


@test
def one_address_does_not_take_all_connections():
    D.stop()
    start("--address-connections", "4")
    held = []

    def another():
        c = Connection(PORT, context(CA))
        try:
            equal(c.ask()[0], 200)
        except OSError:
            return False
        held.append(c)
        return True

    wait_for(another)
    for _ in range(8):
        another()
    equal(len(held), 4)
    held.pop().close()
    wait_for(another)
    D.stop()


@test
def limits_that_are_none_are_refused():
    for args in (["--per-minute", "1000001"], ["--per-minute", "-1"], ["--per-minute", "x"]):
        r = run_as(["--json", "key", "add", Key().pem, "--name", "x", "--role", "read", "--all-wallets", *args, "--server", D.sock])
        equal(r.code, USAGE)
        has(r.error(), "per-minute")


main()
