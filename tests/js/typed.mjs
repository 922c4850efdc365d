// Typed data (EIP-712), generated, hashed and encoded by ethers; and the cases that ethers publishes.
import { TypedDataEncoder, getAddress, toUtf8Bytes } from 'ethers';
import { same } from './library.mjs';

const names = ['Person', 'Mail', 'Order', 'A', 'Z', 'a', 'Leaf', '_x$1', 'PermitLike'];
const members = ['from', 'to', 'amount', 'x', 'y', 'Name', 'deadline', '_$', 'list', 'v'];
const atomic = (r) => r.pick([() => 'bool', () => 'address', () => 'string', () => 'bytes', () => `bytes${1 + r.below(32)}`,
    () => `uint${8 * (1 + r.below(32))}`, () => `int${8 * (1 + r.below(32))}`])();

// Structs that lead only to later ones, each of them used: ethers wants one primary type.
function typesOf(r) {
    const chosen = names.slice().sort(() => r.below(3) - 1).slice(0, 1 + r.below(4));
    const types = {};
    chosen.forEach((name, i) => {
        const wanted = i + 1 < chosen.length ? [chosen[i + 1]] : [];
        while (wanted.length < 1 + r.below(5))
            wanted.push(i + 1 < chosen.length && r.below(3) === 0 ? chosen[i + 1 + r.below(chosen.length - i - 1)] : atomic(r));
        types[name] = wanted.map((type, k) => ({ name: members[(k + i) % members.length],
            type: type + r.pick(['', '', '', '[]', '[2]', '[][3]', '[1][]']) }));
    });
    return { types, primary: chosen[0] };
}

function integer(r, bits, signed) {
    const n = r.number(signed ? bits - 1 : bits);
    return signed && r.below(2) === 0 ? -n - 1n : n;
}

function value(r, types, type) {
    const list = type.match(/^(.*)\[(\d*)\]$/);
    if (list) return Array.from({ length: list[2] === '' ? r.below(4) : Number(list[2]) }, () => value(r, types, list[1]));
    if (types[type]) return Object.fromEntries(types[type].map((m) => [m.name, value(r, types, m.type)]));
    const number = type.match(/^(u?)int(\d+)$/);
    if (number) return integer(r, Number(number[2]), number[1] === '');
    if (type === 'bool') return r.below(2) === 1;
    if (type === 'address') return r.pick([getAddress, (a) => a])(r.hex(20));
    if (type === 'string') return r.pick(['', 'Hello, Bob!', 'é € 🙃', 'quote " back \\ line \n tab \t', '\u202eevil', 'x'.repeat(200)]);
    if (type === 'bytes') return r.hex(r.pick([0, 1, 31, 32, 33, 100]));
    return r.hex(Number(type.slice(5)));
}

// A number as JSON may have it.
function written(r, v) {
    if (Array.isArray(v)) return v.map((x) => written(r, x));
    if (typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, written(r, x)]));
    if (typeof v !== 'bigint') return v;
    const small = v > -(1n << 53n) && v < 1n << 53n;
    return r.pick([() => String(v), () => (v >= 0n ? '0x' + v.toString(16) : String(v)), () => (small ? Number(v) : String(v))])();
}

function domainOf(r) {
    const all = { name: 'Ether Mail', version: '1', chainId: r.pick([1n, 137n, 1n + r.number(53), 9223372036854775771n]),
        verifyingContract: getAddress(r.hex(20)), salt: r.hex(32) };
    return Object.fromEntries(Object.entries(all).filter(() => r.below(4) > 0));
}

const domainMembers = [['name', 'string'], ['version', 'string'], ['chainId', 'uint256'], ['verifyingContract', 'address'], ['salt', 'bytes32']];

export function cases(r, n) {
    return Array.from({ length: n }, () => {
        const { types, primary } = typesOf(r), domain = domainOf(r), message = value(r, types, primary);
        const given = { ...types };
        if (r.below(2) === 0)
            given.EIP712Domain = domainMembers.filter(([name]) => name in domain).map(([name, type]) => ({ name, type }));
        const typed_data = { types: given, primaryType: primary, domain: written(r, domain), message: written(r, message) };
        return { domain, types, primary, message, payload: { type: 'eip712', typed_data } };
    });
}

export function compare(answer, c, key, signs) {
    const digest = TypedDataEncoder.hash(c.domain, c.types, c.message), d = answer.description;
    if (answer.refused) return same(answer, 'accepted', 'typed data', c);
    same(d.digests, [digest.slice(2)], 'digest', c);
    same(d.chain, c.domain.chainId && `eip155:${c.domain.chainId}`, 'chain', c);
    same(d.eip712, { domain: sorted(c.payload.typed_data.domain), encode_type: TypedDataEncoder.from(c.types).encodeType(c.primary),
        message: sorted(c.payload.typed_data.message), primary_type: c.primary }, 'description', c);
    same(d.calls, [{ ...(c.domain.verifyingContract && { contract: c.domain.verifyingContract }), method: c.primary }], 'calls', c);
    if (signs) same(answer.result, { signature: key.sign(digest).serialized }, 'signature', c);
}

function sorted(v) {
    if (Array.isArray(v)) return v.map(sorted);
    if (typeof v !== 'object') return v;
    return Object.fromEntries(Object.keys(v).sort((a, b) => Buffer.compare(toUtf8Bytes(a), toUtf8Bytes(b))).map((k) => [k, sorted(v[k])]));
}

// Values just outside their types, and shapes that are not those of the types: all refused.
export function outside(r, n) {
    return Array.from({ length: n }, () => {
        const bits = 8 * (1 + r.below(32)), octets = 1 + r.below(32), top = 1n << BigInt(bits);
        const [type, wrong] = r.pick([
            [`uint${bits}`, String(top)], [`uint${bits}`, '-1'], [`int${bits}`, String(top / 2n)], [`int${bits}`, String(-top / 2n - 1n)],
            [`bytes${octets}`, r.hex(octets - 1)], [`bytes${octets}`, r.hex(octets + 1)], ['bytes', '0x1'], ['bytes', 'ab'], ['bool', 'true'],
            ['bool', 1], ['string', 1], ['string', null], ['address', r.hex(19)], ['address', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed'],
            ['uint8[2]', [1]], ['uint8[2]', [1, 2, 3]], ['uint8[]', 1], ['uint8[]', { 0: 1 }], ['uint8', [1]], ['uint8', ''], ['uint8', '1 '],
            ['uint8', '+1'], ['uint8', '01'], ['uint8', '0x'], ['uint8', 'ff'], ['int8', '-0'], ['int8', '--1'], ['uint256', 9007199254740992],
        ]);
        return { payload: { type: 'eip712', typed_data: { types: { T: [{ name: 'x', type }] }, primaryType: 'T', domain: {}, message: { x: wrong } } } };
    });
}

