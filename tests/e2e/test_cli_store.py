#!/usr/bin/env python3
"""A server's store that was written once is read for ever: tests/vectors/daemon/v1/LEVEL, and the phone that belongs to it.
With --write those of the build's level are written, where there are none."""
import json, os, shutil, sqlite3, subprocess

from cli import *

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "daemon", "v1")
PASSPHRASE = "golden passphrase"
KEY = bytes(range(32))
WRITE = "--write" in sys.argv
sys.argv = [a for a in sys.argv if a != "--write"]
# Every column of the store that holds something sealed.
SEALED_COLUMNS = ("boot.wrap", "boot.identity", "own_aux.sealed", "peers.sealed", "shares.sealed", "rounds.sealed")


# --- written once ---

def write_golden(to):
    """A wallet, a request that was signed and its stored replies, a presignature that nobody used."""
    daemon, phone = Daemon(fresh=True), Phone(secret=PASSPHRASE)
    phone.server = daemon.sock
    write(f"{daemon.home}/key", KEY)
    daemon.start()
    phone.init("phone", aux=True)
    phone.run("device", "enrol")
    made = phone.run("wallet", "create", "--allow", "digest", "--signers", "2").one()
    signed = phone.run("sign", made["wallet"], "--digest", DIGEST, "--path", "m/1/2").one()
    phone.run("presign", made["wallet"], "--count", "1")
    told = json.loads(call(daemon.sock, "GET", f"/v1/wallets/{made['wallet']}")[2])
    request = json.loads(call(daemon.sock, "GET", f"/v1/requests/{signed['request']}")[2])
    server = json.loads(call(daemon.sock, "GET", "/healthz")[2])["server_identity"]
    daemon.stop()
    os.makedirs(f"{to}/server")
    shutil.copy(f"{daemon.state}/store.db", f"{to}/server/store.db")
    shutil.copytree(phone.state, f"{to}/phone", ignore=shutil.ignore_patterns("lock"))
    with open(f"{to}/content.json", "w") as f:
        f.write(json.dumps({"server_identity": server, "wallet": told, "request": request}, indent=1) + "\n")


def golden(level=LEVEL):
    """The server and its phone, copied with the modes that git does not keep."""
    daemon, phone = Daemon(fresh=True), Phone(secret=PASSPHRASE)
    phone.server = daemon.sock
    write(f"{daemon.home}/key", KEY)
    shutil.copytree(f"{GOLDEN}/{level}/server", daemon.state)
    shutil.copytree(f"{GOLDEN}/{level}/phone", phone.state)
    subprocess.run(["chmod", "-R", "go=", daemon.state, phone.state], check=True)
    return daemon, phone


if WRITE:
    os.makedirs(f"{GOLDEN}/{LEVEL}")  # stops where there is one
    write_golden(f"{GOLDEN}/{LEVEL}")

with open(f"{GOLDEN}/{LEVEL}/content.json") as f:
    KNOWN = json.load(f)
WALLET = KNOWN["wallet"]["wallet"]


# --- read for ever ---

@test
def everything_sealed_in_the_store_tells_its_version_and_level():
    db = sqlite3.connect(f"file:{GOLDEN}/{LEVEL}/server/store.db?mode=ro&immutable=1", uri=True)
    kinds = {}
    for column in SEALED_COLUMNS:
        table, name = column.split(".")
        found = [row[0] for row in db.execute(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")]
        if not found:
            raise AssertionError(f"the golden store has no {column}")
        for blob in found:
            equal((blob[1], blob[2]), (1, LEVEL))
        kinds[column] = {blob[0] for blob in found}
    equal(sum(len(k) for k in kinds.values()), len(set.union(*kinds.values())))
    db.close()


@test
def the_store_opens_and_tells_what_it_told():
    daemon, _ = golden()
    daemon.start()
    equal(json.loads(call(daemon.sock, "GET", "/healthz")[2])["server_identity"], KNOWN["server_identity"])
    told = json.loads(call(daemon.sock, "GET", f"/v1/wallets/{WALLET}")[2])
    # A restart destroys what was not used; everything else is as it was.
    equal((len(KNOWN["wallet"]["presignatures"]), told["presignatures"]), (1, []))
    equal({**KNOWN["wallet"], "presignatures": []}, {k: told[k] for k in KNOWN["wallet"]})
    request = json.loads(call(daemon.sock, "GET", f"/v1/requests/{KNOWN['request']['request']}")[2])
    equal(KNOWN["request"], {k: request[k] for k in KNOWN["request"]})
    daemon.stop()


@test
def its_wallet_signs_in_full_and_presigned():
    daemon, phone = golden()
    daemon.start()
    for how in ([], ["--mode", "server"]):
        signed = phone.run("sign", WALLET, "--digest", DIGEST, "--path", "m/1/2", *how).one()
        equal(signed["public_key"], KNOWN["request"]["signature"]["public_key"])
        equal(openssl_verifies(signed, DIGEST), True)
    # The half in the phone's folder has no other half any more.
    has(phone.run("sign", WALLET, "--digest", DIGEST, "--presigned", code=REFUSED).error(), "presign")
    phone.run("presign", WALLET, "--count", "1")
    equal(openssl_verifies(phone.run("sign", WALLET, "--digest", DIGEST, "--presigned").one(), DIGEST), True)
    daemon.stop()


@test
def the_store_of_another_level_is_named_so():
    for level in os.listdir(GOLDEN):
        if int(level) == LEVEL:
            continue
        daemon, _ = golden(level)
        r = subprocess.run([DAEMON, "--state", daemon.state, "--socket", daemon.sock, "--key-file", f"{daemon.home}/key", "--development"],
                           capture_output=True, text=True, timeout=300)
        equal(r.returncode, 4)
        has(r.stderr, f"level {level}")
        equal(read(f"{daemon.state}/store.db"), read(f"{GOLDEN}/{level}/server/store.db"))


@test
def a_closed_standard_descriptor_is_no_file_of_the_server():
    """The next file opened would take its number, and the log would land in it."""
    daemon, _ = golden()
    for closed in ((2,), (0, 1, 2)):
        process = subprocess.Popen([DAEMON, "--state", daemon.state, "--socket", daemon.sock, "--development", "--key-file", f"{daemon.home}/key"],
                                   preexec_fn=lambda: [os.close(fd) for fd in closed])
        wait_for(lambda: os.path.exists(daemon.sock))
        equal(json.loads(call(daemon.sock, "GET", "/healthz")[2])["server_identity"], KNOWN["server_identity"])
        process.terminate()
        equal((process.wait(), read(f"{daemon.state}/lock")), (0, b""))


if __name__ == "__main__":
    main()
