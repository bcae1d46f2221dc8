/** JSON that is not of the expected form; the caller, who knows what was asked, turns it into a problem. */
export class UnexpectedJson extends Error {
  override readonly name = 'UnexpectedJson';

  constructor(where: string, expected: string, found: unknown) {
    super(`${where}: expected ${expected}, found ${described(found)}`);
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Throws UnexpectedJson. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedJson(where, 'JSON', text);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws UnexpectedJson. */
export function asObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new UnexpectedJson(where, 'an object', value);
  return value;
}

/** Throws UnexpectedJson unless the text is there and matches. */
export function textAt(object: JsonObject, key: string, form: RegExp, expected: string): string {
  const value = object[key];
  if (typeof value !== 'string' || !form.test(value)) throw new UnexpectedJson(key, expected, value);
  return value;
}

/** Gives a text where there is one under the key. */
export function maybeText(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

/** Gives a whole number that is not negative, where there is one under the key. */
export function maybeCount(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Throws UnexpectedJson. */
export function asTexts(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value)) throw new UnexpectedJson(where, 'an array of strings', value);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw new UnexpectedJson(where, 'an array of strings', item);
    return item;
  });
}

function described(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
