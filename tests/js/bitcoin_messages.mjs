// BIP322: messages signed by the library, verified by BIP322's own rules on bitcoinjs-lib's transactions and bitcore-lib's interpreter.
import { Transaction, crypto, networks, payments } from 'bitcoinjs-lib';
import { account } from './bitcoin_keys.mjs';
import { firstUnopened } from './bitcoin_interpreter.mjs';
import { same } from './library.mjs';

const NETWORKS = { main: networks.bitcoin, test: networks.testnet, regtest: networks.regtest };
const words = ['', 'a', 'pay', '\n', ' ', '"', 'ä', '测试', '\u{1f604}', '\u202e', 'bc1q', '0x00'];

export function message(r) {
    const path = Array.from({ length: r.below(4) }, () => r.below(2 ** 31));
    const { publicKey: pubkey } = account.at(path);
    const network = r.pick(['main', 'test', 'regtest']);
    const segwit = payments.p2wpkh({ pubkey, network: NETWORKS[network] });
    const isNested = r.below(2) === 0;
    const coin = isNested ? payments.p2sh({ redeem: segwit, network: NETWORKS[network] }) : segwit;
    const text = Array.from({ length: r.below(12) }, () => r.pick(words)).join('');
    return { path: ['m', ...path].join('/'), isNested, script: coin.output, segwit: segwit.output,
        payload: { type: 'bip322', message: text, address: coin.address, network } };
}

function toSpend({ payload, script }) {
    const tag = crypto.sha256(Buffer.from('BIP0322-signed-message'));
    const hash = crypto.sha256(Buffer.concat([tag, tag, Buffer.from(payload.message)]));
    const tx = new Transaction();
    tx.version = 0;
    tx.addInput(new Uint8Array(32), 0xffffffff, 0, Uint8Array.from([0, 32, ...hash]));
    tx.addOutput(script, 0n);
    return tx;
}

function toSign(made) {
    const tx = new Transaction();
    tx.version = 0;
    tx.addInput(toSpend(made).getHash(), 0, 0, made.isNested ? Uint8Array.from([made.segwit.length, ...made.segwit]) : new Uint8Array());
    tx.addOutput(Uint8Array.from([0x6a]), 0n);
    return tx;
}

export function compare(answer, made) {
    same(answer.refused ?? 'ok', 'ok', `answer (${answer.why})`, made);
    const { signature, witness } = answer.result;
    const tx = toSign(made), octets = Buffer.from(witness, 'base64');
    same(signature.slice(0, 3), made.isNested ? 'ful' : 'smp', 'form', made);
    // a count of 2, then two runs
    tx.setWitness(0, [octets.subarray(2, 2 + octets[1]), octets.subarray(3 + octets[1])]);
    const want = made.isNested ? tx.toBuffer() : octets;
    same(signature.slice(3), Buffer.from(want).toString('base64'), 'signature', made);
    same(firstUnopened(tx.toHex(), [{ script: made.script, value: 0n }]), -1, 'address that the signature does not open', made);
}
