import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fleetAvailable } from '../fleet/fleet.ts';
import { runCommand } from '../fleet/run-command.ts';
import { flurryContender, foundPeers, masterContender, scriptContender } from './contenders.ts';
import { measureDistance } from './distance.ts';
import { machine, machineLine } from './machine.ts';
import { countParts, type Parts, partsTables } from './parts.ts';
import { type Measured, measure, situations } from './rounds.ts';
import { phaseTable, summaryTables } from './tables.ts';

// npm run bench -- [--hosts 1,3,10] [--only nothing,unit,closure,sleep] [--rounds 3] [--distance] [--json FILE]
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,3,10' },
    only: { type: 'string', default: 'nothing,unit,closure' },
    rounds: { type: 'string', default: '3' },
    distance: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const only = values.only.split(',');
const chosen = situations.filter(({ name }) => only.includes(name));
const hosts = values.hosts.split(',').map(Number);
const rounds = Number(values.rounds);
if (chosen.length !== only.length || !hosts.every((n) => n >= 1 && n <= 200) || !(rounds >= 1))
  throw new Error(
    'usage: npm run bench -- [--hosts 1,3,10] [--only nothing,unit,closure,sleep] [--rounds 3] [--distance] [--json FILE]',
  );

if (fleetAvailable()) await bench();
else {
  const most = Math.max(...(values.distance ? [1] : hosts), only.includes('sleep') ? 10 : 1);
  const names = Array.from({ length: most }, (_, index) => `web${index + 1}`);
  const again = [...process.execArgv, ...process.argv.slice(1)];
  process.exitCode = await runCommand({ names, key: '' }, [process.execPath, ...again]);
}

async function bench(): Promise<void> {
  const { found, missing } = foundPeers();
  const contenders = [flurryContender, scriptContender, masterContender, ...found];
  const before = await machine();
  console.log(machineLine(before));
  console.log(
    `medians of ${rounds} interleaved rounds; flurry with --settle 0s; not in PATH: ${missing.join(', ') || 'none'}\n`,
  );
  const onRun = (what: string): void => void process.stderr.write(`${what}\n`);
  const results: Measured[] = [];
  const distance = values.distance ? await measureDistance({ rounds, contenders, only: chosen, onRun }) : undefined;
  if (distance !== undefined) console.log(distance.text);
  for (const situation of values.distance ? [] : chosen)
    for (const n of situation.flurryOnly ?? hosts)
      results.push(
        ...(await measure(situation, n, {
          rounds,
          contenders: situation.flurryOnly ? [flurryContender] : contenders,
          onRun,
        })),
      );
  if (results.length > 0) console.log(`${summaryTables(results)}\n\n${phaseTable(results)}\n`);
  const parts: Parts[] = [];
  for (const situation of values.distance ? [] : chosen)
    if (situation.before !== 'fresh' && situation.flurryOnly === undefined)
      parts.push(...(await countParts(situation, contenders)));
  if (parts.length > 0) console.log(`${partsTables(parts)}\n`);
  const after = await machine();
  console.log(machineLine(after));
  if (values.json === undefined) return;
  const record = {
    before,
    after,
    rounds,
    missing,
    results,
    parts,
    ...(distance === undefined ? {} : { distance: distance.record }),
  };
  await writeFile(values.json, `${JSON.stringify(record, null, 2)}\n`);
}
