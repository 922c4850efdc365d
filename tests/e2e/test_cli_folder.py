#!/usr/bin/env python3
"""The state folder: what is refused, what is damaged, what is lost. Needs no server."""
import os, resource, shlex, signal, stat, subprocess

from cli import *
from terminal import Terminal

NOBODY = 65534


def prepared():
    """A folder with one device without auxiliary info."""
    phone = Phone()
    phone.init()
    return phone


# --- one process, one user ---

def waiting(phone):
    """A process that has the folder and waits for its passphrase."""
    out, into = os.pipe()
    p = subprocess.Popen([CLI, "--json", "--state", phone.state, "--passphrase-fd", str(out), "wallet", "list"], pass_fds=[out],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(out)
    wait_for(lambda: any(b"FLOCK" in read(f"/proc/{p.pid}/fdinfo/{n}") for n in os.listdir(f"/proc/{p.pid}/fd")
                         if os.path.realpath(f"/proc/{p.pid}/fd/{n}") == f"{phone.state}/lock"))
    return p, into


@test
def one_process_uses_a_folder_and_others_are_exit_6():
    phone = prepared()
    p, into = waiting(phone)
    has(phone.run("wallet", "list", code=REFUSED).error(), "another countersign process", phone.state)
    has(phone.run("device", "init", "--no-aux", code=REFUSED).error(), "another countersign process")
    equal(read(f"/proc/{p.pid}/limits").split(b"Max core file size")[1].split()[:2], [b"0", b"0"])
    os.write(into, SECRET.encode() + b"\n")
    p.communicate()
    equal(p.returncode, OK)
    p, into = waiting(phone)
    p.kill()
    p.communicate()
    phone.run("wallet", "list")


@test
def a_folder_open_to_others_is_refused():
    phone = prepared()
    for mode in (0o701, 0o710, 0o740, 0o704, 0o770, 0o777):
        os.chmod(phone.state, mode)
        has(phone.run("wallet", "list", code=LOCAL).error(), "open to others", "chmod 700")
    os.chmod(phone.state, 0o700)
    phone.run("wallet", "list")
    fresh = Phone()
    os.mkdir(fresh.state, 0o755)
    os.chmod(fresh.state, 0o755)
    has(fresh.run("device", "init", "--no-aux", code=LOCAL).error(), "chmod 700")


@test
def everything_made_is_for_its_owner_alone():
    phone = Phone()
    subprocess.run(["bash", "-c", f"umask 0; exec {shlex.join(phone.command('device', 'init', '--no-aux', '--kdf-memory', '8'))}"],
                   check=True, capture_output=True)
    for path, folders, names in os.walk(phone.state):
        for name in folders + names + ["."]:
            equal(stat.S_IMODE(os.stat(f"{path}/{name}").st_mode) & 0o077, 0)


def somebody(phone):
    """How to run as another user, who owns the phone's folder."""
    if os.geteuid() != 0:
        raise Skipped("only root can be another user")
    os.chmod(ROOT, 0o711)
    for path, folders, names in os.walk(phone.home):
        for name in ["."] + folders + names:
            os.chown(f"{path}/{name}", NOBODY, NOBODY)
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        subprocess.run([CLI, "--version"], check=True, capture_output=True, **who)
    except (OSError, subprocess.CalledProcessError):
        raise Skipped("another user cannot read the build") from None
    return who


@test
def a_folder_of_another_user_is_refused():
    phone = prepared()
    somebody(phone)
    has(phone.run("wallet", "list", code=LOCAL).error(), "another user")


@test
def a_folder_that_cannot_be_written_says_so():
    phone = prepared()
    who = somebody(phone) if os.geteuid() == 0 else {}
    os.unlink(f"{phone.state}/lock")
    os.chmod(phone.state, 0o500)
    has(phone.run("wallet", "list", code=LOCAL, **who).error(), "lock", "denied")
    os.chmod(phone.state, 0o700)
    phone.run("wallet", "list", **who)
    os.chmod(f"{phone.state}/devices", 0o500)
    has(phone.run("device", "init", "--device", "second", "--no-aux", code=LOCAL, **who).error(), "second", "denied")


@test
def without_locked_memory_nothing_is_opened():
    phone = prepared()
    who = somebody(phone)
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0)), **who}
    has(phone.run("wallet", "list", code=LOCAL, **limit).error(), "ulimit -l")


# --- a full disk ---

@test
def a_full_disk_is_exit_9_and_loses_nothing():
    phone = Phone()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=700", "none", phone.home], capture_output=True).returncode != 0:
        raise Skipped("no small disk can be mounted here")
    try:
        phone.passphrase = write(f"{ROOT}/full.pass", SECRET + "\n")
        has(phone.run("device", "init", "--no-aux", "--kdf-memory", "8", code=LOCAL).error(), "identity", "No space left")
        equal([n for n in snapshot(phone.state) if n.endswith(".tmp")], [])
        subprocess.run(["mount", "-o", "remount,size=1m", phone.home], check=True)
        phone.run("device", "init", "--no-aux")
        phone.run("wallet", "list")
    finally:
        subprocess.run(["umount", phone.home], check=True)


