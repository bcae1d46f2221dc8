import { ciOf } from './ci.ts';
import { isFile, type Output } from './output.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What one output stream can show. */
export interface Capability {
  /** A terminal that a live area can be drawn on. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** Reads from the environment what a stream can show, and what the person wants shown. The logs of CI jobs show colours. */
export function capabilityOf(output: Output, environment: Environment): Capability {
  const terminal = output.isTTY === true && environment['TERM'] !== 'dumb';
  return {
    live: terminal,
    colour: wantsColour(environment) ?? (terminal || (ciOf(environment) !== null && !isFile(output))),
    unicode: readsUnicode(environment),
  };
}

/** Tells a CI job, where a terminal may be faked but nobody looks at it live. */
export function isContinuousIntegration(environment: Environment): boolean {
  return isSet(environment['CI']) && environment['CI'] !== 'false' && environment['CI'] !== '0';
}

/** https://no-color.org and https://force-color.org; where both are set, the demand that colour be forced is the later thought. */
function wantsColour(environment: Environment): boolean | null {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isSet(environment['NO_COLOR']) ? false : null;
}

/** The first of the three that is set decides, locale(7). Where none is, as in most CI jobs, logs are UTF-8 today. */
function readsUnicode(environment: Environment): boolean {
  if (environment['TERM'] === 'linux') return false;
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(isSet);
  return locale === undefined || /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
