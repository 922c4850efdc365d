"""Events and webhooks: told in order and at least once to real receivers, whose word on the signatures is OpenSSL's; read again;
receivers that refuse, are slow, are gone; restarts and kills between; who may know of what."""
import base64, hashlib, json, signal, sqlite3, subprocess, threading, time

from cli import DIGEST, World, call, equal, folder, has, main, once, read, run_as, test, wait_for, write
from hooks import Receiver, is_taken
from signing import Key, b64, code_of, signed
from tls import Authority, Connection, context, free_port

CA = Authority()
TLS, CERT, PORT = CA.issue("receiver"), CA.issue("server"), free_port()
BASE = f"https://localhost:{PORT}"
w = World()
D, SOCK = w.daemon, w.daemon.sock
KINDS = ["request.created", "request.approved", "request.signed"]


def start():
    D.start("--webhook-ca", CA.root, "--listen", f"127.0.0.1:{PORT}", "--tls-cert", CERT[0], "--tls-key", CERT[1])


D.stop()
start()
WALLET = w.wallet()["wallet"]
LABELLED = w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--label", "treasury/eu").one()["wallet"]


def receiver(tls=False, answer="200"):
    return Receiver(TLS if tls else (), answer)


def ask(method, path, body=None, status=200):
    headers = {} if body is None else {"Content-Type": "application/json"}
    got, _, octets = call(SOCK, method, path, None if body is None else json.dumps(body).encode(), headers)
    if got != status:
        raise AssertionError(f"{method} {path}: {got}, not {status}: {octets[:300]}")
    return json.loads(octets) if octets else None


def hook(url, status=201, **more):
    return ask("POST", "/v1/webhooks", {"url": url, **(more if {"all_wallets", "wallets", "label"} & set(more) else {"all_wallets": True, **more})},
               status)


def shown(h):
    return ask("GET", f"/v1/webhooks/{h['webhook']}")


def gone(h):
    ask("DELETE", f"/v1/webhooks/{h['webhook']}", status=204)


def request(wallet=WALLET, digest="21" * 32):
    return ask("POST", f"/v1/wallets/{wallet}/requests", {"payload": {"type": "digest", "digest": digest}, "path": "m"}, 201)["request"]


def newest():
    after = 0
    while True:
        page = ask("GET", f"/v1/events/{after}")
        if page["last"] == after:
            return after
        after = page["last"]


def events(after=0):
    found = []
    while True:
        page = ask("GET", f"/v1/events/{after}")
        found += page["events"]
        if page["last"] == after:
            return found
        after = page["last"]


def is_signed(got, url):
    """By the server's key, as a webhook: OpenSSL's word."""
    said = {n.lower(): v for n, v in got["headers"].items()}
    params = said["signature-input"].removeprefix("csig=")
    names = [n.strip('"') for n in params[1:params.index(")")].split(" ")]
    values = {"@method": got["method"], "@target-uri": url, **said}
    equal(names, ["@method", "@target-uri", "content-type", "content-digest"])
    equal('tag="countersign-v1-webhook"' in params and 'alg="ed25519"' in params, True)
    keys = {hashlib.sha256(bytes.fromhex(k["key"])).hexdigest(): bytes.fromhex(k["key"]) for k in ask("GET", "/v1/server-keys")["keys"]}
    home = folder("hook")
    write(f"{home}/k", next(k for i, k in keys.items() if f'keyid="{i}"' in params))
    write(f"{home}/m", "".join(f'"{n}": {values[n]}\n' for n in names) + f'"@signature-params": {params}')
    write(f"{home}/s", base64.b64decode(said["signature"].removeprefix("csig=:").removesuffix(":")))
    r = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "k", "-in", "m", "-sigfile", "s"],
                       cwd=home, capture_output=True)
    return r.returncode == 0 and said["content-digest"] == f"sha-256=:{b64(hashlib.sha256(got['body'].encode()).digest())}:"


# --- events ---

@test
def what_happens_is_an_event_in_order_and_without_a_gap():
    found = events()
    equal([e["number"] for e in found], list(range(1, len(found) + 1)))
    equal([(e["kind"], e["wallet"], e["epoch"]) for e in found if e["kind"] == "wallet.born"], [("wallet.born", x, 0) for x in (WALLET, LABELLED)])
    after = newest()
    w.phone.run("sign", WALLET, "--digest", DIGEST)
    w.phone.run("wallet", "refresh", WALLET)
    told = events(after)
    equal([e["kind"] for e in told], [*KINDS, "epoch.committed"])
    equal({e.get("wallet") for e in told}, {WALLET})
    equal(len({e["request"] for e in told[:3]}), 1)
    equal(told[3]["epoch"], 1)
    equal(ask("GET", f"/v1/events/{after + 1}")["events"], told[1:])
    equal(any(DIGEST in json.dumps(e) for e in told), False)
    equal(len({e["event"] for e in events()}), len(events()))


