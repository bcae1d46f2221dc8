import type { Explanations } from '../explain.ts';
import type { Elevation } from '../ports.ts';
import type { Problem } from '../problem.ts';
import { again, nameOf, onHost, type Place, withTerminal } from './place.ts';
import { type Line, remedy, run, say } from './remedy.ts';
import { quoted, shown, withLastWords } from './text.ts';

type NoPrivilege = Problem<'no-privilege'>;

/** Why the login does not become root on the host; it was only looked at. */
export const privilege: Explanations<'no-privilege'> = {
  'no-privilege': (problem, place) => ({
    reason: reasonOf(problem, place),
    remedy: remedy(...adviceOn(problem, place)),
  }),
};

function reasonOf({ user, elevation, lack, said }: NoPrivilege, place: Place): string {
  const who = `user ${quoted(user, 64)}`;
  const by = shown(elevation, 16);
  const words = ownWords(elevation, said);
  switch (lack) {
    case 'way':
      return `${who} is not root, and --elevate=none leaves no way to become it`;
    case 'program':
      return `${who} is not root, and ${nameOf(place)} has no ${by} to become it`;
    case 'permission':
      return withLastWords(`${who} may not become root by ${by} without a password`, words);
    case 'denied':
      return withLastWords(`${who} may not become root by ${by}`, words);
    default:
      return withLastWords(`${by} did not take the password for ${who}`, words);
  }
}

/** `sudo: a password is required` says again what the sentence has said already. */
function ownWords(elevation: Elevation, said: string): string {
  const lines = said.split('\n').filter((line) => !line.startsWith('This incident '));
  const words = lines.map((line) => (line.startsWith(`${elevation}: `) ? line.slice(elevation.length + 2) : line));
  return words.join('\n').trim() === 'a password is required' ? '' : words.join('\n');
}

function adviceOn({ elevation, lack, said }: NoPrivilege, place: Place): readonly Line[] {
  switch (lack) {
    case 'way':
    case 'program':
      return [
        say('log in as root (root@HOST), or become it in another way:'),
        ...otherWays(elevation, place),
        ...snippet,
      ];
    case 'permission':
      return [...passwordAdvice(elevation, said, place), ...snippet, ...mustWork(elevation, place)];
    case 'denied':
      return [
        ...terminalAdvice(said),
        ...snippet,
        say('what the user may do there:'),
        run(withTerminal(place, 'sudo', '-l')),
      ];
    default:
      return [
        say('it was sent to the host once, and is not tried again: some hosts lock a user after a few wrong ones'),
        run(again(place)),
      ];
  }
}

function otherWays(elevation: Elevation, place: Place): readonly Line[] {
  const others = (['sudo', 'doas', 'run0'] as const).filter((other) => other !== elevation);
  return others.map((other) => run(again(place, '--elevate', other)));
}

// What sudo says chooses a hint here, and no more.
const wantsTerminal = /must have a tty/;

function passwordAdvice(elevation: Elevation, said: string, place: Place): readonly Line[] {
  if (elevation !== 'sudo') return [];
  if (wantsTerminal.test(said)) return terminalAdvice(said);
  return [say('to be asked for the password, once for all hosts:'), run(again(place, '-S'))];
}

function terminalAdvice(said: string): readonly Line[] {
  if (!wantsTerminal.test(said)) return [];
  return [say('the host’s sudoers have requiretty, and flurry uses no terminal there: take that out')];
}

const snippet: readonly Line[] = [
  say('what lets a user become root without a password, for the host’s configuration, and what it means:'),
  run('flurry --help privilege'),
];

const unasked: Readonly<Partial<Record<Elevation, readonly string[]>>> = {
  sudo: ['sudo', '-n', 'true'],
  doas: ['doas', '-n', 'true'],
  run0: ['run0', '--no-ask-password', 'true'],
};

function mustWork(elevation: Elevation, place: Place): readonly Line[] {
  return [say('this must work without a question:'), run(onHost(place, ...(unasked[elevation] ?? [])))];
}
