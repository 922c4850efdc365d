// Repeatable randomness for generated cases: mulberry32, its seed from the command line or the clock.
export class Random {
    constructor(seed) {
        this.state = seed >>> 0;
    }
    next() { // 0 .. 2^32 - 1
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let t = this.state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return (t ^ (t >>> 14)) >>> 0;
    }
    below(n) {
        return this.next() % n;
    }
    pick(list) {
        return list[this.below(list.length)];
    }
    octets(n) {
        const out = new Uint8Array(n);
        for (let i = 0; i < n; i++) out[i] = this.next() & 255;
        return out;
    }
    hex(n) {
        return '0x' + Buffer.from(this.octets(n)).toString('hex');
    }
    // A number of at most so many bits, of any length, with the ends of ranges more often than chance has them.
    number(bits) {
        const most = (1n << BigInt(bits)) - 1n;
        const kind = this.below(8);
        if (kind === 0) return 0n;
        if (kind === 1) return most;
        if (kind === 2) return BigInt(this.below(300)) & most;
        const n = BigInt(this.hex(bits / 8 | 0 || 1)) & most;
        return n >> BigInt(this.below(bits));
    }
}