@test
def every_end_of_a_request_is_an_event():
    after, path = newest(), f"/v1/wallets/{WALLET}/requests"
    asked = {"payload": {"type": "digest", "digest": "23" * 32}, "path": "m"}
    cancelled, short = request(), ask("POST", path, {**asked, "expires_in": 1}, 201)["request"]
    ask("POST", f"/v1/requests/{cancelled}/cancel")
    ask("POST", f"/v1/requests/{cancelled}/cancel")
    ends = lambda: {(e["kind"], e["request"]) for e in events(after) if e["kind"] not in KINDS[:2]}
    wait_for(lambda: len(ends()) == 2)
    equal(ends(), {("request.cancelled", cancelled), ("request.expired", short)})


@test
def what_a_policy_says_is_an_event():
    def policy(then):
        rule = {"id": "digests", "if": {"types": ["digest"], "blind": True}, "then": then}
        ask("PUT", f"/v1/wallets/{LABELLED}/policy", {"policy": {"version": 1, "default": "deny", "rules": [rule]}})

    after, asked = newest(), {"payload": {"type": "digest", "digest": "24" * 32}, "path": "m"}
    policy("deny")
    ask("POST", f"/v1/wallets/{LABELLED}/requests", asked, 403)
    policy({"approve": {"quorum": 1, "of": [Key().id]}})
    waits = ask("POST", f"/v1/wallets/{LABELLED}/requests", asked, 201)
    equal(waits["state"], "pending")
    equal([(e["kind"], e["wallet"], e.get("request")) for e in events(after)],
          [("request.denied", LABELLED, None), *((k, LABELLED, waits["request"]) for k in ("request.created", "request.pending"))])
    policy("allow")


@test
def an_event_stays_as_it_is():
    db = sqlite3.connect(f"{D.state}/store.db", timeout=60)
    for change in ("DELETE FROM events WHERE number = 1", "UPDATE events SET kind = 'x' WHERE number = 1"):
        try:
            db.execute(change)
            raise AssertionError("an event has changed")
        except sqlite3.IntegrityError as e:
            has(str(e), "stays")
    db.close()


@test
def who_waits_for_events_is_woken():
    after, answers = newest(), []
    waiting = threading.Thread(target=lambda: answers.append(call(SOCK, "GET", f"/v1/events/{after}", headers={"Prefer": "wait=60"})))
    waiting.start()
    wait_for(lambda: ask("GET", "/healthz")["waiting"] == 1)
    made = request()
    waiting.join()
    page = json.loads(answers[0][2])
    equal([(e["kind"], e["request"]) for e in page["events"]], [(k, made) for k in KINDS[:2]])


@test
def a_key_hears_of_its_wallets_alone():
    def added(*selection):
        k = Key()
        run_as(["--json", "key", "add", k.pem, "--name", "x", "--role", "read", *selection, "--server", SOCK])
        return k

    def heard(k, after=0, prefer=None):
        c = Connection(PORT, context(CA))
        more = {"prefer": prefer} if prefer else None
        c.request("GET", f"/v1/events/{after}", headers=signed(k, BASE, "GET", f"/v1/events/{after}", more=more))
        return json.loads(c.getresponse().read())

    request(LABELLED)
    everything = events()
    equal(heard(added("--all-wallets"))["events"], everything)
    for selection, wallet in ((("--wallet", WALLET), WALLET), (("--label", "treasury"), LABELLED)):
        k = added(*selection)
        page = heard(k)
        equal(page["events"], [e for e in everything if e["wallet"] == wallet])
        equal(len(page["events"]) > 2 and page["last"] == newest(), True)
    equal(heard(added("--wallet", "77" * 16)), {"events": [], "last": newest()})
    # What is somebody else's wakes nobody.
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(heard(k, newest(), "wait=60")))
    waiting.start()
    wait_for(lambda: ask("GET", "/healthz")["waiting"] == 1)
    request(WALLET)
    mine = request(LABELLED)
    waiting.join()
    equal([e["request"] for e in answers[0]["events"]][:1], [mine])
    c = Connection(PORT, context(CA))
    c.request("GET", "/v1/events/0")
    equal(code_of(c.getresponse().read()), "signature-missing")


