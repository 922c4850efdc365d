#!/usr/bin/env python3
"""Transcripts: made by whoever takes part, checked in an empty folder by whoever did not; what is altered in one is refused by its name."""
import concurrent.futures, hashlib, json, os

from cli import *

w = World("phone", "third", "spare")
AUDITOR = folder("auditor")


def verify(path, code=OK):
    """By somebody who has the file and nothing else."""
    done = subprocess.run([CLI, "--json", "ceremony", "verify", path], capture_output=True, text=True, timeout=300, cwd=AUDITOR,
                          env={"HOME": "/nonexistent"})
    r = Result(["verify"], done)
    if r.code != code:
        raise AssertionError(f"exit {r.code}, not {code}: {r.err}")
    equal(os.listdir(AUDITOR), [])
    return r


def canonical(value):
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()


def put(value):
    return write(f"{folder('altered')}/transcript", value if isinstance(value, bytes) else canonical(value))


def story():
    """A wallet from its birth to another committee: the transcripts of all three."""
    home = folder("transcripts")
    paths = [f"{home}/{name}" for name in ("keygen", "refresh", "reshare")]
    made = w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", "--device", "third", "--transcript", paths[0]).one()
    wallet = made["wallet"]
    w.phone.run("wallet", "refresh", wallet, "--kdf-memory", "8", "--transcript", paths[1])
    w.phone.run("wallet", "reshare", wallet, "--kdf-memory", "8", "--replace", "3=spare", "--transcript", paths[2])
    return wallet, made["public_key"], paths


WALLET, KEY, (BIRTH, REFRESH, RESHARE) = story()


# --- honest ---

@test
def whoever_has_the_file_can_check_it():
    equal(hashlib.sha256(read(BIRTH)).digest() != hashlib.sha256(read(REFRESH)).digest(), True)
    for path, operation, epoch in ((BIRTH, "keygen", 0), (REFRESH, "refresh", 1), (RESHARE, "reshare", 2)):
        said = verify(path).one()
        equal([said[k] for k in ("verified", "operation", "wallet", "public_key", "epoch", "signers_required")],
              [True, operation, WALLET, KEY, epoch, 2])
        parties = [p for p in said["parties"] if "index" in p]
        equal([p["index"] for p in parties], [1, 2, 3])
        equal([p["generation"] for p in parties], [1, 1, 1])
    left = [p for p in verify(RESHARE).one()["parties"] if "was" in p]
    equal([(p["was"], p["part"]) for p in left], [(3, "left: its share is destroyed")])


@test
def people_are_told_who_did_what():
    said = run_as(["ceremony", "verify", RESHARE])
    equal(said.code, OK)
    has(said.out, "everything in the transcript holds", KEY, "as before", "joined", "destroyed its old share", "left",
        "committed: its old share is erased", "moduli of generation 1", "whose identities these are you have to know")


@test
def the_next_one_starts_where_the_last_one_ended():
    birth, refresh = (json.loads(read(p)) for p in (BIRTH, REFRESH))
    equal(birth["before"], None)
    kept = {r["kept"] for r in birth["receipts"]}
    equal(len(kept), 1)
    equal({r["destroyed"] for r in refresh["receipts"]}, kept)


@test
def a_transcript_is_never_overwritten_and_asked_for_in_time():
    before = snapshot(w.phone.state)
    r = w.phone.run("wallet", "refresh", WALLET, "--transcript", REFRESH, code=REFUSED)
    has(r.error(), "never overwritten")
    r = w.phone.run("wallet", "refresh", WALLET, "--transcript", "/nonexistent/x", code=LOCAL)
    has(r.error(), "/nonexistent/x")
    equal({k: v for k, v in snapshot(w.phone.state).items() if k in before}, before)
    equal(verify(RESHARE).one()["epoch"], 2)


@test
def without_recovery_keys_and_with_them():
    card = f"{folder('card')}/card"
    Phone().run("recovery", "init", "--card", card, "--kdf-memory", "8")
    path = f"{folder('t')}/t"
    w.phone.run("wallet", "create", "--allow", "digest", "--signers", "2", "--device", "phone", "--recovery", card, "--transcript", path)
    parties = verify(path).one()["parties"]
    has(parties[2]["part"], "not online", "recovery key")
    equal(parties[2]["generation"], 0)


# --- altered ---

def refused(data, code, *words):
    has(verify(put(data), code).error(), *words)


def change(path, **members):
    t = json.loads(read(path))
    t.update(members)
    return t


def flip(text, at):
    """Another hex digit there."""
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]


