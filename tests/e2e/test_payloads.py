"""Payloads that say what they are, from the backend's request to what becomes of it: the daemon describes, refuses what does not
fit, derives digests and addresses; nothing is signed that the wallet does not allow."""
import base64, json

from cli import DIGEST, World, call, equal, has, main, test

JSON = "application/json"
w = World()
SOCK = w.daemon.sock
TYPED, BARE = (w.phone.run("wallet", "create", "--signers", "2", *a).one()["wallet"] for a in ((), ("--allow", "digest")))
# An EIP-1559 transfer of 1.5 ether (chain 1), unsigned, as ethers prints it.
TRANSFER = "0x02f001078459682f008506fc23ac0082520894" + "d8da6bf26964af9d7eed9e03e53415d37aa96045" + "8814d1120d7b16000080c0"


def ask(method, path, body=None):
    status, _, said = call(SOCK, method, path, json.dumps(body).encode() if body is not None else None,
                           {"Content-Type": JSON} if body is not None else {})
    return status, json.loads(said)


def wants(payload, path="m/0/0", wallet=TYPED, **more):
    return ask("POST", f"/v1/wallets/{wallet}/requests", {"payload": payload, "path": path, **more})


@test
def a_wallet_signs_what_it_was_made_for():
    equal(ask("GET", f"/v1/wallets/{TYPED}")[1]["allow"], ["eth_tx", "eip191", "eip712", "psbt", "bip322"])
    equal(ask("GET", f"/v1/wallets/{BARE}")[1]["allow"], ["digest"])
    for payload, wallet in (({"type": "digest", "digest": DIGEST}, TYPED), ({"type": "eip191", "message": "a"}, BARE)):
        status, said = wants(payload, wallet=wallet)
        equal((status, said["code"], said["field"]), (403, "policy-denied", "type"))


@test
def what_is_no_payload_is_refused_with_a_sentence():
    for payload, words in (({"type": "eip191"}, ""), ({"type": "other"}, "type"), ({}, "type"), ({"type": "eip191", "message": 1}, "message"),
                           ({"type": "eip191", "message": "a", "more": 1}, "more"), ({"type": "eth_tx", "transaction": "0x02c0"}, "")):
        status, said = wants(payload)
        equal((status, said["code"], said["field"]), (400, "bad-request", "payload"))
        has(said["detail"], words)
    equal(wants({"type": "eip191", "message": "a"}, "m/0'")[0], 400)
    equal(wants({"type": "eip191", "message": "a", "digest": DIGEST})[1]["code"], "payload-mismatch")
    equal(ask("GET", f"/v1/wallets/{TYPED}/requests")[1], {"requests": []})


@test
def d10_a_key_is_for_one_curve_and_one_scheme():
    for kind in ("schnorr", "bip340", "taproot", "ed25519", "eddsa", "secp256r1", "bls", "ecdh"):
        status, said = wants({"type": kind, "message": "a"}, wallet=BARE)
        equal((status, said["field"]), (400, "payload"))
        body = {"signers_required": 2, "parties": 2, "devices": ["11" * 32], "nonces": ["11" * 32], "allow": [kind]}
        equal([ask("POST", "/v1/wallets", body)[1][n] for n in ("status", "field")], [400, "allow"])
    for member in ("curve", "scheme", "purpose", "algorithm"):
        equal(wants({"type": "digest", "digest": DIGEST}, wallet=BARE, **{member: "schnorr"})[0], 400)
        equal(wants({"type": "digest", "digest": DIGEST, member: "schnorr"}, wallet=BARE)[0], 400)


@test
def a_request_says_what_it_does():
    status, said = wants({"type": "eth_tx", "transaction": TRANSFER})
    equal((status, said["state"], said["type"], said["to_sign"]), (201, "approved", "eth_tx", 1))
    has(said["words"], "1.5", "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045")
    equal(said["description"]["chain"], "eip155:1")
    equal(said["payload"], {"type": "eth_tx", "transaction": TRANSFER})
    status, described = ask("POST", f"/v1/wallets/{TYPED}/describe", {"payload": said["payload"], "path": "m/0/0"})
    equal((status, described["words"], described["description"]), (200, said["words"], said["description"]))
    equal(described["inputs"], said["inputs"])
    equal(ask("GET", f"/v1/requests/{said['request']}")[1], said)
    # The digest that is stated beside it is compared.
    payload = {**said["payload"], "digest": said["digest"]}
    equal(wants(payload)[0], 201)
    equal(wants({**payload, "digest": DIGEST})[1]["code"], "payload-mismatch")