# --- webhooks ---

@test
def a_webhook_is_told_in_order_signed_and_as_it_can_be_read_again():
    r = receiver(tls=True)
    h, after = hook(r.url), newest()
    for i in range(5):
        request(digest=f"{i + 1:064x}")
    w.phone.run("sign", WALLET, "--digest", DIGEST)
    wait_for(lambda: len(r.got()) == 13)
    equal([{n: v for n, v in b.items() if n != "webhook"} for b in r.bodies()], events(after))
    equal({b["webhook"] for b in r.bodies()}, {h["webhook"]})
    for g in (r.got()[0], r.got()[-1]):
        equal(is_signed(g, r.url), True)
        equal(is_signed(g, r.url + "x"), False)
        equal(is_signed({**g, "body": g["body"].replace("request", "Request")}, r.url), False)
    keys, g = [k["key"] for k in ask("GET", "/v1/server-keys")["keys"]], r.got()[-1]
    equal(is_taken(g, r.url, keys), True)
    for bad in ((g, r.url + "x", keys), (g, r.url, [Key().public.hex()]), (g, r.url, keys, 1), (g, r.url, keys, int(time.time()) + 100),
                ({**g, "body": g["body"] + " "}, r.url, keys), ({**g, "method": "PUT"}, r.url, keys),
                ({**g, "headers": {**g["headers"], "Signature": r.got()[0]["headers"]["Signature"]}}, r.url, keys)):
        equal(is_taken(*bad), False)
    nonces = {g["headers"]["Signature-Input"] for g in r.got()}
    equal(len(nonces), 13)
    wait_for(lambda: shown(h)["deliveries"] == 13)
    now = shown(h)
    equal((now["state"], now["failures"], now["attempts"], now["delivered"], now["last_status"]), ("active", 0, 0, newest(), 200))
    gone(h)
    request()
    equal(ask("GET", "/v1/webhooks"), {"webhooks": []})


@test
def selections_are_kept():
    r, other = receiver(), receiver()
    signed_alone = hook(r.url, events=["request.signed"], wallets=[WALLET])
    label = hook(other.url, label="treasury")
    request(LABELLED)
    w.phone.run("sign", WALLET, "--digest", DIGEST)
    request(LABELLED)
    wait_for(lambda: len(other.got()) == 4 and len(r.got()) == 1)
    equal(r.kinds(), ["request.signed"])
    equal({b["wallet"] for b in other.bodies()}, {LABELLED})
    for h in (signed_alone, label):
        gone(h)


@test
def what_is_refused_comes_again_before_what_is_later():
    r = receiver(answer="500")
    h = hook(r.url)
    first = request()
    wait_for(lambda: len(r.got()) >= 2)
    second = request()
    now = shown(h)
    equal((now["state"], now["last_status"], now["failures"] >= 1, "failing_since" in now, "next_attempt" in now), ("active", 500, True, True, True))
    r.say("204")
    wait_for(lambda: r.bodies()[-1]["number"] == newest())
    told = r.bodies()
    equal([b["number"] for b in told], sorted(b["number"] for b in told))
    equal(list(dict.fromkeys((b["kind"], b["request"]) for b in told)), [(k, q) for q in (first, second) for k in KINDS[:2]])
    equal(told[0], told[1])
    equal(len({g["headers"]["Signature"] for g in r.got()}), len(told))
    wait_for(lambda: shown(h)["attempts"] == 0)
    gone(h)


@test
def a_receiver_that_is_gone_hears_it_when_it_is_back_whatever_became_of_the_daemon():
    r = receiver()
    h = hook(r.url)
    r.stop()
    first = request()
    wait_for(lambda: shown(h)["failures"] >= 1)
    D.stop(signal.SIGKILL)
    start()
    before = shown(h)
    equal((before["failures"] >= 1, before["last_status"]), (True, 0))
    second = request()
    r.start()
    wait_for(lambda: len(r.got()) >= 4)
    equal([(b["kind"], b["request"]) for b in r.bodies()], [(k, q) for q in (first, second) for k in KINDS[:2]])
    D.stop()
    start()
    third = request()
    wait_for(lambda: len(r.got()) >= 6)
    equal([b["request"] for b in r.bodies()], [q for q in (first, second, third) for _ in range(2)])
    gone(h)


