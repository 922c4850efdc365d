"""From nothing to what a wallet is for, over TLS: a backend asks for a transfer, the policy has people approve it, a webhook wakes
the phone, the phone shows what it signs, and real nodes of Ethereum and Bitcoin mine it. Nothing else comes through."""
import hashlib, json, os, sys

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e")]
from chains import Spend, paying, rlp
from cli import AGAIN, OK, Daemon, Phone, call, equal, has, main, run_as, test, wait_for, write
from hooks import Receiver, is_taken
from nodes import Bitcoin, Ethereum
from signing import Key, signed
from tls import Authority, Connection, context, free_port

ETHER, SATOSHIS = 10**18, 10**8
ETHEREUM, BITCOIN = Ethereum(), Bitcoin()
CHAIN = ETHEREUM.number("eth_chainId")
FRIEND, STRANGER = "0x00000000000000000000000000000000000a11ce", "0x0000000000000000000000000000000000000bad"
COINS = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328/slip44:1"
BACKEND, ALICE, BOB = Key(), Key("p-256"), Key("p-256")


# --- what the operator sets up ---

def policy():
    ether = f"eip155:{CHAIN}/slip44:60"
    return {"version": 1, "default": "deny", "rules": [
        {"id": "nobody-else", "if": {"assets": [ether], "to_other_than": [FRIEND]}, "then": "deny"},
        {"id": "day", "if": {"sum": [{"asset": ether, "seconds": 86400, "above": str(5 * ETHER)}]}, "then": "deny"},
        {"id": "small", "if": {"assets": [ether], "amount": [{"asset": ether, "up_to": str(ETHER)}]}, "then": "allow"},
        {"id": "large", "if": {"amount": [{"asset": ether, "above": str(ETHER)}]}, "then": {"approve": {"quorum": 2, "of": [ALICE.id, BOB.id], "seconds": 600}}},
        {"id": "coins", "if": {"assets": [COINS], "fee": {"up_to": "100000"}}, "then": "allow"}]}


def served():
    """The service, over TLS alone but for the operator, under a policy."""
    d, authority = Daemon(), Authority()
    cert, key = authority.issue("server")
    d.port, d.root, d.tls = free_port(), authority.root, context(authority)
    d.base = f"https://localhost:{d.port}"
    return d.start("--listen", f"127.0.0.1:{d.port}", "--authority", f"localhost:{d.port}", "--tls-cert", cert, "--tls-key", key,
                   "--policy", write(f"{d.home}/policy.json", json.dumps(policy())), mode=())


def operator(*args):
    done = run_as(["--json", *args, "--server", D.sock])
    equal(done.code, OK)
    return done


def by_operator(method, path, body=None):
    status, _, said = call(D.sock, method, path, json.dumps(body).encode() if body else None, {"Content-Type": "application/json"} if body else {})
    equal(status in (200, 201), True)
    return json.loads(said)


D = served()
PHONE = Phone(D.base)
PHONE.init("phone", aux=True)
TOKEN = operator("token", "new", "--role", "create", "--role", "sign").one()["token"]
PHONE.run("device", "enrol", "--ca", D.root, "--token", TOKEN)
WALLET = PHONE.run("wallet", "create", "--signers", "2").one()["wallet"]
for KEY, NAME, ROLE in ((BACKEND, "backend", "sign"), (ALICE, "alice", "approve"), (BOB, "bob", "approve")):
    operator("key", "add", KEY.pem, "--name", NAME, "--role", ROLE, "--all-wallets")
EAR = Receiver((), "204")
by_operator("POST", "/v1/webhooks", {"url": EAR.url, "all_wallets": True})
SERVER_KEYS = [k["key"] for k in by_operator("GET", "/v1/server-keys")["keys"]]


# --- what a backend does ---

def ask(key, method, path, body=None, **more):
    octets = json.dumps(body).encode() if body is not None else None
    head = signed(key, D.base, method, path, octets, **more)
    status, said = Connection(D.port, D.tls).ask(method, path, octets, head)
    return status, json.loads(said) if said else None


def wants(payload, path, key=None):
    more = {"more": {"idempotency-key": f'"{key}"'}} if key else {}
    return ask(BACKEND, "POST", f"/v1/wallets/{WALLET}/requests", {"payload": payload, "path": path}, **more)


def address(kind, network, path):
    said = ask(BACKEND, "GET", f"/v1/wallets/{WALLET}/addresses/{kind}/{network}/{path.replace('/', '.')}")[1]
    return said["address"], said["public_key"]


def approves(key, r):
    text = json.dumps(r["payload"], separators=(",", ":"), sort_keys=True)
    lines = "\n".join(("countersign-v1-approval", "approve", f"request {r['request']}", f"wallet {WALLET}", f"path {r['path']}",
                       f"payload {hashlib.sha256(text.encode()).hexdigest()}"))
    word = {"decision": "approve", "key": key.id, "signature": key.sign(lines.encode()).hex()}
    return ask(key, "POST", f"/v1/requests/{r['request']}/approvals", word)


