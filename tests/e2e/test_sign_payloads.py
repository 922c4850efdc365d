"""Typed payloads with the phone in the loop: what is signed is what the phone read, and another program agrees; a server that
shows one thing and signs another gets nothing."""
import json, sqlite3, threading

from chains import Spend, keccak256, paying, rlp
from cli import (CHEAT, DIGEST, INPUT, OFFLINE, OK, REFUSED, USAGE, World, call, equal, has, main, openssl_verifies, test, write)
from relay import DROP, Relay

JSON = "application/json"
w = World()
PHONE, SOCK = w.phone, w.daemon.sock
WALLET, BARE = (PHONE.run("wallet", "create", "--signers", "2", *a).one()["wallet"] for a in ((), ("--allow", "digest")))
FIELDS = [1, 7, 1500000000, 30000000000, 21000, bytes.fromhex("d8da6bf26964af9d7eed9e03e53415d37aa96045"), 15 * 10 ** 17, b"", []]
TRANSFER = "0x02" + rlp(FIELDS).hex()


def ask(method, path, body=None):
    status, _, said = call(SOCK, method, path, json.dumps(body).encode() if body is not None else None,
                           {"Content-Type": JSON} if body is not None else {})
    return status, json.loads(said)


def wanted(payload, wallet=WALLET, path="m/0/0", **more):
    status, said = ask("POST", f"/v1/wallets/{wallet}/requests", {"payload": payload, "path": path, **more})
    equal(status, 201)
    return said["request"]


def key_at(path):
    return bytes.fromhex(PHONE.run("wallet", "show", WALLET, "--path", path).one()["public_key"])


# --- end to end ---

@test
def an_ethereum_transaction():
    r = PHONE.run("sign", WALLET, "--eth-tx", TRANSFER, "--path", "m/0/0")
    signed = r.one()
    sig = signed["signatures"][0]
    digest = keccak256(bytes.fromhex(TRANSFER[2:])).hex()
    equal(openssl_verifies(sig, digest), True)
    equal(bytes.fromhex(sig["public_key"]), key_at("m/0/0"))
    whole = b"\x02" + rlp(FIELDS + [sig["recid"], int(sig["r"], 16), int(sig["s"], 16)])
    equal(signed["result"]["signed_transaction"], "0x" + whole.hex())
    equal(signed["result"]["transaction_hash"], "0x" + keccak256(whole).hex())
    has(" ".join(r.notes()), "1.5", "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045")
    equal(ask("GET", f"/v1/requests/{signed['request']}")[1]["result"], signed["result"])


@test
def a_message():
    sig = PHONE.run("sign", WALLET, "--message", "hello", "--mode", "server").one()["signatures"][0]
    equal(openssl_verifies(sig, keccak256(b"\x19Ethereum Signed Message:\n5hello").hex()), True)


@test
def both_inputs_of_a_psbt():
    keys = [key_at(f"m/0/{i}") for i in range(2)]
    spend = Spend([(70000, keys[0], (0, 0)), (50000, keys[1], (0, 1))], [(100000, paying(b"\x02" * 33)), (19000, paying(keys[0]))])
    signed = PHONE.run("sign", WALLET, "--psbt", write(f"{PHONE.home}/psbt", spend.psbt() + "\n"), "--path", "m/0/0").one()
    equal(len(signed["signatures"]), 2)
    for i, sig in enumerate(signed["signatures"]):
        equal(openssl_verifies(sig, spend.digest(i).hex()), True)
        equal(bytes.fromhex(sig["public_key"]), keys[i])
        has(signed["result"]["transaction"], sig["der"] + "0121" + sig["public_key"])


