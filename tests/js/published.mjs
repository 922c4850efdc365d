// The cases that ethers publishes: transactions without and with a type, typed data. The library refuses transactions
// that no chain takes: without a chain id, or with a gas limit of more than 64 bits; everything else has ethers' digest.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { decodeRlp, keccak256 } from 'ethers';

const folder = join(dirname(createRequire(import.meta.url).resolve('@ethersproject/testcases')), '..', 'testcases');
const load = (name) => JSON.parse(gunzipSync(readFileSync(join(folder, `${name}.json.gz`))));

export function transactions() {
    const legacy = load('transactions').map((c) => ({ unsigned: c.unsignedTransactionChainId5, gas: 2 }));
    const typed = load('typed-transactions').map((c) => ({ unsigned: c.unsigned, chain: 0, gas: c.unsigned.startsWith('0x01') ? 3 : 4 }));
    return [...legacy, ...typed].map((c) => {
        const items = decodeRlp(c.chain === 0 ? '0x' + c.unsigned.slice(4) : c.unsigned);
        return { digest: keccak256(c.unsigned).slice(2), impossible: items[c.chain] === '0x' || items[c.gas].length > 18,
            payload: { type: 'eth_tx', transaction: c.unsigned } };
    });
}

export function typedData() {
    return load('eip712').map((c) => ({ digest: c.digest.slice(2), payload: { type: 'eip712',
        typed_data: { types: c.types, primaryType: c.primaryType, domain: c.domain, message: c.data } } }));
}
