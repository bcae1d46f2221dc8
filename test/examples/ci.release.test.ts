import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { HostResult } from '../../src/core/event.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { program } from '../fleet/program.ts';
import { type Example, withExample } from './example.ts';
import { githubPipeline, githubWorkflow } from './github-pipeline.ts';
import { gitlabConfiguration, gitlabPipeline } from './gitlab-pipeline.ts';
import type { JobEnd } from './job.ts';
import { knownHosts, publicKey, type Variables } from './workstation.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };
const hosts = ['web1', 'web2'];

type Pipeline = (
  event: 'change' | 'push' | 'schedule',
  secrets: Variables,
) => Promise<Readonly<Record<string, JobEnd>>>;

test(
  'the example ci on GitHub: the very steps of its jobs build, look and deploy; a change that fails is a failed job and rolled back; a fork gets no check; two deploys never run at once (90 s: seven jobs)',
  options,
  withExample('ci', hosts, async (example) => {
    const names = { change: 'pull_request', push: 'push', schedule: 'schedule' } as const;
    await runsOnRealHosts(example, (event, secrets) => githubPipeline(example, { name: names[event] }, secrets));

    const fork = await githubPipeline(example, { name: 'pull_request', fork: 'true' }, {});
    assert.deepEqual(Object.keys(fork), ['build']);
    const { on, jobs } = await githubWorkflow(example.directory);
    assert.deepEqual(on.push, { branches: ['main'] });
    assert.deepEqual(jobs['deploy']?.concurrency, { group: 'deploy', 'cancel-in-progress': false });
    const uses = (job: string) => JSON.stringify(jobs[job]).match(/secrets\.\w+/g);
    assert.deepEqual(uses('deploy'), ['secrets.DEPLOY_KEY', 'secrets.KNOWN_HOSTS']);
    assert.deepEqual(uses('check'), ['secrets.CHECK_KEY', 'secrets.KNOWN_HOSTS']);
  }),
);

