import type { Host } from '../core/host.ts';
import type { ExitCode } from '../core/verdict.ts';
import { namedLike } from '../deploy/configuration.ts';
import { capabilityOf } from '../report/capability.ts';
import { type Look, lookFor } from '../report/look.ts';
import { columnOf, tableRows } from '../report/table.ts';
import { type Asked, askFlake } from './asked-flake.ts';
import type { VerbCall } from './verb-call.ts';

/** `flurry list [DEST...]`: asks the flake alone. Throws FlurryError (exit 2). */
export async function list({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const all = line.all || line.destinations.length === 0;
  const asked = await askFlake('list', { ...line, all, settings }, { world, signal });
  const rows = rowsOf(asked);
  const isJson = settings.get('output')?.value === 'json';
  const look = lookFor(capabilityOf(world.stdout, world.environment));
  world.stdout.write(isJson ? documentOf({ hosts: rows }) : tableOf(rows, world.stdout.columns, look));
  return 0;
}

/** An answer of flurry's for programs: one JSON document, with the version of its form. */
export function documentOf(answer: object): string {
  return `${JSON.stringify({ version: 1, ...answer }, null, 2)}\n`;
}

/** A host as it is listed; null where nothing is said, and the configuration where only the host's hostname tells it. */
interface Row {
  readonly name: string;
  readonly address: string;
  readonly user: string | null;
  readonly port: number | null;
  readonly configuration: string | null;
  readonly tags: readonly string[];
}

function rowsOf({ fleet, configurations, selected }: Asked): readonly Row[] {
  return selected.map(({ host }) => ({
    name: host.name,
    address: host.via === 'local' ? 'local' : host.address,
    user: host.user ?? null,
    port: host.port ?? null,
    configuration: namedLike(host, configurations) ?? null,
    tags: fleet.hosts.find((one) => one.host.name === host.name)?.tags ?? [],
  }));
}

function tableOf(rows: readonly Row[], columns: number | undefined, look: Look): string {
  const { paint, text } = look;
  const table = [
    columnOf(
      'host',
      12,
      rows.map(({ name }) => ({ text: text(name), paint: paint.bold })),
    ),
    columnOf(
      'reached as',
      20,
      rows.map((row) => ({ text: text(reachedAs(row)) })),
    ),
    columnOf(
      'configuration',
      13,
      rows.map(({ configuration }) =>
        configuration === null ? { text: 'as its hostname', paint: paint.dim } : { text: text(configuration) },
      ),
    ),
    columnOf(
      'tags',
      10,
      rows.map(({ tags }) => ({ text: text(tags.map((tag) => `@${tag}`).join(' ')) })),
    ),
  ];
  return tableRows(table, columns ?? Number.MAX_SAFE_INTEGER, look)
    .map((row) => `${row}\n`)
    .join('');
}

/** As a destination has it. */
function reachedAs({ user, address, port }: Pick<Row, 'user' | 'port'> & Pick<Host, 'address'>): string {
  const place = port !== null && address.includes(':') ? `[${address}]` : address;
  return `${user === null ? '' : `${user}@`}${place}${port === null ? '' : `:${port}`}`;
}
