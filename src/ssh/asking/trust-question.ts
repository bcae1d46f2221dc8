import { ownHostKeys } from '../../core/explain/reaching.ts';
import { printable } from '../../core/untrusted.ts';
import type { Answers } from './answers.ts';

/** A host key that is not known yet. All of it is untrusted text. */
export interface NewHostKey {
  /** As known_hosts files spell it. */
  readonly name: string;
  /** What the person calls the host, where that is another name. */
  readonly alias?: string | undefined;
  readonly keyType: string;
  readonly fingerprint: string;
  /** What else there is to say about it, line by line. */
  readonly also?: readonly string[];
}

/** Asks whether a new key is to be trusted, once for each in a run. Nobody to ask is a no. */
export function trustsNew(answers: Answers, key: NewHostKey, signal: AbortSignal): Promise<boolean> {
  return answers.trusts(key, signal, (line) => askAbout(key, line));
}

/** As ssh asks: nothing but the word or the fingerprint is a yes. */
async function askAbout(
  { name, alias, keyType, fingerprint, also = [] }: NewHostKey,
  line: (question: string) => Promise<string | undefined>,
): Promise<boolean> {
  const type = keyType.replace(/^ssh-/, '').replace(/^ecdsa-sha2-/, 'ecdsa ');
  // A fingerprint that breaks at the edge of the terminal is hard to compare.
  const about = [
    `the host key of ${printable(alias === undefined ? name : `${alias} (${name})`)} is not known yet, it shows`,
    `  ${printable(type)} ${printable(fingerprint)}`,
    ...also.map((text) => printable(text)),
    "compare with the machine's own, read there or from its console:",
    `  ${ownHostKeys}`,
  ];
  for (let tries = 1; tries <= 3; tries += 1) {
    const ask =
      tries === 1 ? 'trust it from now on? [yes/no/the fingerprint] ' : 'please type yes, no or the fingerprint: ';
    const answer = (await line(tries === 1 ? [...about, ask].join('\n') : ask))?.trim();
    if (answer === undefined || /^(?:no?|)$/i.test(answer)) return false;
    if (/^yes$/i.test(answer) || answer === fingerprint) return true;
  }
  return false;
}
