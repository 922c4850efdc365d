"""Ethereum and Bitcoin as another program would have them: what tests need to make transactions and to check what was signed."""
import base64, hashlib, struct

MASK = (1 << 64) - 1


def keccak256(data):
    """FIPS 202's permutation with Ethereum's padding."""
    a = [[0] * 5 for _ in range(5)]
    rate, data = 136, data + b"\x01"
    data += bytes(-len(data) % rate)
    data = data[:-1] + bytes([data[-1] | 0x80])

    def rotated(v, n):
        return (v << n | v >> (64 - n)) & MASK if n % 64 else v

    for at in range(0, len(data), rate):
        for i in range(rate // 8):
            a[i % 5][i // 5] ^= struct.unpack_from("<Q", data, at + 8 * i)[0]
        lfsr = 1
        for _ in range(24):
            c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
            d = [c[(x + 4) % 5] ^ rotated(c[(x + 1) % 5], 1) for x in range(5)]
            a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
            x, y, v = 1, 0, a[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                v, a[x][y] = a[x][y], rotated(v, (t + 1) * (t + 2) // 2 % 64)
            a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
            for j in range(7):
                if lfsr & 1:
                    a[0][0] ^= 1 << ((1 << j) - 1)
                lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
    return b"".join(struct.pack("<Q", a[i % 5][i // 5]) for i in range(4))


def rlp(v):
    if isinstance(v, int):
        v = v.to_bytes((v.bit_length() + 7) // 8, "big")
    body = v if isinstance(v, bytes) else b"".join(rlp(x) for x in v)
    if isinstance(v, bytes) and len(v) == 1 and v[0] < 0x80:
        return v
    short, long = (0x80, 0xb7) if isinstance(v, bytes) else (0xc0, 0xf7)
    if len(body) < 56:
        return bytes([short + len(body)]) + body
    n = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([long + len(n)]) + n + body


# --- Bitcoin ---

def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def hash160(data):
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def with_size(data):
    assert len(data) < 253
    return bytes([len(data)]) + data


def paying(key):
    """P2WPKH of a public key."""
    return b"\x00\x14" + hash160(key)


class Spend:
    """An unsigned transaction of P2WPKH inputs: [(value, public key, path)], outputs [(value, script)]. The inputs
    spend the first outputs of the transactions given, which prove the amounts, or what is invented."""

    def __init__(self, inputs, outputs, spent=()):
        self.inputs = inputs
        self.outs = b"".join(struct.pack("<q", v) + with_size(s) for v, s in outputs)
        self.n_outs = len(outputs)
        self.spent = spent
        self.points = [sha256d(tx) + bytes(4) for tx in spent] or [hashlib.sha256(b"%d" % i).digest() + struct.pack("<I", i)
                                                                   for i in range(len(inputs))]
        ins = b"".join(p + b"\x00" + b"\xfd\xff\xff\xff" for p in self.points)
        self.unsigned = struct.pack("<i", 2) + bytes([len(inputs)]) + ins + bytes([self.n_outs]) + self.outs + bytes(4)

    def psbt(self):
        text = b"psbt\xff" + with_size(b"\x00") + with_size(self.unsigned) + b"\x00"
        for i, (value, key, path) in enumerate(self.inputs):
            if self.spent:
                text += with_size(b"\x00") + with_size(self.spent[i])
            text += with_size(b"\x01") + with_size(struct.pack("<q", value) + with_size(paying(key)))
            steps = b"".join(struct.pack("<I", n) for n in path)
            text += with_size(b"\x06" + key) + with_size(bytes(4) + steps) + b"\x00"
        return base64.b64encode(text + b"\x00" * self.n_outs).decode()

    def digest(self, i):
        """BIP143, SIGHASH_ALL."""
        value, key, _ = self.inputs[i]
        code = b"\x76\xa9\x14" + hash160(key) + b"\x88\xac"
        text = struct.pack("<i", 2) + sha256d(b"".join(self.points)) + sha256d(b"\xfd\xff\xff\xff" * len(self.inputs))
        text += self.points[i] + with_size(code) + struct.pack("<q", value) + b"\xfd\xff\xff\xff"
        return sha256d(text + sha256d(self.outs) + bytes(4) + struct.pack("<I", 1))
