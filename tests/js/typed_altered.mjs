// Typed data with one thing changed: what the library takes, ethers takes, and both hash it alike. The library is the stricter
// one; where ethers wants more than EIP-712 does (one primary type, no circles) it is not asked.
import { TypedDataEncoder } from 'ethers';
import { cases } from './typed.mjs';
import { same } from './library.mjs';

const types = ['uint8', 'uint7', 'uint', 'int256', 'bytes', 'bytes32', 'bytes33', 'bool', 'string', 'address', 'Person', 'Nobody', 'bool[', 'uint8[]',
    'string[2]', 'address[][]', ''];
const values = [0, 1, -1, 255, 256, '0', '-1', '0x', '0x00', '0xff', '', 'text', true, false, null, [], [1], {}, '0x' + 'ab'.repeat(20), '0x' + 'AB'.repeat(32)];

// A random place inside: [its owner, its name there].
function place(r, root) {
    let owner = root;
    for (;;) {
        const inside = Object.keys(owner).filter((k) => typeof owner[k] === 'object' && owner[k] !== null && Object.keys(owner[k]).length > 0);
        if (inside.length === 0 || r.below(3) === 0) return [owner, r.pick(Object.keys(owner))];
        owner = owner[r.pick(inside)];
    }
}

function change(r, data) {
    switch (r.below(6)) {
        case 0: { // a member's type
            const members = data.types[r.pick(Object.keys(data.types))];
            if (members.length > 0) r.pick(members).type = r.pick(types);
            return;
        }
        case 1: { // a member's name
            const members = data.types[r.pick(Object.keys(data.types))];
            if (members.length > 0) r.pick(members).name = r.pick(['from', 'to', 'other', '', 'a b']);
            return;
        }
        case 2: {
            const [owner, name] = place(r, data.message);
            delete owner[name];
            return;
        }
        case 3: {
            const [owner] = place(r, data.message);
            if (Array.isArray(owner)) owner.push(r.pick(values));
            else owner[r.pick(['x', 'from', 'more'])] = r.pick(values);
            return;
        }
        default: {
            const [owner, name] = place(r, r.below(5) === 0 && Object.keys(data.domain).length > 0 ? data.domain : data.message);
            owner[name] = r.pick(values);
        }
    }
}

export function altered(r, n) {
    return cases(r, n).map((c) => {
        const payload = structuredClone(c.payload);
        change(r, payload.typed_data);
        return { payload };
    });
}

// ethers' digest, or null where it has none; undefined: it is not asked.
function digestOf({ types: given, domain, message, primaryType }) {
    const { EIP712Domain, ...own } = given;
    let encoder;
    try {
        encoder = TypedDataEncoder.from(own);
    } catch (error) {
        return /ambiguous primary|circular|missing primary/.test(error.message) ? undefined : null;
    }
    if (encoder.primaryType !== primaryType) return undefined;
    try {
        return TypedDataEncoder.hash(domain, own, message);
    } catch {
        return null;
    }
}

export function compareAltered(answer, c) {
    const digest = digestOf(c.payload.typed_data);
    if (answer.refused) {
        same(answer.refused, 'E_PAYLOAD', 'refusal', c);
        return false;
    }
    if (digest !== undefined) same(answer.description.digests, [digest && digest.slice(2)], 'digest', c);
    return true;
}
