import type { Explanations } from '../explain.ts';
import { shellLine } from '../shell-quote.ts';
import { nearNames } from './near-names.ts';
import type { Place } from './place.ts';
import { again, againFor, nameOf, onHost } from './place.ts';
import { duration } from './quantity.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { whatTheHostDoes } from './state.ts';
import { listed, quoted, shown, withLastWords } from './text.ts';

type Reaching =
  | 'unknown-address'
  | 'connection-refused'
  | 'no-route'
  | 'connect-timeout'
  | 'handshake-failed'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'host-key-not-pinned'
  | 'host-key-unchecked'
  | 'key-unusable'
  | 'authentication-failed'
  | 'ssh-unsupported'
  | 'jump-loop'
  | 'jump-refused'
  | 'proxy-command-failed'
  | 'no-ssh'
  | 'connection-lost'
  | 'forward-refused'
  | 'stopped';

/** Reaching a host. */
export const reaching: Explanations<Reaching> = {
  'unknown-address': ({ address }, place) => ({
    reason: `the name ${shown(address)} has no address`,
    remedy: remedy(
      ...meant(address, place),
      say('is it spelled right, are DNS and VPN up? ssh itself says:'),
      run(verbosely(place)),
    ),
  }),

  'connection-refused': ({ address, port }, place) => ({
    reason: `${shown(address)} refused the connection to port ${port}: no SSH server listens there`,
    remedy: remedy(
      say('is sshd running, and is that its port? (another one: HOST:PORT) ssh itself says:'),
      run(verbosely(place)),
    ),
  }),

  'no-route': ({ address, port, said }, place) => ({
    reason: withLastWords(`there is no way to ${shown(address)} port ${port}`, said),
    remedy: remedy(say('is the host on, and are the network and VPN up? ssh itself says:'), run(verbosely(place))),
  }),

  'connect-timeout': ({ address, port, afterMs, tries }, place) => ({
    reason: `no answer from ${shown(address)} port ${port} within ${duration(afterMs)} (${tries === 1 ? '1 try' : `${tries} tries`})`,
    remedy: remedy(
      say('is the host on, and does a firewall or VPN stand between? ssh itself says:'),
      run(verbosely(place)),
      say('if it is only slow:'),
      run(again(place, '--connect-timeout', '60s')),
    ),
  }),

  'handshake-failed': ({ said }, place) => ({
    reason: withLastWords('the SSH handshake failed', said),
    remedy: remedy(say('ssh itself says:'), run(verbosely(place))),
  }),

  'host-key-unknown': ({ name, fingerprint, files }, place) => ({
    reason: `the host key of ${shown(name)} is not known yet, it shows ${shown(fingerprint)}${
      files.length > 0 ? ` (looked in ${listed(files, 1)})` : ''
    }; nothing was sent`,
    remedy: remedy(
      say("compare with the machine's own, read there or from its console:"),
      run(ownHostKeys),
      say('if one of them is the same, accept it: ssh asks, and so does flurry on a terminal'),
      run(onHost(place)),
    ),
  }),

  'host-key-changed': ({ name, fingerprint, file, line }, place) => ({
    reason: `the host key of ${shown(name)} is not the one in ${shown(file)}:${line}, it shows ${shown(fingerprint)} now; nothing was sent`,
    remedy: remedy(
      say('another machine may be answering. Go on only if you know why the key changed, and after comparing with'),
      say("the machine's own, read there or from its console:"),
      run(ownHostKeys),
      say('if one of them is the same, forget the old one, connect once and accept the new one:'),
      run(shellLine(['ssh-keygen', '-R', name, '-f', file])),
      run(onHost(place)),
    ),
  }),

  'host-key-revoked': ({ name, fingerprint, file, line }) => ({
    reason: `the host key of ${shown(name)}, ${shown(fingerprint)}, is marked as revoked in ${shown(file)}:${line}; nothing was sent`,
    remedy: remedy(
      say('somebody decided that this key must not be trusted any more. Give the host a new key; do not delete the'),
      say('line unless you know who wrote it and why.'),
    ),
  }),

  'host-key-not-pinned': ({ name, shown: its, pinned }, place) => ({
    reason: `the host key of ${shown(name)} is not ${pinned.length === 1 ? 'the one' : 'one of those'} that the flake pins, ${listed(pinned, 4)}: it shows ${shown(its)}; nothing was sent`,
    remedy: remedy(
      say("another machine may be answering. Compare with the machine's own keys, read there or from its console:"),
      run(ownHostKeys),
      say('if its key was changed on purpose, write the new one into hostKeys of the host in the flake, then:'),
      run(again(place)),
    ),
  }),

  'host-key-unchecked': ({ name, said }, place) => ({
    reason: withLastWords(`the host key of ${shown(name)} could not be checked; nothing was sent`, said),
    remedy: remedy(
      say('see which known_hosts files ssh reads for it, and whether you can read them:'),
      run(resolved(place)),
    ),
  }),

  'key-unusable': ({ file, said }, place) => ({
    reason: withLastWords(`the key ${shown(file)} cannot be used`, said),
    remedy: remedy(
      say('if it has a passphrase, give it to the agent first, or run flurry on a terminal, where it asks:'),
      run(shellLine(['ssh-add', file])),
      say('a key that ssh itself can use:'),
      run(again(place, '--transport', 'openssh')),
    ),
  }),

  'authentication-failed': ({ user, tried, unasked }, place) => ({
    reason: `user ${quoted(user, 64)} was not let in (${tried.length > 0 ? `tried ${listed(tried)}` : 'no key to try'})`,
    remedy: remedy(
      say(`is ${shown(user, 64)} the right user? (another one: USER@HOST)`),
      say(
        `does the host take a key of yours? (users.users.${nixName(user)}.openssh.authorizedKeys.keys there; ssh-add -l here)`,
      ),
      ...(unasked === undefined ? [] : [say(unasked === 'batch-mode' ? passwordButBatchMode : passwordOnTerminal)]),
      say('once this works, so does flurry:'),
      run(onHost(place, 'true')),
    ),
  }),

  'ssh-unsupported': ({ option, value }, place) => ({
    reason: `flurry's own SSH cannot do what ${shown(option, 64)} ${quoted(value)} asks for`,
    remedy: remedy(
      say('let your ssh program reach the host:'),
      run(again(place, '--transport', 'openssh')),
      say('or remove it for this host in ~/.ssh/config; what ssh makes of the file:'),
      run(resolved(place)),
    ),
  }),

  'no-ssh': (_problem, place) => ({
    reason: 'the host is to be reached by the ssh program (--transport openssh), and there is none on the PATH here',
    remedy: remedy(
      say('install OpenSSH (nixpkgs#openssh), or let flurry speak SSH:'),
      run(again(place, '--transport', 'builtin')),
    ),
  }),

  'jump-loop': ({ hosts }, place) => ({
    reason: `the jump hosts of ${nameOf(place)} lead back to themselves: ${hosts.map((name) => shown(name, 64)).join(' by way of ')}`,
    remedy: remedy(
      say(
        'end the circle in ~/.ssh/config: give the host that is reached directly ProxyJump none. What ssh makes of it:',
      ),
      run(resolved(place)),
    ),
  }),

  'jump-refused': ({ jumpHost, address, port, why, said }, place) => {
    const reason = `the jump host ${shown(jumpHost)} makes no connection to ${shown(address)} port ${port}`;
    return why === 'forbidden'
      ? {
          reason: withLastWords(`${reason}: it is not allowed to`, said),
          remedy: remedy(
            say('allow it on the jump host: services.openssh.settings.AllowTcpForwarding = true'),
            say('or, where the key is restricted there, permitopen. ssh itself says:'),
            run(verbosely(place)),
          ),
        }
      : {
          reason: withLastWords(reason, said),
          remedy: remedy(
            say(
              'is the host on, does sshd run there, and is that its address as the jump host knows it? ssh itself says:',
            ),
            run(verbosely(place)),
          ),
        };
  },

  'proxy-command-failed': ({ command, how, said }, place) => ({
    reason: withLastWords(`the ProxyCommand ${quoted(command)} led to no SSH server (${shown(how)})`, said),
    remedy: remedy(say('ssh itself says:'), run(verbosely(place))),
  }),

  'connection-lost': ({ said }, place) => ({
    reason: `${withLastWords('the connection was lost', said)}; ${whatTheHostDoes(place)}`,
    remedy: remedy(say('see whether it answers, and what it runs:'), run(onHost(place, 'readlink', ...systemLinks))),
  }),

  'forward-refused': ({ path, said }, place) => ({
    reason: withLastWords(`the SSH server does not lead to the socket ${shown(path)}`, said),
    remedy: remedy(
      say('allow it in the configuration of the host: services.openssh.settings.AllowStreamLocalForwarding = true'),
      say('and see whether the socket is there:'),
      run(onHost(place, 'ls', '-l', path)),
    ),
  }),

  stopped: ({ unreachable }, place) => ({
    reason: `${nameOf(place)} was not started, since ${shown(unreachable)} cannot be reached and --unreachable=stop was given`,
    remedy: remedy(say('without that host:'), run(again(place))),
  }),
};

