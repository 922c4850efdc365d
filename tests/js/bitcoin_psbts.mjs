// PSBTs by bitcoinjs-lib: made at random, and what it says of the library's answers.
import { Psbt, Transaction, address, crypto, networks, payments, script as scripts } from 'bitcoinjs-lib';
import { account, someStrangers } from './bitcoin_keys.mjs';
import { firstUnopened } from './bitcoin_interpreter.mjs';
import { same } from './library.mjs';

const ALL = Transaction.SIGHASH_ALL, ALL_ANYONE = ALL | Transaction.SIGHASH_ANYONECANPAY;
const NETWORKS = { main: networks.bitcoin, test: networks.testnet, regtest: networks.regtest };
const SINGLE = ['p2pkh', 'p2sh-p2wpkh', 'p2wpkh'];
const MULTISIG = ['p2wsh', 'p2sh', 'p2sh-p2wsh'];
const hex = (octets) => Buffer.from(octets).toString('hex');
const txidOf = (tx) => hex(Uint8Array.from(tx.getHash()).reverse());

// What a coin of that kind is locked with and what a PSBT says of it.
function lock(kind, keys, m) {
    const single = { pubkey: keys[0].publicKey };
    const multisig = payments.p2ms({ m, pubkeys: keys.map((k) => k.publicKey) });
    switch (kind) {
    case 'p2pkh': return { script: payments.p2pkh(single).output };
    case 'p2wpkh': return { script: payments.p2wpkh(single).output };
    case 'p2sh-p2wpkh': {
        const redeem = payments.p2wpkh(single);
        return { script: payments.p2sh({ redeem }).output, redeemScript: redeem.output };
    }
    case 'p2sh': return { script: payments.p2sh({ redeem: multisig }).output, redeemScript: multisig.output };
    case 'p2wsh': return { script: payments.p2wsh({ redeem: multisig }).output, witnessScript: multisig.output };
    default: {
        const redeem = payments.p2wsh({ redeem: multisig });
        return { script: payments.p2sh({ redeem }).output, redeemScript: redeem.output, witnessScript: multisig.output };
    }
    }
}

function shuffled(r, list) {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
        const k = r.below(i + 1);
        [out[i], out[k]] = [out[k], out[i]];
    }
    return out;
}

export const anyPath = (r) => Array.from({ length: r.below(4) }, () => r.pick([0, 1, 2, 44, 84, 2 ** 31 - 1, r.below(2 ** 31)]));

// One coin: whose it is, its keys, its lock.
export function coin(r, isOwn, requestPath) {
    const kind = r.pick(r.below(3) === 0 ? MULTISIG : SINGLE);
    const own = isOwn ? account.at(r.below(4) === 0 ? requestPath : anyPath(r)) : null;
    const others = MULTISIG.includes(kind) ? 1 + r.below(4) : isOwn ? 0 : 1;
    const keys = shuffled(r, [...(own ? [own] : []), ...someStrangers(r, others)]);
    const m = 1 + r.below(keys.length);
    return { kind, own, keys, m, ...lock(kind, keys, m), value: BigInt(1000 + r.below(2 ** 31)) };
}

function previous(r, { script, value }) {
    const tx = new Transaction();
    tx.version = 1 + r.below(2);
    tx.addInput(r.octets(32), r.below(5), r.next(), r.octets(r.below(40)));
    if (r.below(2) === 0) tx.setWitness(0, [r.octets(r.below(80)), r.octets(33)]);
    const vout = r.below(3);
    for (let i = 0; i < vout + 1 + r.below(2); i++) tx.addOutput(i === vout ? script : r.octets(25), i === vout ? value : 7n);
    return { tx, vout };
}

const derivations = (r, keys) => shuffled(r, keys).map((k) => ({ masterFingerprint: r.octets(4), path: k.pathText, pubkey: k.publicKey }));

function addInput(r, psbt, c, requestPath) {
    const { tx, vout } = c.from ?? previous(r, c);
    const isSegwit = c.kind.includes('w');
    const input = { hash: tx.getHash(), index: vout, sequence: c.from ? 0xfffffffd : r.pick([0xffffffff, 0xfffffffd, 0, r.next()]) };
    const proof = isSegwit ? r.below(3) : 0;
    if (proof !== 1) input.nonWitnessUtxo = tx.toBuffer();
    if (isSegwit && proof !== 0) input.witnessUtxo = { script: c.script, value: c.value };
    if (c.redeemScript) input.redeemScript = c.redeemScript;
    if (c.witnessScript) input.witnessScript = c.witnessScript;
    if (r.below(8) === 0) input.unknownKeyVals = [{ key: Uint8Array.from([0xf0, ...r.octets(3)]), value: r.octets(r.below(50)) }];
    c.type = r.pick([undefined, undefined, ALL, ALL_ANYONE]);
    if (c.type !== undefined) input.sighashType = c.type;
    // Without derivations only the request's own path tells.
    const tells = !c.own || c.own.pathText !== ['m', ...requestPath].join('/') || r.below(2) === 0;
    if (tells) input.bip32Derivation = derivations(r, c.keys);
    psbt.addInput(input);
}

