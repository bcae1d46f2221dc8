import type { z } from 'zod';
import type { Problem } from '../../core/problem.ts';
import { durationExpected } from '../duration.ts';
import type { Option } from '../option.ts';
import { settingOf } from '../option-names.ts';
import { schemas } from '../settings.ts';
import { type Bad, badAt, noList, problemsAt, withoutQuotes } from './nix-values.ts';

type Typed = string | readonly string[];
type Problems = { readonly problems: readonly Problem<'bad-argument'>[] };

/** Reads the value of an option at a place of the flake into what would be typed for it, or tells what is wrong with it. */
export function readOption(option: Option, value: unknown, place: string): { readonly typed: Typed } | Problems {
  const read = option.kind === 'list' ? typedList(value, place) : typedOne(option, value, place);
  if ('problems' in read) return read;
  const judged = schemaOf(settingOf(option)).safeParse(read.typed);
  return judged.success ? read : { problems: problemsAt(place, value, judged.error) };
}

function typedList(value: unknown, place: string): { readonly typed: readonly string[] } | Problems {
  if (!Array.isArray(value)) return { problems: [badAt(place, value, noList(value))] };
  const typed: readonly unknown[] = value;
  const isText = (one: unknown): one is string => typeof one === 'string';
  const problems = typed.flatMap((one, index) =>
    isText(one) ? [] : [badAt(`${place}[${index}]`, one, { expected: 'a string' })],
  );
  return problems.length > 0 ? { problems } : { typed: typed.filter(isText) };
}

function typedOne(option: Option, value: unknown, place: string): { readonly typed: string } | Problems {
  const bad = wrongType(option, value);
  return bad === undefined ? { typed: String(value) } : { problems: [badAt(place, value, bad)] };
}

function wrongType(option: Option, value: unknown): Bad | undefined {
  switch (option.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : { expected: 'true or false', ...withoutQuotes(value) };
    case 'integer':
      return typeof value === 'number' ? undefined : { expected: 'a whole number', ...withoutQuotes(value) };
    case 'duration': {
      const next = Number.isInteger(value) && { next: `did you mean "${value}s"?` };
      return typeof value === 'string' ? undefined : { expected: durationExpected, ...next };
    }
    case 'word':
      return typeof value === 'string' ? undefined : { expected: `one of ${option.words.join(', ')}` };
    default:
      return typeof value === 'string'
        ? undefined
        : { expected: 'a string', ...(typeof value === 'number' && { next: `write "${value}"` }) };
  }
}

function schemaOf(setting: string): z.ZodType {
  const found = Object.entries(schemas).find(([name]) => name === setting)?.[1];
  if (found === undefined) throw new Error(`no schema for ${setting}`);
  return found;
}
