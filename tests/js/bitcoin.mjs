// The library's Bitcoin payloads against bitcoinjs-lib and bitcore-lib's interpreter: node bitcoin.mjs PROGRAM [SEED [COUNT]]
import { altered, told } from './bitcoin_altered.mjs';
import * as messages from './bitcoin_messages.mjs';
import { make, compare } from './bitcoin_psbts.mjs';
import { ask, same } from './library.mjs';
import { Random } from './random.mjs';

const [program, seed = Date.now() % 2 ** 31, count = 300] = process.argv.slice(2);
const r = new Random(Number(seed));
console.log(`seed ${seed}`);

const whole = Array.from({ length: Number(count) }, () => make(r));
let interpreted = 0, finished = 0;
ask(program, whole).forEach((answer, i) => {
    const inputs = compare(answer, whole[i], i % 10 === 0);
    interpreted += inputs;
    finished += inputs > 0 ? 1 : 0;
});
console.log(`PSBTs: ${whole.length} alike, ${finished} of them finished, ${interpreted} inputs interpreted`);

const texts = Array.from({ length: 60 }, () => messages.message(r));
ask(program, texts).forEach((answer, i) => messages.compare(answer, texts[i]));
console.log(`messages: ${texts.length} alike`);

const changed = altered(r, 5 * count);
let accepted = 0;
ask(program, changed).forEach((answer, i) => {
    if (answer.refused) return same(answer.refused, 'E_PAYLOAD', 'refusal', changed[i]);
    accepted++;
    told(answer, changed[i]);
});
console.log(`altered PSBTs: ${changed.length}, ${accepted} of them still PSBTs, alike`);
