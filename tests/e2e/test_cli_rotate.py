#!/usr/bin/env python3
"""New auxiliary info on either side, from outside: nothing stops signing, whatever is cut off is finished at the next start, and
no way leads back. Each story is told on copies of one server and one phone, whose new primes were found beforehand. Each run draws some
of the places where something is cut off, all of them with FAULTS=all."""
import concurrent.futures, contextlib, http.client, json, os, shutil, signal, sqlite3, subprocess, sys

from cli import *
from relay import DROP, Relay

arguments, sys.argv = sys.argv, sys.argv[:2]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import world
sys.argv = arguments

NEXT = ["aux.next", "peer.next", "primes.next"]
NOBODY = f"{ROOT}/nobody"
POINTS = 1  # of the steps of either side


def health(sock):
    return json.loads(call(sock, "GET", "/healthz")[2])


class Base:
    """A server with spare primes, a phone with two devices and, beside them, primes for a next generation of each."""

    def __init__(self):
        w = World("phone", "third")
        self.two, self.three = w.wallet(2, "phone")["wallet"], w.wallet(3, "phone", "third")["wallet"]
        self.primes = {}
        for device in ("phone", "third"):
            phone = w.phone.copy()
            phone.server = NOBODY
            r = phone.run("device", "rotate", "--device", device, code=OFFLINE)
            has(r.notes()[0], "goes on without")
            equal([x for x in phone.files("devices", device) if "next" in x], ["primes.next"])
            self.primes[device] = phone.path("devices", device, "primes.next")
        wait_for(lambda: health(w.daemon.sock)["primes"]["spare"], 600)
        w.daemon.stop()
        self.server, self.key, self.phone = w.daemon.state, f"{w.daemon.home}/key", w.phone


base = Base()


