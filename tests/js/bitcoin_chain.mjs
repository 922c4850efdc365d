// Finished PSBTs on a chain: a full node (bcoin) on regtest in this process takes them into its mempool and mines them: node bitcoin_chain.mjs PROGRAM [SEED]
import Module from 'node:module';
import { Transaction } from 'bitcoinjs-lib';
import { anyPath, coin, compare, make } from './bitcoin_psbts.mjs';
import { ask, same } from './library.mjs';
import { Random } from './random.mjs';

const [program, seed = Date.now() % 2 ** 31] = process.argv.slice(2);
const COINS = 36, EACH = 3;
const MATURE = 450; // blocks: coinbases may be spent, and SegWit has become active
const r = new Random(Number(seed));
console.log(`seed ${seed}`);

// All is in memory, and nothing of the node needs its compiled parts.
process.env.NODE_BACKEND = 'js';
const load = Module._load;
Module._load = function (name, ...rest) {
    return name === 'leveldown' ? class {} : load.call(this, name, ...rest);
};
const { FullNode, Script, TX } = (await import('bcoin')).default;

const node = new FullNode({ network: 'regtest', memory: true, listen: false, argv: false, env: false, logLevel: 'none', minRelay: 0, rejectAbsurdFees: false });
node.http.open = node.http.close = async () => {};
await node.open();

async function mine(script) {
    node.miner.addresses = [Script.fromRaw(Buffer.from(script)).getAddress()];
    const block = await node.miner.mineBlock();
    const entry = await node.chain.add(block);
    same(entry?.height, node.chain.height, 'height of a mined block', {});
    return block;
}

// What the mempool says against a transaction; null: it has taken it.
async function objection(hex) {
    try {
        const missing = await node.mempool.addTX(TX.fromRaw(Buffer.from(hex, 'hex')));
        return missing === null ? null : 'orphan';
    } catch (error) {
        return error.reason ?? String(error);
    }
}

const path = anyPath(r);
const coins = [];
for (let i = 0; i < COINS; i++) {
    const c = coin(r, i % EACH === 0 || r.below(2) === 0, path);
    const coinbase = (await mine(c.script)).txs[0];
    const tx = Transaction.fromHex(coinbase.toRaw().toString('hex'));
    coins.push({ ...c, value: tx.outs[0].value, from: { tx, vout: 0 } });
}
while (node.chain.height < MATURE) await mine(coins[0].script);
same(node.chain.state.hasWitness(), true, 'SegWit', {});

const made = Array.from({ length: COINS / EACH }, (_, i) => make(r, { path, coins: coins.slice(i * EACH, (i + 1) * EACH) }));
const answers = ask(program, made);
for (let i = 0; i < made.length; i++) {
    compare(answers[i], made[i], false);
    const { transaction } = answers[i].result;
    // The node can say no: with one octet of the first signature changed.
    const spoilt = TX.fromRaw(Buffer.from(transaction, 'hex'));
    const [input] = spoilt.inputs;
    const at = input.witness.items.length > 0 ? input.witness.items : [input.script.code[0].data?.length > 0 ? input.script.code[0].data : input.script.code[1].data];
    (at[0].length > 0 ? at[0] : at[1])[20] ^= 1;
    input.script.compile();
    spoilt.refresh();
    same(await objection(spoilt.toRaw().toString('hex')) !== null, true, 'refusal of a spoilt transaction', made[i].payload);
    same(await objection(transaction), null, 'objection of the mempool', { transaction, ...made[i].payload });
}
const mined = (await mine(coins[0].script)).txs.slice(1).map((tx) => tx.txid()).sort();
same(mined, answers.map((a) => a.result.txid).sort(), 'transactions in the block', {});
console.log(`PSBTs mined: ${mined.length}, of ${COINS} coins, at height ${node.chain.height}`);
await node.close();
