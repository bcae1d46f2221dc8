import { activating, type Option } from './option.ts';

const rollingOut = 'Rolling out';

/** In which order many hosts are changed, and when the rest of them is left alone. */
export const rolloutOptions = [
  {
    name: 'waves',
    kind: 'text',
    placeholder: 'STEPS',
    help: 'some hosts first: 1,25%,100% is one, then a quarter of all, then the others',
    group: rollingOut,
    verbs: activating,
    inFlake: 'run',
  },
  {
    name: 'pause',
    kind: 'text',
    placeholder: 'HOW',
    help: 'between two waves: for a time, like 5m, or ask you',
    group: rollingOut,
    verbs: activating,
    inFlake: 'run',
  },
  {
    name: 'max-failures',
    kind: 'text',
    placeholder: 'N',
    default: '0',
    help: 'the next wave begins unless more of the hosts so far (or more than N%) failed',
    group: rollingOut,
    verbs: activating,
    inFlake: 'run',
  },
] as const satisfies readonly Option[];
