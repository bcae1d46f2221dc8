const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `15m`, `1h` in milliseconds; a bare number is refused. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (number === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h')) {
    throw new Error(`not a duration: ${text} (expected for example 90s, 15m or 1h)`);
  }
  return Number(number) * unitMs[unit];
}
