// PSBTs with octets changed, lost or doubled: the library refuses, or what it tells is what bitcoinjs-lib reads in them.
import { Psbt, Transaction, networks, payments } from 'bitcoinjs-lib';
import { account } from './bitcoin_keys.mjs';
import { destination, make } from './bitcoin_psbts.mjs';
import { same } from './library.mjs';

const NETWORKS = { main: networks.bitcoin, test: networks.testnet, regtest: networks.regtest };
const hex = (octets) => Buffer.from(octets).toString('hex');

function alter(r, octets) {
    const at = r.below(octets.length), n = 1 + r.below(40);
    switch (r.below(6)) {
    case 0: return octets.subarray(0, at);
    case 1: return Buffer.concat([octets.subarray(0, at), octets.subarray(at + n)]);
    case 2: return Buffer.concat([octets.subarray(0, at + n), octets.subarray(at)]);
    default: {
        const out = Buffer.from(octets);
        for (let i = r.below(3); i >= 0; i--) out[r.below(out.length)] ^= 1 << r.below(8);
        return out;
    }
    }
}

export function altered(r, n) {
    const cases = [];
    while (cases.length < n) {
        const { path, payload } = make(r);
        const octets = Buffer.from(payload.psbt, 'base64');
        for (let i = 0; i < 20; i++) cases.push({ path, payload: { ...payload, psbt: alter(r, octets).toString('base64') } });
    }
    return cases;
}

// The coin of an input as the PSBT has it.
function coinOf(psbt, i) {
    const input = psbt.data.inputs[i], { hash, index } = psbt.txInputs[i];
    if (!input.nonWitnessUtxo) return input.witnessUtxo;
    const tx = Transaction.fromBuffer(input.nonWitnessUtxo);
    same(hex(tx.getHash()), hex(hash), 'transaction that is spent from', psbt.toBase64());
    return tx.outs[index];
}

function digestOf(psbt, tx, i, path) {
    const input = psbt.data.inputs[i], { script, value } = coinOf(psbt, i);
    const type = input.sighashType ?? Transaction.SIGHASH_ALL;
    const steps = path.split('/').slice(1).map(Number);
    const single = payments.p2pkh({ pubkey: account.at(steps).publicKey }).output;
    const inner = input.redeemScript ?? script;
    const isHidden = !input.redeemScript && script[0] === 0xa9;
    if (inner[0] !== 0x00 && !isHidden) return hex(tx.hashForSignature(i, inner[0] === 0x76 ? single : inner, type));
    return hex(tx.hashForWitnessV0(i, input.witnessScript ?? single, value, type));
}

export function told(answer, { payload }) {
    const psbt = Psbt.fromBase64(payload.psbt, { network: NETWORKS[payload.network] });
    const tx = Transaction.fromBuffer(psbt.data.globalMap.unsignedTx.toBuffer());
    const d = answer.description;
    const coins = tx.ins.map((_, i) => coinOf(psbt, i));
    const fee = coins.reduce((sum, c) => sum + c.value, 0n) - tx.outs.reduce((sum, o) => sum + o.value, 0n);
    same(d.fee.amount, String(fee), 'fee', payload);
    same(d.psbt.locktime, tx.locktime, 'locktime', payload);
    same(d.transfers.map((t) => t.amount), tx.outs.map((o) => String(o.value)), 'amounts', payload);
    tx.outs.forEach((o, i) => {
        same(d.transfers[i].to, destination(o.script, payload.network), 'destination', payload);
    });
    const own = d.psbt.inputs.map((input, i) => [input, i]).filter(([input]) => input.own);
    same(d.digests, own.map(([input, i]) => digestOf(psbt, tx, i, input.path)), 'digests', payload);
}
