"""Certificates made by openssl for a test, and the other side of TLS: Python's ssl, which is OpenSSL."""
import http.client, random, socket, ssl, subprocess, threading

from cli import folder, write


def openssl(*args, home):
    subprocess.run(["openssl", *args], cwd=home, check=True, capture_output=True)


class Authority:
    """A root, and certificates that it signs: NAME.pem, NAME.key."""

    def __init__(self, name="root"):
        self.home, self.count = folder("ca"), 0
        self.make(name, ["-x509", "-days", "30", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE"])
        self.root, self.root_key = f"{self.home}/{name}.pem", f"{self.home}/{name}.key"

    def make(self, name, args):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.pem", *args, home=self.home)

    def issue(self, name, purpose="serverAuth", days="30"):
        """The names of certificate and key."""
        self.count += 1
        write(f"{self.home}/ext", f"subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage={purpose}\n"
              "basicConstraints=critical,CA:FALSE\n")
        self.make(name, ["-subj", f"/CN={name}"])
        openssl("x509", "-req", "-in", f"{name}.pem", "-CA", self.root, "-CAkey", self.root_key, "-set_serial", str(self.count),
                "-days", days, "-extfile", "ext", "-out", f"{name}.crt", home=self.home)
        return f"{self.home}/{name}.crt", f"{self.home}/{name}.key"


def context(authority, client=None, newest=ssl.TLSVersion.TLSv1_3):
    c = ssl.create_default_context(cafile=authority.root)
    c.maximum_version = newest
    if client is not None:
        c.load_cert_chain(*client)
    return c


class Connection(http.client.HTTPConnection):
    """Keeps its connection; tls: a context, or None."""

    def __init__(self, port, tls=None):
        super().__init__("localhost", port, timeout=300)
        self.tls = tls

    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=300)
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname="localhost")

    def ask(self, method="GET", path="/healthz", body=None, headers=None):
        self.request(method, path, body, headers or {})
        r = self.getresponse()
        return r.status, r.read()


reserved = []


def free_port():
    """A port that is ours until this process ends: of no outgoing connection, and of no other test, which would find the
    name of the port taken."""
    while True:
        port = random.SystemRandom().randrange(10000, 32768)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0countersign-test-port-{port}")
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        reserved.append(name)
        return port


class Between:
    """A proxy on a port of this machine, for plain HTTP, that changes what the server says."""

    def __init__(self, to):
        self.change, self.to = lambda x: x, to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near = self.listener.accept()[0]
            far = socket.create_connection(("127.0.0.1", self.to))
            threading.Thread(target=self.pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(far, near, True), daemon=True).start()

    def pump(self, a, b, back):
        try:
            while data := a.recv(1 << 20):
                b.sendall(self.change(data) if back else data)
        except OSError:
            pass
        for s in (a, b):
            s.close()
