// Ethereum transactions of every type, generated, serialised and signed by ethers; what the library says of the same
// octets must be the same. Altered octets are refused, or say what ethers reads in them.
import { Interface, Signature, SigningKey, Transaction, ZeroAddress, computeAddress, decodeRlp, getAddress,
    getCreateAddress, hashAuthorization, hexlify, toBeHex, verifyAuthorization } from 'ethers';
import { same } from './library.mjs';

const erc20 = new Interface([
    'function transfer(address,uint256)', 'function transferFrom(address,address,uint256)',
    'function approve(address,uint256)', 'function increaseAllowance(address,uint256)',
    'function mint(address,uint256)', 'function transfer(address,uint256,bytes)', 'function setApprovalForAll(address,bool)',
]);
const moving = ['transfer(address,uint256)', 'transferFrom(address,address,uint256)'];
const approving = ['approve(address,uint256)', 'increaseAllowance(address,uint256)'];
const all = 'setApprovalForAll(address,bool)';
const unlimited = (1n << 256n) - 1n;

const address = (r) => getAddress(r.below(20) === 0 ? ZeroAddress : r.hex(20));

function call(r) {
    const method = r.pick([...moving, ...moving, ...approving, all, 'mint(address,uint256)', 'transfer(address,uint256,bytes)']);
    const inputs = erc20.getFunction(method).inputs.map((i) =>
        i.type === 'address' ? address(r) : i.type === 'bytes' ? r.hex(r.below(40)) : i.type === 'bool' ? r.below(2) === 1 : r.number(256));
    return erc20.encodeFunctionData(method, inputs);
}

function data(r) {
    switch (r.below(6)) {
        case 0: return '0x';
        case 1: return r.hex(r.pick([1, 2, 3, 4, 5, 54, 55, 56, 57, 127, 128, 255, 256, 257, 700]));
        case 2: { // nearly one of the methods that are known
            const bytes = Buffer.from(call(r).slice(2), 'hex');
            const kind = r.below(3);
            if (kind === 0) bytes[4 + r.below(12)] = 1 + r.below(255);
            if (kind === 1) return hexlify(bytes.subarray(0, bytes.length - 1 - r.below(32)));
            if (kind === 2) return hexlify(Buffer.concat([bytes, r.octets(1 + r.below(32))]));
            return hexlify(bytes);
        }
        default: return call(r);
    }
}

const accessList = (r) => Array.from({ length: r.below(4) }, () =>
    ({ address: address(r), storageKeys: Array.from({ length: r.below(4) }, () => r.hex(32)) }));

function authorization(r) {
    const what = { address: address(r), nonce: r.number(64), chainId: r.number(53) };
    const signature = new SigningKey(r.hex(32)).sign(hashAuthorization(what));
    return { ...what, signature };
}

function transaction(r) {
    const type = r.below(5);
    const tx = { type, chainId: r.pick([1n, 10n, 137n, 8453n, 11155111n, 1n + r.number(53), 9223372036854775771n]),
        nonce: Number(r.number(53)), gasLimit: r.number(64), value: r.pick([0n, 10n ** 18n, r.number(256)]), data: data(r) };
    if (type >= 3 || r.below(5) > 0) tx.to = address(r);
    const price = r.number(r.pick([40, 128, 190]));
    if (type < 2) tx.gasPrice = price;
    else {
        tx.maxFeePerGas = price;
        tx.maxPriorityFeePerGas = price >> BigInt(r.below(20));
    }
    if (type >= 1) tx.accessList = accessList(r);
    if (type === 3) {
        tx.maxFeePerBlobGas = r.number(100);
        tx.blobVersionedHashes = Array.from({ length: 1 + r.below(6) }, () => '0x01' + r.hex(31).slice(2));
    }
    if (type === 4) tx.authorizationList = Array.from({ length: 1 + r.below(2) }, () => authorization(r));
    return Transaction.from(tx);
}

const word = (data, i) => data.slice(10 + 64 * i, 74 + 64 * i).padEnd(64, '0');
// What a call of a known method does, however it is written, and whether that is all that it is; null: nothing that is known.
function decoded(tx) {
    if (tx.to === null || tx.data.length < 10) return null;
    for (const method of [...moving, ...approving, all]) {
        const f = erc20.getFunction(method);
        if (tx.data.slice(0, 10) !== f.selector) continue;
        const words = f.inputs.map((_, i) => word(tx.data, i));
        const args = words.map((w, i) => i + 1 < words.length ? getAddress('0x' + w.slice(24)) : BigInt('0x' + w));
        const exact = tx.data.length === 10 + 64 * words.length && words.slice(0, -1).every((w) => w.startsWith('00'.repeat(12)));
        return { method, args, exact: exact && (method !== all || args[1] <= 1n) };
    }
    return null;
}

function expectedLists(tx, from) {
    const chain = `eip155:${tx.chainId}`, known = decoded(tx);
    const token = tx.to === null ? '' : `${chain}/erc20:${tx.to}`;
    const contract = tx.to ?? getCreateAddress({ from, nonce: tx.nonce });
    const transfers = [], approvals = [], calls = [];
    const moves = (asset, to, amount, by) => transfers.push({ amount: String(amount), asset, ...(by && { from: by }), to,
        ...(to === from && { to_self: true }) });
    if (tx.value > 0n || (tx.data === '0x' && tx.to !== null)) moves(`${chain}/slip44:60`, contract, tx.value);
    if (tx.to === null) calls.push({ contract, creates: true });
    else if (tx.data !== '0x')
        calls.push({ contract, ...(known?.exact && { method: known.method }), ...(tx.data.length >= 10 && { selector: tx.data.slice(0, 10) }) });
    if (known && moving.includes(known.method)) moves(token, known.args.at(-2), known.args.at(-1), known.args.length === 3 && known.args[0]);
    if (known && approving.includes(known.method))
        approvals.push({ ...(known.method !== approving[0] && { adds: true }), amount: String(known.args[1]), asset: token,
            spender: known.args[0], ...(known.args[1] === unlimited && { unlimited: true }) });
    if (known?.method === all)
        approvals.push({ ...(known.args[1] === 0n && { amount: '0' }), asset: `${chain}/erc721:${tx.to}`, spender: known.args[0],
            ...(known.args[1] > 0n && { unlimited: true }) });
    const delegates = approvals.some((a) => a.amount !== '0') || tx.type === 4;
    return { transfers, approvals, calls, delegates };
}

