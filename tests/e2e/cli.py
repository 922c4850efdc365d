"""What the tests of the command line share: the programs under test, each in a folder of its own, and the
runner. Every test is a function named by what it shows. Usage: test_cli_X.py BUILD [WORD...]"""
import json, os, random, re, shutil, signal, subprocess, sys, tempfile, time, traceback

import prepared
from prepared import Unix, call

BUILD = os.path.abspath(sys.argv[1])
DAEMON, CLI = f"{BUILD}/api/countersignd", f"{BUILD}/api/cli/countersign"
LEVEL = int(subprocess.run([CLI, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1])
ROOT = tempfile.mkdtemp(prefix="csig-cli-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
SECRET = "a passphrase that nobody else has"
OK, BUG, USAGE, INPUT, SEALED, OFFLINE, REFUSED, AGAIN, CHEAT, LOCAL = range(10)
# Kinds of files: api/cli/seal.h
MASTER, SERVER, WALLET, REPLY, LOCK = range(64, 69)
DIGEST = "11" * 32
SEED = os.environ.get("SEED") or str(random.SystemRandom().randrange(1 << 32))
os.umask(0o077)


# --- running tests ---

class Skipped(Exception):
    """This machine cannot show it."""


tests, cleanups = [], []


def test(f):
    tests.append(f)
    return f


def main():
    """Run the tests whose names contain one of the words given, or all."""
    failed, skipped = [], 0
    words = sys.argv[2:]
    chosen = [t for t in tests if not words or any(w in t.__name__ for w in words)]
    for t in chosen:
        try:
            t()
        except Skipped as e:
            skipped += 1
            print(f"{t.__name__}: skipped, {e}", flush=True)
        except Exception:
            failed.append(t)
            print(f"{t.__name__}: {traceback.format_exc()}", flush=True)
    for clean in reversed(cleanups):
        clean()
    shutil.rmtree(ROOT, ignore_errors=True)
    more = (f", {skipped} skipped" if skipped else "") + (f"; SEED={SEED}" if failed else "")
    print(f"{len(chosen) - len(failed) - skipped} passed, {len(failed)} failed{more}")
    sys.exit(1 if failed or not chosen else 0)


def brief(x):
    text = repr(x)
    return text if len(text) < 400 else text[:400] + "..."


def equal(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        a, b = ({k: v for k, v in x.items() if k not in y or y[k] != v} for x, y in ((a, b), (b, a)))
    if a != b:
        raise AssertionError(f"{brief(a)} is not {brief(b)}")


def has(text, *words):
    """All of these words, in any case."""
    for word in words:
        if word.lower() not in text.lower():
            raise AssertionError(f"{text!r} does not say {word!r}")


def once(line):
    """The object in a line, every member of which is there once."""
    def members(pairs):
        equal(len(dict(pairs)), len(pairs))
        return dict(pairs)
    return json.loads(line, object_pairs_hook=members)


def folder(name):
    return tempfile.mkdtemp(prefix=f"{name}-", dir=ROOT)


def write(path, data, mode=0o600):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path, mode)
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def drawn(n, cases, always=()):
    """So many of the cases, others with another SEED, and these; all of them with FAULTS=all in the environment."""
    every = list(cases)
    if os.environ.get("FAULTS") == "all":
        return every
    rest = [c for c in every if c not in always]
    return [*always, *random.Random(SEED).sample(rest, min(n, len(rest)))]


def altered(data, at, mask=1):
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1:]


def snapshot(path):
    """Every file below a folder and what is in it."""
    return {os.path.relpath(f"{p}/{n}", path): read(f"{p}/{n}") for p, _, names in os.walk(path) for n in names}


# --- the command line ---

class Result:
    """What a command left: its exit code, and with --json its objects."""

    def __init__(self, args, done):
        self.args, self.code, self.out, self.err = args, done.returncode, done.stdout, done.stderr
        if self.code < 0 or self.code == BUG:
            raise AssertionError(f"{args} ended with {self.code}: {self.err}")
        if SECRET in self.out + self.err:
            raise AssertionError(f"{args} tells the passphrase")

    def objects(self, text):
        return [json.loads(line) for line in text.split("\n") if line]

    def one(self):
        """Its one result."""
        found = self.objects(self.out)
        equal(len(found), 1)
        return found[0]

    def error(self):
        found = [x for x in self.objects(self.err) if "error" in x]
        equal(len(found), 1)
        equal(found[0]["exit"], self.code)
        return found[0]["error"]

    def complaints(self):
        """What is told on stderr, but for the trace."""
        return [x for x in self.objects(self.err) if set(x) != {"trace"}]

    def notes(self):
        return [x["note"] for x in self.objects(self.err) if "note" in x]


taken = []  # the first devices of prepared folders


class Phone:
    """A state folder and how to call the program with it."""

    def __init__(self, server=None, state=None, secret=SECRET):
        self.home = folder("phone")
        self.state = state or f"{self.home}/state"
        self.server = server
        self.passphrase = write(f"{self.home}/pass", secret + "\n")
        self.secret, self.prepared = secret, []

    def command(self, *args):
        where = ["--server", self.server] if self.server else []
        return [CLI, "--json", "--state", self.state, "--passphrase-file", self.passphrase, *where, *args]

    def run(self, *args, code=OK, **options):
        """The command must end with this code, and every line it says must be an object."""
        done = subprocess.run(self.command(*args), capture_output=True, text=True, timeout=900, **options)
        r = Result(args, done)
        if r.code != code:
            raise AssertionError(f"{' '.join(args)}: exit {r.code}, not {code}: {r.err.strip()}")
        for line in r.objects(r.out) + r.objects(r.err):
            equal(type(line), dict)
        if code != OK:
            has(r.error(), "")
        return r

    def start(self, *args, **options):
        return subprocess.Popen(self.command(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def take(self, name):
        """A prepared device, if this folder is new or has prepared ones alone."""
        if self.secret != SECRET or name in self.prepared or (not self.prepared and os.path.exists(self.state)):
            return
        self.prepared.append(name)
        if len(self.prepared) == 1:
            taken.append(name)
            self.number = taken.count(name)
        prepared.device(BUILD, self.prepared[0], self.number, name, SECRET, self.state)

    def init(self, name="phone", aux=False, fresh=False):
        """With auxiliary info: a prepared device, unless its primes are to be sought."""
        if aux and not fresh:
            self.take(name)
        return self.run("device", "init", "--device", name, "--kdf-memory", "8", *([] if aux else ["--no-aux"]))

    def path(self, *parts):
        return "/".join([self.state, *parts])

    def files(self, *parts):
        """Names in a folder of the state; none when there is no such folder."""
        path = self.path(*parts)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def copy(self):
        """Another folder with the same content."""
        other = Phone(self.server)
        shutil.copytree(self.state, other.state)
        return other

    def wallets(self):
        return {x["wallet"] for x in self.run("wallet", "list").objects(self.run("wallet", "list").out)}


def run_as(args, **options):
    """The program alone, as a person would call it."""
    return Result(args, subprocess.run([CLI, *args], capture_output=True, text=True, timeout=900, **options))


# --- the daemon ---

class Daemon:
    """A server with a folder of its own: a prepared one, each another one unless a number is given, or one that was never
    started."""
    count = 0

    def __init__(self, fresh=False, number=None):
        self.home = folder("server")
        self.sock, self.state = f"{self.home}/sock", f"{self.home}/state"
        if fresh:
            write(f"{self.home}/key", os.urandom(32))
        else:
            prepared.server(BUILD, Daemon.count if number is None else number, self.home)
            Daemon.count += number is None
        self.process = None
        cleanups.append(lambda: self.stop(signal.SIGKILL))

    def start(self, *extra, ready=True, env=None, mode=("--development",)):
        with open(f"{self.home}/log", "ab") as log:
            self.process = subprocess.Popen([DAEMON, "--state", self.state, "--socket", self.sock, "--key-file",
                                             f"{self.home}/key", *mode, *extra], stderr=log, env=env)
        for _ in range(12000):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon does not start: {read(f'{self.home}/log')[-400:]}")
            try:
                state = json.loads(call(self.sock, "GET", "/healthz")[2])["state"]
                if state == "ready" or not ready:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("the daemon does not get ready")

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(how)
            self.process.wait()
        self.process = None


def openssl_verifies(signed, digest):
    """OpenSSL's word on a signature, not ours."""
    home = folder("openssl")
    spki = "3036301006072a8648ce3d020106052b8104000a032200"
    files = [write(f"{home}/{name}", bytes.fromhex(text)) for name, text in
             (("key", spki + signed["public_key"]), ("digest", digest), ("signature", signed["der"]))]
    r = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", files[0], "-in", files[1],
                        "-sigfile", files[2]], capture_output=True, text=True)
    return r.returncode == 0 and "Success" in r.stdout


def wait_for(condition, seconds=300):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it does not come")


def at_once(f, seconds=5):
    """What it gives; a machine that has other things to do gets more than one attempt at being this quick."""
    for _ in range(10):
        start = time.monotonic()
        result = f()
        if time.monotonic() - start < seconds:
            return result
    raise AssertionError(f"it never takes less than {seconds} s")


def plain(text):
    """What a terminal shows of it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class World:
    """A daemon that is ready and a phone that has enrolled, with auxiliary info."""

    def __init__(self, *devices):
        self.daemon = Daemon()
        self.identity = None
        self.phone = Phone(self.daemon.sock)
        for name in devices or ("phone",):
            self.phone.init(name, aux=True)
        self.daemon.start()
        for name in devices or ("phone",):
            self.phone.run("device", "enrol", "--device", name)

    def wallet(self, signers=2, *devices):
        named = [w for d in devices or ("phone",) for w in ("--device", d)]
        return self.phone.run("wallet", "create", "--allow", "digest", "--signers", str(signers), *named).one()

    def listed(self):
        """The wallets that the daemon lists."""
        return {w["wallet"] for w in json.loads(call(self.daemon.sock, "GET", "/v1/wallets")[2])["wallets"]}

    def unlock(self, wallet):
        """The operator's way, without the command line."""
        self.identity = self.identity or self.phone.run("device", "init").one()["identity"]
        body = json.dumps({"device": self.identity}).encode()
        equal(call(self.daemon.sock, "POST", f"/v1/wallets/{wallet}/unlock", body, {"Content-Type": "application/json"})[0], 200)
