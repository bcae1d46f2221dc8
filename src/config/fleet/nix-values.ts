import { z } from 'zod';
import { notData } from '../../core/not-data.ts';
import { isObject } from './is-object.ts';

/** What a custom issue of these schemas carries. */
export const badText = z.object({
  expected: z.string(),
  found: z.string(),
  next: z.string().exactOptional(),
});

/** Why a value will not do. */
type Bad = Omit<z.output<typeof badText>, 'found'>;

/** Says in a few words what a value is, as Nix writes it. Untrusted text. */
export function described(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 1 ? 'a list of 1' : `a list of ${value.length}`;
  if (!isObject(value)) return 'nothing';
  const odd = value[notData];
  if (typeof odd === 'string') return odd;
  const names = Object.keys(value);
  return names.length === 0
    ? 'an empty set'
    : `a set of ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}

/** Makes a schema of a reader that gives a value or says why it cannot. */
export function read<T>(reader: (value: unknown) => { readonly value: T } | Bad) {
  return z.unknown().transform((value, context): T => {
    const result = reader(value);
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', params: { ...result, found: described(value) } });
    return z.NEVER;
  });
}

/** A text, and what may be wrong with it. */
export function text(bad: (value: string) => Bad | undefined) {
  return read<string>((value) => {
    if (typeof value !== 'string') return { expected: 'a string' };
    return bad(value) ?? { value };
  });
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  return read<number>((value) => {
    const isWell = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    if (isWell) return { value };
    const next = typeof value === 'string' && /^\d+$/.test(value) ? { next: 'write it without quotes' } : {};
    return { expected: `a whole number from ${least} to ${most}`, ...next };
  });
}

/** A list of such values. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .unknown()
    .transform((value, context): unknown[] => {
      if (Array.isArray(value)) return value;
      const next = typeof value === 'string' ? { next: `write [ ${JSON.stringify(value)} ]` } : {};
      context.addIssue({ code: 'custom', params: { expected: 'a list', found: described(value), ...next } });
      return z.NEVER;
    })
    .pipe(z.array(item));
}
