import type { Verdict } from '../core/verdict.ts';
import type { Look } from './look.ts';
import { type Tone, verdictWords } from './words.ts';

/** Colours a text by what it means. An alarm is inverse, so that it is seen at a glance among hundreds of lines. */
export function inTone(look: Look, tone: Tone, text: string): string {
  const { paint } = look;
  switch (tone) {
    case 'good':
      return paint.green(text);
    case 'quiet':
      return paint.dim(text);
    case 'bad':
      return paint.red(text);
    case 'warned':
      return paint.yellow.bold(text);
    case 'alarm':
      return paint.red.bold.inverse(text);
  }
}

export function markOf(look: Look, tone: Tone): string {
  switch (tone) {
    case 'good':
      return look.marks.good;
    case 'quiet':
      return look.marks.idle;
    case 'bad':
      return look.marks.bad;
    case 'warned':
    case 'alarm':
      return look.marks.alarm;
  }
}

export function toneOf(verdict: Verdict): Tone {
  return verdictWords[verdict].tone;
}
