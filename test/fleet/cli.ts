import { parseArgs } from 'node:util';
import { announce } from './announce.ts';
import { clean } from './clean.ts';
import { down, reusable, startKeeper } from './detached-fleet.ts';
import { parseDuration } from './duration.ts';
import { Interrupted } from './interruption.ts';
import { keep } from './keep.ts';
import { leaderPid } from './leader.ts';
import { prepareMachine } from './machine-changes.ts';
import { runPaths } from './paths.ts';
import { recordedRuns } from './recorded-runs.ts';
import { runCommand } from './run-command.ts';
import { reapStaleRuns, withRegistry } from './take-down.ts';

const usage = `usage: tsx test/fleet/cli.ts VERB
  run --hosts N [--names web1,web2] -- COMMAND...   boot, run the command with FLURRY_TEST_FLEET set, take down
  up [--hosts N] [--names web1,web2] [--key NAME] [--ttl 1h] [--detach]
                      boot; prints the state file. --key: a running fleet of that key is used again
  down STATEFILE      take a fleet down
  prepare [PROGRAM...] only install what a fleet needs, and these programs
  status              the fleets of this machine, as JSON
  reap                remove what dead runs left behind
  clean               end detached fleets, remove everything that fleets made or changed on this machine`;

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  const separator = rest.indexOf('--');
  const own = separator < 0 ? rest : rest.slice(0, separator);
  const command = separator < 0 ? [] : rest.slice(separator + 1);
  const { values, positionals } = parseArgs({
    args: own,
    allowPositionals: true,
    options: {
      hosts: { type: 'string' },
      names: { type: 'string' },
      key: { type: 'string', default: '' },
      ttl: { type: 'string', default: '1h' },
      detach: { type: 'boolean', default: false },
    },
  });
  const wish = { names: hostNames(values.hosts, values.names), key: values.key };
  const ttlMs = parseDuration(values.ttl);
  switch (verb) {
    case 'run':
      if (command.length === 0) throw new Error('run needs a command after --');
      return runCommand(wish, command);
    case 'up': {
      const running = await reusable(wish, ttlMs);
      const path = running ?? (values.detach ? await startKeeper(wish, values.ttl) : undefined);
      if (path === undefined) return keep(wish, ttlMs, (state) => process.stdout.write(`${state}\n`));
      process.stdout.write(`${path}\n`);
      return 0;
    }
    case 'keep':
      return keep(wish, ttlMs, () => undefined);
    case 'down':
      for (const path of positionals) await down(path);
      return 0;
    case 'prepare':
      await withRegistry(() => prepareMachine(positionals));
      return 0;
    case 'status':
      process.stdout.write(`${JSON.stringify(await status(), null, 2)}\n`);
      return 0;
    case 'reap':
      await withRegistry(reapStaleRuns);
      return 0;
    case 'clean':
      return clean();
    default:
      announce(usage);
      return 2;
  }
}

function hostNames(count: string | undefined, names: string | undefined): readonly string[] {
  if (names !== undefined) return names.split(',').filter((name) => /^[a-z][a-z0-9-]{0,30}$/.test(name));
  const n = Number(count ?? '3');
  if (!Number.isInteger(n) || n < 1 || n > 200) throw new Error(`--hosts ${count}: expected a number from 1 to 200`);
  return Array.from({ length: n }, (_, index) => `web${index + 1}`);
}

async function status(): Promise<readonly unknown[]> {
  const runs = await recordedRuns();
  return Promise.all(
    runs.map(async (run) => ({
      stateFile: runPaths(run.id).state,
      key: run.key,
      ownerPid: run.ownerPid,
      hosts: await Promise.all(
        run.hosts.map(async (host) => ({ ...host, leaderPid: (await leaderPid(host)) ?? null })),
      ),
    })),
  );
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  announce(error instanceof Error ? error.message : String(error));
  return error instanceof Interrupted ? error.exitCode : 1;
});
