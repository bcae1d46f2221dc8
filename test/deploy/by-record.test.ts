import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byRecord, type NotByRecord, type Recorded } from '../../src/deploy/by-record.ts';
import { earlierReleases } from '../../src/host/earlier-releases.ts';
import { healthy } from './sample-facts.ts';

const running = healthy.running;
const other = '/nix/store/bbbb-nixos-system-web1-26.05';
const key = 'e'.repeat(64);
const rev = 'a'.repeat(40);
const release = { configuration: 'web1', narHash: 'sha256-x', lastModified: 1_764_000_000, rev, evaluation: key };

function begun(id: string, of: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ event: 'begun', id, at: 't', by: 'ada@laptop', new: running, runs: running, release, ...of });
}

function ended(id: string, verdict = 'promoted'): string {
  return JSON.stringify({ event: 'ended', id, at: 't', verdict, facts: [], seconds: 1 });
}

interface Given {
  readonly brought?: string;
  readonly history?: readonly string[];
  readonly whole?: 'no';
  readonly facts?: Partial<Recorded['facts']>;
  readonly plan?: Partial<Recorded['plan']>;
  readonly rest?: Partial<Omit<Recorded, 'plan' | 'facts'>>;
}

function recorded({ brought = begun('d1'), history = [brought, ended('d1')], whole, facts, plan, rest }: Given = {}) {
  const lines = { brought: [brought], ours: [], history, ...(whole !== 'no' && { whole: running }) };
  return byRecord({
    plan: { goal: 'promote', reboots: { reboot: 'never', onInhibitor: 'refuse' }, buildOn: 'target', ...plan },
    facts: { ...healthy, ...earlierReleases(lines), ...facts },
    ...{ configuration: 'web1', snapshot: release, evaluation: key, ...rest },
  });
}

test('a host whose record tells that it runs and boots this release needs nothing', () => {
  assert.deepEqual(recorded(), {
    built: {
      toplevel: running,
      change: { inhibitors: [], bootsOther: [], bootOnce: 'cannot', specialisations: new Map() },
    },
  });
});

test('what was refused since then is no reason against it', () => {
  assert.ok(
    'built' in
      recorded({
        history: [begun('d1'), ended('d1'), begun('d2', { new: other, runs: other }), ended('d2', 'rolled-back')],
      }),
  );
});

test('a kernel that waits for a reboot is told, and none is due where none was asked for', () => {
  const told = recorded({ facts: { booted: other, rebootFor: ['kernel'] } });
  assert.deepEqual('built' in told && told.built.change.bootsOther, ['kernel']);
});

const rows: readonly (Given & { readonly what: string; readonly not: NotByRecord })[] = [
  { what: '--no-shortcut', plan: { shortcut: 'never' }, not: 'it was not wanted' },
  { what: 'a build alone', plan: { goal: 'build' }, not: 'only the whole way builds' },
  { what: 'a build on this machine', plan: { buildOn: 'local' }, not: 'it is built on this machine' },
  { what: 'a specialisation', plan: { specialisation: 'x' }, not: 'more than the system itself is wanted' },
  {
    what: 'a boot loader to install',
    plan: { installBootloader: 'yes' },
    not: 'more than the system itself is wanted',
  },
  {
    what: 'an evaluation of which not all is known',
    rest: { evaluation: undefined },
    not: 'the evaluation may depend on more than the release',
  },
  { what: 'a deployment under way', facts: { deployment: 'under-way' }, not: 'no record that checks out' },
  {
    what: 'a record of before such a hash was kept',
    brought: begun('d1', { release: { ...release, evaluation: undefined } }),
    not: 'no record that checks out',
  },
  {
    what: 'a hash that is none',
    brought: begun('d1', { release: { ...release, evaluation: 'e'.repeat(63) } }),
    not: 'no record that checks out',
  },
  { what: 'a record of another system', brought: begun('d1', { new: other }), not: 'no record that checks out' },
  { what: 'a record of a specialisation', brought: begun('d1', { runs: other }), not: 'no record that checks out' },
  { what: 'a system that the store has lost', whole: 'no', not: 'no record that checks out' },
  { what: 'an end that nobody wrote', history: [begun('d1')], not: 'no record that checks out' },
  { what: 'an end that is no promotion', history: [ended('d1', 'tested')], not: 'no record that checks out' },
  {
    what: 'a last end that says otherwise',
    history: [ended('d1'), ended('d1', 'in-doubt')],
    not: 'no record that checks out',
  },
  {
    what: 'a later deployment without its end',
    history: [begun('d1'), ended('d1'), begun('d2', { new: other })],
    not: 'no record that checks out',
  },
  {
    what: 'a later deployment in doubt',
    history: [begun('d1'), ended('d1'), begun('d2'), ended('d2', 'in-doubt')],
    not: 'no record that checks out',
  },
  { what: 'other arguments of Nix', rest: { evaluation: 'f'.repeat(64) }, not: 'it was another release' },
  { what: 'another configuration', rest: { configuration: 'web2' }, not: 'it was another release' },
  { what: 'another source', rest: { snapshot: { ...release, narHash: 'sha256-y' } }, not: 'it was another release' },
  { what: 'another time', rest: { snapshot: { ...release, lastModified: 1 } }, not: 'it was another release' },
  { what: 'another revision', rest: { snapshot: { ...release, rev: 'b'.repeat(40) } }, not: 'it was another release' },
  { what: 'another profile', facts: { profile: other }, not: 'it does not both run and boot it' },
  {
    what: 'another boot default',
    facts: { bootDefault: { loader: 'grub', toplevel: other } },
    not: 'it does not both run and boot it',
  },
  {
    what: 'a reboot that was asked for, of a host that has booted another system',
    plan: { reboots: { reboot: 'if-needed', onInhibitor: 'refuse' } },
    facts: { booted: other },
    not: 'a reboot may be due',
  },
  {
    what: 'an unknown boot loader of a host that has booted another system',
    facts: { booted: other, bootDefault: { loader: 'unknown', toplevel: '' } },
    not: 'a reboot may be due',
  },
];

for (const { what, not, ...given } of rows) {
  test(`the whole way is taken: ${what}`, () => {
    assert.deepEqual(recorded(given), { not });
  });
}
