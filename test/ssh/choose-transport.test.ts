import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { chooseTransport, hasNoCommonAlgorithm, type ReachFacts } from '../../src/ssh/choose-transport.ts';
import { KnownHosts, parseKnownHosts } from '../../src/ssh/host-keys/known-hosts.ts';
import { parseSshSettings } from '../../src/ssh/settings/ssh-settings.ts';
import { keyPair } from './own-server.ts';

const key = `ssh-ed25519 ${keyPair().blob.toString('base64')}`;

interface Given {
  readonly lines?: readonly string[];
  readonly knownHosts?: string;
  readonly identities?: ReachFacts['identities'];
  readonly agentKeyTypes?: readonly string[];
}

function choice({ lines = [], knownHosts = '', identities = [], agentKeyTypes = [] }: Given) {
  const printed = ['host web1', 'hostname web1.example', 'user root', 'port 22', ...lines].join('\n');
  return chooseTransport({
    settings: { ...parseSshSettings(printed, {}), via: { kind: 'direct' } },
    knownHosts: new KnownHosts(parseKnownHosts('/k', knownHosts)),
    identities,
    agentKeyTypes,
  });
}

test('plain keys, known hosts and GSSAPIAuthentication, which Debian sets for everybody, stay with the built-in transport', () => {
  const lines = ['gssapiauthentication yes', 'verifyhostkeydns false', 'proxyusefdpass no', 'certificatefile none'];
  const identities = [{ file: '/k/id_ed25519', keyType: 'ssh-ed25519' }];
  const plain = { lines, identities, agentKeyTypes: ['ssh-rsa', 'ssh-ed25519'], knownHosts: `web1.example ${key}` };
  assert.deepEqual(choice(plain), { kind: 'builtin' });
});

for (const [option, value] of [
  ['certificatefile', '/k/id-cert.pub'],
  ['knownhostscommand', '/bin/keys %H'],
  ['verifyhostkeydns', 'true'],
  ['proxyusefdpass', 'yes'],
  ['pkcs11provider', '/lib/token.so'],
] as const) {
  test(`${option} is for OpenSSH`, () => {
    // A descriptor is only handed over by a ProxyCommand, which alone is no reason.
    const lines = ['proxycommand /bin/connect %h', `${option} ${value}`];
    assert.deepEqual(choice({ lines }), { kind: 'openssh', option, value });
  });
}

test('a certificate beside an identity, and an identity on a security key, are for OpenSSH', () => {
  const withCertificate = { file: '/k/id', keyType: 'ssh-ed25519', certificate: '/k/id-cert.pub' };
  assert.deepEqual(choice({ identities: [withCertificate] }), {
    kind: 'openssh',
    option: 'identityfile with certificate',
    value: '/k/id-cert.pub',
  });
  const onKey = { file: '/k/id_sk', keyType: 'sk-ssh-ed25519@openssh.com' };
  assert.deepEqual(choice({ identities: [onKey] }), { kind: 'openssh', option: 'identityfile', value: '/k/id_sk' });
});

test('an agent that holds a certificate or a key on a security key is for OpenSSH', () => {
  for (const type of ['ssh-ed25519-cert-v01@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com']) {
    assert.deepEqual(choice({ agentKeyTypes: ['ssh-ed25519', type] }), {
      kind: 'openssh',
      option: 'key in the agent',
      value: type,
    });
  }
});

test('a host that only a certificate authority vouches for is for OpenSSH, one with a plain key of its own is not', () => {
  const authority = `@cert-authority *.example ${key}`;
  const openssh = { kind: 'openssh', option: 'cert-authority', value: '/k:1' };
  assert.deepEqual(choice({ knownHosts: authority }), openssh);
  assert.deepEqual(choice({ knownHosts: authority, lines: [] }), openssh);
  assert.deepEqual(choice({ knownHosts: `${authority}\nweb1.example ${key}` }), { kind: 'builtin' });
  assert.deepEqual(choice({ knownHosts: `@cert-authority *.other ${key}` }), { kind: 'builtin' });
});

test('the authority of the bare name vouches for every port, unless a HostKeyAlias says otherwise', () => {
  const printed = ['host web1', 'hostname web1.example', 'user root', 'port 2222'];
  const knownHosts = new KnownHosts(parseKnownHosts('/k', `@cert-authority web1.example ${key}`));
  const of = (lines: readonly string[]) =>
    chooseTransport({
      settings: { ...parseSshSettings([...printed, ...lines].join('\n'), {}), via: { kind: 'direct' } },
      knownHosts,
      identities: [],
      agentKeyTypes: [],
    }).kind;
  assert.equal(of([]), 'openssh');
  assert.equal(of(['hostkeyalias elsewhere']), 'builtin');
});

test('only a handshake without a common algorithm is for OpenSSH after the fact', () => {
  const failed = (message: string, level = 'handshake') =>
    new FlurryError(
      { code: 'handshake-failed', said: message },
      { cause: Object.assign(new Error(message), { level }) },
    );
  assert.equal(hasNoCommonAlgorithm(failed('Handshake failed: no matching key exchange algorithm')), true);
  assert.equal(hasNoCommonAlgorithm(failed('Handshake failed: no matching host key format')), true);
  const atJump = failed('Handshake failed: no matching key exchange algorithm');
  const told = new FlurryError({ code: 'handshake-failed', said: 'no', jump: 'bastion' }, { cause: atJump });
  assert.equal(hasNoCommonAlgorithm(told), true);
  assert.equal(hasNoCommonAlgorithm(failed('Handshake failed: signature verification failed')), false);
  assert.equal(hasNoCommonAlgorithm(failed('no matching wish', 'client-socket')), false);
  assert.equal(hasNoCommonAlgorithm(new FlurryError({ code: 'authentication-failed', user: 'u', tried: [] })), false);
});
