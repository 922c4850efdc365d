"""A hook that decides about requests, in a process of its own. FOLDER/plan says what to answer, by the first two digits of the
digest: a list of answers, one for each attempt, the last for all that follow. FOLDER/got has a line for each question, as it came.
Usage: hook_server.py PORT FOLDER [CERTIFICATE KEY]; FOLDER/key is the PEM of its secret key, FOLDER/other that of another one.

Answers: a decision; or how to lie: wrong-key, other-id, other-nonce (as of the question before), other-decision (than was signed), other-payload,
other-because, unsigned, wrong-text, long, a status."""
import hashlib, http.server, json, os, ssl, sys, threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def sign(key, text):
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(text)
    r, s = utils.decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def lines_of(decision, request, nonce, payload, seconds, because):
    text = json.dumps(payload, separators=(",", ":"), sort_keys=True)
    return "\n".join(("countersign-v1-hook-decision", decision, f"request {request}", f"nonce {nonce}",
                      f"payload {hashlib.sha256(text.encode()).hexdigest()}", f"seconds {seconds}", f"because {because}")).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, q, how, before):
        """The body and its signature; None: there is none."""
        said = {"request": q["request"], "nonce": q["nonce"], "decision": how}
        key, payload = self.server.key, q["payload"]
        if how not in ("approve", "reject", "retry", "ignore"):
            said["decision"] = "approve"
        if how == "retry":
            said["seconds"] = 1
        if how == "reject":
            said["because"] = "Not on a Saturday."
        if how == "other-id":
            said["request"] = "77" * 32
        if how == "other-nonce":
            said["nonce"] = before or "77" * 16
        if how == "other-payload":
            payload = {"type": "digest", "digest": "77" * 32}
        text = lines_of("reject" if how == "other-decision" else said["decision"], said["request"], said["nonce"], payload,
                        said.get("seconds", 0), said.get("because", ""))
        if how == "wrong-text":
            text += b"\n"
        if how == "long":
            said["because"] = "x" * 8192
        if how == "other-because":
            said["because"] = "Somebody has put this here."
        signature = sign(self.server.other if how == "wrong-key" else key, text).hex()
        return json.dumps(said).encode(), None if how == "unsigned" else signature

    def do_POST(self):
        folder = self.server.folder
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        q = json.loads(body)
        with self.server.lock:
            before = self.server.nonces.get(q["request"])
            self.server.nonces[q["request"]] = q["nonce"]
            with open(f"{folder}/got", "a", encoding="utf-8") as f:
                f.write(json.dumps({"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": body}) + "\n")
        with open(f"{folder}/plan", encoding="utf-8") as f:
            answers = json.load(f)[q["payload"]["digest"][:2]]
        how = answers[min(q["attempt"], len(answers)) - 1]
        octets, signature = self.answer(q, "approve" if how.isdigit() else how, before)
        self.send_response(int(how) if how.isdigit() else 200)
        self.send_header("Content-Type", "application/json")
        if signature is not None:
            self.send_header("Countersign-Hook-Signature", signature)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        try:
            self.wfile.write(octets)
        except OSError:
            pass  # the other side has heard enough


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the other side has gone


def secret(path):
    with open(path, "rb") as f:
        return load_pem_private_key(f.read(), None)


def main(port, folder, *tls):
    server = Server(("127.0.0.1", port), Handler)
    server.folder, server.lock, server.nonces = folder, threading.Lock(), {}
    server.key, server.other = secret(f"{folder}/key"), secret(f"{folder}/other")
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(f"{folder}/ready", "w", encoding="ascii"):
        pass
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), os.path.abspath(sys.argv[2]), *sys.argv[3:])
