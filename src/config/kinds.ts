import * as z from 'zod';
import { nearNames } from '../core/explain/near-names.ts';
import type { BadValue } from './bad-value.ts';
import { parseDuration } from './duration.ts';

// Each schema reads a value or two: to compile it takes longer than that.
z.config({ jitless: true });

/** What a custom issue of these schemas carries; settings.ts reads it back by this schema. */
export const badValue = z.object({
  expected: z.string(),
  found: z.string(),
  next: z.string().exactOptional(),
});

/** Makes a schema of a reader that gives a value or says why it cannot. */
export function read<T>(reader: (text: string) => T | BadValue) {
  return z.string().transform((text, context): T => {
    const value = reader(text);
    if (!isBad(value)) return value;
    context.addIssue({ code: 'custom', params: { ...value } });
    return z.NEVER;
  });
}

function isBad(value: unknown): value is BadValue {
  return typeof value === 'object' && value !== null && 'expected' in value;
}

/** A duration in milliseconds. */
export function duration(atLeast: 'any' | 'above-zero') {
  return read<number>((text) => {
    const durationMs = parseDuration(text);
    if (durationMs !== 0 || atLeast === 'any') return durationMs;
    return { expected: 'a duration above zero (every wait has a limit)', found: text };
  });
}

/** A whole number within bounds. */
export function integer(least: number, most: number) {
  return read<number>((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? value
      : { expected: `a whole number from ${least} to ${most}`, found: text };
  });
}

/** One of some words, or a synonym of one. */
export function word<Word extends string>(words: readonly Word[], synonyms: Readonly<Record<string, Word>> = {}) {
  const meanings = new Map<string, Word>([
    ...words.map((one): [string, Word] => [one, one]),
    ...Object.entries<Word>(synonyms),
  ]);
  return read<Word>((text) => {
    const [near] = nearNames(text, [...meanings.keys()]);
    const next = near === undefined ? {} : { next: `did you mean ${near}?` };
    return meanings.get(text) ?? { expected: `one of ${words.join(', ')}`, found: text, ...next };
  });
}

/** True for the flag; a variable says it in a word. */
export const boolean = z.union([
  z.literal(true),
  read<boolean>((text) => {
    const lower = text.trim().toLowerCase();
    if (['1', 'true', 'yes', 'on'].includes(lower)) return true;
    if (['0', 'false', 'no', 'off'].includes(lower)) return false;
    return { expected: '1, true, yes or on; 0, false, no or off', found: text };
  }),
]);

/** How often a flag was given, up to twice; a variable says it in a number or a word. */
export const count = z.union([
  z.literal(true).transform(() => 1),
  read<number>((text) => {
    const lower = text.trim().toLowerCase();
    if (/^\d$/.test(lower)) return Math.min(2, Number(lower));
    if (['true', 'yes', 'on'].includes(lower)) return 1;
    if (['false', 'no', 'off'].includes(lower)) return 0;
    return { expected: '0, 1 or 2', found: text };
  }),
]);

/** A text that is handed to a program as one argument: not empty, no leading dash, no control codes. */
export function argument(expected: string) {
  return read<string>((text) => badArgument(text, expected) ?? text);
}

/** An option of ssh with its value, as `ssh -o` takes it: ssh_config(5). */
export const sshOption = read<string>((text) => {
  const expected = 'NAME=VALUE, like ProxyJump=bastion';
  return (
    badArgument(text, expected) ??
    (/^[A-Za-z][A-Za-z0-9]*(?:\s*=\s*|\s+)\S/.test(text) ? text : { expected, found: text })
  );
});

/** A unit name as systemd spells it, with its type: systemd.unit(5). */
export const unitName = read<string>((text) => {
  const expected = 'a unit name with its type, like nginx.service';
  const type = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
  // `-.mount` is the root file system's.
  if (!/^[A-Za-z0-9:_.\\@-]{1,255}$/.test(text)) return { expected, found: text };
  return type.test(text) ? text : { expected, found: text, next: `did you mean ${text}.service?` };
});

/** A revision, or how it begins, in lower case: the four digits that git asks for at least. */
export const revision = read<string>((text) => {
  const lower = text.toLowerCase();
  return /^[0-9a-f]{4,40}$/.test(lower) ? lower : { expected: 'a revision: 4 to 40 hex digits', found: text };
});

/** A path below the new system: relative, without steps back. */
export const pathBelow = read<string>((text) => {
  const expected = 'a path below the new system, like bin/self-check';
  const leadsOut = text.startsWith('/') || text.split('/').includes('..');
  return badArgument(text, expected) ?? (leadsOut ? { expected, found: text } : text);
});

/** The name of a specialisation: a file name. */
export const specialisation = read<string>((text) => {
  const expected = 'the name of a specialisation, or none';
  return badArgument(text, expected) ?? (/^[^./\s][^/\s]*$/.test(text) ? text : { expected, found: text });
});

/** A name with a value; `valueExpected` says what the value must be, without it any text will do. */
export function pair(expected: string, namePattern: RegExp, valueExpected?: string) {
  return z.array(z.string()).transform((words, context): readonly [string, string] => {
    const [name = '', value] = words;
    const bad =
      value === undefined || !namePattern.test(name)
        ? { expected, found: words.join(' ') }
        : valueExpected === undefined
          ? undefined
          : badArgument(value, valueExpected);
    if (bad === undefined && value !== undefined) return [name, value];
    context.addIssue({ code: 'custom', params: { ...bad } });
    return z.NEVER;
  });
}

function badArgument(text: string, expected: string): BadValue | undefined {
  if (text === '') return { expected, found: text };
  if (text.startsWith('-')) return { expected: `${expected}, and begin with no dash`, found: text };
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
    ? { expected: `${expected}, without control codes`, found: text }
    : undefined;
}
