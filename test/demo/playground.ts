import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shellQuote } from '../../src/core/shell-quote.ts';
import { cacheRoot, repositoryRoot, standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';
import { demoFleet } from './demo-fleet.ts';

/** What the newcomer plays with; all of it in the cache directory. */
export const playground = {
  directory: join(cacheRoot, 'demo'),
  flurry: join(cacheRoot, 'demo', 'flurry'),
  flake: join(cacheRoot, 'demo', 'quickstart'),
  sshConfig: join(cacheRoot, 'demo', 'ssh_config'),
} as const;

export type Freshness = 'new' | 'put-back';

/**
 * Makes the flake a git repository of its own. From the second time on it is a new release with other greetings, so
 * that there is something to deploy; what was changed there meanwhile is committed first, then put back.
 */
export async function makePlayground(sshConfig: string): Promise<Freshness> {
  await mkdir(playground.flake, { recursive: true });
  await rm(playground.sshConfig, { force: true });
  await symlink(sshConfig, playground.sshConfig);
  await writeFile(playground.flurry, wrapper());
  await chmod(playground.flurry, 0o755);

  const found = await readdir(playground.flake);
  if (!found.includes('.git')) {
    await git('init', '--quiet', '--initial-branch=main');
    for (const [name, value] of Object.entries(identity)) await git('config', name, value);
  }
  const changed = (await git('status', '--porcelain')).stdout !== '';
  if (changed) await commit('What was tried');
  for (const name of found.filter((one) => one !== '.git')) {
    await rm(join(playground.flake, name), { recursive: true });
  }
  await cp(join(repositoryRoot, 'examples', 'quickstart'), playground.flake, { recursive: true });
  const release = Number((await git('rev-list', '--count', '--all')).stdout) + 1;
  if (release > 1) await giveNewGreetings(release);
  await commit(`Release ${release}`);
  return changed ? 'put-back' : 'new';
}

/** A path as a person would type it. */
export function typed(path: string): string {
  const home = `${homedir()}/`;
  return path.startsWith(home) ? `~/${shellQuote(path.slice(home.length))}` : shellQuote(path);
}

async function giveNewGreetings(release: number): Promise<void> {
  for (const name of demoFleet.names) {
    const file = join(playground.flake, 'hosts', `${name}.nix`);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/"(web.*)"/g, `"$1 (release ${release})"`));
  }
}

const identity = { 'user.name': 'flurry demo', 'user.email': 'demo@localhost', 'commit.gpgsign': 'false' };

async function commit(message: string): Promise<void> {
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--no-verify', '-m', message);
}

function git(...args: readonly string[]) {
  return program('git', ['-C', playground.flake, ...args]);
}

function wrapper(): string {
  const variables = {
    FLURRY_FLAKE: playground.flake,
    FLURRY_SSH_CONFIG: playground.sshConfig,
    FLURRY_OVERRIDE_INPUT: `nixpkgs path:${standInFlake.replace(/\/$/, '')}`,
  };
  return [
    '#!/bin/sh',
    '# flurry as it is, told by variables: the flake here, the ssh configuration of the demo hosts, and a small',
    '# stand-in for nixpkgs, so that nothing has to be downloaded.',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
    `[ -e ${shellQuote(playground.sshConfig)} ] ||`,
    `  echo ${shellQuote(`The demo's hosts are stopped; ${startCommand} starts them.`)} >&2`,
    `exec ${shellQuote(process.execPath)} ${shellQuote(join(repositoryRoot, 'bin', 'flurry.js'))} "$@"`,
    '',
  ].join('\n');
}

/** Work from any directory. */
export const startCommand = npm('start');
export const stopCommand = npm('run fleet:stop');

function npm(what: string): string {
  return `npm --prefix ${typed(repositoryRoot.replace(/\/$/, ''))} ${what}`;
}