function authority(a) {
    try {
        return { authority: verifyAuthorization(a, a.signature) };
    } catch {
        return {}; // nobody's
    }
}

function expectedOwn(tx, from) {
    return {
        ...(tx.type >= 1 && { access_list: tx.accessList.map((a) => ({ address: a.address, storage_keys: a.storageKeys })) }),
        ...(tx.type === 4 && { authorization_list: tx.authorizationList.map((a) => ({ address: a.address,
            ...authority(a), chain_id: String(a.chainId), nonce: String(a.nonce),
            r: a.signature.r, s: a.signature._s, y_parity: a.signature.yParity })) }),
        ...(tx.type === 3 && { blob_versioned_hashes: tx.blobVersionedHashes }),
        data: tx.data, from, gas_limit: String(tx.gasLimit),
        ...(tx.type < 2 && { gas_price: String(tx.gasPrice) }),
        ...(tx.type === 3 && { max_fee_per_blob_gas: String(tx.maxFeePerBlobGas) }),
        ...(tx.type >= 2 && { max_fee_per_gas: String(tx.maxFeePerGas), max_priority_fee_per_gas: String(tx.maxPriorityFeePerGas) }),
        nonce: String(tx.nonce), ...(tx.to !== null && { to: tx.to }), type: tx.type, value: String(tx.value),
    };
}

// The signature that stands in a signed transaction: its last three items.
function signatureOf(serialized, tx) {
    const items = decodeRlp(tx.type === 0 ? serialized : '0x' + serialized.slice(4)).slice(-3);
    const [v, r, s] = items.map((i) => BigInt(i === '0x' ? 0 : i));
    const yParity = Number(tx.type === 0 ? v - 35n - 2n * tx.chainId : v);
    return Signature.from({ r: toBeHex(r, 32), s: toBeHex(s, 32), yParity });
}

// signs: ethers makes the signature itself, which takes it long.
export function compare(answer, tx, key, signs, about) {
    const from = computeAddress(key.publicKey), lists = expectedLists(tx, from), d = answer.description;
    const price = tx.type < 2 ? tx.gasPrice : tx.maxFeePerGas;
    const fee = tx.gasLimit * price + (tx.type === 3 ? 131072n * BigInt(tx.blobVersionedHashes.length) * tx.maxFeePerBlobGas : 0n);
    if (answer.refused) return same(answer, 'accepted', 'transaction', about);
    same(d, {
        approvals: lists.approvals, calls: lists.calls, chain: `eip155:${tx.chainId}`, ...(lists.delegates && { delegates: true }),
        digests: [tx.unsignedHash.slice(2)], eth_tx: expectedOwn(tx, from),
        fee: { amount: String(fee), asset: `eip155:${tx.chainId}/slip44:60`, rate: String(price) },
        transfers: lists.transfers, type: 'eth_tx',
    }, 'description', about);
    const signed = tx.clone();
    signed.signature = signs ? key.sign(tx.unsignedHash) : signatureOf(answer.result.signed_transaction, tx);
    same(answer.result, { from, signed_transaction: signed.serialized, transaction_hash: signed.hash }, 'result', about);
}

export function whole(r, n) {
    return Array.from({ length: n }, () => {
        const tx = transaction(r);
        return { tx, payload: { type: 'eth_tx', transaction: tx.unsignedSerialized, digest: tx.unsignedHash.slice(2) } };
    });
}

// One octet changed, inserted or left out.
export function altered(r, n) {
    return Array.from({ length: n }, () => {
        const octets = Buffer.from(transaction(r).unsignedSerialized.slice(2), 'hex'), at = r.below(Math.min(octets.length, 150));
        const other = r.pick([
            () => { octets[at] ^= 1 << r.below(8); return octets; },
            () => { octets[at] = r.pick([0, 0x7f, 0x80, 0x81, 0xb8, 0xc0, 0xf8, 0xff]); return octets; },
            () => Buffer.concat([octets.subarray(0, at), octets.subarray(at + 1)]),
            () => Buffer.concat([octets.subarray(0, at), r.octets(1), octets.subarray(at)]),
        ])();
        return { payload: { type: 'eth_tx', transaction: hexlify(other) } };
    });
}

// An authorization with another y parity than 0 and 1 is nobody's; ethers has none such.
const hasOddParity = (transaction) => transaction.startsWith('0x04') &&
    decodeRlp('0x' + transaction.slice(4))[9].some((a) => !['0x', '0x01'].includes(a[3]));

// The same octets as ethers reads them; null: not at all. Its nonces are numbers of JavaScript: one that is none of those
// is nothing that ethers could judge (beyond). For octets that the library has taken.
export function read(transaction) {
    if (hasOddParity(transaction)) return { tx: null, beyond: true };
    try {
        const tx = Transaction.from(transaction);
        return { tx: tx.unsignedSerialized === transaction ? tx : null };
    } catch (error) {
        return { tx: null, beyond: /overflow/.test(error.message) };
    }
}
