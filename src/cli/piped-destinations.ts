import type { Given, GivenSettings } from '../config/given.ts';
import type { Problem } from '../core/problem.ts';
import { flagWords } from './command-again.ts';
import type { CommandLine } from './command-line.ts';
import type { Input, World } from './world.ts';

const sign = '-';
const mostBytes = 1024 * 1024;

/**
 * Puts what standard input names in the place of the destination `-`: words, one or more a line. Everything later knows
 * only those. Whatever is wrong with it is among the problems of the line; then nothing is read but what was at fault.
 */
export async function withPiped(line: CommandLine, settings: GivenSettings, world: World): Promise<CommandLine> {
  const times = line.destinations.filter((word) => word === sign).length;
  if (times === 0) return line;
  const read = times > 1 ? twice : world.stdin.isTTY === true ? terminal : await wordsOf(world.stdin);
  const words = 'code' in read ? [] : read;
  const problems = 'code' in read ? [read] : [...settings.values()].filter(asks).map(unaskable);
  return {
    ...line,
    destinations: line.destinations.flatMap((word) => (word === sign ? words : [word])),
    problems: [...line.problems, ...problems],
  };
}

const argument = `destination "${sign}"`;
const expected = 'names of hosts on standard input, one or more a line';

const twice: Problem<'bad-argument'> = {
  ...{ code: 'bad-argument', argument, expected: 'given once: standard input can be read once' },
  ...{ found: 'it twice', next: 'leave one of them away' },
};

const terminal: Problem<'bad-argument'> = {
  ...{ code: 'bad-argument', argument, expected, found: 'a terminal' },
  next: 'lead a file or a program to it (flurry status - <hosts.txt), or name the hosts as words',
};

async function wordsOf(stdin: Input): Promise<readonly string[] | Problem<'bad-argument'>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stdin) {
      const one = Buffer.from(chunk);
      chunks.push(one);
      bytes += one.length;
      if (bytes > mostBytes) return { ...terminal, expected: `${expected}, at most 1 MiB`, found: 'more' };
    }
  } catch (error) {
    return { ...terminal, found: error instanceof Error ? error.message : String(error) };
  }
  const words = Buffer.concat(chunks)
    .toString('utf8')
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.length > 0 ? words : nothing;
}

const nothing: Problem<'bad-argument'> = {
  ...{ code: 'bad-argument', argument, expected, found: '' },
  next: 'see that what leads there has found some: nothing is never taken for all hosts',
};

/** A question to the person, whose answer would have to come from standard input. */
function asks(given: Given): boolean {
  return given.value === 'ask' || (/^ask-/.test(given.option.name) && flagWords(given).length > 0);
}

function unaskable({ source, value }: Given): Problem<'bad-argument'> {
  return {
    ...{ code: 'bad-argument', argument: source, expected: 'left away where standard input names the hosts' },
    ...{ found: value === true ? 'given' : String(value), next: 'name the hosts as words instead of -' },
  };
}
