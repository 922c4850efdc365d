// The key of tests/support/payloads.h and its children, by BIP32 on private keys; strangers; signers for bitcoinjs-lib.
import { createHmac } from 'node:crypto';
import { SigningKey } from 'ethers';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const octets = (hex) => Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'));
const hex32 = (n) => '0x' + n.toString(16).padStart(64, '0');

export class Signer {
    constructor(secret, chainCode, path = []) {
        this.secret = secret;
        this.chainCode = chainCode;
        this.path = path;
        this.key = new SigningKey(hex32(secret));
        this.publicKey = octets(this.key.compressedPublicKey);
    }
    child(index) {
        const data = Buffer.alloc(37);
        data.set(this.publicKey);
        data.writeUInt32BE(index, 33);
        const mac = createHmac('sha512', this.chainCode).update(data).digest();
        const left = BigInt('0x' + mac.subarray(0, 32).toString('hex'));
        return new Signer((this.secret + left) % order, mac.subarray(32), [...this.path, index]);
    }
    at(path) {
        return path.reduce((key, index) => key.child(index), this);
    }
    sign(hash) { // RFC 6979, low s
        const { r, s } = this.key.sign(hash);
        return octets(r + s.slice(2));
    }
    get pathText() {
        return ['m', ...this.path].join('/');
    }
}

export const account = new Signer(BigInt('0x' + '46'.repeat(32)), Buffer.alloc(32, 0x11));

// A few of them, for keys take time.
const strangers = Array.from({ length: 40 }, (_, i) => new Signer(BigInt(`0x${createHmac('sha256', 'stranger').update(String(i)).digest('hex')}`) % order,
    Buffer.alloc(32, 0x22), [1, i]));
export const someStrangers = (r, n) => {
    const first = r.below(strangers.length);
    return Array.from({ length: n }, (_, i) => strangers[(first + i) % strangers.length]);
};
