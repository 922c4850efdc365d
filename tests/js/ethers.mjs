// The library's Ethereum payloads against ethers: node ethers.mjs PROGRAM [SEED]
import { SigningKey } from 'ethers';
import { ask, same } from './library.mjs';
import { Random } from './random.mjs';
import * as transactions from './transactions.mjs';

const [program, seed = Date.now() % 2 ** 31] = process.argv.slice(2);
const r = new Random(Number(seed));
const key = new SigningKey('0x' + '46'.repeat(32));
console.log(`seed ${seed}`);

const whole = transactions.whole(r, 1200);
ask(program, whole).forEach((answer, i) => transactions.compare(answer, whole[i].tx, key, i % 8 === 0, whole[i]));
console.log(`transactions: ${whole.length} alike`);

const altered = transactions.altered(r, 1200);
let accepted = 0;
ask(program, altered).forEach((answer, i) => {
    if (answer.refused) return same(answer.refused, 'E_PAYLOAD', 'refusal', altered[i]);
    const { tx, beyond } = transactions.read(altered[i].payload.transaction);
    if (beyond) return;
    accepted++;
    if (tx === null) same('accepted', 'refused as by ethers', 'altered transaction', altered[i]);
    transactions.compare(answer, tx, key, false, altered[i]);
});
console.log(`altered transactions: ${altered.length}, ${accepted} of them still transactions, alike`);
