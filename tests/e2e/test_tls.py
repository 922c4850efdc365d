"""TLS of the TCP listener, with OpenSSL on the other side: version, certificates and their replacement, client
certificates, where it may listen. python3 and openssl."""
import http.client, json, os, shutil, signal, ssl, subprocess

from cli import DAEMON, Daemon, equal, has, main, once, read, test, wait_for, write
from tls import Authority, Connection, context, free_port, openssl

LISTEN = 5  # exit code: api/README.md
CA = Authority()


def files(cert, key):
    return ["--tls-cert", cert, "--tls-key", key]


def served(*extra, name="server"):
    """A daemon on a port of its own with copies of a certificate, which a test may replace."""
    d, port = Daemon(number=0), free_port()
    d.cert, d.key = f"{d.home}/cert.pem", f"{d.home}/key.pem"
    install(d, *CA.issue(name))
    d.start("--listen", f"127.0.0.1:{port}", *files(d.cert, d.key), *extra, ready=False)
    return d, port


def install(d, cert, key):
    write(d.cert, read(cert))
    write(d.key, read(key))


def hang_up(d, word):
    """SIGHUP, until the log says so once more."""
    before = read(f"{d.home}/log").count(word)
    d.process.send_signal(signal.SIGHUP)
    wait_for(lambda: read(f"{d.home}/log").count(word) > before)


def serial(port, tls):
    c = Connection(port, tls)
    equal(c.ask()[0], 200)
    return int(c.sock.getpeercert()["serialNumber"], 16), c


def fails(f, *kinds):
    try:
        f()
    except kinds as e:
        return str(e)
    raise AssertionError("it works")


def ends(*extra):
    """The daemon does not start; what it says."""
    d = Daemon(number=0)
    r = subprocess.run([DAEMON, "--state", d.state, "--socket", d.sock, "--key-file", f"{d.home}/key", "--development", *extra],
                       capture_output=True, text=True, timeout=300)
    return r.returncode, r.stderr


@test
def a_head_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection():
    """Somebody between would find the end of the request elsewhere, or another server meant."""
    d, port = served()
    host = f"Host: localhost:{port}"
    for more in (["Content-Length: 0", "Content-Length: 5"], ["Transfer-Encoding: chunked", "Content-Length: 5"], ["Host: elsewhere"]):
        c = Connection(port, context(CA))
        c.connect()
        c.sock.sendall("\r\n".join(["GET /healthz HTTP/1.1", host, *more, "", "0", "", ""]).encode())
        said = b""
        while got := c.sock.recv(65536):
            said += got
        has(said.decode(), "HTTP/1.1 400", "Connection: close", '"code":"bad-request"', '"field":"headers"')
        equal(said.count(b"HTTP/1.1"), 1)
    # What cannot even be named is not answered, and no error of the server's.
    c = Connection(port, context(CA))
    c.connect()
    c.sock.sendall(f"GET\t/healthz x HTTP/1.1\r\n{host}\r\n\r\n".encode())
    equal(c.sock.recv(65536), b"")
    log = [once(line) for line in read(f"{d.home}/log").decode().splitlines()]
    equal([line["level"] for line in log if line["event"] == "a reply is not signed"], ["info"])
    d.stop()


@test
def tls_13_and_nothing_older():
    d, port = served()
    c = Connection(port, context(CA))
    equal(c.ask()[0], 200)
    equal(c.sock.version(), "TLSv1.3")
    older = context(CA, newest=ssl.TLSVersion.TLSv1_2)
    fails(Connection(port, older).ask, ssl.SSLError)
    for flag in ("-tls1_2", "-tls1_1"):
        r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", flag], input="", capture_output=True, text=True)
        has(r.stdout + r.stderr, "Cipher is (NONE)", "no peer certificate")
    fails(Connection(port).ask, OSError, http.client.HTTPException)
    fails(Connection(port, context(Authority("other"))).ask, ssl.SSLError)
    equal(Connection(port, context(CA)).ask()[0], 200)
    d.stop()


@test
def a_certificate_is_replaced_while_connections_go_on():
    d, port = served(name="first")
    tls = context(CA)
    first, old = serial(port, tls)
    cert, key = CA.issue("second")
    # Half a renewal: the pair before stays.
    write(d.cert, read(cert))
    hang_up(d, b"is not that of the certificate")
    equal(serial(port, tls)[0], first)
    write(d.key, read(key))
    hang_up(d, b"certificate.read")
    second, fresh = serial(port, tls)
    equal(second, first + 1)
    for c in (old, fresh):
        equal(c.ask()[0], 200)
    for bad in (b"", b"-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n"):
        write(d.cert, bad)
        hang_up(d, b"the one before is used")
        equal(serial(port, tls)[0], second)
    os.unlink(d.key)
    install(d, *CA.issue("third"))
    os.chmod(d.key, 0o644)
    hang_up(d, b"is open to others")
    equal(serial(port, tls)[0], second)
    os.chmod(d.key, 0o640)
    hang_up(d, b"certificate.read")
    equal(serial(port, tls)[0], second + 1)
    equal(d.process.poll(), None)
    d.stop()


