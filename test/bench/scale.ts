import { loadavg } from 'node:os';
import { checkAll, deployAll, simulatedFleet, statusOfAll } from './simulated-fleet.ts';

// What `flurry check`, `status`, or a deployment without work takes of the coordinator with hundreds of hosts; simulated
// ones, of which in a second part some are slow, ill, silent, or not there. Prints, and asserts nothing:
//   npm run --silent build && npx tsx test/bench/scale.ts [check|status|deploy] [ROUNDS] [COUNT...] [-- words for flurry]
const verbs = { check: checkAll, status: statusOfAll, deploy: deployAll };
const separator = process.argv.indexOf('--');
const given = process.argv.slice(2, separator < 0 ? undefined : separator);
const [verb = 'check'] = given.flatMap((word) => (word === 'status' || word === 'deploy' ? [word] : []));
const numbers = given.filter((word) => /^\d+$/.test(word)).map(Number);
const [rounds = 3, ...wanted] = numbers;
const counts = wanted.length > 0 ? wanted : [100, 500];
const words = separator < 0 ? ['--connect-timeout', '5s'] : process.argv.slice(separator + 1);

for (const isMixed of [false, true]) {
  for (let round = 0; round < rounds; round += 1) {
    for (const count of counts) {
      await using fleet = await simulatedFleet(count, (index) => (isMixed ? mixed(index) : 'well'));
      const { code, seconds, stdout, taken } = await verbs[verb](fleet, ['-o', 'json', ...words]);
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
          `${verb} of ${count} hosts${isMixed ? ', mixed' : ''}: ${seconds.toFixed(2)} s, exit ${code}, load ${loadavg()[0]?.toFixed(1)}`,
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