def coin(address, amount):
    """The output that pays to a P2WPKH address, serialised."""
    values = ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(c) for c in address.split("1")[1][1:-6]]
    program = int("".join(f"{v:05b}" for v in values), 2).to_bytes(20, "big")
    return amount.to_bytes(8, "little") + b"\x16\0\x14" + program


def psbt(coins, outputs):
    """BIP174: inputs that spend 11..11:0, 22..22:0, ... of those coins, each said to be of the key at m/0/INDEX."""
    tx = b"\2\0\0\0" + bytes([len(coins)])
    tx += b"".join(bytes([0x11 * (i + 1)]) * 32 + b"\0\0\0\0\0\xfd\xff\xff\xff" for i in range(len(coins)))
    tx += bytes([len(outputs)]) + b"".join(outputs) + b"\0\0\0\0"
    inputs = (b"\1\1\x1f" + spent + b"\x22\6" + key + b"\x0c" + bytes(8) + index.to_bytes(4, "little") + b"\0" for spent, key, index in coins)
    return base64.b64encode(b"psbt\xff\1\0" + bytes([len(tx)]) + tx + b"\0" + b"".join(inputs) + bytes(len(outputs))).decode()


@test
def a_psbt_of_two_inputs_is_two_signatures_by_two_keys():
    at = [ask("GET", f"/v1/wallets/{TYPED}/addresses/p2wpkh/main/m.0.{i}")[1] for i in range(3)]
    coins = [(coin(at[i]["address"], 1000000), bytes.fromhex(at[i]["public_key"]), i) for i in (0, 1)]
    to = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    payload = {"type": "psbt", "psbt": psbt(coins, [coin(to, 1500000), coin(at[1]["address"], 490000)])}
    status, said = wants(payload)
    equal((status, said["type"], said["to_sign"]), (201, "psbt", 2))
    equal([i["path"] for i in said["inputs"]], ["m/0/0", "m/0/1"])
    has(said["words"], f"Sends 0.015 BTC to {to}", f"Keeps 0.0049 BTC at {at[1]['address']}", "Fee: at most 0.0001 BTC", "not proven")
    equal([t.get("to_self") for t in said["description"]["transfers"]], [None, True])
    equal([i["own"] for i in said["description"]["psbt"]["inputs"]], [True, True])
    # Nothing of it is this wallet's; more goes out than comes in.
    foreign = [(coin(to, 1000000), coins[0][1], 0)]
    for bad, words in ((psbt(foreign, [coin(to, 1)]), "no input"), (psbt(coins, [coin(to, 2000001)]), "more than the inputs")):
        status, said = wants({"type": "psbt", "psbt": bad})
        equal((status, said["field"]), (400, "payload"))
        has(said["detail"], words)


@test
def addresses_are_those_of_the_key():
    own = w.phone.run("wallet", "show", TYPED, "--path", "m/0/1").one()["public_key"]
    for kind, network, start in (("ethereum", "main", "0x"), ("p2pkh", "main", "1"), ("p2sh-p2wpkh", "test", "2"), ("p2wpkh", "regtest", "bcrt1q")):
        status, said = ask("GET", f"/v1/wallets/{TYPED}/addresses/{kind}/{network}/m.0.1")
        equal((status, said["path"], said["address"].startswith(start)), (200, "m/0/1", True))
        equal(said["public_key"], own)
    for wrong in ("other/main/m", "p2pkh/other/m", "p2pkh/main/m.", "p2pkh/main/0", "p2pkh/main/m.2147483648"):
        equal(ask("GET", f"/v1/wallets/{TYPED}/addresses/{wrong}")[0], 400)
    said = ask("GET", f"/v1/wallets/{TYPED}/xpub")[1]
    equal((said["xpub"][:4], said["tpub"][:4]), ("xpub", "tpub"))


main()