@test
def a_result_nobody_can_take_is_an_error():
    phone = prepared()
    for options in ({}, {"json": True}):
        with open("/dev/full", "w") as full:
            args = phone.command("device", "init", "--no-aux")
            done = subprocess.run([a for a in args if options or a != "--json"], stdout=full, stderr=subprocess.PIPE, text=True)
        equal(done.returncode, LOCAL)
        has(done.stderr, "standard output")


@test
def a_closed_standard_descriptor_is_no_file_of_the_folder():
    """The next file opened would take its number, and what is said would land in it."""
    phone = prepared()
    for closed in ((1,), (2,), (1, 2), (0, 1, 2)):
        done = subprocess.run(phone.command("wallet", "show", "0f" * 16), preexec_fn=lambda: [os.close(fd) for fd in closed],
                              stdin=subprocess.DEVNULL, timeout=300)
        equal((done.returncode, read(phone.path("lock"))), (REFUSED, b""))
    done = subprocess.run(phone.command("device", "init", "--no-aux"), preexec_fn=lambda: os.close(1), stderr=subprocess.PIPE,
                          text=True, timeout=300)
    equal((done.returncode, read(phone.path("lock"))), (LOCAL, b""))
    has(done.stderr, "standard output")


# --- damage ---

@test
def a_damaged_or_foreign_master_is_named():
    phone = prepared()
    path = phone.path("master")
    good = read(path)
    for bad in (b"", good[:2], good[:50], good[:-1], good + b"x", altered(good, 0, 2), b"\x7fELF" + bytes(200)):
        write(path, bad)
        has(phone.run("wallet", "list", code=INPUT).error(), path, "damaged", "copy")
    for ops, kib in ((0, 8192), (1 << 31, 8192), (3, 0), (3, 8191), (3, 1 << 31)):
        write(path, good[:3] + ops.to_bytes(4, "big") + kib.to_bytes(4, "big") + good[11:])
        has(phone.run("wallet", "list", code=INPUT).error(), "damaged")
    write(path, altered(good, 1, 2))
    has(phone.run("wallet", "list", code=INPUT).error(), path, "version 3", "reads 1")
    write(path, good[:2] + bytes([240 - LEVEL]) + good[3:])
    has(phone.run("wallet", "list", code=INPUT).error(), path, f"level {240 - LEVEL}", f"built for {LEVEL}")
    for at in (12, 40, len(good) - 1):
        write(path, altered(good, at))
        has(phone.run("wallet", "list", code=SEALED).error(), "wrong passphrase", "altered")
    write(path, good)
    phone.run("wallet", "list")


@test
def a_missing_master_is_not_made_anew_over_old_devices():
    phone = prepared()
    os.rename(phone.path("master"), f"{phone.home}/kept")
    before = snapshot(phone.state)
    has(phone.run("device", "init", "--no-aux", code=INPUT).error(), "no file master", "copy")
    has(phone.run("wallet", "list", code=REFUSED).error(), "device init")
    equal(snapshot(phone.state), before)
    os.rename(f"{phone.home}/kept", phone.path("master"))
    phone.run("device", "init", "--no-aux")


@test
def a_damaged_or_foreign_identity_is_named():
    phone = prepared()
    path = phone.path("devices/phone/identity")
    good = read(path)
    for bad, code, words in ((altered(good, 0), INPUT, ("E_KIND",)), (altered(good, 1, 2), INPUT, ("E_VERSION",)),
                             (altered(good, 2, 4), INPUT, ("E_LEVEL", "level")), (altered(good, 20), SEALED, ("E_SEAL",)),
                             (altered(good, len(good) - 1), SEALED, ("E_SEAL",)), (good[:-1], SEALED, ()),
                             (good + b"x", SEALED, ()), (b"", INPUT, ()), (good[:3], INPUT, ())):
        write(path, bad)
        for command in (["wallet", "list"], ["device", "init", "--no-aux"]):
            has(phone.run(*command, code=code).error(), path, *words)
        equal(read(path), bad)
    write(path, read(phone.path("master")))
    has(phone.run("wallet", "list", code=INPUT).error(), path, "E_KIND")


@test
def a_file_of_another_device_does_not_open():
    phone = prepared()
    phone.init("second")
    write(phone.path("devices/phone/identity"), read(phone.path("devices/second/identity")))
    has(phone.run("wallet", "list", code=SEALED).error(), "devices/phone/identity", "E_SEAL")


