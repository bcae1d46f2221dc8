import * as z from 'zod';
import type { Problem } from '../../core/problem.ts';
import { shellQuote } from '../../core/shell-quote.ts';
import { nixText, oddIn } from './nix-text.ts';

/** What a custom issue of these schemas carries: why a value will not do. */
const badText = z.object({
  expected: z.string(),
  /** In words, where the value itself is not to be shown. */
  foundWords: z.string().exactOptional(),
  next: z.string().exactOptional(),
});

export type Bad = z.output<typeof badText>;

/** Makes a schema of a reader that gives a value or says why it cannot. */
export function read<T>(reader: (value: unknown) => { readonly value: T } | Bad) {
  return z.unknown().transform((value, context): T => {
    const result = reader(value);
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', params: { ...result } });
    return z.NEVER;
  });
}

/** A text, and what may be wrong with it; `forPath` says what to do where a path stands in its place. */
export function text(
  expected: string,
  reader: (value: string) => { readonly value: string } | Bad,
  forPath = 'write it in quotes',
) {
  return read<string>((value) => {
    if (typeof value === 'string') return reader(value);
    return { expected, ...(oddIn(value) === 'a path' && { next: forPath }) };
  });
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  return read<number>((value) => {
    const isWell = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return isWell ? { value } : { expected: `a whole number from ${least} to ${most}`, ...withoutQuotes(value) };
  });
}

/** A list of such values. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .unknown()
    .transform((value, context): unknown[] => {
      if (Array.isArray(value)) return value;
      context.addIssue({ code: 'custom', params: { ...noList(value) } });
      return z.NEVER;
    })
    .pipe(z.array(item));
}

export function noList(value: unknown): Bad {
  const short = typeof value === 'string' && value.length <= 40 ? nixText(value) : '"…"';
  return { expected: 'a list', ...(typeof value === 'string' && { next: `write [ ${short} ]` }) };
}

/** What to do with a number or a yes or no that stands in quotes. */
export function withoutQuotes(value: unknown): { readonly next?: string } {
  return typeof value === 'string' && /^(?:\d+|true|false)$/.test(value)
    ? { next: `write ${value} without quotes` }
    : {};
}

/** Makes a problem of what was found at a place of the flake. */
export function badAt(place: string, value: unknown, { expected, foundWords, next }: Bad): Problem<'bad-argument'> {
  const seen = oddIn(value) === 'an error' ? `this shows it: nix eval ${shellQuote(`.#${place}`)}` : undefined;
  const instead = seen ?? next ?? nextFor(value);
  return {
    ...{ code: 'bad-argument', argument: place, expected, found: foundWords ?? nixText(value), notation: 'nix' },
    ...(instead !== undefined && { next: instead }),
  };
}

/** Makes problems of what a schema says about the value at a place. */
export function problemsAt(place: string, value: unknown, error: z.ZodError): readonly Problem<'bad-argument'>[] {
  return error.issues.map((issue) => {
    const at = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    const bad = badText.safeParse(customParams(issue) ?? {});
    return badAt(`${place}${at}`, valueAt(value, issue.path), bad.data ?? { expected: issue.message });
  });
}

function nextFor(value: unknown): string | undefined {
  if (value === null) return 'what is not to be set is left out';
  switch (oddIn(value)) {
    case 'a path':
      return 'write it in quotes';
    case 'a function':
      return 'give it what it wants, so that it gives a value';
    default:
      return undefined;
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((one: unknown, key) => {
    if (typeof one !== 'object' || one === null) return undefined;
    return Object.entries(one).find(([name]) => name === String(key))?.[1];
  }, value);
}

function customParams(issue: z.core.$ZodIssue): unknown {
  if (issue.code === 'custom') return issue.params;
  if (issue.code !== 'invalid_union') return undefined;
  return issue.errors
    .flat()
    .map(customParams)
    .find((params) => params !== undefined);
}
