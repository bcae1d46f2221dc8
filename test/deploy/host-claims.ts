import assert from 'node:assert/strict';
import type { HostHandle } from '../fleet/host-handle.ts';

/** The host runs, boots and has as its profile this one toplevel; read from the host, never from flurry. */
export async function assertRunsAndBoots(host: HostHandle, toplevel: string): Promise<void> {
  const { running, profile, bootDefault, failedUnits } = await host.facts();
  const all = { running: toplevel, profile: toplevel, bootDefault: toplevel, failedUnits: [] };
  assert.deepEqual({ running, profile, bootDefault, failedUnits }, all, host.name);
}

/**
 * The host runs and boots what it was leased with, its profile never had another generation, and nothing of flurry is
 * left on it.
 */
export async function assertUntouched(host: HostHandle, baseToplevel: string): Promise<void> {
  const { running, profile, bootDefault, generations } = await host.facts();
  assert.deepEqual(
    { running, profile, bootDefault, generations },
    {
      running: baseToplevel,
      profile: baseToplevel,
      bootDefault: baseToplevel,
      generations: [`system-1-link ${baseToplevel}`],
    },
    host.name,
  );
  await assertNothingLeft(host);
}

/** No unit and no folder of flurry is on the host, at the latest when the host has tidied up by itself (10 s). */
export async function assertNothingLeft(host: HostHandle): Promise<void> {
  const left = 'ls -A /run/flurry 2>/dev/null; systemctl list-units --all --plain --no-legend --no-pager "flurry-*"';
  await host.waitUntil('nothing of flurry is left', `test -z "$(${left})"`, 30_000);
}

/** What the host's history says of the end of a deployment. */
export interface RecordedEnd {
  readonly verdict: string;
  /** Lines "KEY VALUE" that say why. */
  readonly facts: readonly string[];
  readonly seconds: number;
}

/** Waits until the host has recorded the end of its `count`-th deployment, with or without a coordinator; gives it. */
export async function untilEnded(host: HostHandle, count = 1): Promise<RecordedEnd> {
  const history = '/var/lib/flurry/history.jsonl';
  const ends = `grep '^{"event":"ended"' ${history}`;
  await host.waitUntil(`deployment ${count} has its verdict`, `test "$(${ends} | wc -l)" -ge ${count}`, 180_000);
  const { stdout } = await host.inside(`${ends} | sed -n ${count}p`);
  return JSON.parse(stdout);
}

/** Waits until no login of root is left on the host. */
export async function untilLoggedOut(host: HostHandle): Promise<void> {
  await host.waitUntil('the login is gone', '! pgrep -f "^sshd(-session)?: root"', 60_000);
}

/** All that is kept on a host but its journal and what a login itself writes: paths with times, sizes and owners, and units. */
export async function everythingKept(host: HostHandle): Promise<readonly string[]> {
  const { stdout } = await host.inside(`
    # A folder's own time changes with what comes and goes in it, such as the scope of a login.
    each='( -type d -printf %p|%y|%i\\n ) -o -printf %p|%y|%s|%i|%C@|%l\\n'
    find /nix/store -mindepth 1 -maxdepth 1 -printf '%p %i %T@\\n' | sort
    find /nix/var /etc /boot /root /home /usr /opt /srv /run/flurry /run/nixos /run/systemd/system /run/systemd/transient \
      -xdev ! -type s $each 2>/dev/null | sort
    find /var/lib -xdev $each 2>/dev/null | grep -v '^/var/lib/systemd/\\(linger\\|timers\\)' | sort
    find /tmp /var/tmp -mindepth 1 $each | sort
    systemctl list-units --all --full --plain --no-legend --no-pager --type=service,socket,timer,path,mount,target |
      grep -v -e ' not-found ' -e '^session-' -e '^user@' -e '^user-runtime-dir@' -e '^run-user-' |
      awk '{ print $1, $2, $3, $4 }' | sort
    systemctl show --property=InvocationID --value ssh.service dbus.service systemd-journald.service`);
  return stdout.split('\n');
}

/** What is in one of two such listings only. */
export function keptDifferences(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `was: ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `is: ${line}`),
  ];
}
