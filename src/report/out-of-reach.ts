import type { Event } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import { clockFace, timeOfDay } from './clock-face.ts';
import type { Look } from './look.ts';
import { wrapped } from './width.ts';

export type OutOfReach = Extract<Event, { readonly event: 'out-of-reach' }>;

/** Gives lines for events of one run: a whole fleet that is cut off at once is not told the same sixty times. */
export function outOfReachTeller(): (event: OutOfReach, columns: number, look: Look) => readonly string[] {
  const told = new Set<string>();
  return (event, columns, look) => {
    const kind = `${event.contact} ${event.course}`;
    const lines = told.has(kind) ? inShort(event, columns, look) : inFull(event, columns, look);
    told.add(kind);
    return lines;
  };
}

/**
 * What a person reads who fears to be locked out: what happened, what the host does by itself and by when, and that
 * nobody needs to do anything. Lines no wider than `columns`; the first is the headline.
 */
function inFull(event: OutOfReach, columns: number, look: Look): readonly string[] {
  const by = deadline(event);
  return [
    ...headlines(headline(event), columns, look),
    ...prose(event.does, columns, look),
    ...(by === null ? [] : prose(by, columns, look).map((line) => look.paint.bold(line))),
    ...reassurance(event).flatMap((words) => prose(words, columns, look)),
  ];
}

function inShort(event: OutOfReach, columns: number, look: Look): readonly string[] {
  const by = event.by === null ? '' : ` by ${timeOfDay(Date.parse(event.by))}`;
  return headlines(`${headline(event)}; ${rowWords[event.course].does}${by}`, columns, look);
}

function headlines(words: string, columns: number, look: Look): readonly string[] {
  return prose(words, columns, look).map((line, index) =>
    look.paint.yellow.bold(index === 0 ? `${look.marks.alarm}${line.slice(1)}` : line),
  );
}

function prose(words: string, columns: number, look: Look): readonly string[] {
  return wrapped(look.text(words), columns - 2).map((line) => `  ${line}`);
}

function headline({ contact, reason, at }: OutOfReach): string {
  const time = timeOfDay(Date.parse(at));
  return contact === 'lost' ? `no contact (${time}): ${reason}` : `no new connection (${time}): ${reason}`;
}

/** The one fact that everybody looks for, in a sentence of its own. */
function deadline(event: OutOfReach): string | null {
  const time =
    event.by === null ? null : `${timeOfDay(Date.parse(event.by))} at the latest (in ${duration(left(event))})`;
  switch (event.course) {
    case 'goes-back':
      return time === null ? 'it keeps the deadline for that itself' : `it does so by itself, by ${time}`;
    case 'stays':
    case 'is-going-back':
    case 'promotes':
    case 'stages':
    case 'stages-once':
      return time === null ? null : `it is done by ${time}`;
    case 'reboots':
      return time === null ? null : `unless it is told to hold, it does so by ${time}`;
    case 'builds':
    case 'holds':
    case 'previews':
    case 'has-ended':
      return null;
  }
}

/** Of whole seconds, so that it is the difference of the two times that are shown. */
function left({ by, at }: { readonly by: string | null; readonly at: string }): number {
  const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);
  return by === null ? 0 : 1000 * (seconds(by) - seconds(at));
}

function reassurance({ course, contact }: OutOfReach): readonly string[] {
  const calm = 'no need to do anything: flurry keeps trying, the host goes on alone';
  switch (course) {
    case 'goes-back':
      return [
        'it still boots what it booted before',
        ...(contact === 'unproven' ? ['the first connection stands, but only a new one proves that you get in'] : []),
        calm,
      ];
    case 'stays':
    case 'is-going-back':
    case 'promotes':
    case 'stages':
    case 'stages-once':
    case 'builds':
    case 'previews':
    case 'has-ended':
      return [calm];
    case 'holds':
    case 'reboots':
      return ['somebody has to look at it, at its console if need be; flurry keeps trying'];
  }
}

/** The same for the row of a host, which has little room: what it does by itself, until when, and how long that is. */
export function outOfReachWords({ course, by }: OutOfReach, now: number): string {
  const { does, due } = rowWords[course];
  if (by === null || course === 'holds') return does;
  const ms = left({ by, at: new Date(now).toISOString() });
  const time = timeOfDay(Date.parse(by));
  return ms > 0 ? `${does} by ${time} (in ${clockFace(ms)})` : `was due to ${due} by ${time}`;
}

const rowWords: Readonly<Record<OutOfReach['course'], { readonly does: string; readonly due: string }>> = {
  builds: { does: 'goes on building', due: 'be built' },
  stays: { does: 'stays as it is', due: 'end as it is' },
  'goes-back': { does: 'puts itself back', due: 'put itself back' },
  'is-going-back': { does: 'is back', due: 'be back' },
  promotes: { does: 'has promoted it', due: 'have promoted it' },
  stages: { does: 'boots it next', due: 'boot it next' },
  'stages-once': { does: 'boots it once next', due: 'boot it once next' },
  previews: { does: 'changes nothing', due: 'change nothing' },
  holds: { does: 'could not put itself back', due: 'hold' },
  reboots: { does: 'reboots', due: 'reboot' },
  'has-ended': { does: 'is done', due: 'be done' },
};

/** Names what is wrong, in the width of a row's label. */
export function outOfReachLabel(contact: OutOfReach['contact']): 'no contact' | 'unconfirmed' {
  return contact === 'lost' ? 'no contact' : 'unconfirmed';
}
