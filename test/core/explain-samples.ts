import type { Problem, ProblemCode } from '../../src/core/problem.ts';

/** One or more problems of each code, as they are met; a missing code does not compile. */
type Samples = { readonly [C in ProblemCode]: readonly Problem<C>[] };

const drv = '/nix/store/9c0a1b2d3f4g5h6i7j8k9l0mnpqrsvwx-nginx-1.29.3.tar.gz.drv';
const [oldSystem, newSystem] = ['2qk8p1v', '8fj2k3l'].map(
  (hash) => `/nix/store/${hash}q9c7xv5w1z0rbnhmpsd4gya6i-nixos-system-web1-25.11`,
);
const [older, newer] = [oldSystem ?? '', newSystem ?? ''];
const names = ['cache1', 'db1', 'db2', 'mail', 'web1', 'web2', 'web3', 'web4', 'web5', 'web6', 'web7', 'web8', 'web9'];
const badArgument: Problem<'bad-argument'> = {
  code: 'bad-argument',
  argument: '--build-timeout',
  expected: 'a duration with its unit, such as 90s or 3h',
  found: '30',
  next: 'flurry web1 --build-timeout 30m',
};

export const samples: Samples = {
  'bad-argument': [
    badArgument,
    { code: 'bad-argument', argument: 'FLURRY_PARALLEL', expected: 'a number above 0', found: '' },
  ],
  'bad-arguments': [
    {
      code: 'bad-arguments',
      problems: [
        badArgument,
        { code: 'bad-argument', argument: '--parallel', expected: 'a number above 0', found: 'many' },
      ],
    },
  ],
  'not-a-verb': [{ code: 'not-a-verb', word: 'rolback', suggestion: 'flurry rollback web1' }],
  'no-nix': [{ code: 'no-nix', looked: '/usr/bin:/bin' }],
  'no-flake': [
    { code: 'no-flake', reference: './nixos', said: "error: path '/home/ada/nixos/flake.nix' does not exist" },
    { code: 'no-flake', reference: 'github:ada/nixos', said: 'error: unable to download: HTTP error 404' },
  ],
  'no-lock': [
    { code: 'no-lock', reference: '.', inputs: ['nixpkgs', 'disko'] },
    { code: 'no-lock', reference: 'path:/srv/my flake', inputs: [] },
  ],
  'flake-failed': [
    {
      code: 'flake-failed',
      reference: '.',
      said: "error:\n       … while evaluating the attribute 'web1'\n       error: undefined variable 'pkg'\n       at /nix/store/x-source/flake.nix:12:9:\n",
    },
    {
      code: 'flake-failed',
      reference: '.',
      said: "error: path '/nix/store/5dkx6wikv24yzdjic11wdvq7qa5iwspz-source/hosts.nix' does not exist",
    },
    { code: 'flake-failed', reference: '../infra', said: "error: attribute 'adress' missing\n", output: 'flurry' },
  ],
  'no-configurations': [{ code: 'no-configurations', reference: '.' }],
  'no-such-configuration': [
    { code: 'no-such-configuration', named: 'wbe1', existing: names },
    { code: 'no-such-configuration', named: 'laptop', existing: names },
    { code: 'no-such-configuration', named: 'laptop', existing: ['web1'] },
    { code: 'no-such-configuration', named: 'web1', existing: [] },
  ],
  'cannot-build-here': [
    {
      code: 'cannot-build-here',
      configurations: [
        { name: 'pi1', platform: 'aarch64-linux' },
        { name: 'pi2', platform: 'aarch64-linux' },
      ],
      here: ['x86_64-linux', 'i686-linux'],
    },
  ],
  'ssh-config': [
    {
      code: 'ssh-config',
      said: '/home/ada/.ssh/config: line 7: Bad configuration option: hostnam\r\n/home/ada/.ssh/config: terminating, 1 bad configuration options',
    },
  ],

  'unknown-address': [{ code: 'unknown-address', address: 'web1' }],
  'connection-refused': [{ code: 'connection-refused', address: '10.0.0.1', port: 22 }],
  'no-route': [{ code: 'no-route', address: '10.0.0.1', port: 22, said: 'connect EHOSTUNREACH 10.0.0.1:22' }],
  'connect-timeout': [{ code: 'connect-timeout', address: '10.0.0.1', port: 22, afterMs: 15_000, tries: 3 }],
  'handshake-failed': [{ code: 'handshake-failed', said: 'no matching key exchange algorithm' }],
  'host-key-unknown': [
    {
      code: 'host-key-unknown',
      name: 'web1',
      fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
      files: ['/home/ada/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    },
  ],
  'host-key-changed': [
    {
      code: 'host-key-changed',
      name: '[web1]:2222',
      fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
      file: '/home/ada/.ssh/known_hosts',
      line: 12,
    },
  ],
  'host-key-revoked': [
    {
      code: 'host-key-revoked',
      name: 'web1',
      fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
      file: '/etc/ssh/ssh_known_hosts',
      line: 3,
    },
  ],
  'host-key-not-pinned': [
    {
      code: 'host-key-not-pinned',
      name: 'web1',
      shown: 'ssh-ed25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
      pinned: ['ssh-ed25519 SHA256:vb1kCGnJcRNMrUDvWBvU9yHEF1lqSFDjFpFmOFt6Gy0'],
    },
    {
      code: 'host-key-not-pinned',
      name: '[web1]:2222',
      shown: 'ssh-rsa SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
      pinned: ['ssh-ed25519', 'ssh-rsa'].map((type) => `${type} SHA256:vb1kCGnJcRNMrUDvWBvU9yHEF1lqSFDjFpFmOFt6Gy0`),
    },
  ],
  'host-key-unchecked': [
    { code: 'host-key-unchecked', name: 'web1', said: 'EACCES: permission denied, open /etc/ssh/ssh_known_hosts' },
  ],
  'key-unusable': [
    {
      code: 'key-unusable',
      file: '/home/ada/.ssh/id_ed25519',
      said: 'Encrypted private key detected, but no passphrase given',
    },
  ],
  'authentication-failed': [
    { code: 'authentication-failed', user: 'ada', tried: ['ada@laptop (agent)', '/home/ada/.ssh/id_ed25519'] },
    { code: 'authentication-failed', user: 'root', tried: [], unasked: 'no-terminal' },
    { code: 'authentication-failed', user: 'root', tried: [], unasked: 'batch-mode' },
  ],
  'no-ssh': [{ code: 'no-ssh' }],
  'ssh-unsupported': [{ code: 'ssh-unsupported', option: 'GSSAPIAuthentication', value: 'yes' }],
  'jump-loop': [{ code: 'jump-loop', hosts: ['web1', 'bastion', 'ada@gate:2222', 'bastion'] }],
  'jump-refused': [
    {
      code: 'jump-refused',
      jumpHost: 'bastion',
      address: '10.0.0.7',
      port: 22,
      why: 'failed',
      said: 'Connection refused',
    },
    { code: 'jump-refused', jumpHost: 'bastion', address: '10.0.0.7', port: 22, why: 'forbidden', said: 'open failed' },
  ],
  'proxy-command-failed': [
    { code: 'proxy-command-failed', command: 'nc 10.0.0.7 22', how: 'exit 1', said: 'nc: connection refused' },
    { code: 'proxy-command-failed', command: 'false', how: 'exit 1', said: '' },
  ],
  'connection-lost': [{ code: 'connection-lost', said: 'read ECONNRESET' }],
  'forward-refused': [
    {
      code: 'forward-refused',
      path: '/nix/var/nix/daemon-socket/socket',
      said: 'open failed: administratively prohibited',
    },
  ],
  stopped: [{ code: 'stopped', unreachable: 'web2' }],

  'wave-stopped': [
    { code: 'wave-stopped', after: 1, of: 3, failed: ['web2'], started: 1, allowed: '0' },
    { code: 'wave-stopped', after: 2, of: 3, failed: ['web2', 'web3'], started: 15, allowed: '10%' },
  ],
  'dependency-failed': [
    { code: 'dependency-failed', on: 'db1', ended: 'failed' },
    { code: 'dependency-failed', on: 'db1', ended: 'left-out' },
    { code: 'dependency-failed', on: 'db1', ended: 'not-started' },
  ],

  'bad-answer': [
    { code: 'bad-answer', question: 'machine id', expected: '32 hexadecimal digits', found: 'Welcome to web1!' },
  ],
  'answer-too-long': [{ code: 'answer-too-long', question: 'facts', limitBytes: 1024 * 1024 }],
  'answer-timeout': [{ code: 'answer-timeout', question: 'facts', afterMs: 30_000 }],
  'host-script-failed': [
    { code: 'host-script-failed', question: 'facts', exitCode: 127, tail: 'sh: 3: systemctl: not found\n' },
  ],

  'not-nixos': [{ code: 'not-nixos', found: 'Debian GNU/Linux 13 (trixie)' }],
  'no-nix-on-host': [{ code: 'no-nix-on-host' }],
  'no-privilege': [
    { code: 'no-privilege', user: 'ada', elevation: 'sudo', lack: 'permission', said: 'sudo: a password is required' },
    {
      ...{ code: 'no-privilege', user: 'ada', elevation: 'sudo', lack: 'permission' },
      said: 'sudo: sorry, you must have a tty to run sudo',
    },
    { code: 'no-privilege', user: 'ada', elevation: 'sudo', lack: 'password', said: 'Sorry, try again.' },
    {
      ...{ code: 'no-privilege', user: 'ada', elevation: 'sudo', lack: 'denied' },
      said: 'ada is not in the sudoers file.\nThis incident has been reported to the administrator.',
    },
    { code: 'no-privilege', user: 'ada', elevation: 'doas', lack: 'permission', said: 'doas: Operation not permitted' },
    { code: 'no-privilege', user: 'ada', elevation: 'run0', lack: 'permission', said: '' },
    { code: 'no-privilege', user: 'ada', elevation: 'run0', lack: 'program', said: '' },
    { code: 'no-privilege', user: 'ada', elevation: 'none', lack: 'way', said: '' },
  ],
  'not-running': ['starting', 'stopping', 'maintenance', 'offline'].map(
    (state) => ({ code: 'not-running', state }) as const,
  ),
  degraded: [{ code: 'degraded', failedUnits: ['foo.service', 'dev-disk-by\\x2duuid-1.swap', '-.mount'] }],
  'wrong-host': [{ code: 'wrong-host', hostname: 'web2', configuration: 'web1' }],
  'wrong-machine': [
    {
      code: 'wrong-machine',
      expected: '0123456789abcdef0123456789abcdef',
      found: 'fedcba9876543210fedcba9876543210',
    },
    { code: 'wrong-machine', expected: '0123456789abcdef0123456789abcdef', found: '' },
  ],
  'would-downgrade': (['clean', 'dirty'] as const).map((tree) => ({
    ...{
      code: 'would-downgrade',
      newer: '8fj2k3l4'.replace(/[^0-9a-f]/g, '0').repeat(5),
      older: '1a2b3c4d'.repeat(5),
      tree,
    },
    ...{
      commits: tree === 'clean' ? 3 : 1,
      by: 'bob@ci',
      at: '2026-11-24T14:51:04Z',
      repository: '/home/ada/my nixos',
    },
  })),
  'no-configuration-for-host': [{ code: 'no-configuration-for-host', hostname: 'web01', existing: names }],
  'wrong-architecture': [{ code: 'wrong-architecture', host: 'aarch64-linux', configuration: 'x86_64-linux' }],
  'disk-full': [
    { code: 'disk-full', path: '/nix', freeBytes: 300 * 1024 ** 2, neededBytes: 2 * 1024 ** 3 },
    { code: 'disk-full', path: '/boot', freeBytes: 12 * 1024 ** 2, neededBytes: 64 * 1024 ** 2 },
  ],
  'switch-under-way': [{ code: 'switch-under-way', what: 'flurry-activate.service, by ada@laptop since 10:04' }],

  'nothing-to-roll-back-to': [
    { code: 'nothing-to-roll-back-to', generations: [1] },
    { code: 'nothing-to-roll-back-to', generations: [1, 2, 5] },
  ],
  'not-what-was-promoted': [
    {
      code: 'not-what-was-promoted',
      id: '20261122T032143Z-4f2a',
      expected: newer,
      found: older,
      generations: [3, 4, 5, 7],
    },
  ],
  'no-such-generation': [{ code: 'no-such-generation', number: 99, generations: [1, 2] }],
  'no-such-revision': [
    { code: 'no-such-revision', rev: 'cafe', known: ['1a2b3c4d5e6f708192a3b4c5d6e7f80912345678'] },
    { code: 'no-such-revision', rev: 'cafe', known: [] },
  ],
  'ambiguous-revision': [
    {
      code: 'ambiguous-revision',
      rev: '1a2b',
      matching: ['1a2b3c4d5e6f708192a3b4c5d6e7f80912345678', '1a2b00000000000000000000000000000000beef'],
    },
  ],
  'system-gone': [{ code: 'system-gone', toplevel: older, generations: [4, 5] }],

  'copy-failed': [
    { code: 'copy-failed', tail: 'error: write of 8192 bytes: Connection reset by peer' },
    { code: 'copy-failed', tail: 'error: writing to file: No space left on device' },
    { code: 'copy-failed', tail: 'error: unexpected end-of-file', what: 'closure' },
  ],
  'signature-refused': [
    {
      code: 'signature-refused',
      tail: `error: cannot add path '${newer}' because it lacks a signature by a trusted key`,
    },
  ],
  'copy-stalled': [{ code: 'copy-stalled', afterMs: 120_000 }],
  'build-failed': [
    {
      code: 'build-failed',
      exitCode: 1,
      tail: `error: hash mismatch in fixed-output derivation '${drv}':\n         specified: sha256-AAA=\n            got:    sha256-47D=\n`,
    },
    {
      code: 'build-failed',
      exitCode: 1,
      tail: "error: unable to download 'https://cache.nixos.org/x.narinfo': Could not resolve host: cache.nixos.org (6)",
    },
    { code: 'build-failed', exitCode: 102, tail: '' },
    {
      code: 'build-failed',
      exitCode: 1,
      tail: `error: builder for '${drv}' failed with exit code 1`,
      on: 'coordinator',
    },
    {
      code: 'build-failed',
      exitCode: 1,
      tail: `error: a 'aarch64-linux' with features {} is required to build '${drv}', but I am a 'x86_64-linux'`,
      on: 'coordinator',
    },
    { code: 'build-failed', exitCode: 1, tail: 'error: writing to file: No space left on device', on: 'coordinator' },
    { code: 'build-failed', exitCode: 1, tail: 'error: cannot fetch input', evaluated: 'no' },
    // As Nix 2.26 and 2.8 say it of a file that git does not know of.
    {
      code: 'build-failed',
      exitCode: 1,
      tail: "error: path '/nix/store/5dkx6wikv24yzdjic11wdvq7qa5iwspz-source/hosts/web 3.nix' does not exist",
      evaluated: 'no',
    },
    {
      code: 'build-failed',
      exitCode: 1,
      tail: "error: getting status of '/nix/store/ls7dhjp25sazh9sc0w296wv7dxscppgz-source/sub': No such file or directory\n(use '--show-trace' to show detailed location information)",
      on: 'coordinator',
    },
  ],
  'build-killed': [
    { code: 'build-killed', outOfMemory: 'yes', memoryBytes: 1024 ** 3, victim: 'nix' },
    { code: 'build-killed', outOfMemory: 'likely', memoryBytes: 512 * 1024 ** 2, victim: 'builder' },
    { code: 'build-killed', outOfMemory: 'likely', memoryBytes: 8 * 1024 ** 3, victim: 'nix', on: 'coordinator' },
  ],
  'build-timeout': [{ code: 'build-timeout', afterMs: 3 * 3_600_000 }],
  'unit-vanished': [{ code: 'unit-vanished', unit: 'flurry-build-4f2a.service' }],
  'no-nixos-version': [{ code: 'no-nixos-version', toplevel: newer }],
  'no-such-specialisation': [
    { code: 'no-such-specialisation', named: 'lapotp', existing: ['desktop', 'laptop'], toplevel: newer },
    { code: 'no-such-specialisation', named: 'laptop', existing: [], toplevel: newer },
  ],
  'self-check-missing': [{ code: 'self-check-missing', path: 'bin/check' }],
  'self-check-failed': [
    {
      code: 'self-check-failed',
      path: 'pre-activate-safety-checks',
      exitCode: 1,
      tail: 'checking the raid\nthe raid is degraded\n',
    },
  ],
  'self-check-timeout': [{ code: 'self-check-timeout', path: 'pre-activate-safety-checks', afterMs: 60_000 }],
  'pre-switch-check-failed': [
    {
      code: 'pre-switch-check-failed',
      exitCode: 1,
      tail: "Pre-switch check 'database' failed\nPre-switch checks failed\n",
    },
    { code: 'pre-switch-check-failed', exitCode: 1, tail: "Pre-switch check 'switchInhibitors' failed\n" },
  ],
  'preview-failed': [{ code: 'preview-failed', exitCode: 1, tail: 'Could not acquire lock' }],

  'activation-failed': [
    { code: 'activation-failed', exitCode: 4, tail: 'warning: the following units failed: nginx.service\n' },
  ],
  'activation-timeout': [{ code: 'activation-timeout', afterMs: 600_000 }],
  'units-failed': [{ code: 'units-failed', units: ['nginx.service'] }],
  'reboot-needed': [{ code: 'reboot-needed' }],
  'switch-inhibited': [
    {
      code: 'switch-inhibited',
      goal: 'promote',
      inhibitors: [
        { key: 'dbus-implementation', old: 'dbus', new: 'broker' },
        { key: 'init-interface-version', old: 'systemd 2', new: 'systemd 3' },
      ],
    },
    { code: 'switch-inhibited', goal: 'test', inhibitors: [{ key: 'a\u001b[31m', old: '', new: 'x\ny' }] },
  ],
  'not-back-after-reboot': [
    { code: 'not-back-after-reboot', afterMs: 600_000, asked: 'yes', expected: newer, trial: 'yes' },
    { code: 'not-back-after-reboot', afterMs: 600_000, asked: 'yes', expected: newer, trial: 'no' },
    { code: 'not-back-after-reboot', afterMs: 600_000, asked: 'no', expected: newer, trial: 'no' },
  ],
  'booted-other-system': [
    { code: 'booted-other-system', expected: newer, found: older, trial: 'yes' },
    { code: 'booted-other-system', expected: newer, found: '', trial: 'no' },
  ],
  'trial-unpromoted': [
    { code: 'trial-unpromoted', because: 'locked', said: 'ada@laptop deploys to the host (deployment d1, testing)' },
  ],
  'unwell-after-reboot': [
    { code: 'unwell-after-reboot', units: ['nginx.service'], state: 'degraded', trial: 'yes' },
    { code: 'unwell-after-reboot', units: [], state: 'starting', trial: 'no' },
  ],
  'switch-locked': [{ code: 'switch-locked', afterMs: 60_000 }],
  locked: [
    {
      code: 'locked',
      id: '20261122T032143Z-4f2a',
      owner: 'bob@laptop',
      since: '2026-11-22T03:21:43Z',
      state: 'waiting',
    },
    { code: 'locked', id: 'unknown', owner: 'unknown', since: 'unknown', state: 'unknown' },
    { code: 'locked', id: 'unknown', owner: 'nixos-rebuild', since: 'unknown', state: 'switching' },
  ],
  'others-failed': [
    { code: 'others-failed', host: 'web2', left: 'untouched' },
    { code: 'others-failed', host: 'web2', left: 'put-back' },
    { code: 'others-failed', host: null, left: 'untouched' },
  ],
  declined: [{ code: 'declined' }, { code: 'declined', wave: 2 }],
  'not-released': [
    { code: 'not-released', decidedBy: 'deadline' },
    { code: 'not-released', decidedBy: 'abort' },
  ],
  'unit-masked': [{ code: 'unit-masked', unit: 'flurry-activate.service' }],
  'run-full': [{ code: 'run-full', freeBytes: 12 * 1024 ** 2 }],
  'arming-failed': [{ code: 'arming-failed', step: 'timer' }],
  'history-unwritable': [{ code: 'history-unwritable' }],
  'transaction-died': [
    { code: 'transaction-died', state: 'armed' },
    { code: 'transaction-died', state: 'testing' },
  ],
  'ended-by-shutdown': [
    { code: 'ended-by-shutdown', boots: older },
    { code: 'ended-by-shutdown', boots: '-' },
  ],
  'ended-by-reboot': [{ code: 'ended-by-reboot' }],
  'check-failed': [
    {
      ...{ code: 'check-failed', check: 'site', kind: 'http', seen: 'http 503', afterMs: 12_000, tries: 5 },
      ...{ others: ['db', 'queue'], left: 'put-back' },
    },
    {
      ...{ code: 'check-failed', check: 'db', kind: 'tcp', seen: 'Connection refused.', afterMs: 60_000, tries: 1 },
      ...{ others: [], left: 'untouched' },
    },
    {
      ...{ code: 'check-failed', check: 'net', kind: 'ping', seen: '', afterMs: 5000, tries: 0, others: [] },
      left: 'kept',
    },
    {
      ...{
        code: 'check-failed',
        check: 'web',
        kind: 'unit',
        seen: 'failed (failed, exit-code)',
        afterMs: 400,
        tries: 2,
      },
      ...{ others: [], left: 'looked-at' },
    },
  ],
  'not-confirmed': [
    { code: 'not-confirmed', decidedBy: 'deadline' },
    { code: 'not-confirmed', decidedBy: 'abort' },
  ],
  'promotion-failed': [{ code: 'promotion-failed', step: 'boot', tail: 'cp: error writing: No space left on device' }],
  'no-way-in': [{ code: 'no-way-in', because: 'not-confirmed', said: 'web1 refused the connection to port 22' }],
  'rollback-failed': [
    { code: 'rollback-failed', because: 'units-failed', lost: ['nginx.service', '-.mount'], afterwards: 'hold' },
    { code: 'rollback-failed', because: 'not-confirmed', lost: [], afterwards: 'reboot' },
  ],
  'contact-lost': [
    { code: 'contact-lost', state: 'copying', afterMs: 600_000 },
    { code: 'contact-lost', state: 'unknown', afterMs: 1_800_000 },
    { code: 'contact-lost', state: 'waiting', afterMs: 90_000 },
    { code: 'contact-lost', state: 'promoting', afterMs: 90_000 },
    { code: 'contact-lost', state: 'rolling-back', afterMs: 90_000 },
    { code: 'contact-lost', state: 'holding', afterMs: 90_000 },
  ],
  'nothing-to-decide': [
    { code: 'nothing-to-decide', word: 'confirm' },
    { code: 'nothing-to-decide', word: 'abort' },
  ],
  'nothing-to-join': [
    { code: 'nothing-to-join', id: '', known: [] },
    {
      code: 'nothing-to-join',
      id: '20261122T032143Z-4f2a',
      known: ['20261121T101500Z-00aa', '20261120T101500Z-11bb'],
    },
  ],
  'changed-by-someone-else': [{ code: 'changed-by-someone-else', expected: newer, found: older }],
  'transaction-unknown': [{ code: 'transaction-unknown', state: 'waiting' }],

  interrupted: [{ code: 'interrupted', signal: 'SIGINT' }],
  internal: [
    {
      code: 'internal',
      said: "TypeError: Cannot read properties of undefined (reading 'x')\n    at file:///flurry/dist/a.js:1:1",
    },
  ],
};
