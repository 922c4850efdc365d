"""Members of mailboxes, as another program would write them: identities and keys made by openssl, requests over the Unix
socket or signed over TCP. Knows the daemon of the test alone."""
import hashlib, json, struct

from cli import Unix, equal
from signing import Key, signed
from tls import Connection

JSON, OCTETS = "application/json", "application/octet-stream"


def statement(use, message):
    """What an identity signs: the framed hash of a statement."""
    def framed(kind, data):
        return bytes([kind]) + struct.pack(">I", len(data)) + data

    return hashlib.sha512(b"countersign/v1/h\0" + framed(1, b"statement") + framed(1, use) + framed(1, message)
                          + b"\x05" + struct.pack(">I", 2)).digest()


class Member:
    """An enrolled device, which asks with a key of its own at a port, with tls: a context; without a port at the Unix socket."""

    def __init__(self, daemon, port=None, tls=None):
        self.daemon, self.port, self.tls = daemon, port, tls
        self.host = "countersignd" if port is None else f"localhost:{port}"
        self.identity = Key()
        self.id = self.identity.public[-32:].hex()
        body = {"identity": self.id, "signature": self.say(b"enrol", bytes.fromhex(self.id))}
        self.key = None
        if port is not None:
            self.key = Key()
            body |= {"key": self.key.public.hex(), "key_signature": self.say(b"http-key", bytes.fromhex(self.id) + self.key.public)}
        self.json(201, "POST", "/v1/devices", body, unix=True)

    def say(self, use, message):
        return self.identity.sign(statement(use, message)).hex()

    def connection(self, unix=False):
        return Unix(self.daemon.sock) if unix or self.port is None else Connection(self.port, self.tls)

    def head(self, method, path, body, kind, wait=None, unix=False):
        fields = {} if body is None else {"content-type": kind}
        fields |= {} if wait is None else {"prefer": f"wait={wait}"}
        if self.key is None or unix:
            return fields
        return {**fields, **signed(self.key, f"{'https' if self.tls else 'http'}://{self.host}", method, path, body, kind, more=fields)}

    def ask(self, method, path, body=None, kind=OCTETS, wait=None, unix=False):
        """status, headers, octets"""
        c = self.connection(unix)
        try:
            c.request(method, path, body, self.head(method, path, body, kind, wait, unix))
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        finally:
            c.close()

    def json(self, status, method, path, body=None, **how):
        got = self.ask(method, path, None if body is None else json.dumps(body).encode(), JSON, **how)
        if got[0] != status:
            raise AssertionError(f"{method} {path}: {got[0]}, not {status}: {got[2][:300]}")
        return json.loads(got[2]) if got[2] else None

    def code(self, method, path, body=None, kind=OCTETS):
        status, _, octets = self.ask(method, path, body, kind)
        return status, json.loads(octets).get("code") if octets and status >= 400 else None

    # --- mailboxes ---

    def make(self, *others, **more):
        return self.json(201, "POST", "/v1/mailboxes", {"members": [self.id, *[o.id for o in others]], **more})["mailbox"]

    def put(self, mailbox, number, octets, member=None):
        return self.code("PUT", f"/v1/mailboxes/{mailbox}/messages/{(member or self).id}/{number}", octets)

    def send(self, mailbox, number, octets):
        equal(self.put(mailbox, number, octets), (204, None))

    def read(self, mailbox, after=0, wait=None):
        """(position, place, number, octets) of the messages after this position."""
        status, headers, octets = self.ask("GET", f"/v1/mailboxes/{mailbox}/messages/{after}", wait=wait)
        equal((status, headers["content-type"]), (200, OCTETS) if status == 200 else (200, octets))
        return frames(octets)

    def drop(self, mailbox):
        return self.code("DELETE", f"/v1/mailboxes/{mailbox}")

    def list(self, after=None, **how):
        return self.json(200, "GET", f"/v1/devices/{self.id}/mailboxes" + ("" if after is None else f"/{after}"), **how)["mailboxes"]


def frames(octets):
    found = []
    while octets:
        position, place, number, length = struct.unpack(">IBII", octets[:13])
        found.append((position, place, number, octets[13:13 + length]))
        equal(len(found[-1][3]), length)
        octets = octets[13 + length:]
    return found
