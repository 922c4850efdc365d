"""A relay between the command line and the daemon: passes on, looks, and lies when a rule says so."""
import http.server, os, socketserver, threading

from cli import call, cleanups, folder

DROP = "the connection is closed"


class Asked:
    def __init__(self, method, path, body):
        self.method, self.path, self.body = method, path, body

    def is_round(self):
        return self.method == "PUT"

    def __repr__(self):
        return f"{self.method} {self.path}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def address_string(self):
        return ""

    def answer(self):
        relay = self.server.relay
        asked = Asked(self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
        relay.asked.append(asked)

        def forward():
            passed = {k: v for k, v in self.headers.items() if k.lower() == "content-type"}
            status, headers, body = call(relay.daemon, asked.method, asked.path, asked.body or None, passed)
            return status, headers.get("Content-Type", ""), body

        said = relay.rule(asked, forward) if relay.rule else forward()
        if said == DROP:
            self.close_connection = True
        elif isinstance(said, bytes):
            self.wfile.write(said)
            self.close_connection = True
        else:
            self.say(*said)

    def say(self, status, kind, body):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has heard enough


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]


class Relay:
    """rule(asked, forward) gives (status, type, octets), or the raw octets of an answer, or DROP; forward() asks the
    daemon and gives its answer. No rule: everything is passed on."""

    def __init__(self, daemon=None, tcp=False):
        self.daemon, self.rule, self.asked = daemon, None, []
        self.path = f"{folder('relay')}/sock"
        self.server = TcpServer(("127.0.0.1", 0), Handler) if tcp else UnixServer(self.path, Handler)
        if tcp:
            self.path = f"http://127.0.0.1:{self.server.server_port}"
        self.server.relay = self
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        cleanups.append(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def lie(self, rule):
        self.rule, self.asked = rule, []
        return self


# --- rules for rounds ---

def is_round(asked, n):
    return asked.is_round() and asked.path.endswith(f"/rounds/{n}")


def lost_request(n):
    return lambda asked, forward: DROP if is_round(asked, n) else forward()


def lost_reply(n):
    def rule(asked, forward):
        said = forward()
        return DROP if is_round(asked, n) else said
    return rule
