import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, textOf } from '../repository/files.ts';
import { eventSchema } from './event-schema.ts';
import { readEvent, readEvents } from './read-event.ts';

const schemaFile = 'docs/events.schema.json';

test('the schema is that of the events (UPDATE_FIXTURES=1 writes it)', () => {
  // How it is broken into lines is the formatter's.
  const made = JSON.stringify(eventSchema(join(root, 'src/core/event.ts')), null, 2);
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(join(root, schemaFile), `${made}\n`);
  assert.equal(JSON.stringify(JSON.parse(textOf(schemaFile)), null, 2), made);
});

test('the schema says what each event is, and what of each field is not plain from its name', () => {
  const { oneOf, $defs } = JSON.parse(textOf(schemaFile));
  const events: readonly string[] = oneOf.map(({ $ref }: { readonly $ref: string }) => $ref.slice('#/$defs/'.length));
  const plain = ['event', 'host', 'phase', 'verb', 'outcome', 'milliseconds', 'level', 'verdict'];
  const silent = events.flatMap((event) => [
    ...($defs[event].description === undefined ? [event] : []),
    ...Object.entries<{ readonly description?: string }>($defs[event].properties)
      .filter(([field, { description }]) => description === undefined && !plain.includes(field))
      .map(([field]) => `${event}.${field}`),
  ]);
  assert.deepEqual(silent, []);
});

const stamp = { version: 1, at: '2026-11-22T10:00:00.000Z' } as const;
const note = { ...stamp, event: 'note', host: 'web1', phase: 'test', level: 'info', message: 'a' } as const;
const host = { host: 'web1', verdict: 'promoted', code: null, reason: 'a', remedy: null, running: null } as const;
const result = { ...host, bootDefault: null, rev: null, seconds: 1.5 } as const;

const refused = [
  ['a field that the schema does not have', { ...note, colour: 'red' }, /additional properties .*"colour"/],
  ['a field that is missing', { ...note, level: undefined }, /required property 'level'/],
  ['a field of another type', { ...note, message: null }, /\/message must be string/],
  ['a word that is none of those', { ...note, phase: 'testing' }, /\/phase must be equal to one of/],
  [
    'a field too many far inside',
    { ...stamp, event: 'result', exitCode: 0, hosts: [{ ...result, port: 22 }] },
    /"port"/,
  ],
  ['another version', { ...note, version: 2 }, /\/version must be equal to constant/],
  ['an event that there is not', { ...note, event: 'notes' }, /no event of docs/],
  ['what is no object', 7, /no event of docs/],
] as const;

for (const [title, event, message] of refused) {
  test(`a test that meets ${title} fails`, () => {
    assert.throws(() => readEvent(JSON.stringify(event)), { message });
  });
}

test('an event as it should be is read', () => {
  const ended = { ...stamp, event: 'result', exitCode: 0, hosts: [result] };
  assert.deepEqual(readEvents(`${JSON.stringify(note)}\n${JSON.stringify(ended)}\n`), [note, ended]);
});

test('a test that meets something else than an event among the events fails', () => {
  assert.throws(() => readEvents(`${JSON.stringify(note)}\nwarning: x\n`), SyntaxError);
  assert.throws(() => readEvents(JSON.stringify(note)), { message: /cut off/ });
});
