// Every input of a finished transaction through bitcore-lib's script interpreter, which shares nothing with the library or with bitcoinjs-lib.
import bitcore from 'bitcore-lib';
// Its CLEANSTACK looks at another stack where there is no P2SH; the stack is looked at here.

const { Interpreter } = bitcore.Script;
const flags = ['P2SH', 'STRICTENC', 'DERSIG', 'LOW_S', 'NULLDUMMY', 'MINIMALDATA', 'WITNESS', 'NULLFAIL', 'WITNESS_PUBKEYTYPE', 'MINIMALIF']
    .reduce((all, name) => {
        if (typeof Interpreter[`SCRIPT_VERIFY_${name}`] !== 'number') throw new Error(name);
        return all | Interpreter[`SCRIPT_VERIFY_${name}`];
    }, 0);

// coins: the outputs spent, {script, value}, in the order of the inputs. The number of the first input that does not open its coin, or -1.
export function firstUnopened(hex, coins) {
    const tx = new bitcore.Transaction(hex);
    return coins.findIndex(({ script, value }, i) => {
        const spent = new bitcore.Script(Buffer.from(script).toString('hex'));
        const input = tx.inputs[i];
        input.output = new bitcore.Transaction.Output({ script: spent, satoshis: Number(value) }); // where it looks when the amount is 0
        const interpreter = new Interpreter();
        const opens = interpreter.verify(input.script, spent, tx, i, flags, input.witnesses ?? [], Number(value));
        return !opens || interpreter.stack.length !== 1;
    });
}
