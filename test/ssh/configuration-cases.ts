/** What configurations are made of; files are of one run of one case. */
export interface Parts {
  /** The alias of the host that is to be reached, and of three through which it may be. They are of this case alone. */
  readonly t: string;
  readonly one: string;
  readonly two: string;
  readonly three: string;
  readonly at: Readonly<Record<'t' | 'one' | 'two', string>>;
  /** The true host key of `t`, as known_hosts has it. */
  readonly key: string;
  /** Another key, that no host has and that no host lets in. */
  readonly otherKey: string;
  readonly otherIdentity: string;
  readonly identity: string;
  /** The public half alone of `identity`. */
  readonly publicIdentity: string;
  readonly knownHosts: string;
  /** With `identity`, and what is certified. */
  readonly agent: string;
  /** A key that no host knows, with the certificate for it beside; the same without, which `agent` has too. */
  readonly certified: string;
  readonly uncertified: string;
  readonly certificate: string;
  readonly expiredCertificate: string;
  /** With the key and its certificate. */
  readonly certificateAgent: string;
  /** The key of the authority that vouches for users and hosts. */
  readonly authority: string;
  /** The configuration itself. */
  readonly config: string;
  /** A program that carries a connection, as nc does, and one that hands it over. */
  readonly nc: string;
  readonly handOver: string;
  /** Gives the path of a file with this content. */
  readonly file: (name: string, content: string) => string;
}

/** Where the sshds of the table listen. */
export const ports = {
  /** On each host. */
  usual: 2200,
  /** Of `t` and `one`: lets in certificates only, and has one itself. */
  certified: 2201,
  /** Of `t` and `two`. */
  postQuantum: 2202,
  /** Of `one`. */
  noForwarding: 2203,
} as const;

export interface ConfigurationCase {
  readonly claim: string;
  /** Of `t`, before what all have: address, port, user, key and the host keys of the fleet. */
  readonly entry?: (parts: Parts) => readonly string[];
  /** Before all entries. */
  readonly first?: (parts: Parts) => readonly string[];
  readonly user?: string;
  readonly port?: number;
  /** Options that all have, and this one has not. */
  readonly without?: readonly string[];
  /** Words for a run of its own, where the others cannot be together with it. */
  readonly apart?: (parts: Parts) => Apart;
  readonly works: 'yes' | 'no';
  /** Where ssh does otherwise, or cannot be asked. */
  readonly ssh?: { readonly works: 'yes' | 'not asked'; readonly because: string };
  /** The built-in one, unless told. */
  readonly transport?: 'openssh';
  /** The problem's code, where it is worth to be told. */
  readonly code?: string;
  readonly needs?: 'python3';
  /** One of those that are tried at each `npm test`; the others are tried by `npm run test:faults`. */
  readonly telling?: 'yes';
}

/** What is said beside the configuration, to each in its own words. */
export interface Apart {
  readonly flurry: readonly string[];
  readonly nixSshOptions?: string;
  readonly ssh: readonly string[];
}

