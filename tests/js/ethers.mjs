// The library's Ethereum payloads against ethers: node ethers.mjs PROGRAM SEED
import { SigningKey } from 'ethers';
import { ask, same } from './library.mjs';
import { Random } from './random.mjs';
import * as published from './published.mjs';
import * as transactions from './transactions.mjs';
import * as typed from './typed.mjs';
import { altered, compareAltered } from './typed_altered.mjs';

const [program, seed] = process.argv.slice(2);
const r = new Random(Number(seed));
const key = new SigningKey('0x' + '46'.repeat(32));
console.log(`seed ${seed}`);

const whole = transactions.whole(r, 600);
ask(program, whole).forEach((answer, i) => transactions.compare(answer, whole[i].tx, key, i % 8 === 0, whole[i]));
console.log(`transactions: ${whole.length} alike`);

const other = transactions.altered(r, 600);
let accepted = 0;
ask(program, other).forEach((answer, i) => {
    if (answer.refused) return same(answer.refused, 'E_PAYLOAD', 'refusal', other[i]);
    const { tx, beyond } = transactions.read(other[i].payload.transaction);
    if (beyond) return;
    accepted++;
    if (tx === null) same('accepted', 'refused as by ethers', 'altered transaction', other[i]);
    transactions.compare(answer, tx, key, false, other[i]);
});
console.log(`altered transactions: ${other.length}, ${accepted} of them still transactions, alike`);

const data = typed.cases(r, 450);
ask(program, data).forEach((answer, i) => typed.compare(answer, data[i], key, i % 8 === 0));
console.log(`typed data: ${data.length} alike`);

const outside = typed.outside(r, 200);
ask(program, outside).forEach((answer, i) => same(answer.refused, 'E_PAYLOAD', 'refusal', outside[i]));
console.log(`typed data outside its types: ${outside.length} refused`);

const changed = altered(r, 400);
const taken = ask(program, changed).filter((answer, i) => compareAltered(answer, changed[i])).length;
console.log(`altered typed data: ${changed.length}, ${taken} of them still typed data, alike`);

for (const [what, cases] of [['transactions', published.transactions()], ['typed data', published.typedData()]]) {
    let refused = 0;
    ask(program, cases).forEach((answer, i) => {
        same(answer.refused ?? 'accepted', cases[i].impossible ? 'E_PAYLOAD' : 'accepted', answer.why, cases[i]);
        if (answer.refused) refused++;
        else same(answer.description.digests, [cases[i].digest], 'digest', cases[i]);
    });
    console.log(`published ${what}: ${cases.length - refused} alike, ${refused} refused`);
}
