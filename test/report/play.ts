import { setTimeout as delay } from 'node:timers/promises';
import { createReport, type ReportOptions } from '../../src/report/report.ts';
import {
  buildFails,
  degraded,
  eventOf,
  inDoubt,
  promoted,
  rolledBack,
  run,
  silent,
  sixtyInWaves,
  sixtyMixed,
  sixtyPlanned,
  startOfRun,
  type Timed,
  unchanged,
} from './runs.ts';

// Plays a run on the terminal it is started on, to be looked at:
//   npx tsx test/report/play.ts three|trouble|sixty|waves|planned [SPEED] [auto|tree|lines|json] [quiet|normal|verbose]
const plays: Readonly<Record<string, readonly Timed[]>> = {
  three: run({ hosts: { web1: promoted(), web2: promoted(2000), db1: unchanged() } }),
  trouble: run({
    hosts: { web1: inDoubt(), web2: buildFails(), db1: rolledBack(), cache1: silent(), old1: degraded() },
  }),
  sixty: sixtyMixed(),
  waves: sixtyInWaves(),
  planned: sixtyPlanned(),
};

const [name = 'three', speed = '10', output = 'auto', verbosity = 'normal'] = process.argv.slice(2);
const oneOf = <Word extends string>(words: readonly Word[], word: string): Word => {
  const found = words.find((one) => one === word);
  if (found === undefined) throw new Error(`${word} is none of ${words.join(', ')}`);
  return found;
};

const began = Date.now();
const clock = (): number => startOfRun + (Date.now() - began) * Number(speed);
const options: ReportOptions = {
  output: oneOf(['auto', 'tree', 'lines', 'json'], output),
  verbosity: oneOf(['quiet', 'normal', 'verbose', 'debug'], verbosity),
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  retryCommand: (hosts) => `flurry ${hosts.join(' ')}`,
  commandTo: (verb, hosts, words = []) => `flurry ${[verb, ...hosts, ...words].join(' ')}`,
  clock,
};
const report = createReport(options);
for (const timed of plays[name] ?? []) {
  const wait = (startOfRun + timed.at - clock()) / Number(speed);
  if (wait > 0) await delay(wait);
  report.listen(eventOf(timed));
}
await report.close();
