"""Real chains, on this machine: a development node of Ethereum (anvil) and a Bitcoin node on regtest (bcoin)."""
import json, os, re, subprocess, urllib.request

from cli import cleanups, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


def ended(process):
    process.kill()
    process.wait()


class Ethereum:
    """Mines a block for each transaction that it takes."""

    def __init__(self):
        program = f"{HERE}/../js/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
        self.process = subprocess.Popen([program, "--port", "0", "--host", "127.0.0.1"], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        cleanups.append(lambda: ended(self.process))
        for line in self.process.stdout:
            found = re.match(r"Listening on (127\.0\.0\.1:\d+)", line)
            if found:
                self.url = f"http://{found.group(1)}"
                return
        raise AssertionError("the Ethereum node did not start")

    def ask(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as r:
            said = json.load(r)
        if "error" in said:
            raise AssertionError(f"{method}: {said['error']['message']}")
        return said["result"]

    def mined(self, transaction):
        """The receipt of a transaction, by its hash."""
        wait_for(lambda: self.ask("eth_getTransactionReceipt", transaction) is not None)
        return self.ask("eth_getTransactionReceipt", transaction)

    def number(self, method, *params):
        return int(self.ask(method, *params), 16)


class Bitcoin:
    def __init__(self):
        self.process = subprocess.Popen(["node", f"{HERE}/bitcoin.cjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cleanups.append(lambda: ended(self.process))

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())
