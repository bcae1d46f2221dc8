import assert from 'node:assert/strict';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import type { Host } from '../../src/core/host.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { nixSshOptions } from '../../src/ssh/settings/nix-ssh-options.ts';
import { destinationArguments, hopArguments } from '../../src/ssh/settings/ssh-arguments.ts';

const refused: readonly (readonly [why: string, address: string])[] = [
  ['an option', '-oProxyCommand=touch marker'],
  ['an option without a value', '-v'],
  ['the end of options', '--'],
  ['a space', 'web1 web2'],
  ['a tab', 'web1\tweb2'],
  ['a line break', 'web1\nProxyCommand touch marker'],
  ['a carriage return', 'web1\r'],
  ['a null byte', 'web1\u0000'],
  ['a double quote', 'web"1'],
  ['a single quote', "web'1"],
  ['a command substitution', '$(touch marker)'],
  ['backticks', '`touch marker`'],
  ['a semicolon', 'web1;touch marker'],
  ['a pipe', 'web1|sh'],
  ['an ampersand', 'web1&'],
  ['a redirection', 'web1>marker'],
  ['a backslash', 'web1\\'],
  ['a user', 'root@web1'],
  ['a URI', 'ssh://web1'],
  ['nothing', ''],
];

for (const [why, address] of refused) {
  test(`an address with ${why} is refused before any program is run`, async (t) => {
    const { path, marker } = await tellTaleSsh(t);
    await assert.rejects(connect({ name: 'x', address }, path), {
      problem: {
        code: 'bad-argument',
        argument: 'address',
        expected: 'a host name, an alias of the ssh configuration or an IP address',
        found: address,
      },
    });
    await assert.rejects(access(marker), { code: 'ENOENT' });
  });
}

test('a user that is an option, a substitution or two words with a dash is refused before any program is run', async (t) => {
  const { path, marker } = await tellTaleSsh(t);
  for (const user of ['-oProxyCommand=x', '$(touch marker)', 'a -oX', 'a\nb', '']) {
    await assert.rejects(connect({ name: 'x', address: 'web1', user }, path), {
      problem: { code: 'bad-argument', argument: 'user', expected: 'a login name', found: user },
    });
  }
  await assert.rejects(access(marker), { code: 'ENOENT' });
});

test('a port that is no port is refused', async (t) => {
  const { path } = await tellTaleSsh(t);
  for (const port of [0, 65536, 1.5, Number.NaN]) {
    await assert.rejects(connect({ name: 'x', address: 'web1', port }, path), {
      problem: {
        code: 'bad-argument',
        argument: 'port',
        expected: 'a whole number from 1 to 65535',
        found: String(port),
      },
    });
  }
});

test('the told-tale ssh of these tests would have left its mark', async (t) => {
  const { path, marker } = await tellTaleSsh(t);
  await assert.rejects(connect({ name: 'x', address: 'web1' }, path), {
    problem: { code: 'ssh-config', said: 'ssh -G gave no hostname' },
  });
  await access(marker);
});

test('user, port and configuration reach ssh as words of their own, the address after the end of options', () => {
  const host = { name: 'x', address: '2001:db8::1', user: 'DOM\\bob', port: 2222 };
  assert.deepEqual(destinationArguments(host, { sshConfigFile: '/tmp/a b', environment: {} }), [
    ...['-F', '/tmp/a b'],
    ...['-l', 'DOM\\bob'],
    ...['-p', '2222'],
    ...['--', '2001:db8::1'],
  ]);
});

test('what the command line says of ssh comes before what NIX_SSHOPTS says, and the destination before both', () => {
  const wishes = {
    sshOptions: ['User=cli', 'Port=1'],
    environment: { NIX_SSHOPTS: '-l nix -o "User=a b" -vi key -tF/nix' },
  };
  assert.deepEqual(destinationArguments({ name: 'x', address: 'web1', user: 'root' }, wishes), [
    ...['-F', '/nix'],
    ...['-l', 'root'],
    ...['-o', 'User=cli', '-o', 'Port=1'],
    ...['-l', 'nix', '-o', 'User=a b', '-i', 'key'],
    ...['--', 'web1'],
  ]);
});

test('a jump host is asked for with the configuration file and the hops before it, and with no option, as ssh does', () => {
  const wishes = { sshConfigFile: '/c', sshOptions: ['User=cli'], environment: { NIX_SSHOPTS: '-i key' } };
  assert.deepEqual(hopArguments({ address: 'b', user: 'u', port: 23 }, 'a,v@c:1', wishes), [
    ...['-F', '/c'],
    ...['-l', 'u', '-p', '23'],
    ...['-J', 'a,v@c:1'],
    ...['--', 'b'],
  ]);
});

for (const [text, words] of [
  ["-o 'Foo=a b'", ['-o', 'Foo=a b']],
  ['-o "A=\\"x\\" \\y"', ['-o', 'A="x" \\y']],
  ['-o A=b\\ c\td  -4', undefined],
  ['-oA="b"\'c\'', ['-o', 'A=bc']],
  ['  -4\n-6 ', ['-4', '-6']],
  ['-J a,b -NJc', ['-o', 'ProxyJump=a,b', '-o', 'ProxyJump=c']],
  ["-o ''", ['-o', '']],
] as const) {
  test(`NIX_SSHOPTS is split as Nix splits it: ${JSON.stringify(text)}`, () => {
    const read = () => nixSshOptions({ NIX_SSHOPTS: text }).words;
    if (words === undefined) assert.throws(read, { message: 'ssh-config' });
    else assert.deepEqual(read(), words);
  });
}

for (const [text, said] of [
  ['evil', '"evil" is no option of ssh'],
  ['-4 -- evil', '"--" is no option of ssh'],
  ['-o "a', 'a double quote is not closed'],
  ["-o 'a", 'a single quote is not closed'],
  ['-p', '-p has no value'],
] as const) {
  test(`NIX_SSHOPTS that ssh could take for a host, or that is not whole, is refused: ${text}`, () => {
    assert.throws(() => nixSshOptions({ NIX_SSHOPTS: text }), {
      problem: { code: 'ssh-config', said: `NIX_SSHOPTS: ${said}` },
    });
  });
}

function connect(host: Host, path: string): Promise<unknown> {
  const environment = { ...process.env, PATH: path };
  return sshConnect({ environment })(host, { timeoutMs: 5000, signal: new AbortController().signal });
}

/** An `ssh` that leaves a mark when it is run. */
async function tellTaleSsh(t: { after(undo: () => Promise<void>): void }) {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-destination-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const marker = join(directory, 'marker');
  await writeFile(join(directory, 'ssh'), `#!/bin/sh\n: > '${marker}'\n`);
  await chmod(join(directory, 'ssh'), 0o755);
  return { path: `${directory}${delimiter}${process.env['PATH'] ?? ''}`, marker };
}
