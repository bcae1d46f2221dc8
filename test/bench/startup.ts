import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulatedFleet } from './simulated-fleet.ts';

// What it costs to start: interleaved, medians, and ratios to what each must be measured by. Prints, and asserts nothing:
//   npm run --silent build && npx tsx test/bench/startup.ts [ROUNDS]
const rounds = Number(process.argv[2] ?? 15);
const program = fileURLToPath(new URL('../../bin/flurry.js', import.meta.url));
await using fleet = await simulatedFleet(1, () => 'well');
const config = join(fleet.directory, 'ssh_config');
const flurry = (...words: readonly string[]): readonly string[] => [process.execPath, program, ...words];
const cases: readonly { readonly name: string; readonly argv: readonly string[]; readonly beside?: string }[] = [
  { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
  { name: 'ssh host true', argv: ['ssh', '-n', '-F', config, 'host-001', 'true'] },
  { name: 'flurry --version', argv: flurry('--version'), beside: 'node -e 0' },
  { name: 'flurry --help', argv: flurry('--help'), beside: 'node -e 0' },
  { name: 'flurry list', argv: flurry('list'), beside: 'node -e 0' },
  {
    name: 'flurry check host',
    argv: flurry('check', '--no-flake', '--ssh-config', config, 'host-001'),
    beside: 'ssh host true',
  },
];
const taken = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const { name, argv } of cases) {
    const [file = '', ...words] = argv;
    const startedAt = performance.now();
    spawnSync(file, words, { stdio: 'ignore', cwd: fleet.directory });
    taken.get(name)?.push(performance.now() - startedAt);
  }
}
const median = (name: string): number => (taken.get(name) ?? []).sort((one, other) => one - other)[rounds >> 1] ?? 0;
console.log(`medians of ${rounds}, node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
for (const { name, beside } of cases) {
  const ratio = beside === undefined ? '' : `${(median(name) / median(beside)).toFixed(2)} × ${beside}`;
  console.log(`${name.padEnd(20)} ${median(name).toFixed(0).padStart(6)} ms  ${ratio}`);
}