function addOutputs(r, psbt, made) {
    const total = made.coins.reduce((sum, c) => sum + c.value, 0n);
    const n = 1 + r.below(5);
    const each = (total - BigInt(r.below(Number(total / 20n)))) / BigInt(n);
    for (let i = 0; i < n; i++) {
        const what = r.below(8);
        const own = account.at(anyPath(r)), kind = r.pick(SINGLE);
        const mine = made.coins.filter((c) => c.own);
        if (what < 3) { // change, said so or of a key that signs
            const isTold = r.below(3) > 0, key = isTold ? own : r.pick(mine).own;
            const toSelf = isTold || mine.some((c) => c.isSigned && c.own === key);
            psbt.addOutput({ script: lock(kind, [key], 1).script, value: each, ...(isTold ? { bip32Derivation: derivations(r, [key]) } : {}) });
            made.outputs.push({ value: each, toSelf });
        } else if (what === 3) { // a lie: a stranger's coin with a path of ours beside it
            psbt.addOutput({ script: lock(kind, someStrangers(r, 1), 1).script, value: each, bip32Derivation: derivations(r, [own]) });
            made.outputs.push({ value: each, toSelf: false });
        } else if (what === 4) {
            psbt.addOutput({ script: scripts.compile([0x6a, r.octets(1 + r.below(60))]), value: 0n });
            made.outputs.push({ value: 0n, toSelf: false });
        } else {
            const script = r.pick([lock(r.pick([...SINGLE, ...MULTISIG]), someStrangers(r, 2), 1).script,
                Uint8Array.from([0x51, 0x20, ...r.octets(32)]), r.octets(1 + r.below(60))]);
            psbt.addOutput({ script, value: each });
            made.outputs.push({ value: each, toSelf: false });
        }
    }
}

// Strangers may have signed before: enough, too few; those whose coin it is alone may have finished, too.
function strangersSign(r, psbt, coins) {
    coins.forEach((c, i) => {
        const others = shuffled(r, c.keys.filter((k) => k !== c.own));
        const most = c.own ? c.m - 1 : c.m;
        const willing = others.slice(0, c.from ? most : r.pick([0, most, most, r.below(most + 1)]));
        willing.forEach((k) => psbt.signInput(i, k, [ALL, ALL_ANYONE]));
        c.signed = willing.length;
        if (!c.own && c.signed === c.m && r.below(2) === 0) psbt.finalizeInput(i);
    });
}

// At random; or, to be mined, of these coins of a chain: { path, coins }, each with the transaction that it is `from`.
export function make(r, chain) {
    const network = chain ? 'regtest' : r.pick(['main', 'test', 'regtest']);
    const path = chain?.path ?? anyPath(r);
    const psbt = new Psbt({ network: NETWORKS[network] });
    psbt.setVersion(1 + r.below(2)).setLocktime(chain ? 0 : r.pick([0, 0, 800000, r.next()]));
    const n = 1 + r.below(5), first = r.below(n);
    const coins = chain?.coins ?? Array.from({ length: n }, (_, i) => coin(r, i === first || r.below(2) === 0, path));
    const made = { network, path, outputs: [], coins };
    made.coins.forEach((c) => { c.isSigned = c.own !== null; });
    made.coins.forEach((c) => addInput(r, psbt, c, path));
    addOutputs(r, psbt, made);
    strangersSign(r, psbt, made.coins);
    return { ...made, psbt, path: ['m', ...path].join('/'), payload: { type: 'psbt', psbt: psbt.toBase64(), network } };
}

// The digest of one input as bitcoinjs-lib computes it.
function digest(tx, i, c) {
    const type = c.type ?? ALL;
    const code = c.witnessScript ?? (MULTISIG.includes(c.kind) ? c.redeemScript : payments.p2pkh({ pubkey: c.own.publicKey }).output);
    return hex(c.kind.includes('w') ? tx.hashForWitnessV0(i, code, c.value, type) : tx.hashForSignature(i, code, type));
}

const unsigned = (psbt) => Transaction.fromBuffer(psbt.data.globalMap.unsignedTx.toBuffer());

function inFull(what, octets) {
    const text = what + hex(octets);
    return text.length < 100 ? text : `${what}sha256:${hex(crypto.sha256(octets))}`;
}

