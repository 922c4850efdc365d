"""What a backend asks for: under a name and once, until its time is up, until it is cancelled; and who waits for it."""
import json, os, signal, threading, time

from cli import AGAIN, DIGEST, REFUSED, World, call, equal, has, main, test, wait_for
from hooks import Receiver
from terminal import Terminal

JSON = "application/json"
w = World()
SOCK = w.daemon.sock
WALLET = w.wallet()["wallet"]
DEVICE = w.phone.run("device", "init").one()["identity"]
ASKED = f"/v1/wallets/{WALLET}/requests"
NONCES = json.dumps({"signers": [1, 2], "nonces": ["22" * 32]}).encode()


def ask(method, path, body=None, name=None, **headers):
    """status, what was said."""
    given = {"Content-Type": JSON} if body is not None else {}
    given |= {"Idempotency-Key": name} if name else {}
    status, _, said = call(SOCK, method, path, body, {**given, **headers})
    return status, json.loads(said) if said else None


def digest(d=DIGEST, **more):
    return json.dumps({"payload": {"type": "digest", "digest": d}, "path": "m/0", **more}).encode()


def made(**more):
    status, said = ask("POST", ASKED, digest(**more))
    equal(status, 201)
    return said["request"]


def state_of(request):
    return ask("GET", f"/v1/requests/{request}")[1]["state"]


@test
def the_same_name_is_the_same_request_for_good():
    name = '"order-1"'
    status, first = ask("POST", ASKED, digest(), name)
    equal(status, 201)
    w.daemon.stop(signal.SIGKILL)
    w.daemon.start()
    for said in (name, "order-1"):
        status, again = ask("POST", ASKED, digest(), said)
        equal((status, again), (200, first))
    for other in (digest("12" * 32), digest(expires_in=60), digest() + b" "):
        status, said = ask("POST", ASKED, other, name)
        equal((status, said["code"]), (422, "idempotency-key-reused"))
    status, said = ask("POST", ASKED, digest(), '"order-2"')
    equal((status, said["request"] != first["request"]), (201, True))
    for wrong in ('""', '"a"b"', "x" * 129, "a b"):
        status, said = ask("POST", ASKED, digest(), wrong)
        equal((status, said["field"]), (400, "Idempotency-Key"))