@test
def a_batch_goes_on_where_it_was_cut_off():
    keys = [key_at(f"m/0/{i}") for i in range(2)]
    spend = Spend([(7000, keys[0], (0, 0)), (5000, keys[1], (0, 1))], [(11000, paying(b"\x02" * 33))])
    direct = PHONE.server
    PHONE.server = Relay(SOCK).lie(lambda asked, forward: DROP if asked.path.endswith("/sessions") and b'"input":1' in asked.body else forward()).path
    PHONE.run("sign", WALLET, "--psbt", write(f"{PHONE.home}/psbt", spend.psbt()), "--path", "m/0/0", code=OFFLINE)
    PHONE.server = direct
    request = ask("GET", f"/v1/wallets/{WALLET}/requests")[1]["requests"][0]
    equal((request["state"], request["to_sign"]), ("approved", 1))
    first = ask("GET", f"/v1/requests/{request['request']}")[1]["inputs"][0]["signature"]
    equal(ask("POST", f"/v1/requests/{request['request']}/cancel")[1]["code"], "state-conflict")
    signed = PHONE.run("sign", WALLET, "--request", request["request"], "--yes").one()
    equal(signed["signatures"][0], first)
    equal(openssl_verifies(signed["signatures"][1], spend.digest(1).hex()), True)


@test
def with_presignatures_too():
    PHONE.run("presign", WALLET, "--count", "1")
    sig = PHONE.run("sign", WALLET, "--message", "again", "--presigned").one()["signatures"][0]
    equal(openssl_verifies(sig, keccak256(b"\x19Ethereum Signed Message:\n5again").hex()), True)


# --- the backend asks, the phone signs ---

@test
def the_phone_signs_what_a_backend_wants():
    request = wanted({"type": "eip191", "message": "for the phone"})
    PHONE.run("sign", WALLET, "--request", request, code=USAGE)  # nobody at the terminal has agreed
    signed = PHONE.run("sign", WALLET, "--request", request, "--yes").one()
    said = ask("GET", f"/v1/requests/{request}")[1]
    equal((said["state"], said["result"]), ("signed", signed["result"]))
    # Again: nothing is signed a second time.
    equal(PHONE.run("sign", WALLET, "--request", request, "--yes").one(), signed)
    PHONE.run("sign", BARE, "--request", request, "--yes", code=CHEAT)


@test
def the_phone_waits_for_a_backend():
    heard = []
    t = threading.Thread(target=lambda: heard.append(PHONE.run("requests", "wait", "--yes", "--wallet", WALLET)))
    t.start()
    request = wanted({"type": "eip191", "message": "wake up"})
    t.join()
    equal(heard[0].one()["request"], request)
    found = PHONE.run("requests", "list", WALLET)
    equal(found.objects(found.out)[0]["request"], request)
    other = wanted({"type": "eip191", "message": "no"})
    equal(PHONE.run("requests", "cancel", other).one()["state"], "cancelled")
    equal(PHONE.run("requests", "show", other).one()["state"], "cancelled")
    PHONE.run("sign", WALLET, "--request", other, "--yes", code=7)


# --- what is shown is what is signed ---

@test
def e9_the_phone_reads_the_payload_itself():
    honest, lie = ({"type": "eth_tx", "transaction": "0x02" + rlp(FIELDS[:6] + [v] + FIELDS[7:]).hex()} for v in (1, 10 ** 18))
    shown, real = wanted(honest), wanted(lie)
    direct, about = PHONE.server, f"/v1/requests/{real}"

    def through(change, code):
        def rule(asked, forward):
            status, kind, body = forward()
            if asked.method == "GET" and asked.path == about:
                said = json.loads(body)
                change(said)
                body = json.dumps(said).encode()
            return status, kind, body
        PHONE.server = Relay(SOCK).lie(rule).path
        r = PHONE.run("sign", WALLET, "--request", real, "--yes", code=code)
        PHONE.server = direct
        equal(ask("GET", about)[1].get("signature"), None)
        return r

    small = ask("GET", f"/v1/requests/{shown}")[1]
    # The words and the payload of a small one beside the digest of the large one.
    has(through(lambda said: said.update(payload=honest, words=small["words"], description=small["description"]), CHEAT).error(), "another digest")
    # All of the small one: then that is what the phone would sign, and the server signs something else.
    through(lambda said: said.update({n: small[n] for n in ("payload", "words", "description", "digest", "inputs")}), 7)
    # Words alone are nothing: the phone shows its own.
    through(lambda said: said.update(request=shown), CHEAT)
    through(lambda said: said.update(wallet=BARE), CHEAT)
    through(lambda said: said.update(path="m/0/9"), CHEAT)
    through(lambda said: said["inputs"][0].update(digest=DIGEST), CHEAT)
    through(lambda said: said.update(payload={"type": "digest", "digest": said["digest"]}), 7)
    through(lambda said: said.update(payload={"type": "eth_tx", "transaction": "0x02c0"}), INPUT)
    r = PHONE.run("sign", WALLET, "--request", real, "--yes", code=OK)
    has(" ".join(r.notes()), " 1 ETH")


