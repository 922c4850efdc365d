"""Devices and servers that are ready, so that no test searches primes but those that are about the search. Each is made
once for the programs of a build, when the first test asks for it, and kept below BUILD/prepared; a test gets a copy.

In a test of the command line nothing needs to be written for it (cli.py):
    Daemon()                 a copy of a ready server: identity, auxiliary info, spare primes; with its key file. The second
                             Daemon() of a test is another server; Daemon(number=0), where it does not matter, always the first.
                             Daemon(fresh=True): none, its first start is the first.
    Phone().init("anna", aux=True)   a copy of a ready device; another folder whose first device has the name is another
                             device. A folder with a passphrase or device of its own, and init(..., fresh=True): searches.
    World("phone", "third")  of both.
In a test in C fixture_setup() and daemon_take() copy a server; after daemon_prepare() alone the first start is the first.

What is kept is never started or written once it is made. Alone: prepared.py BUILD NUMBER FOLDER copies a server."""
import contextlib, fcntl, functools, hashlib, http.client, json, os, shutil, signal, socket, subprocess, sys, time


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("countersignd", timeout=300)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def call(path, method, where, body=None, headers=None):
    """One HTTP call over a Unix socket: status, headers, octets."""
    c = Unix(path)
    try:
        c.request(method, where, body, headers or {})
        r = c.getresponse()
        return r.status, dict(r.getheaders()), r.read()
    finally:
        c.close()


def programs(build):
    return f"{build}/api/countersignd", f"{build}/api/cli/countersign"


@functools.lru_cache
def place(build):
    """The folder of what these very programs have made; that of others goes."""
    h = hashlib.sha256()
    for path in programs(build):
        with open(path, "rb") as f:
            h.update(f.read())
    name = h.hexdigest()[:16]
    os.makedirs(f"{build}/prepared", mode=0o700, exist_ok=True)
    with alone(f"{build}/prepared/lock"):
        for other in os.listdir(f"{build}/prepared"):
            if other not in (name, "lock"):
                shutil.rmtree(f"{build}/prepared/{other}")
        os.makedirs(f"{build}/prepared/{name}", mode=0o700, exist_ok=True)
    return f"{build}/prepared/{name}"


@contextlib.contextmanager
def alone(path):
    """No other test is in here at the same time."""
    with open(path, "ab") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def made(build, name, make):
    """The folder with this name; make(folder) makes it where there is none."""
    path = f"{place(build)}/{name}"
    with alone(f"{path}.lock"):
        if not os.path.isdir(path):
            shutil.rmtree(f"{path}.new", ignore_errors=True)
            os.mkdir(f"{path}.new", mode=0o700)
            make(f"{path}.new")
            os.rename(f"{path}.new", path)
    return path


# --- servers ---

def make_server(build, folder):
    key, sock = f"{folder}/key", f"{folder}/sock"
    with open(key, "wb") as f:
        os.chmod(key, 0o600)
        f.write(os.urandom(32))
    with open(f"{folder}/log", "wb") as log:
        daemon = subprocess.Popen([programs(build)[0], "--state", f"{folder}/state", "--socket", sock, "--key-file", key, "--development"], stderr=log)
    try:
        while True:
            if daemon.poll() is not None:
                raise AssertionError(f"no server can be prepared: {folder}/log")
            with contextlib.suppress(OSError):
                if json.loads(call(sock, "GET", "/healthz")[2])["primes"]["spare"]:
                    break
            time.sleep(0.05)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def server(build, number, home):
    """Its folder "state" and its file "key" to home."""
    path = made(build, f"server-{number}", lambda folder: make_server(build, folder))
    shutil.copytree(f"{path}/state", f"{home}/state", dirs_exist_ok=True)
    shutil.copy(f"{path}/key", f"{home}/key")


# --- devices ---

def make_device(build, folder, secret, name):
    phrase = f"{folder}/pass"
    with open(phrase, "w", encoding="ascii") as f:
        os.chmod(phrase, 0o600)
        f.write(secret + "\n")
    subprocess.run([programs(build)[1], "--state", f"{folder}/state", "--passphrase-file", phrase, "device", "init", "--device", name,
                    "--kdf-memory", "8"], check=True, capture_output=True)


def device(build, first, number, name, secret, state):
    """One device of the prepared folder whose first device is called `first`, of which there are several, to a state folder:
    a new one, or one that has others from there."""
    def folder(of):
        return made(build, f"device-{first}-{number}-{of}", lambda path: make(path, of))

    def make(path, of):
        """A folder opens all its devices with one key: each is made beside a copy of that key."""
        if of != first:
            os.mkdir(f"{path}/state", mode=0o700)
            shutil.copy(f"{folder(first)}/state/master", f"{path}/state/master")
        make_device(build, path, secret, of)

    shutil.copytree(f"{folder(name)}/state", state, dirs_exist_ok=True)


if __name__ == "__main__":
    server(os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
