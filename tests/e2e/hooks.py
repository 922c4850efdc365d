"""Receivers of webhooks for the tests: processes of their own (receiver.py), and the receiver of api/README.md."""
import json, os, subprocess, sys, time

from cryptography.exceptions import InvalidSignature

from cli import cleanups, folder, read, wait_for, write
from tls import free_port


class Receiver:
    def __init__(self, tls, answer):
        self.home, self.port, self.tls, self.process = folder("receiver"), free_port(), tls, None
        self.say(answer)
        write(f"{self.home}/got", "")
        self.url = f"http{'s' if tls else ''}://localhost:{self.port}/hook?of=countersign"
        cleanups.append(self.stop)
        self.start()

    def start(self):
        where = os.path.join(os.path.dirname(os.path.abspath(__file__)), "receiver.py")
        self.process = subprocess.Popen([sys.executable, where, str(self.port), self.home, *self.tls])
        wait_for(lambda: os.path.exists(f"{self.home}/ready"))

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            os.unlink(f"{self.home}/ready")

    def say(self, answer):
        write(f"{self.home}/new", answer)
        os.rename(f"{self.home}/new", f"{self.home}/answer")

    def got(self):
        return [json.loads(line) for line in read(f"{self.home}/got").decode().split("\n")[:-1]]

    def bodies(self):
        return [json.loads(g["body"]) for g in self.got()]

    def kinds(self):
        return [b["kind"] for b in self.bodies()]


EXAMPLE = {}
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../api/README.md")
exec(read(README).decode().split("```python\n")[1].split("```")[0], EXAMPLE)


def is_taken(got, url, keys, now=None):
    """By the receiver of the README."""
    try:
        EXAMPLE["event_of"](got["method"], url, got["headers"], got["body"].encode(), keys, int(time.time()) if now is None else now)
        return True
    except (ValueError, InvalidSignature):
        return False
