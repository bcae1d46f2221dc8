import { count, duration } from '../core/explain/quantity.ts';
import { listed } from '../core/explain/text.ts';
import type { RunStarted } from './board.ts';
import { clockFace, timeOfDay } from './clock-face.ts';
import type { Look } from './look.ts';
import type { WaveEvent, Waves } from './waves.ts';

/** So many names say which hosts are meant. */
const fewNames = 3;

/** Says in one line what an event of the waves, which have come so far, means to a person; nothing where there is but one. */
export function waveLine(event: WaveEvent, waves: Waves, look: Look): string | null {
  const { paint, marks } = look;
  if (waves.of < 2) return null;
  const which = `wave ${event.wave} of ${waves.of}`;
  switch (event.event) {
    case 'wave-started':
      return `${paint.cyan(marks.active)} ${which}: ${some(event.hosts, look)}`;
    case 'wave-ended':
      return event.failed.length === 0
        ? paint.green(`${marks.good} ${endOf(waves, look)}`)
        : paint.red(`${marks.bad} ${endOf(waves, look)}`);
    case 'wave-pause': {
      if (event.until === null) return null;
      const ms = Date.parse(event.until) - Date.parse(event.at);
      return `${marks.idle} pausing ${duration(ms)} until ${timeOfDay(Date.parse(event.until))}, then ${which}: ${some(event.hosts, look)}; Ctrl-C stops here`;
    }
  }
}

/** The same of a pause that goes on, for a row of a live display. */
export function pauseRow({ pause, ...waves }: Waves, now: number, look: Look): string | null {
  if (pause === null) return null;
  const ended = endOf({ ...waves, pause }, look);
  if (pause.until === null) return `${ended}; you are asked about wave ${pause.wave}`;
  const until = Date.parse(pause.until);
  return `${ended}; pausing until ${timeOfDay(until)} (${clockFace(until - now)}); Ctrl-C stops here`;
}

/** `wave 1 of 3 is well: web1` */
function endOf({ wave, of, hosts, failed }: Waves, look: Look): string {
  const which = `wave ${wave} of ${of}`;
  if (failed === null || failed.length === 0) return `${which} is well: ${some(hosts, look)}`;
  return `${which}: ${some(failed, look)} did not make it`;
}

function some(hosts: readonly string[], look: Look): string {
  return look.text(listed(hosts, fewNames));
}

/** Warns of hosts that are not deployed to in this run although others depend on them: one line each. */
export function missingLines({ dependencies = [] }: RunStarted, look: Look): readonly string[] {
  const missing = [...new Set(dependencies.flatMap(({ elsewhere }) => elsewhere))];
  return missing.map((name) => {
    const hosts = dependencies.filter(({ elsewhere }) => elsewhere.includes(name)).map(({ host }) => host);
    const who = hosts.length > fewNames ? `${count(hosts.length, 'host')} (${some(hosts, look)})` : some(hosts, look);
    const words = `${who} depend${hosts.length === 1 ? 's' : ''} on ${look.text(name)}, which is not in this run`;
    return look.paint.yellow(`${look.marks.alarm} warning: ${words}`);
  });
}

const mostNames = 60;

/** Tells in which order hosts would start, in rows behind a word each; nothing where all start at once. */
export function orderRows(run: RunStarted): readonly (readonly [label: string, words: string])[] {
  const { waves = [], dependencies = [] } = run;
  const after = dependencies.filter(({ on }) => on.length > 0).map(({ host, on }) => `${host} after ${listed(on)}`);
  return [
    ...(waves.length < 2 ? [] : waves.map((wave, index) => [`wave ${index + 1}`, listed(wave, mostNames)] as const)),
    ...(after.length === 0 ? [] : [['order', after.join('; ')] as const]),
  ];
}
