import type { BadValue } from './bad-value.ts';

const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const pattern = /^(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m(?!s))?(?:(?<s>\d{1,9})s)?(?:(?<ms>\d{1,9})ms)?$/;

/** Beyond 2³¹ ms a Node timer fires at once, so that an over-long limit would be none at all. */
export const longestDurationMs = 576 * unitMs.h;

export const durationExpected = 'a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m';

/** Reads `15s`, `10m`, `3h`, `500ms`, `1h30m` as milliseconds; a number without a unit is no duration. */
export function parseDuration(text: string): number | BadValue {
  if (/^\d{1,9}$/.test(text)) return { expected: durationExpected, found: text, next: `did you mean ${text}s?` };
  const parts = pattern.exec(text)?.groups;
  if (text === '' || parts === undefined) return { expected: durationExpected, found: text };
  const durationMs =
    Number(parts['h'] ?? 0) * unitMs.h +
    Number(parts['m'] ?? 0) * unitMs.m +
    Number(parts['s'] ?? 0) * unitMs.s +
    Number(parts['ms'] ?? 0) * unitMs.ms;
  return durationMs <= longestDurationMs ? durationMs : { expected: 'at most 576h, which is 24 days', found: text };
}