test(
  'the example ci on GitLab: the very scripts of its jobs build, look and deploy; a change that fails is a failed job and rolled back; other branches deploy nothing; two deploys never run at once (90 s: seven jobs)',
  options,
  withExample('ci', hosts, async (example) => {
    const predefined = {
      change: { CI_PIPELINE_SOURCE: 'merge_request_event' },
      push: { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main', CI_DEFAULT_BRANCH: 'main' },
      schedule: { CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BRANCH: 'main', CI_DEFAULT_BRANCH: 'main' },
    } as const;
    await runsOnRealHosts(example, (event, secrets) => gitlabPipeline(example, predefined[event], secrets));

    const other = await gitlabPipeline(example, { ...predefined.push, CI_COMMIT_BRANCH: 'other' }, {});
    assert.deepEqual(other, {});
    const { jobs } = await gitlabConfiguration(example.directory);
    const { resource_group, interruptible, environment } = jobs['deploy'] ?? {};
    assert.deepEqual([resource_group, interruptible, environment], ['production', false, 'production']);
  }),
);

async function runsOnRealHosts(example: Example, pipeline: Pipeline): Promise<void> {
  const { baseToplevel } = example.lease;
  const web1 = example.host('web1');
  const web2 = example.host('web2');
  const deployKey = await newKey(example, 'deploy');
  const checkKey = await newKey(example, 'check');
  const KNOWN_HOSTS = await knownHosts(example.names);
  const forChanges = { CHECK_KEY: checkKey.secret, KNOWN_HOSTS };
  const forMain = { ...forChanges, DEPLOY_KEY: deployKey.secret };
  await example.edit('hosts/common.nix', 'ssh-ed25519 AAAA... deploy@ci', deployKey.shared);
  await example.edit('hosts/common.nix', 'ssh-ed25519 AAAA... check@ci', checkKey.shared);
  const scripts: string[] = [];
  const run = async (...[event, secrets]: Parameters<Pipeline>) => {
    const ends = await pipeline(event, secrets);
    scripts.push(...Object.values(ends).flatMap((end) => end.scripts));
    return ends;
  };

  const byHand = await example.run('flurry root@web1 root@web2');
  assert.equal(byHand.code, 0, byHand.stderr);
  const first = { web1: await example.toplevel('web1'), web2: await example.toplevel('web2') };

  await example.edit('hosts/web1.nix', '"web1 serves the shop"\n      exec', '"web1 serves the new shop"\n      exec');
  const change = await run('change', forChanges);
  assert.deepEqual(codes(change), { build: 0, check: 0 }, told(change));
  assert.equal(change['build']?.keyMode, '', 'a build needs no key');
  assert.equal(change['check']?.keyMode, '600');
  assert.deepEqual(verdicts(change['check'], 'check.jsonl'), ['web1 healthy', 'web2 healthy']);
  await assertRunsAndBoots(web1, first.web1);

  const push = await run('push', forMain);
  assert.deepEqual(codes(push), { deploy: 0 }, told(push));
  assert.equal(push['deploy']?.keyMode, '600');
  const second = { web1: await example.toplevel('web1'), web2: await example.toplevel('web2') };
  await assertRunsAndBoots(web1, second.web1);
  assert.deepEqual(
    results(push['deploy'], 'status.jsonl').map(({ host, running }) => [host, running]),
    [
      ['web1', second.web1],
      ['web2', second.web2],
    ],
  );

  await example.edit('hosts/web2.nix', 'exec sleep infinity', 'exit 1');
  const broken = await run('push', forMain);
  assert.deepEqual(codes(broken), { deploy: 1 }, told(broken));
  assert.match(
    told(broken),
    /^web2 .*1 unit failed under the new system: greeter\.service; the host has put itself back/m,
  );
  await assertRunsAndBoots(web1, await example.toplevel('web1'));
  await assertRunsAndBoots(web2, second.web2);
  assert.deepEqual(verdicts(broken['deploy'], 'status.jsonl'), ['web1 seen', 'web2 seen']);
  assert.match(broken['deploy']?.artifacts.get('logs/latest/web1.log') ?? '', / ✓ UNCHANGED after /);
  assert.match(broken['deploy']?.artifacts.get('logs/latest/web2.log') ?? '', / ! ROLLED BACK after /);
  assert.deepEqual(verdicts(broken['deploy'], 'logs/latest/events.jsonl'), ['web1 unchanged', 'web2 rolled-back']);

  await web1.inside('systemd-run --quiet --unit=backup false; while systemctl is-active --quiet backup; do :; done');
  const schedule = await run('schedule', forMain);
  assert.deepEqual(codes(schedule), { check: 1 }, told(schedule));
  assert.deepEqual(verdicts(schedule['check'], 'check.jsonl'), ['web1 unhealthy', 'web2 healthy']);

  const stranger = await newKey(example, 'stranger');
  const refused = await run('schedule', { ...forMain, CHECK_KEY: stranger.secret });
  assert.deepEqual(verdicts(refused['check'], 'check.jsonl'), ['web1 unreachable', 'web2 unreachable']);

  for (const host of [web1, web2]) await assertNothingLeft(host);
  assert.notEqual(second.web1, baseToplevel);
  // The jobs say what the README has people say by hand.
  const said = scripts.join('\n').replaceAll('$HOSTS', hosts.join(' '));
  for (const line of example.lines.filter((each) => said.includes(each))) example.ran(line);
}

/** A key pair without a passphrase, made as the README says. */
async function newKey(example: Example, name: string) {
  const file = `${example.lease.directory}/${name}`;
  await program('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `${name}@ci`, '-f', file]);
  const { stdout: secret } = await program('cat', [file]);
  return { secret, shared: await publicKey({ identity: file }) };
}

function codes(ends: Readonly<Record<string, JobEnd>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(ends).map(([name, { code }]) => [name, code]));
}

/** What the log of a job shows, without its colours. */
function told(ends: Readonly<Record<string, JobEnd>>): string {
  return Object.values(ends)
    .map(({ said }) => stripVTControlCharacters(said))
    .join('\n');
}

/** The hosts in the last line of a kept file. */
function results(end: JobEnd | undefined, path: string): readonly HostResult[] {
  const last = JSON.parse(end?.artifacts.get(path)?.trimEnd().split('\n').at(-1) ?? '{}');
  return last.hosts ?? [];
}

function verdicts(end: JobEnd | undefined, path: string): readonly string[] {
  return results(end, path).map(({ host, verdict }) => `${host} ${verdict}`);
}