@test
def who_is_slow_delays_nobody_else():
    slow, quick = receiver(answer="slow"), receiver()
    hooks = [hook(slow.url), hook(quick.url)]
    request()
    wait_for(lambda: len(slow.got()) == 1)
    request()
    wait_for(lambda: len(quick.got()) == 4)
    equal(shown(hooks[0])["deliveries"], 0)
    D.stop()
    start()
    for h in hooks:
        gone(h)


@test
def redirects_and_long_answers_are_failures():
    for answer, status in (("redirect", 302), ("long", 0)):
        r = receiver(answer=answer)
        h = hook(r.url)
        request()
        wait_for(lambda: shown(h)["failures"] >= 1)
        equal(shown(h)["last_status"], status)
        equal({g["path"] for g in r.got()}, {"/hook?of=countersign"})
        gone(h)


@test
def a_test_is_told_to_one_and_at_once():
    r, other = receiver(), receiver()
    h, o = hook(r.url, events=["wallet.born"]), hook(other.url)
    r.stop()
    now = ask("POST", f"/v1/webhooks/{h['webhook']}/test", status=202)
    equal(now["state"], "active")
    wait_for(lambda: shown(h)["failures"] >= 1)
    r.start()
    ask("POST", f"/v1/webhooks/{h['webhook']}/test", status=202)
    wait_for(lambda: len(r.got()) >= 2)
    equal((r.kinds(), other.kinds()), (["webhook.test"] * 2, []))
    for x in (h, o):
        gone(x)
    ask("POST", f"/v1/webhooks/{h['webhook']}/test", status=404)


@test
def not_everybody_is_called():
    for url in ("http://example.org/", "ftp://localhost/", "https://user@localhost/", "https://localhost/#x", "https://", "https://a b/",
                "http://10.0.0.1/", "http://localhost.example/", "https://localhost:0/", "https://localhost:65536/", "x" * 600):
        equal(hook(url, 400)["field"], "url")
    hooks = [hook(u) for u in ("https://169.254.169.254/latest", "https://[fe80::1]/", "https://[::ffff:169.254.169.254]/", "https://0.0.0.0/")]
    stranger = receiver(tls=True)
    hooks.append(hook(stranger.url.replace("localhost", "127.0.0.1").replace("https", "http")))
    request()
    wait_for(lambda: all(shown(h)["failures"] >= 1 for h in hooks))
    log = [once(line) for line in read(f"{D.home}/log").decode().splitlines()]
    for h in hooks[:4]:
        equal(any(line["event"] == "webhook not delivered" and line["webhook"] == h["webhook"] and "not called" in line["reason"] for line in log), True)
    equal(stranger.got(), [])
    for h in hooks:
        gone(h)
    # Whoever wants to is let through, to where no certificate is good.
    D.stop()
    D.start("--webhook-private")
    h = hook(stranger.url.replace("localhost", "0.0.0.0"))
    request()
    wait_for(lambda: any(h["webhook"] in line and "certificate" in line.lower() for line in read(f"{D.home}/log").decode().split("\n")))
    gone(h)
    D.stop()
    start()


@test
def a_certificate_that_nobody_vouches_for_hears_nothing():
    r = receiver(tls=True)
    D.stop()
    other = Authority("other")
    D.start("--webhook-ca", other.root)
    h = hook(r.url)
    request()
    wait_for(lambda: shown(h)["failures"] >= 1)
    equal(r.got(), [])
    gone(h)
    D.stop()
    start()


@test
def what_is_no_webhook_is_refused():
    good = {"url": "https://localhost/", "all_wallets": True}
    for change, field in (({"events": []}, "events"), ({"events": ["request.none"]}, "events"), ({"events": ["webhook.test"]}, "events"),
                          ({"events": ["wallet.born", "wallet.born"]}, "events"), ({"all_wallets": False}, "wallets"),
                          ({"wallets": [WALLET]}, "wallets"), ({"label": "x", "all_wallets": False, "wallets": [WALLET]}, "wallets"),
                          ({"label": "X", "all_wallets": False}, "label"), ({"more": 1}, "more")):
        equal(ask("POST", "/v1/webhooks", {**good, **change}, 400)["field"], field)
    many = [hook("https://localhost/") for _ in range(64)]
    equal(hook("https://localhost/", 429)["code"], "session-limit")
    for h in many:
        gone(h)


main()
