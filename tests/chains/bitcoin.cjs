// A Bitcoin node (bcoin) on a regtest chain in memory. One command per line of stdin, one answer per line of stdout:
//   {"mine": blocks, "to"?: ADDRESS}  -> {"height", "coinbases": [{"value", "raw"}]}
//   {"send": HEX}                    -> {"txid", "height"} once it was mined, or {"refused": why}
'use strict';
process.env.NODE_BACKEND = 'js'; // no compiled parts
const Module = require('module');
const readline = require('readline');
const installed = Module.createRequire(`${__dirname}/../js/`);
const load = Module._load;
// The store on disk, compiled, that a chain in memory never opens.
Module._load = (name, ...rest) => (name === 'leveldown' ? class {} : load(name, ...rest));
const { Address, FullNode, Network, TX } = installed('bcoin').set('regtest');

// The node has a prefix of its own for regtest; this is everybody else's.
Network.get('regtest').addressPrefix.bech32 = 'bcrt';
const NOBODY = Address.fromHash(Buffer.alloc(20), 'witness', 0);

async function mine(node, address) {
    const block = await node.miner.mineBlock(null, address);
    if (!(await node.chain.add(block))) throw new Error('a block was not taken');
    return block;
}

async function mined(node, blocks, address) {
    const coinbases = [];
    for (let i = 0; i < blocks; i++) {
        const tx = (await mine(node, address)).txs[0];
        coinbases.push({ value: tx.outputs[0].value, raw: tx.toNormal().toString('hex') });
    }
    return { height: node.chain.height, coinbases };
}

async function sent(node, tx) {
    try {
        if (await node.mempool.addTX(tx)) return { refused: 'spends what is not there' };
    } catch (e) {
        if (e.type !== 'VerifyError') throw e;
        return { refused: e.reason };
    }
    const block = await mine(node, NOBODY);
    if (!block.txs.some((t) => t.txid() === tx.txid())) throw new Error('it was not mined');
    return { txid: tx.txid(), height: node.chain.height };
}

(async () => {
    const node = new FullNode({ network: 'regtest', memory: true, workers: false, listen: false });
    await node.open();
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const { mine: blocks, to, send } = JSON.parse(line);
        const address = to === undefined ? NOBODY : Address.fromBech32(to, 'regtest');
        const said = send === undefined ? await mined(node, blocks, address) : await sent(node, TX.fromRaw(send, 'hex'));
        process.stdout.write(`${JSON.stringify(said)}\n`);
    }
    await node.close();
})().catch((e) => {
    console.error(e);
    process.exit(1);
});