@test
def what_is_no_file_is_refused_without_waiting():
    phone = prepared()
    path = phone.path("devices/phone/identity")
    os.unlink(path)
    os.mkfifo(path, 0o600)
    has(phone.run("wallet", "list", code=INPUT).error(), path, "not a file")
    os.unlink(path)
    os.mkdir(path)
    has(phone.run("wallet", "list", code=INPUT).error(), path, "not a file")
    os.rmdir(path)
    with open(path, "wb") as f:
        f.truncate(1 << 30)
    has(phone.run("wallet", "list", code=INPUT).error(), path, "not a file")


@test
def what_a_crash_left_half_written_is_removed_and_nothing_else():
    phone = prepared()
    wallet = phone.path("devices/phone/wallets", "0f" * 16)
    os.makedirs(wallet)
    halves = [write(p + ".tmp", "x") for p in (phone.path("master"), phone.path("devices/phone/aux"), f"{wallet}/pending")]
    own = [write(phone.path(p), "x") for p in ("notes", "devices/phone/peers/notes")]
    os.mkdir(phone.path("devices/cut-off"))
    phone.run("wallet", "list")
    equal([os.path.exists(p) for p in halves], [False] * 3)
    equal([os.path.exists(p) for p in own], [True] * 2)


# --- devices ---

@test
def what_lies_where_a_file_is_written_first_is_not_written_to():
    """It may be open to others, or theirs, or somewhere else."""
    phone, elsewhere = prepared(), write(f"{ROOT}/elsewhere", "mine")
    for name in ("open", "link"):
        card = f"{ROOT}/{name}.card"
        if name == "open":
            write(f"{card}.tmp", "x", 0o666)
        else:
            os.symlink(elsewhere, f"{card}.tmp")
        phone.run("recovery", "init", "--device", name, "--card", card)
        equal(stat.S_IMODE(os.lstat(card).st_mode), 0o600)
    equal(read(elsewhere), b"mine")


@test
def a_device_has_a_plain_name_and_comes_alone():
    phone = Phone()
    for bad in ("", "Phone", "a/b", "..", "a b", "x" * 64, "ph\xf6ne"):
        has(phone.run("device", "init", "--no-aux", "--kdf-memory", "8", "--device", bad, code=USAGE).error(), "name", "a-z")
    has(phone.run("device", "init", "--device", "a", "--device", "b", code=USAGE).error(), "one --device")
    phone.init("x" * 63)
    has(phone.run("wallet", "list", "--device", "x" * 63, "--device", "x" * 63, code=USAGE).error(), "twice")
    has(phone.run("wallet", "list", "--device", "nobody", code=REFUSED).error(), "nobody", "device init --device nobody")


@test
def init_again_changes_nothing():
    phone = prepared()
    before = snapshot(phone.state)
    first = phone.run("device", "init", "--no-aux").one()
    equal(phone.run("device", "init", "--no-aux").one(), first)
    equal(snapshot(phone.state), before)
    equal((first["device"], first["level"], first["auxiliary"]), ("phone", LEVEL, False))


@test
def a_signal_during_the_search_for_primes_loses_nothing():
    phone = Phone()
    phone.init()
    args = ["--state", phone.state, "--passphrase-file", phone.passphrase, "device", "init"]
    for key in (b"\x03", b"\x03"):
        t = Terminal(*args)
        t.wait_for("safe primes [")
        t.press(key)
        code, _, seen = t.end()
        if code == OK:
            return # a quick machine, or luck: there was nothing to interrupt
        equal(code, AGAIN)
        has(seen, "stopped", "kept", "again")
        equal(os.path.exists(phone.path("devices/phone/primes")), True)
        made = int(seen.split(" of 4, ")[-1].split(" of about")[0])
    t = Terminal(*args)
    t.wait_for("safe primes [")
    code, out, seen = t.end()
    equal(code, OK)
    if int(seen.split(" of 4, ")[1].split(" of about")[0]) < made:
        raise AssertionError("the search began again")
    has(seen, "[########################] 4 of 4")
    has(out, "ready: device phone")
    equal(os.path.exists(phone.path("devices/phone/primes")), False)
    before = snapshot(phone.state)
    phone.run("device", "init")
    equal(snapshot(phone.state), before)


@test
def a_killed_search_for_primes_goes_on_where_it_was_saved():
    phone = Phone()
    phone.init()
    p = phone.start("device", "init")
    path = phone.path("devices/phone/primes")
    wait_for(lambda: os.path.exists(path) or p.poll() is not None)
    p.kill()
    p.communicate()
    done = subprocess.run([a for a in phone.command("device", "init") if a != "--json"], capture_output=True, text=True)
    equal(done.returncode, OK)
    equal(os.path.exists(path), False)


@test
def primes_left_behind_by_a_crash_are_removed():
    phone = Phone()
    phone.init(aux=True)
    path = write(phone.path("devices/phone/primes"), "x")
    phone.run("device", "init")
    equal(os.path.exists(path), False)


if __name__ == "__main__":
    main()
