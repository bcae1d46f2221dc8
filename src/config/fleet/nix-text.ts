import { notData } from '../../core/not-data.ts';

/** Writes a value as Nix does, short: so that a number, a text, null, a list and a set can be told apart. Untrusted text. */
export function nixText(value: unknown): string {
  if (typeof value === 'string') return nixString(value);
  if (Array.isArray(value)) return inBrackets('[', value.slice(0, 3).map(within), value.length > 3, ']');
  if (!isSet(value)) return oddIn(value) ?? String(value);
  const names = Object.keys(value);
  const items = names.slice(0, 3).map((name) => `${attribute(name)} = ${within(value[name])};`);
  return inBrackets('{', items, names.length > 3, '}');
}

/** The same, with nothing left out: of texts, numbers, and lists of them. */
export function nixWhole(value: unknown): string {
  if (typeof value === 'string') return escaped(value);
  return Array.isArray(value) ? inBrackets('[', value.map(nixWhole), false, ']') : String(value);
}

/** Writes a name as it stands in a path of attributes. */
export function attribute(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : nixString(name);
}

/** Tells whether a value is what Nix calls an attribute set. */
export function isSet(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && oddIn(value) === undefined;
}

/** Says what stands in a flake where data should be: `a function`, `a path`, `an error`. */
export function oddIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const odd = Object.entries(value).find(([name]) => name === notData)?.[1];
  return typeof odd === 'string' ? odd : undefined;
}

const longest = 60;

function nixString(text: string): string {
  const short = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return escaped(short);
}

function escaped(text: string): string {
  return JSON.stringify(text).replaceAll('$' + '{', '\\$' + '{');
}

function inBrackets(open: string, items: readonly string[], isCut: boolean, close: string): string {
  return [open, ...items, ...(isCut ? ['…'] : []), close].join(' ');
}

function within(value: unknown): string {
  return Array.isArray(value) || isSet(value) ? '…' : nixText(value);
}
