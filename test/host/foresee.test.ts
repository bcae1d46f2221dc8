import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closureChange, packageName } from '../../src/host/closure-change.ts';
import { readDryActivation } from '../../src/host/dry-activation.ts';
import { readFields } from '../../src/host/fields.ts';
import { readForeseen } from '../../src/host/foresee.ts';

describe('the name and version of a store path', () => {
  const rows = [
    ['openssl-3.0.14', 'openssl', '3.0.14'],
    ['openssl-3.0.14-bin', 'openssl', '3.0.14'],
    ['linux-6.12.58-modules', 'linux', '6.12.58'],
    ['python3.12-requests-2.32.3', 'python3.12-requests', '2.32.3'],
    ['nixos-system-web1-26.05.20261101.abc', 'nixos-system-web1', '26.05.20261101.abc'],
    ['unit-nginx.service', 'unit-nginx.service', ''],
    ['etc', 'etc', ''],
    ['name-', 'name-', ''],
    ['source-unstable-2026-11-01', 'source-unstable', '2026-11-01'],
  ] as const;
  for (const [full, name, version] of rows) {
    it(`${full} is ${name} ${version}`, () => assert.deepEqual(packageName(full), { name, version }));
  }
});

describe('how a closure changes', () => {
  const side = (...paths: readonly (readonly [string, number])[]) => ({
    number: paths.length,
    bytes: paths.reduce((sum, [, bytes]) => sum + bytes, 0),
    paths: paths.map(([name, bytes]) => ({ name, bytes })),
  });

  it('names versions that only one of the two has, and counts what was only built anew', () => {
    const gone = side(['curl-8.5', 10], ['curl-8.5-bin', 2], ['bash-5.2', 7], ['nano-7.2', 5], ['etc', 1]);
    const come = side(['curl-8.6', 11], ['curl-8.6-bin', 2], ['bash-5.2', 8], ['htop-3.3', 4], ['etc', 1]);
    assert.deepEqual(closureChange(gone, come), {
      packages: [
        { name: 'curl', before: ['8.5'], after: ['8.6'], bytes: 1 },
        { name: 'htop', before: [], after: ['3.3'], bytes: 4 },
        { name: 'nano', before: ['7.2'], after: [], bytes: -5 },
      ],
      rebuilt: 1,
      otherPaths: 2,
      addedBytes: 26,
      removedBytes: 25,
    });
  });

  it('does not count the toplevel as a package that was built anew', () => {
    const one = side(['nixos-system-web1-26.05', 3]);
    assert.deepEqual([closureChange(one, one).rebuilt, closureChange(one, one).packages], [0, []]);
  });

  it('counts what the answer had no room for', () => {
    assert.equal(
      closureChange(side(), { number: 9000, bytes: 90, paths: [{ name: 'etc', bytes: 1 }] }).otherPaths,
      9000,
    );
  });
});

describe('what a dry activation says', () => {
  // As switch-to-configuration-ng prints it.
  const said = [
    'would stop the following units: nginx.service, old.service',
    'would NOT stop the following changed units: getty@tty1.service',
    'would activate the configuration...',
    'would restart systemd',
    'would reload the following units: dbus.service, firewall.service',
    'would restart the following units: sshd.service',
    'would start the following units: nginx.service',
  ];

  it('is read into lists: what is stopped and started again is restarted', () => {
    assert.deepEqual(readDryActivation(said, ['new.service']), {
      stopped: ['old.service'],
      started: ['new.service'],
      restarted: ['nginx.service', 'sshd.service'],
      reloaded: ['dbus.service', 'firewall.service'],
      leftAlone: ['getty@tty1.service'],
      otherwise: ['would restart systemd'],
    });
  });

  it('is empty where nothing would be done', () => {
    const { stopped, started, restarted, reloaded, leftAlone, otherwise } = readDryActivation([
      'Not checking switch inhibitors (action = dry-activate)',
      'would activate the configuration...',
    ]);
    assert.deepEqual([stopped, started, restarted, reloaded, leftAlone, otherwise], [[], [], [], [], [], []]);
  });
});

describe('what a host says would become of it', () => {
  const read = (...lines: readonly string[]) => readForeseen(readFields('x', lines.join('\n')));

  it('is the end at its gate, with what was printed last', () => {
    const foreseen = read(
      'verdict refused',
      'code pre-switch-check-failed',
      'exit 1',
      'said no room',
      'said verdict promoted',
    );
    assert.ok(foreseen.kind === 'ends');
    assert.deepEqual(
      [foreseen.end.verdict, foreseen.end.fields.text('code'), foreseen.tail],
      ['refused', 'pre-switch-check-failed', 'no room\nverdict promoted'],
    );
  });

  it('is unknown of units where the dry activation failed, and of packages where there is no answer', () => {
    assert.deepEqual(read('self-check bin/check'), {
      kind: 'goes-on',
      units: null,
      closure: null,
      selfCheck: 'bin/check',
    });
  });

  it('is a refusal of the answer where a verdict is none of a gate', () => {
    assert.throws(() => read('verdict promoted'), /bad-answer/);
  });
});
