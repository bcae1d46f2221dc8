import type { Person } from '../../core/ports.ts';
import { printable } from '../../core/untrusted.ts';
import { Semaphore } from '../semaphore.ts';

// So long may a question stand open; sshd's LoginGraceTime is as long.
const questionMs = 120_000;
/** So often a person may be wrong about a passphrase. */
export const passphraseTries = 3;

/**
 * What the person at the terminal was asked for the connections of one run, one question at a time, and what was
 * answered: kept in memory for connections that are made anew, and written nowhere.
 */
export class Answers {
  readonly #person: Person | undefined;
  readonly #turn = new Semaphore(1);
  readonly #passphrases = new Map<string, { readonly given: string | undefined; readonly asked: number }>();
  readonly #pins = new Map<string, string>();
  readonly #passwords = new Map<string, string>();
  readonly #hostKeys = new Map<string, string>();
  readonly #loggedIn = new Set<string>();

  /** Without a person nobody is asked, and all answers are undefined. */
  constructor(person: Person | undefined) {
    this.#person = person;
  }

  get canAsk(): boolean {
    return this.#person !== undefined;
  }

  async secret(question: string, signal: AbortSignal): Promise<string | undefined> {
    return await this.#ask(signal, (person, until) => person.secret(question, until));
  }

  async line(question: string, signal: AbortSignal): Promise<string | undefined> {
    return await this.#ask(signal, (person, until) => person.line(question, until));
  }

  async yes(question: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#ask(signal, (person, until) => person.yes(question, until))) === true;
  }

  tell(text: string): void {
    this.#person?.tell(text);
  }

  /**
   * The passphrase of a key file, asked for once for all connections of the run, whoever speaks SSH; anew where it is
   * the one that was `refused`, three times at most. Undefined: not given, or all were wrong; nobody is asked again.
   */
  async passphrase(file: string, refused: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const name = passphraseName(file);
    return await this.#ask(signal, async (person, until) => {
      const { given: known, asked } = this.#passphrases.get(name) ?? { given: undefined, asked: 0 };
      if (asked > 0 && (known === undefined || known !== refused)) return known;
      if (asked >= passphraseTries) {
        this.#passphrases.set(name, { given: undefined, asked });
        return undefined;
      }
      const question = `passphrase of the key ${printable(file)}: `;
      const given = await person.secret(refused === undefined ? question : `that is not it. ${question}`, until);
      // Who gave up a connection has not said that there is no passphrase.
      if (!signal.aborted) this.#passphrases.set(name, { given, asked: asked + 1 });
      return given;
    });
  }

  /** A PIN that has opened its key or token before in this run. A wrong one is never given twice: three of them lock it. */
  provenPin(key: string): string | undefined {
    return this.#pins.get(key);
  }

  pinProven(key: string, pin: string): void {
    this.#pins.set(key, pin);
  }

  pinRefused(key: string): void {
    this.#pins.delete(key);
  }

  knowsPassword(login: string): boolean {
    return this.#passwords.has(login);
  }

  /** The password of a login: the one given before, unless it was refused; asked for otherwise. */
  async password(login: string, question: string, signal: AbortSignal): Promise<string | undefined> {
    return await this.#ask(signal, async (person, until) => {
      const known = this.#passwords.get(login);
      if (known !== undefined) return known;
      const given = await person.secret(question, until);
      if (given !== undefined) this.#passwords.set(login, given);
      return given;
    });
  }

  passwordRefused(login: string): void {
    this.#passwords.delete(login);
  }

  /** Tells whether this login has succeeded before in this run. */
  hasLoggedIn(login: string): boolean {
    return this.#loggedIn.has(login);
  }

  loggedIn(login: string): void {
    this.#loggedIn.add(login);
  }

  /** Tells whether a host's key is to be trusted: as was answered before, or by what `ask` makes of an answer. */
  async trusts(
    host: { readonly name: string; readonly fingerprint: string },
    signal: AbortSignal,
    ask: (line: (question: string) => Promise<string | undefined>) => Promise<boolean>,
  ): Promise<boolean> {
    const trusted = await this.#ask(signal, async (person, until) => {
      if (this.#hostKeys.get(host.name) === host.fingerprint) return true;
      const yes = await ask((question) => person.line(question, until));
      if (yes) this.#hostKeys.set(host.name, host.fingerprint);
      return yes;
    });
    return trusted === true;
  }

  async #ask<T>(signal: AbortSignal, work: (person: Person, until: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const person = this.#person;
    if (person === undefined || signal.aborted) return undefined;
    const leave = await this.#turn.enter(signal).catch(() => undefined);
    if (leave === undefined) return undefined;
    try {
      return await work(person, AbortSignal.any([signal, AbortSignal.timeout(questionMs)]));
    } finally {
      leave();
    }
  }
}

/** ssh shows no more than 100 characters of it (sshconnect2.c), and what it shows is all that we hear. */
function passphraseName(file: string): string {
  return file.slice(0, 100);
}