@test
def the_stored_payload_is_read_again_before_the_server_s_part_leaves():
    requests = [wanted({"type": "eip191", "message": "kept as it is"}, mode=m) for m in ("phone", "server")]
    honest = [call(SOCK, "GET", f"/v1/requests/{r}")[2] for r in requests]
    w.daemon.stop()
    db = sqlite3.connect(f"{w.daemon.state}/store.db")
    db.execute("UPDATE request_payloads SET text = replace(text, 'as it is', 'otherwise')")
    db.commit()
    db.close()
    w.daemon.start()
    direct = PHONE.server
    for request, before in zip(requests, honest):
        PHONE.server = Relay(SOCK).lie(lambda asked, forward: (200, JSON, before) if asked.path == f"/v1/requests/{request}" else forward()).path
        PHONE.run("sign", WALLET, "--request", request, "--yes", code=REFUSED)
        PHONE.server = direct
        now = ask("GET", f"/v1/requests/{request}")[1]
        equal((now["state"], now.get("released"), now.get("signature")), ("approved", None, None))


# --- without the server ---

@test
def words_and_addresses_need_no_server():
    direct, PHONE.server = PHONE.server, None
    has(PHONE.run("describe", WALLET, "--eth-tx", TRANSFER).one()["words"], "1.5")
    PHONE.run("describe", WALLET, code=USAGE)
    PHONE.run("describe", WALLET, "--eth-tx", "0x02c0", code=INPUT)
    for command in ("describe", "sign"):
        PHONE.run(command, WALLET, "--eth-tx", TRANSFER, "--message", "a", code=USAGE)
        PHONE.run(command, WALLET, "--digest", DIGEST, "--message", "a", code=USAGE)
    mine = {kind: PHONE.run("wallet", "address", WALLET, "--kind", kind, "--path", "m/0/1").one()["address"] for kind in ("ethereum", "p2wpkh@test")}
    PHONE.run("wallet", "address", WALLET, "--kind", "p2tr", code=USAGE)
    xpub = PHONE.run("wallet", "xpub", WALLET).one()
    PHONE.server = direct
    equal(ask("GET", f"/v1/wallets/{WALLET}/addresses/ethereum/main/m.0.1")[1]["address"], mine["ethereum"])
    equal(ask("GET", f"/v1/wallets/{WALLET}/addresses/p2wpkh/test/m.0.1")[1]["address"], mine["p2wpkh@test"])
    equal(ask("GET", f"/v1/wallets/{WALLET}/xpub")[1]["xpub"], xpub["xpub"])
    signed = PHONE.run("sign", WALLET, "--bip322", "mine", "--address", PHONE.run("wallet", "address", WALLET, "--kind", "p2wpkh").one()["address"]).one()
    equal(len(signed["result"]["signature"]) > 80, True)
    PHONE.run("sign", WALLET, "--bip322", "mine", "--address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", code=INPUT)
    PHONE.run("sign", WALLET, "--digest", DIGEST, code=REFUSED)


main()
