// The library's answers: payloads in, one by one, through one process; descriptions and results out.
import { spawnSync } from 'node:child_process';

export function ask(program, cases) {
    const input = cases.map((c) => `${c.path ?? 'm'} ${JSON.stringify(c.payload)}\n`).join('');
    const run = spawnSync(program, { input, maxBuffer: 1 << 30, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${program}: ${run.signal ?? run.status} ${run.stderr}`);
    const lines = run.stdout.split('\n');
    if (lines.length !== cases.length + 1) throw new Error(`${cases.length} cases, ${lines.length - 1} answers`);
    return cases.map((_, i) => {
        const [word, description, result] = lines[i].split('\t');
        if (word !== 'ok') return { refused: word, why: description };
        return { description: JSON.parse(description), result: JSON.parse(result) };
    });
}

export function same(got, want, what, about) {
    if (JSON.stringify(got) === JSON.stringify(want)) return;
    console.error(`${what}: the library says ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
    console.error(JSON.stringify(about, (_, v) => (typeof v === 'bigint' ? String(v) : v)).slice(0, 4000));
    process.exit(1);
}
