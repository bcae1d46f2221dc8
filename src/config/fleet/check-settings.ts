import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { nearNames } from '../../core/explain/near-names.ts';
import { durationExpected, parseDuration } from '../duration.ts';
import { unitName } from '../kinds.ts';
import { type Bad, listOf, read, text, wholeNumber, withoutQuotes } from './nix-values.ts';

/** Settings of every check, whatever it asks. */
export const ofEveryCheck = {
  enable: read<boolean>((value) =>
    typeof value === 'boolean' ? { value } : { expected: 'true or false', ...withoutQuotes(value) },
  ).default(true),
  when: wordOf(['after', 'before', 'both']).default('after'),
  startDelay: time('any').default(0),
  period: time('above-zero').default(2000),
  tryTimeout: time('above-zero').exactOptional(),
  timeout: time('above-zero').default(60_000),
  retries: wholeNumber(1, 1000).exactOptional(),
};

const from = wordOf(['host', 'coordinator']).default('host');

/** What a check of each kind has besides; the setting that is called like the kind says what is asked. */
export const ofKind = {
  unit: { unit: read(readUnit), activeFor: time('any').default(5000) },
  command: { command: listOf(text('a string', argumentOf)).transform(withProgram) },
  http: {
    http: text(urlExpected(), readUrl),
    from,
    status: read<readonly number[]>(readStatus).default([]),
    body: text(bodyExpected(), (value) =>
      isOneLine(value) ? { value } : { expected: bodyExpected() },
    ).exactOptional(),
    tls: wordOf(['verified', 'unverified']).default('verified'),
  },
  tcp: { tcp: read(readHostPort), from },
  ping: { ping: text(addressExpected(), readAddress) },
} as const;

function wordOf<Word extends string>(words: readonly Word[]) {
  return read<Word>((value) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return { value: found };
    const [near] = typeof value === 'string' ? nearNames(value, words) : [];
    return { expected: `one of ${words.join(', ')}`, ...(near !== undefined && { next: `did you mean ${near}?` }) };
  });
}

/** A text with a unit, in milliseconds. */
function time(atLeast: 'any' | 'above-zero') {
  return read<number>((value) => {
    if (typeof value !== 'string') {
      return { expected: durationExpected, ...(Number.isInteger(value) && { next: `did you mean "${value}s"?` }) };
    }
    const milliseconds = parseDuration(value);
    if (typeof milliseconds !== 'number') {
      const { expected, next } = milliseconds;
      return { expected, ...(next !== undefined && { next }) };
    }
    if (milliseconds === 0 && atLeast === 'above-zero') return { expected: 'a duration above zero' };
    return { value: milliseconds };
  });
}

function readUnit(value: unknown): { readonly value: string } | Bad {
  const expected = 'a unit name with its type, like nginx.service';
  if (typeof value !== 'string') return { expected };
  if (unitName.safeParse(value).success && !value.startsWith('-')) return { value };
  const full = `${value}.service`;
  return { expected, ...(unitName.safeParse(full).success && { next: `did you mean ${full}?` }) };
}

function readStatus(value: unknown): { readonly value: readonly number[] } | Bad {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isStatus = (one: unknown): one is number =>
    typeof one === 'number' && Number.isInteger(one) && one >= 100 && one <= 599;
  if (all.length > 0 && all.every(isStatus)) return { value: all };
  return { expected: 'a status from 100 to 599, or a list of them', ...withoutQuotes(value) };
}

function isOneLine(value: string): boolean {
  return value !== '' && value.length <= 500 && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);
}

function bodyExpected(): string {
  return 'a text on one line, of 500 characters at most';
}

function argumentOf(value: string): { readonly value: string } | Bad {
  return value.includes('\u0000') ? { expected: 'a string without NUL' } : { value };
}

function withProgram(words: readonly string[], context: z.core.$RefinementCtx): readonly string[] {
  if (words[0] !== undefined && words[0] !== '') return words;
  context.addIssue({ code: 'custom', params: { expected: 'a program, and its arguments behind it' } });
  return z.NEVER;
}

function urlExpected(): string {
  return 'a URL, like https://example.org/health';
}

function readUrl(value: string): { readonly value: string } | Bad {
  const expected = urlExpected();
  if (!/^https?:\/\//i.test(value)) {
    const isBare = !/^[a-z+.-]+:\/\//i.test(value) && URL.canParse(`http://${value}`);
    return { expected, ...(isBare && { next: `did you mean "http://${value}"?` }) };
  }
  if (!URL.canParse(value) || /[\u0000-\u0020\u007f-\u009f]/.test(value)) return { expected };
  // As it is given to another program, it is what was judged.
  return { value: new URL(value).href };
}

function readHostPort(value: unknown): { readonly value: { readonly host: string; readonly port: number } } | Bad {
  const expected = 'HOST:PORT, like localhost:5432 or [::1]:5432';
  if (typeof value !== 'string') {
    const port = Number.isInteger(value) ? { next: `did you mean "localhost:${value}"?` } : {};
    return { expected, ...port };
  }
  const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = v6 ?? name ?? '';
  const isWell = (v6 === undefined ? isName(host) : isIPv6(v6)) && Number(port) >= 1 && Number(port) <= 65_535;
  if (isWell) return { value: { host, port: Number(port) } };
  const [, address = '', behind = ''] = /^(.*):(\d{1,5})$/.exec(value) ?? [];
  if (isIPv6(address)) return { expected, next: `write "[${address}]:${behind}"` };
  return { expected, ...(/^\d{1,5}$/.test(value) && { next: `did you mean "localhost:${value}"?` }) };
}

function isName(value: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(value);
}

function addressExpected(): string {
  return 'a name or address, which begins with no dash';
}

function readAddress(value: string): { readonly value: string } | Bad {
  const expected = addressExpected();
  const plain = value.replace(/^\[(.*)\]$/, '$1');
  if (isName(value) || isIPv6(value)) return { value };
  return { expected, ...(isIPv6(plain) && { next: `write "${plain}"` }) };
}
