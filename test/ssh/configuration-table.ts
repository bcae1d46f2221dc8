import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type FlurryEnd, flurry } from '../deploy/run-flurry.ts';
import { withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import type { Apart, ConfigurationCase, Parts } from './configuration-cases.ts';
import { type CommonParts, configurationHosts } from './configuration-hosts.ts';

/** How one of the two met the host of a case. */
interface Met {
  readonly works: 'yes' | 'no' | 'not asked';
  /** For whoever reads a failure. */
  readonly said: string;
}

interface MetByFlurry extends Met {
  readonly transport: 'builtin' | 'openssh';
  readonly code: string | null;
}

/** A case whose configuration is written. */
interface Written {
  readonly each: ConfigurationCase;
  readonly alias: string;
  /** What has to be said to reach it. */
  readonly words: Apart;
}

/**
 * Gives a test in which `flurry check` and `ssh -o BatchMode=yes` meet a host by each configuration. The cases are
 * destinations of one run where they can be in one ssh_config, each by aliases of its own.
 */
export function configurationTable(cases: readonly ConfigurationCase[]): () => Promise<void> {
  const here = cases.filter(({ needs }) => needs === undefined || spawnSync(needs, ['--version']).status === 0);
  return withHosts(3, async (lease) => {
    await using hosts = await configurationHosts(lease);
    const inTurn = pLimit(6);
    const [forSsh, forFlurry] = await Promise.all(
      // Of each its own: hosts that are new are written down.
      ['ssh', 'flurry'].map((who) => writeTable(here, hosts.parts, join(lease.directory, who))),
    );
    assert.ok(forSsh && forFlurry);
    const [ssh, ours] = await Promise.all([
      Promise.all(forSsh.map((one) => inTurn(() => viaSsh(one)))),
      viaFlurry(lease, forFlurry),
    ]);
    const unlike = here.flatMap((each, index) => {
      const [theirs, own] = [ssh[index], ours[index]];
      assert.ok(theirs && own);
      const found = { ssh: theirs.works, flurry: own.works, transport: own.transport, code: own.code };
      const expected = {
        ssh: each.ssh?.works ?? each.works,
        flurry: each.works,
        transport: each.transport ?? 'builtin',
        code: each.code ?? own.code,
      };
      const alike = JSON.stringify(expected) === JSON.stringify(found);
      return alike ? [] : [{ claim: each.claim, expected, found, said: { ssh: theirs.said, flurry: own.said } }];
    });
    assert.equal(JSON.stringify(unlike, null, 2), '[]');
  });
}

async function viaSsh({ each, alias, words }: Written): Promise<Met> {
  if (each.ssh?.works === 'not asked') return { works: 'not asked', said: each.ssh.because };
  const typed = [
    ...(each.user === undefined ? [] : ['-l', each.user]),
    ...(each.port === undefined ? [] : ['-p', String(each.port)]),
  ];
  const args = [...typed, ...words.ssh, '-o', 'BatchMode=yes', alias, 'true'];
  return await new Promise((resolve) => {
    execFile('ssh', args, { timeout: 60_000 }, (error, _stdout, stderr) =>
      resolve({ works: error === null ? 'yes' : 'no', said: stderr }),
    );
  });
}

/** One run for all that have nothing to say of their own, and one for each of the others. */
async function viaFlurry(lease: Lease, table: readonly Written[]): Promise<readonly MetByFlurry[]> {
  const inTurn = pLimit(2);
  const run = ({ flurry: words, nixSshOptions }: Apart, destinations: readonly string[]) =>
    inTurn(() =>
      flurry(lease, ['check', ...words, ...destinations], {
        bare: true,
        ...(nixSshOptions === undefined ? {} : { environment: { NIX_SSHOPTS: nixSshOptions } }),
      }),
    );
  const names = table.map(({ each: { port }, alias }) => (port === undefined ? alias : `${alias}:${port}`));
  const together = table.filter(({ each }) => each.apart === undefined);
  const shared = together[0] && run(together[0].words, together.map(destination));
  const ends = table.map((one) =>
    one.each.apart === undefined && shared ? shared : run(one.words, [destination(one)]),
  );
  return (await Promise.all(ends)).map((end, index) => metByFlurry(end, names[index] ?? ''));
}

function destination({ each: { user, port }, alias }: Written): string {
  return `${user === undefined ? '' : `${user}@`}${alias}${port === undefined ? '' : `:${port}`}`;
}

/** Whatever the host's health: it was reached and looked at. */
function metByFlurry(end: FlurryEnd, host: string): MetByFlurry {
  const { verdict, code, reason } = end.result(host);
  assert.ok(['healthy', 'unhealthy', 'unreachable'].includes(verdict), `${host}: ${verdict}, ${reason}`);
  const told = end.events.some(
    (event) => event.event === 'log' && event.host === host && /^transport: openssh\b/.test(event.line),
  );
  const works = verdict === 'unreachable' ? 'no' : 'yes';
  return { works, said: `${verdict}: ${reason}`, transport: told ? 'openssh' : 'builtin', code };
}

async function writeTable(
  cases: readonly ConfigurationCase[],
  common: CommonParts,
  directory: string,
): Promise<readonly Written[]> {
  await mkdir(directory);
  const shared = join(directory, 'config');
  const table: Written[] = [];
  const includes: string[] = [];
  for (const [index, each] of cases.entries()) {
    const place = join(directory, `case-${index}`);
    await mkdir(place);
    const alone = join(place, 'config');
    const { parts, lines, files } = configurationOf(each, common, {
      place,
      suffix: String(index),
      config: each.apart === undefined ? shared : alone,
    });
    for (const [path, content] of files) await writeFile(path, content, { mode: 0o600 });
    await writeFile(join(place, 'entries'), lines.join('\n'));
    const include = [`Host ${parts.t} ${parts.one} ${parts.two} ${parts.three}`, `Include ${join(place, 'entries')}`];
    if (each.apart === undefined) includes.push(...include);
    else await writeFile(alone, [...include, ...byAddress(common)].join('\n'));
    const words = each.apart?.(parts) ?? { flurry: ['--ssh-config', shared], ssh: ['-F', shared] };
    table.push({ each, alias: parts.t, words });
  }
  await writeFile(shared, [...includes, ...byAddress(common)].join('\n'));
  return table;
}

/** Gives the lines of a case, in which its own aliases stand for the hosts, and the files to go with them. */
function configurationOf(
  each: ConfigurationCase,
  common: CommonParts,
  { place, suffix, config }: Readonly<Record<'place' | 'suffix' | 'config', string>>,
): { readonly parts: Parts; readonly lines: readonly string[]; readonly files: ReadonlyMap<string, string> } {
  const files = new Map<string, string>();
  const parts: Parts = {
    ...common,
    t: `t${suffix}`,
    one: `one${suffix}`,
    two: `two${suffix}`,
    three: `three${suffix}`,
    config,
    file: (name, content) => {
      files.set(join(place, name), content);
      return join(place, name);
    },
  };
  const kept = entryLines(common, common.at.t).filter(
    (line) => !(each.without ?? []).some((option) => line.startsWith(`${option} `)),
  );
  const lines = [
    ...(each.first?.(parts) ?? []),
    ...[`Host ${parts.t}`, ...(each.entry?.(parts) ?? []), ...kept],
    ...[`Host ${parts.one}`, ...entryLines(common, common.at.one)],
    ...[`Host ${parts.two}`, ...entryLines(common, common.at.two)],
    // The sshd that the host has of itself: else `three` would be `two`.
    ...[`Host ${parts.three}`, 'Port 22', ...entryLines(common, common.at.two)],
  ];
  return { parts, lines, files };
}

/** For bastions that are named by their address. */
function byAddress(common: CommonParts): readonly string[] {
  return [`Host ${common.at.one} ${common.at.t}`, ...entryLines(common, '%h')];
}

function entryLines({ identity, knownHosts }: CommonParts, address: string): readonly string[] {
  return [
    `HostName ${address}`,
    'Port 2200',
    'User root',
    `IdentityFile ${identity}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${knownHosts}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
  ];
}
