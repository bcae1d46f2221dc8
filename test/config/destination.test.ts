import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDestination } from '../../src/config/destination.ts';
import { noFleet } from '../../src/config/fleet/fleet.ts';
import { selectHosts } from '../../src/config/selection.ts';
import { printable } from '../../src/core/untrusted.ts';

function selected(destinations: readonly string[]) {
  const { selected: chosen, problems } = selectHosts({ destinations, except: [], all: false }, noFleet);
  return { hosts: chosen.map(({ host }) => host), problems };
}

const good = [
  ['web1', { name: 'web1', address: 'web1' }],
  ['WEB1', { name: 'WEB1', address: 'WEB1' }],
  ['web1.example.org', { name: 'web1.example.org', address: 'web1.example.org' }],
  ['web1.example.org.', { name: 'web1.example.org.', address: 'web1.example.org.' }],
  ['_gateway', { name: '_gateway', address: '_gateway' }],
  ['192.0.2.7', { name: '192.0.2.7', address: '192.0.2.7' }],
  ['root@web1', { name: 'web1', address: 'web1', user: 'root' }],
  ['web1:2222', { name: 'web1:2222', address: 'web1', port: 2222 }],
  ['web1/db', { name: 'web1', address: 'web1', configuration: 'db' }],
  ['web1/db.example.org', { name: 'web1', address: 'web1', configuration: 'db.example.org' }],
  [
    'root@web1.example.org:65535/web-1',
    {
      name: 'web1.example.org:65535',
      address: 'web1.example.org',
      port: 65535,
      user: 'root',
      configuration: 'web-1',
    },
  ],
  ['nixos://web1', { name: 'web1', address: 'web1' }],
  ['nixos://root@web1:22/db', { name: 'web1:22', address: 'web1', port: 22, user: 'root', configuration: 'db' }],
  ['nixos://[::1]/db', { name: '::1', address: '::1', configuration: 'db' }],
  ['[fe80::1%eth0]:22', { name: '[fe80::1%eth0]:22', address: 'fe80::1%eth0', port: 22 }],
  ['[2001:db8::7]', { name: '2001:db8::7', address: '2001:db8::7' }],
  ['root@[2001:db8::7]/db', { name: '2001:db8::7', address: '2001:db8::7', user: 'root', configuration: 'db' }],
  ['local', { name: 'local', address: 'local', via: 'local' }],
  ['local/db', { name: 'local', address: 'local', via: 'local', configuration: 'db' }],
  ['nixos://local', { name: 'local', address: 'local' }],
  ['nixos://root@local:22/db', { name: 'local:22', address: 'local', port: 22, user: 'root', configuration: 'db' }],
  ['.#local', { name: 'local', address: 'local', configuration: 'local' }],
  ['local.example.org', { name: 'local.example.org', address: 'local.example.org' }],
  ['.#web1', { name: 'web1', address: 'web1', configuration: 'web1' }],
] as const;

for (const [text, host] of good) {
  test(`${text} is read part by part`, () => {
    assert.deepEqual(parseDestination(text), host);
  });
}

