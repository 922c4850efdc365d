#!/usr/bin/env python3
"""The passphrase: where it comes from, who can see it, what is refused. Needs no server."""
import os, resource, subprocess

from cli import *
from terminal import Terminal


def prepared():
    """A folder with one device without auxiliary info."""
    phone = Phone()
    phone.init()
    return phone


@test
def a_wrong_passphrase_is_exit_4_and_changes_nothing():
    phone = prepared()
    before = snapshot(phone.state)
    write(phone.passphrase, "another\n")
    has(phone.run("wallet", "list", code=SEALED).error(), "wrong passphrase")
    has(phone.run("device", "init", "--device", "second", "--no-aux", code=SEALED).error(), "wrong passphrase")
    equal(snapshot(phone.state), before)


@test
def the_passphrase_is_the_first_line_of_a_file_and_only_ours():
    phone = prepared()
    for good in (SECRET, SECRET + "\n", SECRET + "\nmore\n"):
        write(phone.passphrase, good)
        phone.run("wallet", "list")
    for bad, why in ((b"", "empty"), (b"\n" + SECRET.encode(), "empty"), (b"x" * 1024, "too long"), (b"a\0b\n", "no line of text")):
        write(phone.passphrase, bad)
        has(phone.run("wallet", "list", code=INPUT).error(), why)
    write(phone.passphrase, SECRET, 0o640)
    has(phone.run("wallet", "list", code=LOCAL).error(), "open to others", "chmod 600")
    os.unlink(phone.passphrase)
    has(phone.run("wallet", "list", code=LOCAL).error(), phone.passphrase, "No such file")


@test
def the_passphrase_may_come_through_a_descriptor():
    phone = prepared()

    def through(data, *args):
        out, into = os.pipe()
        os.write(into, data)
        os.close(into)
        r = run_as(["--json", "--state", phone.state, "--passphrase-fd", str(out), *args], pass_fds=[out])
        rest = os.read(out, 100)
        os.close(out)
        return r, rest

    r, rest = through(SECRET.encode() + b"\nfor somebody else\n", "wallet", "list")
    equal((r.code, rest), (OK, b"for somebody else\n"))
    equal(through(SECRET.encode(), "wallet", "list")[0].code, OK)
    equal(through(b"", "wallet", "list")[0].code, INPUT)
    r = run_as(["--json", "--state", phone.state, "--passphrase-fd", "77", "wallet", "list"])
    equal(r.code, LOCAL)
    has(r.error(), "descriptor")


@test
def nobody_but_the_terminal_is_asked():
    phone = prepared()
    r = run_as(["--json", "--state", phone.state, "wallet", "list"], start_new_session=True, stdin=subprocess.DEVNULL)
    equal(r.code, USAGE)
    has(r.error(), "no terminal", "--passphrase-file", "--passphrase-fd")


@test
def the_terminal_asks_once_and_shows_nothing_typed():
    phone = prepared()
    for typed, expected in ((SECRET, OK), ("something else", SEALED), ("", INPUT)):
        t = Terminal("--state", phone.state, "wallet", "list")
        t.wait_for("Passphrase: ")
        t.type(typed + "\n")
        code, _, seen = t.end()
        equal(code, expected)
        if typed and typed in seen:
            raise AssertionError("the terminal shows the passphrase")


@test
def a_new_passphrase_is_asked_for_twice():
    phone = Phone()
    for again, expected in (("a slip", INPUT), (SECRET, OK)):
        t = Terminal("--state", phone.state, "device", "init", "--no-aux", "--kdf-memory", "8")
        t.wait_for("New passphrase: ")
        t.type(SECRET + "\n")
        t.wait_for("Once more: ")
        t.type(again + "\n")
        code, _, seen = t.end()
        equal(code, expected)
        if expected == INPUT:
            has(seen, "differ")
            equal(phone.files(), ["lock"])
    phone.run("wallet", "list")


@test
def an_interrupted_prompt_leaves_the_terminal_as_it_was():
    phone = prepared()
    for key in (b"\x03", b"\x1c"):
        t = Terminal("--state", phone.state, "wallet", "list")
        t.wait_for("Passphrase: ")
        t.type("half a passph")
        t.press(key)
        code, _, seen = t.end()
        equal(code, AGAIN)
        has(seen, "stopped")


@test
def no_file_and_no_argument_has_the_passphrase():
    phone = prepared()
    for name, data in snapshot(phone.state).items():
        if SECRET.encode() in data:
            raise AssertionError(f"{name} has the passphrase")
    holder = phone.start("wallet", "list", stdin=subprocess.DEVNULL)
    if SECRET.encode() in read(f"/proc/{holder.pid}/cmdline"):
        raise AssertionError("the command line has the passphrase")
    holder.communicate()


@test
def memory_to_stretch_a_passphrase_is_asked_for_with_sense():
    phone = Phone()
    for bad in ("7", "4097", "100000"):
        has(phone.run("device", "init", "--no-aux", "--kdf-memory", bad, code=USAGE).error(), "--kdf-memory", "8 to 4096")
    little = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))}
    has(phone.run("device", "init", "--no-aux", "--kdf-memory", "2048", code=LOCAL, **little).error(), "not enough memory", "2048")
    phone.init()


if __name__ == "__main__":
    main()
