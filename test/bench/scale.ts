import { loadavg } from 'node:os';
import { checkAll, simulatedFleet } from './simulated-fleet.ts';

// What `flurry check` of hundreds of hosts takes of the coordinator; simulated hosts, of which some are slow, ill, silent,
// or not there. Prints, and asserts nothing:
//   npm run --silent build && npx tsx test/bench/scale.ts [ROUNDS] [COUNT...] [-- words for flurry]
const separator = process.argv.indexOf('--');
const numbers = process.argv.slice(2, separator < 0 ? undefined : separator).map(Number);
const [rounds = 3, ...given] = numbers;
const counts = given.length > 0 ? given : [100, 500];
const words = separator < 0 ? ['--connect-timeout', '5s'] : process.argv.slice(separator + 1);

for (const isMixed of [false, true]) {
  for (let round = 0; round < rounds; round += 1) {
    for (const count of counts) {
      await using fleet = await simulatedFleet(count, (index) => (isMixed ? mixed(index) : 'well'));
      const { code, seconds, stdout, taken } = await checkAll(fleet, ['-o', 'json', ...words]);
      const events = stdout
        .trim()
        .split('\n')
        .map((line): { event?: string; verdict?: string; code?: string | null } => JSON.parse(line));
      const verdicts = new Map<string, number>();
      for (const { event, verdict, code: why } of events) {
        const name = `${verdict}${why ? ` (${why})` : ''}`;
        if (event === 'verdict') verdicts.set(name, (verdicts.get(name) ?? 0) + 1);
      }
      const { connections, most, open } = await fleet.connections();
      console.log(
        [
          `${count} hosts${isMixed ? ', mixed' : ''}: ${seconds.toFixed(2)} s, exit ${code}, load ${loadavg()[0]?.toFixed(1)}`,
          `  ${[...verdicts].map(([name, number]) => `${number} ${name}`).join(', ')}`,
          `  CPU ${taken.cpu.toFixed(2)} s, at most ${taken.rss.toFixed(0)} MB; event loop late by p50 ${taken.p50.toFixed(1)}, p99 ${taken.p99.toFixed(1)}, max ${taken.max.toFixed(0)} ms`,
          `  at most ${taken.most.sockets} sockets, ${taken.most.children} child processes; at the end ${taken.left} sockets (${taken.resources.join(' ')})`,
          `  seen by the hosts: ${connections} connections, ${most} at once at most, ${open} left open`,
        ].join('\n'),
      );
    }
  }
}

/** Of twenty: one slow, one ill, one silent or not there. */
function mixed(index: number): string {
  const place = index % 20;
  if (place === 3) return 'slow';
  if (place === 8) return 'degraded';
  if (place !== 13) return 'well';
  return index % 40 === 13 ? 'silent' : 'refusing';
}
