"""What monitoring sees: /healthz, /readyz with its checks, /metrics as Prometheus takes it; who may read them; and what an end
by SIGTERM looks like from outside."""
import http.client, json, re, signal, subprocess, time

from cli import DAEMON, DIGEST, Daemon, Phone, call, equal, has, main, read, run_as, test, wait_for
from signing import Key, code_of, signed
from tls import free_port

PORT, SCRAPED = free_port(), free_port()
BASE, JSON = f"http://127.0.0.1:{PORT}", "application/json"
LISTEN = ("--listen", f"127.0.0.1:{PORT}", "--metrics-listen", f"127.0.0.1:{SCRAPED}")
D = Daemon().start(*LISTEN)
PHONE = Phone(D.sock)
PHONE.init(aux=True)
PHONE.run("device", "enrol")
WALLET = PHONE.run("wallet", "create", "--allow", "digest", "--signers", "2").one()["wallet"]
CHECKS = {"store", "vault", "auxiliary", "disk", "clock", "workers", "fresh", "staying"}


def tcp(port, path, headers=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.request("GET", path, None, headers or {})
    r = c.getresponse()
    status, said, body = r.status, dict(r.getheaders()), r.read()
    c.close()
    return status, said, body


NAME, VALUE = r"[a-z_]+", r"-?[0-9.e+]+|\+Inf|NaN"
LABEL = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
LINE = re.compile(rf'({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ({VALUE})')


def parsed(text):
    """Every line is one of the text format; a family has HELP and TYPE before its samples, once, and no sample twice."""
    kinds, found = {}, {}
    equal(text.endswith("\n"), True)
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            equal((name in kinds, kind in ("counter", "gauge", "histogram")), (False, True))
            kinds[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        m = LINE.fullmatch(line)
        if m is None:
            raise AssertionError(f"no sample: {line}")
        family = re.sub("_(bucket|sum|count)$", "", m[1]) if m[1] not in kinds else m[1]
        equal((family in kinds, (m[1], m[2]) in found), (True, False))
        equal(kinds[family] != "counter" or m[1].endswith("_total"), True)
        found[m[1], m[2]] = float(m[3])
    for name in [n for n, k in kinds.items() if k == "histogram"]:
        for mode in ("full", "presigned"):
            buckets = [v for (n, labels), v in found.items() if n == f"{name}_bucket" and f'mode="{mode}"' in labels]
            equal((buckets == sorted(buckets), buckets[-1]), (True, found[f"{name}_count", f'mode="{mode}"']))
    return found


def metrics():
    return parsed(call(D.sock, "GET", "/metrics")[2].decode())


@test
def what_happens_is_counted():
    before = metrics()
    PHONE.run("sign", WALLET, "--digest", DIGEST)
    PHONE.run("presign", WALLET, "--count", "2")
    PHONE.run("sign", WALLET, "--digest", DIGEST, "--presigned")
    call(D.sock, "GET", "/v1/none")
    now = metrics()
    grown = {k: v - before.get(k, 0) for k, v in now.items() if v != before.get(k, 0)}
    for kind in ("sign", "presign", "online"):
        equal(grown["countersign_sessions_total", f'kind="{kind}",outcome="done"'], 1)
    for mode in ("full", "presigned"):
        equal(grown["countersign_signing_seconds_count", f'mode="{mode}"'], 1)
    equal(grown["countersign_requests_total", 'method="POST",route="/v1/wallets/:wallet/requests",status="201"'], 2)
    equal(grown["countersign_requests_total", 'method="",route="none",status="404"'], 1)
    equal((now["countersign_wallets", None], now["countersign_wallets_without_backup", None]), (1, 1))
    equal((now["countersign_presignatures_ready", None], now["countersign_sessions_running", None]), (1, 0))
    equal((now["countersign_devices", None], now["countersign_devices_locked", None], now["countersign_ready", None]), (1, 0, 1))
    equal(now["countersign_audit_entries", None] > before["countersign_audit_entries", None], True)
    for name in ("store_octets", "memory_resident_octets", "memory_locked_octets"):
        equal(now[f"countersign_{name}", None] > 0, True)
    # Nothing in it names anybody.
    text = call(D.sock, "GET", "/metrics")[2].decode()
    equal([w for w in re.findall(r"[0-9a-f]{16,}", text)], [])


@test
def only_those_who_may_see_numbers():
    for role, good in (("read", True), ("operate", True), ("sign", False), ("approve", False)):
        k = Key()
        run_as(["--json", "--server", D.sock, "key", "add", k.pem, "--name", role, "--role", role, "--all-wallets"])
        status, headers, body = tcp(PORT, "/metrics", signed(k, BASE, "GET", "/metrics"))
        equal(status, 200 if good else 403)
        if good:
            has(headers["Content-Type"], "text/plain; version=0.0.4")
            parsed(body.decode())
    equal(code_of(tcp(PORT, "/metrics")[2]), "signature-missing")
    # The listener for monitoring has nothing else, for nobody.
    parsed(tcp(SCRAPED, "/metrics")[2].decode())
    equal((tcp(SCRAPED, "/readyz")[0], tcp(SCRAPED, "/healthz")[0]), (200, 200))
    for path in ("/v1/wallets", "/v1/audit/0", "/openapi.json", "/v1/server-keys"):
        equal(tcp(SCRAPED, path)[0], 404)
    done = subprocess.run([DAEMON, "--state", f"{D.home}/other", "--key-file", f"{D.home}/key", "--development", "--metrics-listen", f"0.0.0.0:{SCRAPED}"],
                          capture_output=True, text=True)
    equal(done.returncode, 5)
    has(done.stderr, "loopback")


@test
def health_is_cheap_and_tells_nobody_how_many_wallets_there_are():
    said = json.loads(tcp(PORT, "/healthz")[2])
    equal((said["state"], "wallets" in said), ("ready", False))


@test
def readiness_has_its_checks():
    status, _, body = tcp(PORT, "/readyz")
    said = json.loads(body)
    equal((status, said["ready"], set(said["checks"]), set(said["checks"].values())), (200, True, CHECKS, {"ok"}))


@test
def a_server_that_makes_its_primes_is_not_ready():
    other = Daemon(fresh=True).start(ready=False)
    status, _, body = call(other.sock, "GET", "/readyz")
    said = json.loads(body)
    equal((status, said["ready"], [k for k, v in said["checks"].items() if v != "ok"]), (503, False, ["auxiliary"]))
    other.stop(signal.SIGKILL)


@test
def at_the_end_readiness_turns_first_and_everybody_is_served():
    D.stop()
    D.start(*LISTEN, "--drain-seconds", "60")
    D.process.send_signal(signal.SIGTERM)
    wait_for(lambda: tcp(PORT, "/readyz")[0] == 503)
    said = json.loads(tcp(SCRAPED, "/readyz")[2])
    equal([k for k, v in said["checks"].items() if v != "ok"], ["staying"])
    # Whoever has not heard of it is served: a whole signature.
    PHONE.run("sign", WALLET, "--digest", DIGEST)
    # One who waits is answered when it ends; a second signal ends the wait.
    c = Waiter()
    start = time.monotonic()
    D.process.send_signal(signal.SIGTERM)
    equal(c.answer()[0], 200)
    equal((D.process.wait(), time.monotonic() - start < 50), (0, True))
    D.process = None
    equal(read(f"{D.home}/log").decode().count('"event":"stopping"') >= 1, True)
    D.start(*LISTEN)


class Waiter:
    """A client that waits for a mailbox of the device, over the socket."""

    def __init__(self):
        from cli import Unix
        device = json.loads(call(D.sock, "GET", f"/v1/wallets/{WALLET}")[2])["devices"][0]
        self.c = Unix(D.sock)
        self.c.request("GET", f"/v1/devices/{device}/mailboxes", None, {"Prefer": "wait=60"})
        wait_for(lambda: json.loads(call(D.sock, "GET", "/healthz")[2])["waiting"] == 1)

    def answer(self):
        r = self.c.getresponse()
        return r.status, r.read()


main()
