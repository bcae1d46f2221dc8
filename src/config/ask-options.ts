import type { Option } from './option.ts';

/** Whether what is decided is done, and whom it is shown before. */
export const askOptions = [
  {
    name: 'dry-run',
    short: 'n',
    kind: 'boolean',
    help: 'build, tell what would be done and why, and change nothing: flurry plan',
    group: 'How far',
    verbs: ['deploy'],
  },
  {
    name: 'ask',
    short: 'a',
    kind: 'boolean',
    help: 'show what would be done, and ask once before any host is changed',
    group: 'How far',
    verbs: ['deploy'],
    inFlake: 'run',
  },
  {
    name: 'yes',
    short: 'y',
    kind: 'boolean',
    help: 'do not ask that, although the flake or a variable says so',
    group: 'How far',
    verbs: ['deploy'],
  },
] as const satisfies readonly Option[];
