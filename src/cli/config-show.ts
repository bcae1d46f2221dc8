import { attribute, nixWhole } from '../config/fleet/nix-text.ts';
import { type Held, heldOfHost, heldOfRun } from '../config/held.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { capabilityOf } from '../report/capability.ts';
import { type Look, lookFor } from '../report/look.ts';
import { columnOf, tableRows } from '../report/table.ts';
import { askFlake } from './asked-flake.ts';
import { documentOf } from './list.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry config show [HOST...]`: asks the flake alone. Throws FlurryError (exit 2). */
export async function configShow({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const [word = '', ...destinations] = line.destinations;
  if (word !== 'show') {
    const next = 'flurry config show, and hosts behind it';
    throw new FlurryError({
      ...{ code: 'bad-argument', argument: 'flurry config', expected: 'followed by show', found: word, next },
    });
  }
  const { fleet, selected } = await askFlake('config', { ...line, destinations, settings }, { world, signal });
  const hosts = selected.map((one) => ({ name: one.host.name, held: heldOfHost(settings, one, fleet) }));
  const isOfRun = destinations.length === 0 && !line.all;
  const run = isOfRun ? heldOfRun(settings, fleet) : [];
  if (settings.get('output')?.value === 'json') {
    const named = hosts.map(({ name, held }) => ({ name, settings: byName(held) }));
    world.stdout.write(documentOf(isOfRun ? { run: byName(run) } : { hosts: named }));
    return 0;
  }
  const look = lookFor(capabilityOf(world.stdout, world.environment));
  const blocks = isOfRun ? [{ title: [], held: run }] : hosts.map(({ name, held }) => ({ title: [name], held }));
  const texts = blocks.map(({ title, held }) => blockOf(title, held, world.stdout.columns, look));
  world.stdout.write(texts.join('\n'));
  return 0;
}

function byName(held: readonly Held[]) {
  return Object.fromEntries(held.map(({ setting, value, from }) => [setting, { value, from }]));
}

function blockOf(title: readonly string[], held: readonly Held[], columns: number | undefined, look: Look): string {
  const { paint, text } = look;
  const column = (name: string, least: number, cells: readonly string[]) =>
    columnOf(
      name,
      least,
      cells.map((cell, index) => ({
        text: text(cell),
        ...(held[index]?.from === 'default' && { paint: paint.dim }),
      })),
    );
  const table = [
    column(
      'setting',
      30,
      held.map(({ setting }) => setting),
    ),
    column(
      'value',
      20,
      held.map(({ value }) => nixWhole(value)),
    ),
    column(
      'from',
      60,
      held.map(({ from }) => from),
    ),
  ];
  const rows = tableRows(table, columns ?? Number.MAX_SAFE_INTEGER, look);
  return [...title.map((name) => paint.bold(text(attribute(name)))), ...rows].map((row) => `${row}\n`).join('');
}
