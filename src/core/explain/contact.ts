import type { Explanations } from '../explain.ts';
import { again, nameOf, onHostAsRoot, type Place, withVerb } from './place.ts';
import { duration } from './quantity.ts';
import { remedy, run, say } from './remedy.ts';
import { isUntouched } from './state.ts';
import { shown } from './text.ts';

/** A host that was worked on and is out of reach: what it does meanwhile depends on where it was last seen. */
export const contact: Explanations<'contact-lost'> = {
  'contact-lost': ({ state, afterMs }, place) =>
    state === 'copying'
      ? {
          reason: `the copy to ${nameOf(place)} lost the connection and could not be brought to its end within ${duration(afterMs)}; ${isUntouched}`,
          remedy: remedy(
            say('what has arrived stays there; once it is reached again, to go on:'),
            run(again(place)),
            say('with more patience:'),
            run(again(place, '--reconnect-timeout', '30m')),
          ),
        }
      : {
          reason: `${nameOf(place)} was not reached again for ${duration(afterMs)}${lastSeenIn(state)}; ${goesOn(state)}`,
          remedy: remedy(
            say('once it is reached again (is it your network, or the host’s?), this tells how it went on and ended:'),
            run(withVerb(place, 'attach')),
            say('where ssh does not answer, the last line of its history says it, at the console:'),
            run(history(place)),
          ),
        },
};

function lastSeenIn(state: string): string {
  return state === 'unknown' || state === '' ? '' : ` (it was ${shown(state, 32)} then)`;
}

const itPutsItselfBack =
  'it puts itself back by the deadline that it keeps itself (--confirm-timeout after its test, if that was not extended)';

/** What the host does meanwhile, as far as it follows from where it was last seen. */
function goesOn(state: string): string {
  switch (state) {
    case 'building':
      return 'what it runs was not touched; its build goes on, and nothing comes of that by itself';
    case 'locked':
    case 'gating':
    case 'gated':
    case 'previewing':
    case 'armed':
    case 'testing':
    case 'verifying':
    case 'waiting':
      return `it goes on by itself: nobody can confirm it, so ${itPutsItselfBack}`;
    case 'promoting':
      return 'it goes on by itself: it was confirmed and makes the new system its boot default, or puts itself back';
    case 'rolling-back':
      return 'it goes on by itself: it puts itself back to what it ran before';
    case 'holding':
      return 'it could not put itself back, and holds or reboots as it was told to';
    default:
      return `it goes on by itself: unless it was confirmed, ${itPutsItselfBack}`;
  }
}

function history(place: Place): string {
  return onHostAsRoot(place, 'tail', '-n', '1', '/var/lib/flurry/history.jsonl');
}