// Where an output goes. bitcoinjs-lib gives no address to a taproot output whose key is on no point, and one to versions that mean nothing yet.
export function destination(script, network) {
    const isProgram = script.length >= 4 && script[0] >= 0x51 && script[0] <= 0x60 && script[1] === script.length - 2;
    if (isProgram && script.length === 34 && script[0] === 0x51) return address.toBech32(script.subarray(2), 1, NETWORKS[network].bech32);
    if (script[0] === 0x6a) return inFull('data:', script.subarray(1));
    if (isProgram) return inFull('script:', script);
    try {
        return address.fromOutputScript(script, NETWORKS[network]);
    } catch {
        return inFull('script:', script);
    }
}

function compareFacts(answer, made, about) {
    const fee = made.coins.reduce((sum, c) => sum + c.value, 0n) - made.outputs.reduce((sum, o) => sum + o.value, 0n);
    const { transfers, digests, fee: told } = answer.description;
    const tx = unsigned(made.psbt);
    const mine = made.coins.map((c, i) => [c, i]).filter(([c]) => c.own);
    same(told.amount, String(fee), 'fee', about);
    same(answer.description.psbt.inputs.map((i) => [i.amount, i.address]),
        made.coins.map((c) => [String(c.value), address.fromOutputScript(c.script, NETWORKS[made.network])]), 'inputs', about);
    same(transfers.map((t) => [t.amount, t.to_self ?? false]), made.outputs.map((o) => [String(o.value), o.toSelf]), 'outputs', about);
    same(transfers.map((t) => t.to), tx.outs.map((o) => destination(o.script, made.network)), 'destinations', about);
    same(digests, mine.map(([c, i]) => digest(tx, i, c)), 'digests', about);
    same(answer.description.psbt.inputs.filter((i) => i.own).map((i) => i.path), mine.map(([c]) => c.own.pathText), 'paths', about);
}

// Fields as text, in an order of their own; the order in the PSBT is anybody's choice.
function fields(v) {
    if (v instanceof Uint8Array) return hex(v);
    if (Array.isArray(v)) return `[${v.map(fields).sort()}]`;
    if (v === null || typeof v !== 'object') return String(v);
    return `{${Object.keys(v).filter((k) => fields(v[k]) !== '[]').sort().map((k) => `${k}:${fields(v[k])}`)}}`;
}

// bitcoinjs-lib signs and finishes the same PSBT; every field of every input must be alike. The number of interpreted inputs.
export function compare(answer, made, isDoubted) {
    const about = { psbt: made.payload.psbt, path: made.path };
    same(answer.refused ?? 'ok', 'ok', `answer (${answer.why})`, about);
    compareFacts(answer, made, about);
    const theirs = made.psbt, ours = Psbt.fromBase64(answer.result.psbt);
    made.coins.forEach((c, i) => {
        if (c.own) theirs.signInput(i, c.own, [ALL, ALL_ANYONE]);
        const isWhole = c.signed + (c.own ? 1 : 0) >= c.m;
        if (isWhole && !theirs.data.inputs[i].finalScriptSig && !theirs.data.inputs[i].finalScriptWitness) theirs.finalizeInput(i);
        c.isWhole = isWhole;
        same(fields(ours.data.inputs[i]), fields(theirs.data.inputs[i]), `input ${i} (${c.kind})`, about);
    });
    same(ours.data.outputs.map(fields), theirs.data.outputs.map(fields), 'outputs of the PSBT', about);
    if (!made.coins.every((c) => c.isWhole)) {
        same(answer.result.transaction ?? null, null, 'transaction of an unfinished PSBT', about);
        return 0;
    }
    const tx = theirs.extractTransaction(true);
    same(answer.result.transaction, tx.toHex(), 'transaction', about);
    same(answer.result.txid, txidOf(tx), 'txid', about);
    compareRate(answer, tx, about);
    same(firstUnopened(answer.result.transaction, made.coins), -1, 'first input that does not open its coin', about);
    // The interpreter can say no: an amount that was not signed.
    const last = made.coins.length - 1, wrong = made.coins.map((c, i) => ({ ...c, value: c.value + (i === last ? 1n : 0n) }));
    if (isDoubted && made.coins[last].kind.includes('w')) same(firstUnopened(answer.result.transaction, wrong), last, 'input with another amount', about);
    return made.coins.length;
}

// The rate that is told is about the most: a signature of fewer octets than it counts with is rare.
function compareRate(answer, tx, about) {
    const rate = Number(answer.description.fee.rate), real = (Number(answer.description.fee.amount) * 1000) / (tx.weight() / 4);
    same(rate >= Math.floor(real * 0.995) && rate <= real * 1.08 + 1, true, `rate ${rate} near ${real}`, about);
}