@test
def not_an_octet_is_free():
    """Of a whole transcript, all over it: no change passes, and each is refused in words."""
    data = read(REFRESH)
    structure = [i for i, c in enumerate(data) if chr(c) in '{}[]":,\n']
    step = max(1, len(structure) // 12)
    places = structure[::step] + list(range(7, len(data), len(data) // 12)) + [len(data) - 1]

    def one(at):
        r = subprocess.run([CLI, "--json", "ceremony", "verify", put(altered(data, at))], capture_output=True, text=True, timeout=300)
        return at, r.returncode, r.stderr

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for at, code, err in pool.map(one, places):
            if code not in (INPUT, CHEAT):
                raise AssertionError(f"octet {at} of {len(data)}: exit {code}: {err}")
            has(json.loads(err)["error"], "")


@test
def written_otherwise_it_is_none():
    t = json.loads(read(REFRESH))
    refused(json.dumps(t).encode(), INPUT, "not written as a transcript is")
    refused(canonical(t)[:-1], INPUT, "not written")
    refused(canonical(t) + b" ", INPUT, "not written")
    refused(b'{"level":1,' + canonical(t)[1:], INPUT, "not written")
    refused(canonical(t)[:1000], INPUT, "cut off")
    refused(b"", INPUT, "not written")
    refused(b"\x00" * 100, INPUT, "not written")
    refused(b"[]\n", INPUT, "not written")
    refused({"countersign": "transcript"}, INPUT, "is not whole", "version")


@test
def what_it_says_of_itself():
    for name, value, words in (("countersign", "plan", "no transcript"), ("version", 2, "another version"), ("level", 192, "security level"),
                               ("wallet", "xx", '"wallet"'), ("operation", "keygen", '"operation"'), ("operation", 7, '"operation"'),
                               ("operation", "reshare", "altered after it was signed"), ("wallet", "00" * 16, "altered after it was signed"),
                               ("server", "11" * 32, '"server" is not who commits'), ("moduli", {}, '"moduli"'), ("receipts", {}, '"receipts"')):
        code = verify(put(change(REFRESH, **{name: value})), CHEAT if "altered" in words else INPUT)
        has(code.error(), words)
    refused(change(REFRESH, more=1), INPUT, "a member that no transcript has")
    refused(change(RESHARE, operation="refresh"), INPUT, '"operation"')


@test
def the_epoch_before():
    t = json.loads(read(REFRESH))
    refused(change(REFRESH, before=None), INPUT, '"before"')
    refused(change(BIRTH, before=t["before"]), INPUT, '"before"', "nothing was before")
    refused(change(REFRESH, before={**t["before"], "commit": flip(t["before"]["commit"], 9)}), CHEAT, '"before"')
    refused(change(REFRESH, before={**t["before"], "committer": 1}), CHEAT, '"before"')
    refused(change(REFRESH, before={**t["before"], "committer": 99}), INPUT, '"before"')
    refused(change(RESHARE, before=t["before"]), CHEAT, '"before"')


@test
def the_record():
    record = json.loads(read(REFRESH))["record"]
    for at, code, words in ((0, INPUT, "record"), (4, INPUT, "level"), (20, INPUT, "inputs"), (len(record) - 3, INPUT, "refresh/4"),
                            (len(record) // 2, INPUT, "refresh/")):
        has(verify(put(change(REFRESH, record=flip(record, at))), code).error(), words)
    refused(change(REFRESH, record=record + "00"), INPUT, "end")
    refused(change(REFRESH, record=record[:-2]), INPUT, "refresh/4")
    refused(change(REFRESH, record=record[:-1]), INPUT, "hexadecimal")
    refused(change(REFRESH, record=record[:-1].upper() + "z"), INPUT, "hexadecimal")
    other = json.loads(read(BIRTH))["record"]
    refused(change(REFRESH, record=other), INPUT, '"operation"')


@test
def moduli():
    t = json.loads(read(REFRESH))["moduli"]
    refused(change(REFRESH, moduli=[flip(t[0], 2000)] + t[1:]), INPUT, "moduli 1", "not validly signed")
    refused(change(REFRESH, moduli=[t[1], t[0], t[2]]), INPUT, "not in order")
    refused(change(REFRESH, moduli=[t[0], t[0]]), INPUT, "not in order")
    refused(change(REFRESH, moduli=t[:2]), CHEAT, "altered after it was signed")
    refused(change(REFRESH, moduli=[t[0][:-2]]), INPUT, "moduli 1", "length")
    refused(change(REFRESH, moduli=[7]), INPUT, "moduli")
    refused(change(REFRESH, moduli=json.loads(read(RESHARE))["moduli"]), INPUT, "no party of the wallet")


@test
def receipts():
    t = json.loads(read(REFRESH))["receipts"]
    equal(len(t), 2)
    refused(change(REFRESH, receipts=t[:1]), CHEAT, "party 3", "missing")
    refused(change(REFRESH, receipts=[]), CHEAT, "party 1", "missing")
    refused(change(REFRESH, receipts=t + [t[0]]), INPUT, "nobody who took part")
    refused(change(REFRESH, receipts=[t[1], t[0]]), CHEAT, "party 1", "another one")
    for name in ("content", "kept", "destroyed", "signature", "holds"):
        value = 3 if name == "holds" else flip(t[0][name], 5)
        refused(change(REFRESH, receipts=[{**t[0], name: value}, t[1]]), CHEAT, "party 1", "not signed by that member")
    refused(change(REFRESH, receipts=[{**t[0], "more": 1}, t[1]]), CHEAT, "party 1", "not whole")
    refused(change(REFRESH, receipts=[{**t[0], "signature": "00"}, t[1]]), CHEAT, "party 1", '"signature"')
    refused(change(REFRESH, receipts=json.loads(read(BIRTH))["receipts"]), CHEAT, "party 1", "another transcript")


main()