const passwordOnTerminal =
  'the host takes a password or a code as well: run flurry on a terminal, where it asks for it.';
const passwordButBatchMode =
  'the host takes a password or a code as well, but BatchMode is set in the ssh configuration.';

/** Run on a host, lists the fingerprints of its own keys, of whatever type. (ssh-keygen reads several from OpenSSH 7.2 on.) */
export const ownHostKeys = 'cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -';

/** Arguments of readlink: the running system and the system profile, the two things to read of a host by hand. */
export const systemLinks = ['-f', '/run/current-system', '/nix/var/nix/profiles/system'] as const;

/** A configuration of the flake whose name is nearly the one that was typed. */
function meant(address: string, place: Place): readonly Line[] {
  const { configurations = [] } = place;
  // One that the flake has is spelled right.
  if (configurations.length === 0 || configurations.some((name) => name === address || name === place.host)) return [];
  const [near] = nearNames(address, configurations);
  return near === undefined
    ? [say(`nor has this flake a configuration of that name; it has ${listed(configurations, 8)}`)]
    : [say(`did you mean ${shown(near, 64)}, which this flake has?`), run(againFor(place, near))];
}

/** As an attribute is written. */
function nixName(user: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(user) ? user : `"${shown(user, 64)}"`;
}

/** The first lines of `ssh -v` tell address, port, keys and where it ends; `true` needs no terminal. */
function verbosely(place: Place): string {
  return onHost(place, 'true').replace(/^ssh /, 'ssh -v ');
}

function resolved(place: Place): string {
  return onHost(place).replace(/^ssh /, 'ssh -G ');
}