const [user, host, port, configuration] = ['the user in ', 'the host in ', 'the port in ', 'the configuration in '];
const bad: readonly (readonly [string, string, string])[] = [
  // text, the part that is named, what was found
  ['', host, ''],
  [' ', host, ' '],
  ['web 1', host, 'web 1'],
  ['web1 ', host, 'web1 '],
  ['web1\n', host, 'web1\n'],
  ['web1\nweb2', host, 'web1\nweb2'],
  ['web1\u0000', host, 'web1\u0000'],
  ['web\u001b[31m1', host, 'web\u001b[31m1'],
  ['web\u202e1', host, 'web\u202e1'],
  ["web'1", host, "web'1"],
  ['web"1', host, 'web"1'],
  ['$(reboot)', host, '$(reboot)'],
  ['`reboot`', host, '`reboot`'],
  ['web1;reboot', host, 'web1;reboot'],
  ['web1|sh', host, 'web1|sh'],
  ['web1\\x', host, 'web1\\x'],
  ['-oProxyCommand=reboot', host, '-oProxyCommand=reboot'],
  ['--help', host, '--help'],
  ['root@-oProxyCommand', host, '-oProxyCommand'],
  ['web..1', host, 'web..1'],
  ['web.-1', host, 'web.-1'],
  ['wéb1', host, 'wéb1'],
  ['a'.repeat(254), host, 'a'.repeat(254)],
  ['root@', host, ''],
  [':22', host, ''],
  ['/web1', host, ''],
  ['fe80::1', host, 'fe80::1'],
  ['web1:22:33', host, 'web1:22:33'],
  ['[web1]', host, 'web1'],
  ['[::1', host, '[::1'],
  ['[::1]x', host, '[::1]x'],
  ['[fe80::1%$(x)]', host, 'fe80::1%$(x)'],
  ['[fe80::1%-x]', host, 'fe80::1%-x'],
  ['web1:', port, ''],
  ['web1:0', port, '0'],
  ['web1:022', port, '022'],
  ['web1:65536', port, '65536'],
  ['web1:-1', port, '-1'],
  ['web1:ssh', port, 'ssh'],
  ['web1:$(id)', port, '$(id)'],
  ['-lroot@web1', user, '-lroot'],
  ['ro ot@web1', user, 'ro ot'],
  ['$(id)@web1', user, '$(id)'],
  ["o'neill@web1", user, "o'neill"],
  ['a@b@web1', user, 'a@b'],
  ['web1/', configuration, ''],
  ['web1/a/b', configuration, 'a/b'],
  ['web1/-x', configuration, '-x'],
  ['web1/../x', configuration, '../x'],
  ['web1/"; abort', configuration, '"; abort'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Nix writes it so
  ['web1/${x}', configuration, '${x}'],
  ['web1/a\nb', configuration, 'a\nb'],
  ['.#', configuration, ''],
  ['.#$(id)', configuration, '$(id)'],
  ['/etc/nixos#web1', '', '/etc/nixos#web1'],
  ['github:me/infra#web1', '', 'github:me/infra#web1'],
  ['ssh://web1', '', 'ssh://web1'],
  ['https://web1/', '', 'https://web1/'],
];

for (const [text, part, found] of bad) {
  test(`${printable(JSON.stringify(text.slice(0, 40)))} is refused${part && `, naming ${part.slice(0, -4)}`}`, () => {
    const problem = parseDestination(text);
    assert.ok('code' in problem, 'a problem');
    assert.equal(problem.argument, `${part}destination ${JSON.stringify(text.slice(0, 80))}`);
    assert.equal(problem.found, found);
  });
}

test('an IPv6 address without brackets is shown with them', () => {
  const problem = parseDestination('fe80::1');
  assert.equal('code' in problem ? problem.next : undefined, 'write [fe80::1]');
});

test('the same destination twice is one host', () => {
  assert.deepEqual(selected(['web1', 'web2', 'nixos://web1']), {
    hosts: [
      { name: 'web1', address: 'web1' },
      { name: 'web2', address: 'web2' },
    ],
    problems: [],
  });
});

test('one host with two configurations or users is refused', () => {
  const { problems } = selected(['web1/a', 'web1/b', 'root@web1/a', 'root@web1']);
  assert.deepEqual(problems, [
    {
      code: 'bad-argument',
      argument: 'destination "web1/b"',
      expected: 'each host once',
      found: 'web1 twice, with another configuration',
      next: 'keep web1/a or web1/b',
    },
    {
      code: 'bad-argument',
      argument: 'destination "root@web1/a"',
      expected: 'each host once',
      found: 'web1 twice, with another user',
      next: 'keep web1/a or root@web1/a',
    },
    {
      code: 'bad-argument',
      argument: 'destination "root@web1"',
      expected: 'each host once',
      found: 'web1 twice, with another user and configuration',
      next: 'keep web1/a or root@web1',
    },
  ]);
});

test('local takes no login and no port, and says how a host of that name is written', () => {
  for (const text of ['root@local', 'local:22', 'root@local:22/db']) {
    const problem = parseDestination(text);
    assert.ok('code' in problem, text);
    const authority = text.replace('/db', '');
    assert.equal(problem.expected, 'local without user and port: it is this machine, and there is no login');
    assert.equal(problem.next, `for this machine write local; for a host that is called so, nixos://${authority}`);
  }
});

test('this machine and a host called local are not one host', () => {
  const { problems } = selected(['local', 'nixos://local']);
  assert.equal(problems[0]?.found, 'local twice, with another way to it');
});

test('one address with two ports is two hosts', () => {
  const { hosts, problems } = selected(['localhost:2201', 'localhost:2202']);
  assert.deepEqual([hosts.map(({ name }) => name), problems], [['localhost:2201', 'localhost:2202'], []]);
});