@test
def handshakes_and_reloads_at_once():
    d, port = served()
    tls = context(CA)
    for i in range(40):
        if i % 4 == 0:
            d.process.send_signal(signal.SIGHUP)
        equal(Connection(port, tls).ask()[0], 200)
    d.stop()
    equal(d.process, None)


@test
def clients_show_a_certificate_where_it_is_asked_for():
    other = Authority("other")
    d = Daemon(number=0)
    roots = write(f"{d.home}/roots.pem", read(CA.root))
    d, port = served("--tls-client-ca", roots)

    def answer(client):
        status, body = Connection(port, context(CA, client)).ask()
        return status, json.loads(body).get("code")

    good = CA.issue("client", "clientAuth")
    equal(answer(good), (200, None))
    refused = (403, "client-certificate")
    equal(answer(None), refused)
    equal(answer(other.issue("client", "clientAuth")), refused)
    equal(answer(CA.issue("of-a-server", "serverAuth")), refused)
    equal(answer(CA.issue("over", "clientAuth", days="-1")), refused)
    # Every request of a connection, and no work is done for it.
    c = Connection(port, context(CA))
    for _ in range(3):
        equal(c.ask("POST", "/v1/wallets", b"{}", {"Content-Type": "application/json"})[0], 403)
    # A chain through an intermediate authority.
    middle = chained(CA)
    equal(answer(middle), (200, None))
    # Another list: who comes from now on is asked anew.
    write(roots, read(other.root))
    hang_up(d, b"certificate.read")
    equal(answer(good), refused)
    equal(answer(other.issue("client", "clientAuth")), (200, None))
    d.stop()


def chained(authority):
    """A client's certificate and the authority between it and the root, in one file."""
    between = Authority("between")
    openssl("req", "-new", "-key", between.root_key, "-subj", "/CN=between", "-out", "between.csr", home=between.home)
    write(f"{between.home}/ext-ca", "basicConstraints=critical,CA:TRUE\n")
    openssl("x509", "-req", "-in", "between.csr", "-CA", authority.root, "-CAkey", authority.root_key, "-set_serial", "77",
            "-extfile", "ext-ca", "-days", "30", "-out", "between.pem", home=between.home)
    cert, key = between.issue("leaf", "clientAuth")
    return write(f"{between.home}/chain.pem", read(cert) + read(f"{between.home}/between.pem")), key


@test
def without_a_list_a_certificate_changes_nothing():
    d, port = served()
    equal(Connection(port, context(CA, CA.issue("client", "clientAuth"))).ask()[0], 200)
    d.stop()


@test
def it_does_not_start_with_files_that_are_no_good():
    cert, key = CA.issue("server")
    at = ["--listen", f"127.0.0.1:{free_port()}"]
    mixed = CA.issue("mixed")[1]
    for extra, word in ((files("/none", key), "/none"), (files(cert, "/none"), "/none"), (files(key, key), key),
                        (files(cert, cert), cert), (files(cert, mixed), "is not that of the certificate"),
                        ([*files(cert, key), "--tls-client-ca", "/none"], "/none"),
                        ([*files(cert, key), "--tls-client-ca", key], key)):
        code, said = ends(*at, *extra)
        equal(code, LISTEN)
        has(said, word)
    loose = shutil.copy(key, f"{CA.home}/loose.key")
    os.chmod(loose, 0o604)
    has(ends(*at, *files(cert, loose))[1], "open to others")
    for wrong in ([*at, "--tls-cert", cert], [*at, "--tls-key", key], files(cert, key), [*at, "--tls-client-ca", cert]):
        equal(ends(*wrong)[0], 2)


@test
def off_loopback_only_with_tls_and_a_name():
    cert, key = CA.issue("server")
    for extra in ([], files(cert, key), ["--authority", "localhost"]):
        code, said = ends("--listen", f"0.0.0.0:{free_port()}", *extra)
        equal(code, LISTEN)
        has(said, "not a loopback address")
    d, port = Daemon(number=0), free_port()
    d.start("--listen", f"0.0.0.0:{port}", *files(cert, key), "--authority", f"localhost:{port}", ready=False)
    c = Connection(port, context(CA))
    equal(c.ask()[0], 200)
    equal(c.ask(path="/v1/wallets")[0], 401)
    equal(c.ask(path="/v1/wallets", headers={"Host": f"127.0.0.1:{port}"})[0], 421)
    d.stop()


main()
