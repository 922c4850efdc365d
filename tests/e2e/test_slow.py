"""Clients that draw a request out are cut off in time, whatever they are slow at and however they came; the others
are served. python3 and openssl."""
import http.client, socket, sys, threading, time

from cli import Daemon, call, equal, folder, main, test
from tls import Authority, Connection, context, free_port

SHORT, LONG = 2, 20  # seconds; the second for a machine that has other things to do
CA = Authority()
CERT, KEY = CA.issue("server")
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/wallets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Place:
    """One daemon reached in one way."""

    def __init__(self, way, seconds):
        self.way, self.seconds, self.daemon, self.port = way, seconds, Daemon(number=0), free_port()
        tls = ["--tls-cert", CERT, "--tls-key", KEY] if way == "tls" else []
        # All come from one address, and ask more than one may: that is another test's.
        self.daemon.start("--listen", f"127.0.0.1:{self.port}", *tls, "--client-seconds", str(seconds), "--address-limit", "1000000",
                          ready=False)

    def raw(self):
        if self.way == "unix":
            s = socket.socket(socket.AF_UNIX)
            s.connect(self.daemon.sock)
            return s
        return socket.create_connection(("127.0.0.1", self.port))

    def connect(self):
        s = self.raw()
        return context(CA).wrap_socket(s, server_hostname="localhost") if self.way == "tls" else s

    def honest(self):
        if self.way == "unix":
            return call(self.daemon.sock, "GET", "/healthz")[0]
        return Connection(self.port, context(CA) if self.way == "tls" else None).ask()[0]


def drip(place, s, data):
    """An octet now and then, until the other side has had enough; how long it took."""
    begun = time.monotonic()
    s.settimeout(0.1)
    for i in range(10000):
        try:
            s.sendall(data[i % len(data):][:1])
            if s.recv(4096) == b"":
                break
        except TimeoutError:
            pass
        except OSError:
            break
        if time.monotonic() - begun > 6 * place.seconds:
            raise AssertionError("still connected")
    return time.monotonic() - begun


def head(place):
    s = place.connect()
    s.sendall(HEAD + b"X: ")
    return drip(place, s, b"a")


def second_head(place):
    s = place.connect()
    s.sendall(HEAD + b"\r\n")
    equal(s.recv(4096)[:12], b"HTTP/1.1 200")
    return drip(place, s, b"G")


def body(place):
    s = place.connect()
    s.sendall(POST + b"Content-Length: 60000\r\n\r\n")
    return drip(place, s, b" ")


def chunks(place):
    s = place.connect()
    s.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    return drip(place, s, b"1\r\n \r\n")


def refused_body(place):
    """Answered already, and still sending."""
    s = place.connect()
    s.sendall(b"POST /v1/none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
    return drip(place, s, b" ")


def silence(place):
    s = place.raw()
    begun = time.monotonic()
    s.settimeout(6 * place.seconds)
    try:
        equal(s.recv(1), b"")
    except ConnectionError:
        pass
    return time.monotonic() - begun


def handshake(place):
    return drip(place, place.raw(), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + 500 * b"a")


def no_reading(place):
    """Asks and asks, and takes no reply: until no more can be sent, and then the time is up."""
    s = place.connect()
    s.settimeout(6 * place.seconds)
    begun = time.monotonic()
    try:
        while True:
            s.sendall(100 * (HEAD + b"\r\n"))
            begun = time.monotonic()
    except TimeoutError:
        raise AssertionError("still connected")
    except OSError:
        return time.monotonic() - begun


KINDS = [head, second_head, body, chunks, refused_body, silence, no_reading]


def in_time(show, *args):
    """With little time for the clients. Who is slow because of the machine has ten times as long to show it again; what is
    wrong is wrong at any speed."""
    try:
        show(*args, SHORT)
    except (AssertionError, OSError, http.client.HTTPException) as e:
        print(f"{show.__name__} {args}: {e}; again with {LONG} s", flush=True)
        show(*args, LONG)


def all_are_cut(way, kinds, seconds):
    place, failed, took = Place(way, seconds), [], {}

    def one(kind):
        try:
            took[kind.__name__] = kind(place)
        except BaseException as e:
            failed.append(f"{way} {kind.__name__}: {e!r}")

    threads = [threading.Thread(target=one, args=(k,)) for k in kinds for _ in range(5)]
    for t in threads:
        t.start()
    served = 0
    while any(t.is_alive() for t in threads):
        begun = time.monotonic()
        equal(place.honest(), 200)
        if time.monotonic() - begun > seconds:
            failed.append("an honest client waits")
        served += 1
        time.sleep(0.05)
    equal(failed, [])
    equal(sorted(took), sorted(k.__name__ for k in kinds))
    for name, lasted in took.items():
        # Nobody is cut early; reading is a matter of the buffers between.
        if name != "no_reading" and lasted < seconds * 0.8:
            raise AssertionError(f"{name}: cut after {lasted:.1f} s")
    if served < 10:
        raise AssertionError(f"{served} honest requests")
    equal(place.honest(), 200)
    place.daemon.stop()


@test
def slow_clients_of_the_unix_socket():
    in_time(all_are_cut, "unix", KINDS)


@test
def slow_clients_over_tcp():
    in_time(all_are_cut, "tcp", KINDS)


@test
def slow_clients_over_tls():
    in_time(all_are_cut, "tls", [*KINDS, handshake])


def keeps_its_connection(seconds):
    place = Place("tls", seconds)
    c = Connection(place.port, context(CA))
    c.connect()
    first = c.sock
    for _ in range(8):
        equal(c.ask()[0], 200)
        time.sleep(seconds / 4)
    equal(c.sock is first, True)
    place.daemon.stop()


@test
def who_keeps_a_connection_and_asks_in_time_is_never_cut():
    in_time(keeps_its_connection)


def answer_to(place, data):
    """The first octets of it; none where the daemon hangs up on what it does not read."""
    s = place.connect()
    try:
        s.sendall(data)
    except OSError:
        pass
    try:
        return s.recv(64)
    except ConnectionError:
        return b""


@test
def heads_and_bodies_have_an_end():
    place = Place("unix", LONG)
    for long in (b"X: " + b"a" * 40000 + b"\r\n\r\n", b"".join(b"X%d: 1\r\n" % i for i in range(20000))):
        equal(answer_to(place, HEAD + long)[:10] in (b"HTTP/1.1 4", b""), True)
    equal(answer_to(place, POST + b"Content-Length: 99999999999\r\n\r\n")[:12], b"HTTP/1.1 413")
    s = place.connect()
    s.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    try:
        for _ in range(4000):
            s.sendall(b"1000\r\n" + 4096 * b" " + b"\r\n")
        raise AssertionError("16 MB of body are read")
    except OSError:
        pass
    equal(place.honest(), 200)
    place.daemon.stop()


main()
