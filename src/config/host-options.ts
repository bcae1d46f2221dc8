import { type Option, verbs, withoutRelease } from './option.ts';

/** Which hosts are meant, and what tells of them. */
export const hostOptions = [
  {
    name: 'flake',
    short: 'f',
    kind: 'text',
    placeholder: 'REF',
    default: '.',
    help: 'the flake: a path, a branch or revision, github:…, git+ssh:…',
    group: 'What',
    verbs,
  },
  {
    name: 'no-flake',
    kind: 'boolean',
    help: 'read no flake: each destination is a name or address',
    group: 'What',
    verbs: withoutRelease,
  },
  {
    name: 'on',
    kind: 'list',
    placeholder: 'DEST',
    help: 'the same as a destination; may be repeated',
    group: 'What',
    verbs,
    chooses: 'hosts',
  },
  {
    name: 'except',
    kind: 'list',
    placeholder: 'DEST',
    help: 'but not these: names, patterns, tags; may be repeated',
    group: 'What',
    verbs,
    chooses: 'hosts',
  },
  {
    name: 'all',
    kind: 'boolean',
    help: 'all hosts of the flake',
    group: 'What',
    verbs,
    chooses: 'hosts',
  },
] as const satisfies readonly Option[];
