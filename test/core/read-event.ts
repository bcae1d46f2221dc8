import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { Event } from '../../src/core/event.ts';
import { textOf } from '../repository/files.ts';

const Schema = z.looseObject({
  oneOf: z.array(z.object({ $ref: z.string() })),
  $defs: z.record(z.string(), z.unknown()),
});
// Made when the first event is read: most files that could read one do not.
let checks: ReadonlyMap<unknown, ValidateFunction> | undefined;

/**
 * Reads one line of flurry's JSON output. Throws where it is no event of docs/events.schema.json, or has a field more than
 * that says: the schema is open to readers, since flurry may grow, and closed to flurry itself.
 */
export function readEvent(line: string): Event {
  const event = JSON.parse(line);
  checks ??= eventChecks();
  const check = checks.get(event?.event);
  if (check === undefined) throw new Error(`no event of docs/events.schema.json: ${line.slice(0, 500)}`);
  const isEvent: boolean = check(event);
  if (isEvent) return event;
  const wrong = check.errors?.map(({ instancePath, message, params }) => {
    return `${instancePath === '' ? 'it' : instancePath} ${message} ${JSON.stringify(params)}`;
  });
  throw new Error(`not as docs/events.schema.json says: ${wrong?.join('; ')}: ${line.slice(0, 500)}`);
}

/** Reads the JSON output of a whole run: an event on each line, and nothing else. */
export function readEvents(stdout: string): readonly Event[] {
  if (stdout === '') return [];
  if (!stdout.endsWith('\n')) throw new Error(`the last line is cut off: ${stdout.slice(-500)}`);
  return stdout.slice(0, -1).split('\n').map(readEvent);
}

function eventChecks(): ReadonlyMap<unknown, ValidateFunction> {
  const schema = Schema.parse(JSON.parse(textOf('docs/events.schema.json')));
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addSchema({ ...schema, $defs: closed(schema.$defs) }, 'events');
  return new Map(
    schema.oneOf.map(({ $ref }) => {
      const check = ajv.getSchema(`events${$ref}`);
      if (check === undefined) throw new Error(`the schema has no ${$ref}`);
      return [$ref.slice('#/$defs/'.length), check];
    }),
  );
}

/** The same schema, whose objects take no field that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner['type'] === 'object' ? { ...inner, additionalProperties: false } : inner;
}