class Case:
    """A copy of server and phone; the daemon may be counted by the library that ends it at a step."""

    def __init__(self):
        self.daemon = Daemon(fresh=True)
        shutil.copytree(base.server, self.daemon.state)
        shutil.copy(base.key, f"{self.daemon.home}/key")
        self.phone = Phone(self.daemon.sock)
        shutil.copytree(base.phone.state, self.phone.state)
        for device, primes in base.primes.items():
            shutil.copy(primes, self.phone.path("devices", device, "primes.next"))
        self.daemon.start()

    def counted(self, state):
        """Environment of a process whose durable steps below this folder count, and the counter."""
        steps = world.Steps(f"{folder('steps')}/steps")
        return dict(os.environ, LD_PRELOAD=world.PRELOAD, CRASH_DIR=state, CRASH_COUNT=steps.path), steps

    def restart_counted(self):
        env, steps = self.counted(self.daemon.state)
        self.daemon.stop()
        self.daemon.start(env=env)
        wait_for(lambda: health(self.daemon.sock)["primes"]["spare"])
        return steps

    def signs(self, wallet, *args, phone=None):
        signed = (phone or self.phone).run("sign", wallet, "--digest", DIGEST, "--path", "m/1", *args)
        equal(openssl_verifies(signed.one(), DIGEST), True)
        return signed

    def rotate(self, device="phone", **options):
        return self.phone.run("device", "rotate", "--device", device, **options)

    def rotate_server(self):
        wait_for(lambda: health(self.daemon.sock)["primes"]["spare"] or len(self.auxiliary()["generations"]) == 2)
        return call(self.daemon.sock, "POST", "/v1/aux")

    def auxiliary(self):
        return health(self.daemon.sock)["auxiliary"]

    def refresh(self, wallet):
        return self.phone.run("wallet", "refresh", wallet, "--kdf-memory", "8").one()["refreshed"]

    def known(self, device):
        """The generation of a device that the server has verified last."""
        identity = json.loads(self.phone.run("device", "init", "--device", device).out)["identity"]
        with contextlib.closing(sqlite3.connect(f"file:{self.daemon.state}/store.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT max(generation) FROM peers WHERE lower(hex(device)) = ?", (identity,)).fetchone()[0]

    def locked(self, wallet):
        return json.loads(call(self.daemon.sock, "GET", f"/v1/wallets/{wallet}")[2])["locked"]

    def left(self, device="phone"):
        return [x for x in self.phone.files("devices", device) if x in NEXT]

    def end(self):
        self.daemon.stop(signal.SIGKILL)
        shutil.rmtree(self.daemon.home, ignore_errors=True)
        shutil.rmtree(self.phone.home, ignore_errors=True)


def side_by_side(f, cases):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for case, done in [(case, pool.submit(f, *case)) for case in cases]:
            if done.exception():
                raise AssertionError(f"{f.__name__}{case}") from done.exception()


# --- both sides, to the end ---

@test
def a_device_rotates_and_everything_goes_on():
    w = Case()
    w.phone.run("presign", base.two, "--count", "2")
    said = w.rotate()
    equal((said.one()["device"], said.one()["generation"], said.notes()), ("phone", 2, []))
    equal((w.left(), w.known("phone")), ([], 2))
    w.signs(base.two)
    # A half binds key, epoch and signers, and no auxiliary info.
    w.signs(base.two, "--presigned")
    w.signs(base.three)
    equal(w.refresh(base.two), "shares-only")
    w.end()


@test
def the_server_rotates_and_devices_come_by_on_their_own():
    w = Case()
    w.phone.run("presign", base.two)
    status, _, body = w.rotate_server()
    equal((status, json.loads(body)), (201, {"generation": 2, "generations": [1, 2], "devices_to_come": 2}))
    equal(w.rotate_server()[0], 409)
    # One signs and has come by; the other one comes late, and nobody stops signing meanwhile.
    equal(w.signs(base.two, "--device", "phone").notes(), [])
    equal(w.auxiliary(), {"generations": [1, 2], "devices_to_come": 1})
    w.signs(base.two, "--device", "phone", "--presigned")
    w.daemon.stop(signal.SIGKILL)
    w.daemon.start()
    w.phone.run("presign", base.two, "--device", "phone")
    equal(w.signs(base.three).notes(), [])
    wait_for(lambda: w.auxiliary() == {"generations": [2], "devices_to_come": 0})
    equal(w.refresh(base.two), "shares-only")
    w.end()


@test
def a_refresh_heals_when_both_sides_have_rotated():
    w = Case()
    equal(w.rotate_server()[0], 201)
    w.rotate("phone")
    equal(w.refresh(base.two), "shares-only")  # the server's older moduli are still there
    equal(call(w.daemon.sock, "DELETE", "/v1/aux/1")[0], 204)
    equal(json.loads(call(w.daemon.sock, "GET", f"/v1/wallets/{base.two}")[2])["refreshed"], "healing")
    w.signs(base.two)
    equal(w.refresh(base.two), "shares-only")
    # Not yet a wallet in which another device has a part; then it has rotated, too.
    other = Case()
    equal(other.rotate_server()[0], 201)
    other.rotate("phone")
    equal(other.refresh(base.three), "shares-only")
    w.rotate("third")
    equal(w.refresh(base.three), "healing")
    w.signs(base.three)
    w.end()
    other.end()


@test
def who_never_comes_by_is_not_waited_for():
    w = Case()
    equal(w.rotate_server()[0], 201)
    w.signs(base.two, "--device", "phone")
    equal(call(w.daemon.sock, "DELETE", "/v1/aux/2")[0], 409)
    equal(call(w.daemon.sock, "DELETE", "/v1/aux/1")[0], 204)
    equal(w.auxiliary(), {"generations": [2], "devices_to_come": 1})
    w.signs(base.three)
    equal(w.auxiliary(), {"generations": [2], "devices_to_come": 0})
    w.end()


@test
def a_restored_device_rotates_and_signs():
    w = Case()
    backup = f"{folder('backup')}/backup"
    w.phone.run("backup", "export", base.two, "--out", backup, "--device", "phone", "--kdf-memory", "8")
    new = Phone(w.daemon.sock)
    new.run("backup", "restore", backup, "--kdf-memory", "8")
    equal(new.run("device", "rotate").one()["generation"], 2)
    w.signs(base.two, phone=new)
    # The folder it was restored from is behind now; told, not locked.
    has(w.rotate(code=REFUSED).error(), "newer auxiliary info", "restored elsewhere")
    w.rotate_server()
    r = w.phone.run("sign", base.two, "--digest", DIGEST, "--device", "phone", code=AGAIN)
    has(r.notes()[0], "newer auxiliary info")
    has(r.error(), "ssid-mismatch")
    equal(w.locked(base.two), [])
    w.end()


# --- no way back ---

@test
def an_old_copy_of_the_folder_is_told_so():
    w = Case()
    old = w.phone.copy()
    w.rotate()
    for command in (["device", "rotate"], ["device", "enrol"]):
        has(old.run(*command, "--device", "phone", code=REFUSED).error(), "newer auxiliary info")
    has(old.run("sign", base.two, "--digest", DIGEST, "--device", "phone", code=AGAIN).error(), "ssid-mismatch")
    equal(w.locked(base.two), [])
    w.signs(base.two)
    w.end()


@test
def an_old_copy_of_the_server_is_told_so():
    w = Case()
    old = shutil.copytree(w.daemon.state, f"{folder('store')}/state")
    equal(w.rotate_server()[0], 201)
    w.signs(base.two, "--device", "phone")
    w.daemon.stop()
    shutil.rmtree(w.daemon.state)
    shutil.copytree(old, w.daemon.state)
    w.daemon.start()
    for command in (["device", "enrol"], ["device", "rotate"]):
        has(w.phone.run(*command, "--device", "phone", code=REFUSED).error(), "its store is an old copy")
    equal(w.phone.files("devices/phone/locks"), [])
    w.end()


# --- cut off ---

@test
def the_search_is_kept_and_goes_on():
    w = Case()
    os.remove(w.phone.path("devices/phone/primes.next"))
    p = w.phone.start("device", "rotate")
    wait_for(lambda: "primes.next" in w.left())
    p.send_signal(signal.SIGTERM)
    err = p.communicate(timeout=60)[1]
    if p.returncode == AGAIN:
        has(err, "what was found is kept")
        equal(w.left(), ["primes.next"])
    else:  # the primes were there before the signal
        equal(p.returncode in (OK, -signal.SIGTERM), True)
    w.signs(base.two)
    w.end()


def lost(n, reply):
    """The n-th exchange of the pairing gets lost: on its way there, or on its way back."""
    w = Case()

    def rule(asked, forward):
        if not (asked.is_round() and asked.path.endswith(f"/rounds/{n}")):
            return forward()
        if reply:
            forward()
        return DROP

    w.phone.server = Relay(w.daemon.sock).lie(rule).path
    w.rotate(code=OFFLINE)
    equal("aux.next" in w.left(), True)
    equal("primes.next" in w.left(), False)
    # Nothing of it is lost, and nothing of it stops anybody.
    w.phone.server = NOBODY
    has(w.phone.run("wallet", "list").notes()[0], "waits to be paired")
    w.phone.server = w.daemon.sock
    w.signs(base.two)
    equal((w.left(), w.known("phone")), ([], 2))
    w.signs(base.three)
    w.end()


@test
def a_lost_message_of_the_pairing_is_made_up_for():
    side_by_side(lost, drawn(1, [(n, reply) for n in (1, 2) for reply in (False, True)], [(2, True)]))


def missed(n, reply):
    """The server has rotated, and an exchange of coming by gets lost: either pairing is a whole one, and signs."""
    w = Case()
    equal(w.rotate_server()[0], 201)
    first = []

    def rule(asked, forward):
        if not asked.is_round():
            return forward()
        first.append(asked.path.split("/")[3])
        if first[-1] != first[0] or not asked.path.endswith(f"/rounds/{n}"):
            return forward()
        if reply:
            forward()
        return DROP

    w.phone.server = Relay(w.daemon.sock).lie(rule).path
    r = w.phone.run("sign", base.two, "--digest", DIGEST, "--device", "phone", code=AGAIN if reply and n == 2 else OK)
    has(r.notes()[0], "not paired with the server's new auxiliary info yet")
    w.phone.server = w.daemon.sock
    equal(w.signs(base.two, "--device", "phone").notes(), [])
    equal(w.auxiliary()["devices_to_come"], 1)
    w.signs(base.three)
    w.end()


@test
def a_lost_message_of_coming_by_is_made_up_for():
    side_by_side(missed, drawn(1, [(n, reply) for n in (1, 2) for reply in (False, True)], [(2, True)]))


def killed_phone(n):
    """kill -9 before the n-th durable step of the rotation; n 0: how many are there."""
    w = Case()
    env, steps = w.counted(w.phone.state)
    steps.kill_before(n)
    done = subprocess.run(w.phone.command("device", "rotate", "--device", "phone"), env=env, capture_output=True, timeout=300)
    if n == 0:
        equal(done.returncode, OK)
        w.end()
        return steps.count()
    equal(done.returncode, -signal.SIGKILL)
    # Whoever starts next finishes it, and signs; or nothing had been made yet, and it is made.
    w.signs(base.two)
    w.signs(base.three)
    if "primes.next" in w.left():
        equal(w.rotate().one()["generation"], 2)
    equal((w.left(), w.known("phone")), ([], 2))
    w.signs(base.two)
    w.signs(base.three)
    w.end()


@test
def a_phone_that_dies_at_any_step_of_its_rotation_goes_on():
    steps = killed_phone(0)
    side_by_side(killed_phone, drawn(POINTS + 1, [(n,) for n in range(1, steps + 1)]))


def killed_server(n, act):
    """kill -9 of the daemon before the n-th durable step of what `act` has it do."""
    w = Case()
    steps = w.restart_counted()
    if act == "come by":
        equal(w.rotate_server()[0], 201)
    first = steps.count()
    if n > 0:
        steps.kill_before(first + n)
    try:
        if act == "rotate":
            w.rotate_server()
        else:
            subprocess.run(w.phone.command("sign", base.three, "--digest", DIGEST), capture_output=True, timeout=300)
            wait_for(lambda: w.auxiliary()["generations"] == [2])
    except (OSError, http.client.HTTPException, ValueError, AssertionError):
        equal(n > 0, True)
    if n == 0:
        return steps.count() - first
    w.daemon.stop(signal.SIGKILL)
    w.daemon.start()
    if act == "rotate":
        w.signs(base.three)
        if w.auxiliary()["generations"] == [1]:
            equal(w.rotate_server()[0], 201)
    w.signs(base.three)
    w.signs(base.two)
    wait_for(lambda: w.auxiliary() == {"generations": [2], "devices_to_come": 0})
    w.signs(base.two)
    w.end()


@test
def a_server_that_dies_at_any_step_of_its_rotation_goes_on():
    for act in ("rotate", "come by"):
        steps = killed_server(0, act)
        side_by_side(killed_server, drawn(POINTS, [(n, act) for n in range(1, steps + 1)]))


@test
def a_full_disk_changes_nothing():
    w = Case()
    steps = w.restart_counted()
    steps.full_from(steps.writes() + 1)
    status, _, body = w.rotate_server()
    equal((status, json.loads(body)["code"]), (503, "store-unavailable"))
    equal(w.auxiliary()["generations"], [1])
    steps.full_from(0)
    w.signs(base.two)
    equal(w.rotate_server()[0], 201)
    w.signs(base.three)
    wait_for(lambda: w.auxiliary()["generations"] == [2])
    w.end()


if __name__ == "__main__":
    main()
