import { readFileSync } from 'node:fs';

// The shell scripts are shipped as they are: from dist/host as well as from src/host this is the same folder.
const folder = new URL('../../src/host/scripts/', import.meta.url);

function read(...names: readonly string[]): string {
  return names.map((name) => readFileSync(new URL(`${name}.sh`, folder), 'utf8')).join('\n');
}

/** What we run on hosts: each is one script with the functions it uses before it. POSIX sh, arguments from `$1` on. */
export const scripts = {
  observe: read('prelude', 'say', 'boot-default', 'observe'),
  status: read('prelude', 'say', 'unit', 'boot-default', 'boot-once', 'status'),
  begin: read('prelude', 'unit', 'boot-default', 'history', 'reconcile', 'way-back', 'begin', 'settle-others'),
  beginQuietly: read('prelude', 'begin'),
  foresee: read('prelude', 'unit', 'clock', 'gate', 'foresee'),
  follow: read('prelude', 'follow'),
  startBuild: read('prelude', 'unit', 'clock', 'boot-default', 'boot-once', 'tell-change', 'start-build'),
  awaitBuild: read('prelude', 'unit', 'clock', 'await-build'),
  reboot: read('prelude', 'unit', 'boot-default', 'boot-once', 'reboot-now', 'reboot'),
  startTransaction: read('prelude', 'unit', 'start-transaction'),
  awaitTransaction: read('prelude', 'unit', 'boot-default', 'await-transaction'),
  earlierSystems: read('prelude', 'generations', 'earlier-systems'),
  pastDeployments: read('prelude', 'say', 'generations', 'past-deployments'),
  receive: read('prelude', 'boot-default', 'boot-once', 'tell-change', 'receive'),
  keepSystem: read('prelude', 'keep-system'),
  reconcile: read('prelude', 'boot-default', 'history', 'reconcile', 'reconcile-now'),
  current: read('prelude', 'unit', 'current'),
  revive: read('prelude', 'unit', 'way-back', 'revive'),
  decide: read('prelude', 'decide'),
  absentPaths: read('prelude', 'absent-paths'),
  buildAgain: read('prelude', 'build-again'),
  stopBuild: read('prelude', 'stop-build'),
  clear: read('prelude', 'clear-deployment', 'clear'),
  checks: read('prelude', 'checks'),
  ownSession: read('own-session'),
  daemon: read('prelude', 'daemon'),
} as const;

/** What the units on the host run, as files in the deployment's folder. */
export const unitScripts = {
  'build.sh': read('prelude', 'build'),
  'switch.sh': read('switch'),
  'transaction.sh': read(
    'unit',
    'boot-default',
    'boot-once',
    'clock',
    'state',
    'history',
    'record',
    'reconcile',
    'clear-deployment',
    'way-back',
    'steps',
    'gate',
    'transaction',
  ),
  'rollback.sh': read(
    'unit',
    'boot-default',
    'boot-once',
    'clock',
    'state',
    'history',
    'record',
    'clear-deployment',
    'reboot-now',
    'steps',
    'rollback',
  ),
  'stopped.sh': read('unit', 'way-back', 'stopped'),
  'tidy.sh': read('clear-deployment', 'tidy'),
} as const;
