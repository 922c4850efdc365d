"""Signed HTTP messages from outside, by openssl alone: the profile of api/README.md as another program would write it."""
import base64, hashlib, json, os, subprocess, time

from cli import folder, read, write


# Well-formed bodies of somebody's word about a request, and of a policy.
WORD = json.dumps({"decision": "approve", "key": "00" * 32, "signature": "00" * 64}).encode()
POLICY = json.dumps({"policy": {"version": 1, "default": "deny", "rules": [{"id": "a", "if": {}, "then": "allow"}]}}).encode()


def b64(octets):
    return base64.b64encode(octets).decode()


class Key:
    def __init__(self, kind="ed25519"):
        self.home, self.kind = folder("key"), kind
        args = ["-algorithm", "ed25519"] if kind == "ed25519" else ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        self.openssl("genpkey", *args, "-out", "key")
        self.openssl("pkey", "-in", "key", "-pubout", "-out", "public.pem")
        self.openssl("pkey", "-in", "key", "-pubout", "-outform", "DER", "-out", "public.der")
        self.public, self.pem = read(f"{self.home}/public.der"), f"{self.home}/public.pem"
        self.id = hashlib.sha256(self.public).hexdigest()
        self.alg = "ed25519" if kind == "ed25519" else "ecdsa-p256-sha256"

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.home, check=True, capture_output=True)

    def sign(self, message):
        write(f"{self.home}/message", message)
        if self.kind == "ed25519":
            self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", "key", "-in", "message", "-out", "signature")
            return read(f"{self.home}/signature")
        self.openssl("dgst", "-sha256", "-sign", "key", "-out", "signature", "message")
        der = read(f"{self.home}/signature")
        n = der[3]
        r, s = int.from_bytes(der[4:4 + n], "big"), int.from_bytes(der[6 + n:], "big")
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signed(key, base, method, path, body=None, kind="application/json", created=None, seconds=60, nonce=None, keyid=None,
           signer=None, tag="countersign-v1-request", more=None):
    """The headers of a request to base, such as https://localhost:8441; more: other fields that it covers."""
    created = int(time.time()) if created is None else created
    fields = {} if body is None else {"content-type": kind, "content-digest": f"sha-256=:{b64(hashlib.sha256(body).digest())}:"}
    fields |= more or {}
    if method == "POST" and path.endswith("/requests"):
        fields.setdefault("idempotency-key", f'"{os.urandom(12).hex()}"')
    covered = {"@method": method, "@target-uri": base + path, **fields}
    names = " ".join(f'"{n}"' for n in covered)
    params = (f'({names});created={created};expires={created + seconds};nonce="{nonce or os.urandom(12).hex()}";'
              f'alg="{key.alg}";keyid="{keyid or key.id}";tag="{tag}"')
    text = "".join(f'"{n}": {v}\n' for n, v in covered.items()) + f'"@signature-params": {params}'
    return {**fields, "Signature-Input": f"csig={params}", "Signature": f"csig=:{b64((signer or key).sign(text.encode()))}:"}


def answer_is_signed(public, base, method, path, asked, status, headers, body):
    """By the server's key, for this request."""
    said = {n.lower(): v for n, v in headers.items()}
    params = said["signature-input"].removeprefix("csig=")
    values = {'"@status"': str(status), '"@method";req': method, '"@target-uri";req': base + path,
              '"signature-input";req': asked.get("Signature-Input"), '"signature";req': asked.get("Signature")}
    names = params[1:params.index(")")].split(" ")
    lines = [f"{n}: {values[n] if n in values else said[n.strip(chr(34))]}" for n in names]
    need = ['"@status"', '"@method";req', '"@target-uri";req'] + (['"content-digest"', '"content-type"'] if body else [])
    if "Signature" in asked:
        need += ['"signature-input";req', '"signature";req']
    digest = f"sha-256=:{b64(hashlib.sha256(body).digest())}:"
    if set(need) - set(names) or (body and said["content-digest"] != digest):
        return False
    home = folder("answer")
    write(f"{home}/m", "\n".join([*lines, f'"@signature-params": {params}']))
    write(f"{home}/s", base64.b64decode(said["signature"].removeprefix("csig=:").removesuffix(":")))
    write(f"{home}/k", public)
    r = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "k", "-in", "m",
                        "-sigfile", "s"], cwd=home, capture_output=True, text=True)
    return r.returncode == 0


def code_of(body):
    return json.loads(body).get("code") if body else None
