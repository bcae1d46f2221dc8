import type { Explanations } from '../explain.ts';
import { again, onHost } from './place.ts';
import { duration, size } from './quantity.ts';
import { remedy, run, say } from './remedy.ts';
import { whatTheHostDoes } from './state.ts';
import { quoted, shown, withLastWords } from './text.ts';

type Talking = 'bad-answer' | 'answer-too-long' | 'answer-timeout' | 'host-script-failed' | 'interrupted' | 'internal';

/** Talking to a host, and what can go wrong at any time. */
export const talking: Explanations<Talking> = {
  'bad-answer': ({ question, expected, found }, place) => ({
    reason: `the answer to ${quoted(question, 64)} cannot be read: expected ${shown(expected)}, found ${quoted(found)}; ${whatTheHostDoes(place)}`,
    remedy: remedy(
      say('does something on the host print of its own accord at login? this must print nothing:'),
      run(onHost(place, 'true')),
    ),
  }),

  'answer-too-long': ({ question, limitBytes }, place) => ({
    reason: `the answer to ${quoted(question, 64)} was longer than ${size(limitBytes)} and was not read on; ${whatTheHostDoes(place)}`,
    remedy: remedy(
      say('does something on the host print of its own accord at login? this must print nothing:'),
      run(onHost(place, 'true')),
    ),
  }),

  'answer-timeout': ({ question, afterMs }, place) => ({
    reason: `the host did not answer ${quoted(question, 64)} within ${duration(afterMs)}; ${whatTheHostDoes(place)}`,
    remedy: remedy(say('is the host overloaded, or does its disk hang?'), run(onHost(place, 'uptime'))),
  }),

  'host-script-failed': ({ question, exitCode, tail }, place) => ({
    reason: `${withLastWords(`${quoted(question, 64)} failed on the host with exit code ${exitCode}`, tail)}; ${whatTheHostDoes(place)}`,
    remedy: remedy(say('run it again and see all that the host says:'), run(again(place, '--verbose'))),
  }),

  interrupted: ({ signal }, place) => ({
    reason: `interrupted by ${shown(signal, 32)}; ${whatTheHostDoes(place)}`,
    remedy: remedy(say('to go on:'), run(again(place))),
  }),

  internal: ({ said }, place) => ({
    // The first line of a stack is the message; the rest is for the report of the bug.
    reason: `flurry itself failed (${shown(said.split('\n', 1)[0] ?? '', 200)}); ${whatTheHostDoes(place)}`,
    remedy: remedy(
      say('this is a bug of flurry; please report it with what this prints:'),
      run(again(place, '--verbose')),
    ),
  }),
};