def phone_signs(request):
    return PHONE.run("sign", WALLET, "--request", request, "--yes").one()


def hears(kind, request):
    """The webhook tells of it, signed by the server."""
    wait_for(lambda: any((e["kind"], e.get("request")) == (kind, request) for e in EAR.bodies()))
    equal(all(is_taken(g, EAR.url, SERVER_KEYS) for g in EAR.got()), True)


def ether_to(to, amount, sender):
    """EIP-1559, unsigned."""
    nonce = ETHEREUM.number("eth_getTransactionCount", sender, "latest")
    fields = [CHAIN, nonce, 10**9, 3 * 10**9, 21000, bytes.fromhex(to[2:]), amount, b"", []]
    return {"type": "eth_tx", "transaction": "0x02" + rlp(fields).hex()}


def funded(path):
    mine, _ = address("ethereum", "main", path)
    rich = ETHEREUM.ask("eth_accounts")[0]
    ETHEREUM.mined(ETHEREUM.ask("eth_sendTransaction", {"from": rich, "to": mine, "value": hex(10 * ETHER)}))
    equal(ETHEREUM.number("eth_getBalance", mine, "latest"), 10 * ETHER)
    return mine


# --- the stories ---

@test
def an_approved_transfer_is_mined_by_ethereum():
    mine = funded("m/44/60/0")
    order = ether_to(FRIEND, 3 * ETHER, mine), "m/44/60/0", "order-1"
    status, r = wants(*order)
    equal((status, r["state"], r["rule"]), (201, "pending", "large"))
    has(r["words"], "3", FRIEND[2:6])
    # The same order again is the same request.
    equal(wants(*order)[1]["request"], r["request"])
    has(PHONE.run("sign", WALLET, "--request", r["request"], "--yes", code=AGAIN).error(), "pending")
    equal(approves(ALICE, r)[1]["state"], "pending")
    equal(approves(BOB, r)[1]["state"], "approved")
    hears("request.approved", r["request"])
    phone_signs(r["request"])
    hears("request.signed", r["request"])
    done = ask(BACKEND, "GET", f"/v1/requests/{r['request']}")[1]
    equal(done["state"], "signed")
    receipt = ETHEREUM.mined(ETHEREUM.ask("eth_sendRawTransaction", done["result"]["signed_transaction"]))
    equal((receipt["status"], receipt["from"], receipt["transactionHash"]), ("0x1", mine.lower(), done["result"]["transaction_hash"]))
    equal(ETHEREUM.number("eth_getBalance", FRIEND, "latest"), 3 * ETHER)


@test
def what_the_policy_denies_is_not_signed():
    mine = address("ethereum", "main", "m/44/60/0")[0]
    for to, amount, rule in ((STRANGER, 1, "nobody-else"), (FRIEND, 6 * ETHER, "day")):
        status, said = wants(ether_to(to, amount, mine), "m/44/60/0")
        equal((status, said["code"], said["rule"]), (403, "policy-denied", rule))
    equal(wants({"type": "eip191", "message": "log in"}, "m")[1]["rule"], "default")


@test
def a_psbt_of_two_inputs_is_mined_by_bitcoin():
    path = "m/84/0/7"
    mine, public_key = address("p2wpkh", "regtest", path)
    coins = BITCOIN.ask(mine=2, to=mine)["coinbases"]
    BITCOIN.ask(mine=450)  # they are ripe, and SegWit is there
    key = bytes.fromhex(public_key)
    what = [(c["value"], key, (84, 0, 7)) for c in coins], [(60 * SATOSHIS, paying(b"a friend")), (40 * SATOSHIS - 5000, paying(key))]
    # A fee that is not proven is above every limit.
    equal(wants({"type": "psbt", "psbt": Spend(*what).psbt(), "network": "regtest"}, path)[1]["rule"], "default")
    made = Spend(*what, [bytes.fromhex(c["raw"]) for c in coins]).psbt()
    status, r = wants({"type": "psbt", "psbt": made, "network": "regtest"}, path)
    equal((status, r["state"], r["to_sign"]), (201, "approved", 2))
    has(r["words"], "0.00005")
    phone_signs(r["request"])
    done = ask(BACKEND, "GET", f"/v1/requests/{r['request']}")[1]
    equal(done["state"], "signed")
    spoilt = bytearray.fromhex(done["result"]["transaction"])
    spoilt[-40] ^= 1  # in the second witness
    has(BITCOIN.ask(send=bytes(spoilt).hex()).get("refused", ""), "script")
    equal(BITCOIN.ask(send=done["result"]["transaction"])["txid"], done["result"]["txid"])


main()
