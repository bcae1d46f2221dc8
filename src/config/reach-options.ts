import { type Option, verbs } from './option.ts';

const reaching = 'How hosts are reached';

/** The way to a host and to root there. */
export const reachOptions = [
  {
    name: 'ssh-config',
    kind: 'text',
    placeholder: 'FILE',
    help: 'read this instead of ~/.ssh/config, as ssh -F does',
    group: reaching,
    verbs,
  },
  {
    name: 'ssh-option',
    kind: 'list',
    placeholder: 'NAME=VALUE',
    help: 'an option for ssh, as ssh -o takes it, like ProxyJump=bastion; may be repeated',
    group: reaching,
    verbs,
  },
  {
    name: 'transport',
    kind: 'word',
    placeholder: 'WHICH',
    words: ['auto', 'builtin', 'openssh'],
    default: 'auto',
    help: 'who speaks SSH: builtin, openssh (your ssh program), or auto: as the host needs',
    group: reaching,
    verbs,
  },
  {
    name: 'elevate',
    kind: 'word',
    placeholder: 'HOW',
    words: ['auto', 'none', 'sudo', 'doas', 'run0'],
    default: 'auto',
    help: 'become root there by sudo, doas, run0, or none; auto: sudo unless root logs in',
    group: reaching,
    verbs,
  },
  {
    name: 'ask-elevate-password',
    short: 'S',
    kind: 'boolean',
    help: 'ask once for the password of sudo; it is sent only to a host that wants one',
    group: reaching,
    verbs,
  },
  {
    name: 'elevate-password-command',
    kind: 'text',
    placeholder: 'CMD',
    help: 'a command of yours; the first line that it prints is the password of sudo',
    group: reaching,
    verbs,
  },
  {
    name: 'elevate-password-file',
    kind: 'text',
    placeholder: 'FILE',
    help: 'its first line is the password of sudo; /dev/fd/3 is a file descriptor',
    group: reaching,
    verbs,
  },
  {
    name: 'parallel-connects',
    kind: 'integer',
    placeholder: 'N',
    default: '32',
    help: 'how many hosts are dialled at the same time (one address: 8 at most)',
    group: reaching,
    verbs,
  },
] as const satisfies readonly Option[];