export const configurationCases: readonly ConfigurationCase[] = [
  { claim: 'an alias with HostName, Port, User and IdentityFile', telling: 'yes', works: 'yes' },
  { claim: 'another user, typed', telling: 'yes', user: 'bob', works: 'yes' },
  { claim: 'a user that does not exist', user: 'nobody-there', works: 'no' },
  { claim: 'User', entry: () => ['User alice'], works: 'yes' },
  { claim: 'a port on which nobody listens', entry: () => ['Port 2299'], works: 'no' },
  { claim: 'a name without address', entry: () => ['HostName no-such-host.invalid'], works: 'no' },
  { claim: 'Match host', first: (p) => [`Match host ${p.t}`, 'User nobody-there'], works: 'no' },
  {
    claim: 'Match user, typed',
    user: 'bob',
    first: (p) => [`Match originalhost ${p.t} user bob`, 'Port 2299'],
    works: 'no',
  },
  {
    claim: 'Match user, of another one',
    first: (p) => [`Match originalhost ${p.t} user bob`, 'Port 2299'],
    works: 'yes',
  },
  {
    claim: 'Match exec',
    telling: 'yes',
    first: (p) => [`Match originalhost ${p.t} exec "test %n = ${p.t}"`, 'User nobody-there'],
    works: 'no',
  },
  {
    claim: 'Match exec that fails',
    first: (p) => [`Match originalhost ${p.t} exec "false"`, 'User nobody-there'],
    works: 'yes',
  },
  {
    claim: 'Include',
    telling: 'yes',
    first: ({ file, t }) => [`Include ${file('inc', `Host ${t}\n Port 2299\n`)}`],
    works: 'no',
  },
  {
    claim: 'a broken line',
    apart: ({ config }) => ({ flurry: ['--ssh-config', config], ssh: ['-F', config] }),
    first: () => ['NoSuchOption yes'],
    works: 'no',
  },
  {
    claim: 'IdentityFile with ~ and tokens',
    telling: 'yes',
    entry: ({ file, identity, t }) => [
      `IdentityFile ${file(`k-${t}`, '').replace(/[^-]+$/, '%n')}`,
      `IdentityFile ${identity}`,
    ],
    works: 'yes',
  },
  { claim: 'a wrong key before the right one', entry: (p) => [`IdentityFile ${p.otherIdentity}`], works: 'yes' },
  {
    claim: 'only a wrong key',
    telling: 'yes',
    entry: (p) => [`IdentityFile ${p.otherIdentity}`],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'the agent',
    telling: 'yes',
    entry: (p) => [`IdentityAgent ${p.agent}`, 'IdentitiesOnly no'],
    works: 'yes',
    without: ['IdentityFile'],
  },
  {
    claim: 'IdentitiesOnly with a wrong key, the right one in the agent',
    telling: 'yes',
    entry: (p) => [`IdentityAgent ${p.agent}`, `IdentityFile ${p.otherIdentity}`],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'IdentityAgent none',
    entry: () => ['IdentityAgent none', 'IdentitiesOnly no'],
    works: 'no',
    without: ['IdentityFile'],
  },
  {
    claim: 'an IdentityAgent that is not there, and a key file',
    entry: () => ['IdentityAgent /nonexistent/agent'],
    works: 'yes',
  },
  {
    claim: 'HostKeyAlias',
    telling: 'yes',
    entry: (p) => ['HostKeyAlias fleet', `UserKnownHostsFile ${p.file('kh', `fleet ${p.key}\n`)}`],
    works: 'yes',
  },
  { claim: 'HostKeyAlias that nobody knows', entry: () => ['HostKeyAlias fleet'], works: 'no' },
  {
    claim: 'several known-hosts files, the right one last',
    entry: (p) => [`UserKnownHostsFile /nonexistent ${p.file('e', '')} ${p.knownHosts}`],
    works: 'yes',
  },
  {
    claim: 'the global known-hosts file alone',
    entry: (p) => ['UserKnownHostsFile none', `GlobalKnownHostsFile ${p.knownHosts}`],
    works: 'yes',
  },
  {
    claim: '[host]:port in known_hosts',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:2200 ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: '[host]:port of another port',
    telling: 'yes',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:22 ${p.key}\n`)}`],
    works: 'no',
  },
  {
    claim: 'a pattern in known_hosts',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `*,!10.9.9.9 ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: 'a pattern that takes the host out',
    entry: (p) => [
      `UserKnownHostsFile ${p.file('kh', `*,!${p.at.t},!\\[${p.at.t}\\]:2200,![${p.at.t}]:2200 ${p.key}\n`)}`,
    ],
    works: 'no',
  },
  { claim: 'an unknown host, strict', telling: 'yes', entry: () => ['UserKnownHostsFile none'], works: 'no' },
  {
    claim: 'an unknown host, to be asked',
    entry: () => ['UserKnownHostsFile none', 'StrictHostKeyChecking ask'],
    works: 'no',
  },
  {
    claim: 'an unknown host, accept-new',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking accept-new'],
    works: 'yes',
  },
  {
    claim: 'an unknown host, accept-new and hashed',
    telling: 'yes',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking accept-new', 'HashKnownHosts yes'],
    works: 'yes',
  },
  {
    claim: 'an unknown host, not strict',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', '')}`, 'StrictHostKeyChecking no'],
    works: 'yes',
  },
  {
    claim: 'a changed key',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  {
    claim: 'a changed key, accept-new',
    telling: 'yes',
    entry: (p) => [
      `UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:2200 ${p.otherKey}\n`)}`,
      'StrictHostKeyChecking accept-new',
    ],
    works: 'no',
  },
  {
    claim: 'the true key beside another one',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `${p.at.t} ${p.otherKey}\n${p.at.t} ${p.key}\n`)}`],
    works: 'yes',
  },
  {
    claim: '@revoked',
    telling: 'yes',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `@revoked * ${p.key}\n`)} ${p.knownHosts}`],
    works: 'no',
  },
  { claim: 'AddressFamily inet', entry: () => ['AddressFamily inet'], works: 'yes' },
  {
    claim: 'AddressFamily inet6, and the address is of the other one',
    telling: 'yes',
    entry: () => ['AddressFamily inet6'],
    works: 'no',
  },
  {
    claim: 'ConnectTimeout, and nobody answers',
    entry: (p) => [`HostName ${p.at.t.replace(/\d+$/, '254')}`, 'ConnectTimeout 1'],
    works: 'no',
  },
  { claim: 'ConnectTimeout, and the host answers', entry: () => ['ConnectTimeout 20'], works: 'yes' },
  { claim: 'BindAddress that is not ours', entry: () => ['BindAddress 192.0.2.1'], works: 'no' },
  { claim: 'ServerAliveInterval', entry: () => ['ServerAliveInterval 1', 'ServerAliveCountMax 2'], works: 'yes' },
  { claim: 'keyboard-interactive only', entry: () => ['PreferredAuthentications keyboard-interactive'], works: 'no' },
  { claim: 'no keys', entry: () => ['PubkeyAuthentication no'], works: 'no' },
  { claim: 'Ciphers', entry: () => ['Ciphers chacha20-poly1305@openssh.com,aes256-ctr'], works: 'yes' },
  { claim: 'ProxyJump', telling: 'yes', entry: (p) => [`ProxyJump ${p.one}`], works: 'yes' },
  { claim: 'ProxyJump over two', entry: (p) => [`ProxyJump ${p.one},${p.two}`], works: 'yes' },
  {
    claim: 'ProxyJump of the jump host itself',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.two}`],
    first: (p) => [`Host ${p.two}`, `ProxyJump ${p.one}`],
    works: 'yes',
  },
  {
    claim: 'ProxyJump as another user, with a port, by address',
    entry: (p) => [`ProxyJump alice@${p.at.one}:2200`],
    works: 'yes',
  },
  { claim: 'ProxyJump with tokens', entry: (p) => [`ProxyJump %r@${p.one}`], works: 'yes' },
  {
    claim: 'ProxyJump none before a ProxyJump',
    entry: () => ['ProxyJump none', 'ProxyJump nowhere.invalid'],
    works: 'yes',
  },
  {
    claim: 'ProxyJump before a ProxyCommand',
    entry: (p) => [`ProxyJump ${p.one}`, 'ProxyCommand false'],
    works: 'yes',
  },
  {
    claim: 'ProxyJump to a bastion that is not there',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, 'Port 2299'],
    works: 'no',
  },
  {
    claim: 'ProxyJump, the second of two is not there',
    entry: (p) => [`ProxyJump ${p.one},${p.two}`],
    first: (p) => [`Host ${p.two}`, 'Port 2299'],
    works: 'no',
  },
  {
    claim: 'ProxyJump to a bastion that lets nobody in',
    entry: (p) => [`ProxyJump nobody-there@${p.one}`],
    works: 'no',
  },
  {
    claim: 'ProxyJump to a bastion whose key is unknown',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, 'UserKnownHostsFile none'],
    works: 'no',
  },
  {
    claim: 'ProxyJump to a bastion whose key has changed',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, `UserKnownHostsFile ${p.file('kh', `[${p.at.one}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  { claim: 'ProxyJump, and the host is not there', entry: (p) => [`ProxyJump ${p.one}`, 'Port 2299'], works: 'no' },
  {
    claim: 'ProxyJump, and the key of the host behind it has changed',
    entry: (p) => [`ProxyJump ${p.one}`, `UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:2200 ${p.otherKey}\n`)}`],
    works: 'no',
  },
  {
    claim: 'ProxyJump of no sense',
    apart: ({ config }) => ({ flurry: ['--ssh-config', config], ssh: ['-F', config] }),
    entry: () => ['ProxyJump a@b@:x'],
    works: 'no',
  },
  { claim: 'ProxyCommand ssh -W', entry: (p) => [`ProxyCommand ssh -F ${p.config} -W %h:%p ${p.two}`], works: 'yes' },
  { claim: 'ProxyCommand nc', entry: (p) => [`ProxyCommand ${p.nc} %h %p`], works: 'yes' },
  {
    claim: 'ProxyCommand with a pipe and quotes',
    telling: 'yes',
    entry: (p) => [`ProxyCommand sh -c '${p.nc} "$1" 2200 | cat' -- "%h"`],
    works: 'yes',
  },
  { claim: 'ProxyCommand with a token that is none', entry: (p) => [`ProxyCommand ${p.nc} %h %d`], works: 'no' },
  {
    claim: 'ProxyCommand that fails',
    telling: 'yes',
    entry: () => ['ProxyCommand echo no way >&2; exit 3'],
    works: 'no',
  },
  { claim: 'ProxyCommand none', entry: () => ['ProxyCommand none', 'ProxyCommand false'], works: 'yes' },
  { claim: 'a port, typed', port: 2200, entry: () => ['Port 2299'], works: 'yes' },
  { claim: 'a port on which nobody listens, typed', port: 2299, works: 'no' },
  {
    claim: 'the public half as IdentityFile, the key in the agent',
    entry: (p) => [`IdentityAgent ${p.agent}`, `IdentityFile ${p.publicIdentity}`],
    works: 'yes',
    without: ['IdentityFile'],
  },
  { claim: 'HostKeyAlgorithms', entry: () => ['HostKeyAlgorithms ssh-ed25519'], works: 'yes' },
  { claim: 'GSSAPIAuthentication', telling: 'yes', entry: () => ['GSSAPIAuthentication yes'], works: 'yes' },
  { claim: 'RequestTTY force', entry: () => ['RequestTTY force'], works: 'yes' },
  {
    claim: 'a changed key, not strict',
    entry: (p) => [
      `UserKnownHostsFile ${p.file('kh', `[${p.at.t}]:2200 ${p.otherKey}\n`)}`,
      'StrictHostKeyChecking no',
    ],
    works: 'no',
    ssh: { works: 'yes', because: 'it warns and goes on; nobody reads a warning of a fleet' },
    code: 'host-key-changed',
  },
  {
    claim: 'ProxyJump over three',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.one},${p.two},${p.three}`],
    works: 'yes',
  },
  {
    claim: 'ProxyJump to a bastion that forwards nothing',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, `Port ${ports.noForwarding}`],
    works: 'no',
    code: 'jump-refused',
  },
  {
    claim: 'ProxyJump to the host itself, by its address',
    entry: (p) => [`ProxyJump root@${p.at.t}:2200`],
    works: 'no',
    code: 'ssh-config',
  },
  {
    claim: 'ProxyJump to the host itself, by its alias',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.t}`],
    works: 'no',
    ssh: { works: 'not asked', because: 'it starts itself without end' },
    code: 'jump-loop',
  },
  {
    claim: 'two bastions, each behind the other',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, `ProxyJump ${p.two}`, `Host ${p.two}`, `ProxyJump ${p.one}`],
    works: 'no',
    ssh: { works: 'not asked', because: 'it starts itself without end' },
    code: 'jump-loop',
  },

  // What the built-in transport cannot do.
  {
    claim: 'a user certificate beside the key',
    telling: 'yes',
    entry: (p) => [`Port ${ports.certified}`, `IdentityFile ${p.certified}`],
    works: 'yes',
    without: ['IdentityFile'],
    transport: 'openssh',
  },
  {
    claim: 'CertificateFile',
    entry: (p) => [`Port ${ports.certified}`, `IdentityFile ${p.uncertified}`, `CertificateFile ${p.certificate}`],
    works: 'yes',
    without: ['IdentityFile'],
    transport: 'openssh',
  },
  {
    claim: 'CertificateFile, and the key in the agent',
    telling: 'yes',
    entry: (p) => [
      `Port ${ports.certified}`,
      `IdentityAgent ${p.agent}`,
      'IdentitiesOnly no',
      `CertificateFile ${p.certificate}`,
    ],
    works: 'yes',
    without: ['IdentityFile'],
    transport: 'openssh',
  },
  {
    claim: 'a user certificate in the agent',
    telling: 'yes',
    entry: (p) => [`Port ${ports.certified}`, `IdentityAgent ${p.certificateAgent}`, 'IdentitiesOnly no'],
    works: 'yes',
    without: ['IdentityFile'],
    transport: 'openssh',
  },
  {
    claim: 'IdentitiesOnly with the key, its certificate in the agent',
    entry: (p) => [`Port ${ports.certified}`, `IdentityAgent ${p.certificateAgent}`, `IdentityFile ${p.uncertified}`],
    works: 'no',
    without: ['IdentityFile'],
    code: 'authentication-failed',
  },
  {
    claim: 'the key without its certificate',
    entry: (p) => [`Port ${ports.certified}`, `IdentityFile ${p.uncertified}`],
    works: 'no',
    without: ['IdentityFile'],
    code: 'authentication-failed',
  },
  {
    claim: 'an expired certificate',
    entry: (p) => [
      `Port ${ports.certified}`,
      `IdentityFile ${p.uncertified}`,
      `CertificateFile ${p.expiredCertificate}`,
    ],
    works: 'no',
    without: ['IdentityFile'],
    transport: 'openssh',
    code: 'authentication-failed',
  },
  {
    claim: 'a certificate that nobody needs',
    entry: (p) => [`CertificateFile ${p.certificate}`],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'a host certificate',
    telling: 'yes',
    entry: (p) => [
      `Port ${ports.certified}`,
      `IdentityFile ${p.certified}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`,
    ],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'a host certificate of an authority for other hosts',
    entry: (p) => [
      `Port ${ports.certified}`,
      `IdentityFile ${p.certified}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority *.example ${p.authority}\n`)}`,
    ],
    works: 'no',
    transport: 'openssh',
    code: 'host-key-unknown',
  },
  {
    claim: 'a host certificate of a revoked authority',
    entry: (p) => [
      `Port ${ports.certified}`,
      `IdentityFile ${p.certified}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n@revoked * ${p.authority}\n`)}`,
    ],
    works: 'no',
    transport: 'openssh',
  },
  {
    claim: 'an authority alone, and the host has no certificate',
    entry: (p) => [`UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`],
    works: 'no',
    transport: 'openssh',
    code: 'host-key-unknown',
  },
  {
    claim: 'an authority alone, and the host has no certificate, accept-new',
    telling: 'yes',
    entry: (p) => [
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`,
      'StrictHostKeyChecking accept-new',
    ],
    works: 'no',
    ssh: { works: 'yes', because: 'it trusts the plain key at first sight, although an authority was asked for' },
    transport: 'openssh',
    code: 'host-key-unknown',
  },
  {
    claim: 'KnownHostsCommand',
    telling: 'yes',
    entry: (p) => [
      'UserKnownHostsFile none',
      `KnownHostsCommand /bin/cat ${p.file('kh', `[${p.at.t}]:2200 ${p.key}\n`)}`,
    ],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'KnownHostsCommand that knows another key',
    entry: (p) => [
      'UserKnownHostsFile none',
      `KnownHostsCommand /bin/cat ${p.file('kh', `[${p.at.t}]:2200 ${p.otherKey}\n`)}`,
    ],
    works: 'no',
    transport: 'openssh',
  },
  { claim: 'VerifyHostKeyDNS no', entry: () => ['VerifyHostKeyDNS no'], works: 'yes' },
  { claim: 'VerifyHostKeyDNS', entry: () => ['VerifyHostKeyDNS yes'], works: 'yes', transport: 'openssh' },
  {
    claim: 'BindInterface that is not there',
    entry: () => ['BindInterface nowhere0'],
    works: 'no',
    transport: 'openssh',
  },
  {
    claim: 'PKCS11Provider that is not there, and a key file',
    entry: () => ['PKCS11Provider /nonexistent/provider.so'],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'ProxyUseFdpass',
    entry: (p) => [`ProxyCommand ${p.handOver} %h %p`, 'ProxyUseFdpass yes'],
    works: 'yes',
    transport: 'openssh',
    needs: 'python3',
  },
  {
    claim: 'a host that takes only post-quantum key exchange',
    telling: 'yes',
    entry: () => [`Port ${ports.postQuantum}`],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'MACs that the built-in transport has not',
    entry: () => ['Ciphers aes256-ctr', 'MACs umac-128-etm@openssh.com'],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'certificates of user and host behind a bastion',
    entry: (p) => [
      `ProxyJump ${p.two}`,
      `Port ${ports.certified}`,
      `IdentityFile ${p.certified}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`,
    ],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'ProxyJump to a bastion that wants a certificate',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [`Host ${p.one}`, `Port ${ports.certified}`, `IdentityFile ${p.certified}`],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'ProxyJump to a bastion that has a certificate',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [
      `Host ${p.one}`,
      `Port ${ports.certified}`,
      `IdentityFile ${p.uncertified}`,
      `CertificateFile ${p.certificate}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`,
    ],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'ProxyJump to a bastion that takes only post-quantum key exchange',
    entry: (p) => [`ProxyJump ${p.two}`],
    first: (p) => [`Host ${p.two}`, `Port ${ports.postQuantum}`],
    works: 'yes',
    transport: 'openssh',
  },
  {
    claim: 'ProxyJump to a bastion of an authority alone, without certificate, accept-new',
    telling: 'yes',
    entry: (p) => [`ProxyJump ${p.one}`],
    first: (p) => [
      `Host ${p.one}`,
      `UserKnownHostsFile ${p.file('kh', `@cert-authority * ${p.authority}\n`)}`,
      'StrictHostKeyChecking accept-new',
    ],
    works: 'no',
    ssh: { works: 'yes', because: 'it trusts the plain key at first sight, although an authority was asked for' },
    transport: 'openssh',
    code: 'host-key-unchecked',
  },

  // What is said beside the file.
  {
    claim: 'an option before the file',
    entry: () => ['Port 2299'],
    apart: ({ config }) => ({
      flurry: ['--ssh-config', config, '--ssh-option', 'Port=2200'],
      ssh: ['-F', config, '-o', 'Port=2200'],
    }),
    works: 'yes',
  },
  {
    claim: 'an option that leads nowhere',
    apart: ({ config }) => ({
      flurry: ['--ssh-config', config, '--ssh-option', 'Port=2299'],
      ssh: ['-F', config, '-o', 'Port=2299'],
    }),
    works: 'no',
  },
  {
    claim: 'the file of NIX_SSHOPTS',
    telling: 'yes',
    apart: ({ config }) => ({ flurry: [], nixSshOptions: `-F ${config} -l bob`, ssh: ['-F', config, '-l', 'bob'] }),
    works: 'yes',
  },
  {
    claim: 'a jump host of NIX_SSHOPTS that forwards nothing',
    first: (p) => [`Host ${p.one}`, `Port ${ports.noForwarding}`],
    apart: ({ config, one }) => ({
      flurry: ['--ssh-config', config],
      nixSshOptions: `-J ${one}`,
      ssh: ['-F', config, '-J', one],
    }),
    works: 'no',
    code: 'jump-refused',
  },
  {
    claim: 'words of NIX_SSHOPTS in quotes',
    apart: ({ config, nc }) => ({
      flurry: ['--ssh-config', config],
      nixSshOptions: `-o 'ProxyCommand ${nc} %h %p' -p2200`,
      ssh: ['-F', config, '-o', `ProxyCommand ${nc} %h %p`, '-p2200'],
    }),
    works: 'yes',
  },
];
