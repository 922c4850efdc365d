"""A receiver of webhooks, in a process of its own. FOLDER/got has a line for each request, as it came; FOLDER/answer says what
to answer: a status, "slow", "redirect" or "long". Usage: receiver.py PORT FOLDER [CERTIFICATE KEY]"""
import http.server, json, os, ssl, sys, threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        folder = self.server.folder
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with self.server.lock, open(f"{folder}/got", "a", encoding="utf-8") as f:
            f.write(json.dumps({"method": self.command, "path": self.path, "headers": dict(self.headers.items()), "body": body}) + "\n")
        with open(f"{folder}/answer", encoding="utf-8") as f:
            answer = f.read().strip()
        if answer == "slow":
            self.server.end.wait(600)
        self.send_response(int(answer) if answer.isdigit() else 302 if answer == "redirect" else 200)
        if answer == "redirect":
            self.send_header("Location", "/elsewhere")
        octets = bytes(1 << 20 if answer == "long" else 0)
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


def main(port, folder, *tls):
    server = Server(("127.0.0.1", port), Handler)
    server.folder, server.lock, server.end = folder, threading.Lock(), threading.Event()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(f"{folder}/ready", "w", encoding="ascii"):
        pass
    server.serve_forever()


main(int(sys.argv[1]), os.path.abspath(sys.argv[2]), *sys.argv[3:])