@test
def many_at_once_under_one_name_are_one():
    said = []
    threads = [threading.Thread(target=lambda: said.append(ask("POST", ASKED, digest(), "at-once"))) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(sorted(s for s, _ in said), [200] * 7 + [201])
    equal(len({r["request"] for _, r in said}), 1)


@test
def a_request_ends_with_its_time():
    request = made(expires_in=1)
    wait_for(lambda: state_of(request) == "expired")
    status, said = ask("POST", f"/v1/requests/{request}/sessions", NONCES)
    equal((status, said["code"]), (409, "state-conflict"))
    has(said["detail"], "expired")
    equal(ask("POST", f"/v1/requests/{request}/cancel")[0], 409)
    for wrong in (0, 604801, -1, "60"):
        equal(ask("POST", ASKED, digest(expires_in=wrong))[0], 400)


@test
def what_is_cancelled_is_not_signed():
    request = made()
    session = ask("POST", f"/v1/requests/{request}/sessions", NONCES)[1]["session"]
    equal(state_of(request), "signing")
    status, said = ask("POST", f"/v1/requests/{request}/cancel")
    equal((status, said["state"]), (200, "cancelled"))
    equal(ask("POST", f"/v1/requests/{request}/cancel")[0], 200)
    equal(ask("GET", f"/v1/sessions/{session}")[1]["state"], "aborted")
    status, said = ask("PUT", f"/v1/sessions/{session}/rounds/1", b"anything", **{"Content-Type": "application/octet-stream"})
    equal((status, said["code"]), (410, "session-gone"))
    status, said = ask("POST", f"/v1/requests/{request}/sessions", NONCES)
    equal((status, said["code"]), (409, "state-conflict"))


@test
def lists_are_the_newest_first():
    mine = [made() for _ in range(3)]
    found = ask("GET", ASKED)[1]["requests"]
    equal([r["request"] for r in found[:3]], mine[::-1])
    numbers = [r["number"] for r in found]
    equal(numbers, list(range(len(found), 0, -1)))
    equal([r["number"] for r in ask("GET", f"{ASKED}/3")[1]["requests"]], [2, 1])
    equal(ask("GET", f"{ASKED}/1")[1], {"requests": []})


@test
def lists_are_read_page_by_page():
    def pages(path, name, key, limit):
        found, after, sizes = [], "", []
        while after is not None:
            page = ask("GET", f"{path}?limit={limit}{after}")[1]
            found += [r[key] for r in page[name]]
            sizes.append(len(page[name]))
            after = f"&after={page['next']}" if "next" in page else None
        equal(max(sizes) <= limit, True)
        return found

    wanted = f"/v1/devices/{DEVICE}/requests"
    mine = [made() for _ in range(3)]
    whole = [r["request"] for r in ask("GET", wanted)[1]["requests"]]
    equal([r for r in whole if r in mine], mine)
    for limit in (1, 2, len(whole), 100):
        equal(pages(wanted, "requests", "request", limit), whole)
        equal(pages(ASKED, "requests", "request", limit), [r["request"] for r in ask("GET", ASKED)[1]["requests"]])
    other = w.wallet()["wallet"]
    for limit in (1, 2, 100):
        equal(pages("/v1/wallets", "wallets", "wallet", limit), [WALLET, other])
    # what has left the list is a place to go on from, and who comes behind it is seen
    equal(ask("POST", f"/v1/requests/{mine[0]}/cancel")[0], 200)
    equal([r["request"] for r in ask("GET", f"{wanted}?after={mine[0]}")[1]["requests"]], mine[1:])
    for wrong in ("after=" + "77" * 32, "after=12", "limit=0", "limit=101", "limit=1&limit=1", "limit=01", "before=1", "limit", "&limit=1"):
        for path in (wanted, ASKED, "/v1/wallets"):
            equal((wrong, ask("GET", f"{path}?{wrong}")[0]), (wrong, 400))
    equal(ask("GET", f"/v1/wallets/{WALLET}?limit=1")[0], 400)
    for r in mine[1:]:
        equal(w.phone.run("requests", "cancel", r).one()["state"], "cancelled")
    r = w.phone.run("requests", "list", WALLET)
    equal([x["request"] for x in r.objects(r.out)], [r["request"] for r in ask("GET", ASKED)[1]["requests"]])


@test
def who_waits_hears_of_it():
    wanted = f"/v1/devices/{DEVICE}/requests"
    for r in ask("GET", wanted)[1]["requests"]:
        equal(ask("POST", f"/v1/requests/{r['request']}/cancel")[0], 200)
    equal(ask("GET", wanted)[1], {"requests": []})
    heard = []
    t = threading.Thread(target=lambda: heard.append(ask("GET", wanted, Prefer="wait=60")))
    t.start()
    begin = time.monotonic()
    request = made()
    t.join()
    equal(time.monotonic() - begin < 30, True)
    equal([r["request"] for r in heard[0][1]["requests"]], [request])
    equal(ask("GET", f"/v1/devices/{'77' * 32}/requests")[0], 404)


@test
def a_delivery_is_in_the_trace_of_its_request():
    trace, r = "4bf92f3577b34da6a3ce929d0e0e4736", Receiver((), "200")
    hook = ask("POST", "/v1/webhooks", json.dumps({"url": r.url, "events": ["request.created"], "all_wallets": True}).encode())[1]["webhook"]
    equal(ask("POST", ASKED, digest(), traceparent=f"00-{trace}-00f067aa0ba902b7-01")[0], 201)
    equal(ask("POST", f"/v1/webhooks/{hook}/test")[0], 202)
    wait_for(lambda: r.kinds() == ["request.created", "webhook.test"])
    first, second = ({n.lower(): v for n, v in g["headers"].items()}["traceparent"] for g in r.got())
    equal((first[:36], first[36:52] != "00f067aa0ba902b7"), (f"00-{trace}-", True))
    equal((len(second), second[3:35] != trace), (55, True))  # of no request: a trace of its own
    equal(ask("DELETE", f"/v1/webhooks/{hook}")[0], 204)


@test
def what_the_phone_asked_for_and_could_not_sign_is_not_left_behind():
    """It would take from the wallet's limits, and come up as somebody's wish."""
    wallet = w.phone.run("wallet", "create", "--signers", "2").one()["wallet"]
    has(w.phone.run("sign", wallet, "--message", "x", "--presigned", code=REFUSED).error(), "presign")
    equal([r["state"] for r in ask("GET", f"/v1/wallets/{wallet}/requests")[1]["requests"]], ["cancelled"])


@test
def what_was_typed_before_a_request_is_shown_agrees_to_nothing():
    for r in ask("GET", f"/v1/devices/{DEVICE}/requests")[1]["requests"]:
        equal(ask("POST", f"/v1/requests/{r['request']}/cancel")[0], 200)
    request = made()
    t = Terminal("--state", w.phone.state, "--passphrase-file", w.phone.passphrase, "requests", "wait", "--wait", "5", typed=b"yes\n")
    t.wait_for("Agree?")
    t.press(b"no\n")
    code, _, seen = t.end()
    equal(code, AGAIN)
    has(seen, f"has declined request {request}, which is rejected", "nothing was asked for")
    equal(state_of(request), "rejected")


main()
