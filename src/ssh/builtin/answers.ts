import type { Person } from '../../core/ports.ts';
import { Semaphore } from '../semaphore.ts';

// So long may a question stand open; sshd's LoginGraceTime is as long.
const questionMs = 120_000;

/**
 * What the person at the terminal was asked for the connections of one run, one question at a time, and what was
 * answered: kept in memory for connections that are made anew, and written nowhere.
 */
export class Answers {
  readonly #person: Person | undefined;
  readonly #turn = new Semaphore(1);
  readonly #passwords = new Map<string, string>();
  readonly #hostKeys = new Map<string, Buffer>();
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
    host: { readonly name: string; readonly key: Buffer },
    signal: AbortSignal,
    ask: (line: (question: string) => Promise<string | undefined>) => Promise<boolean>,
  ): Promise<boolean> {
    const trusted = await this.#ask(signal, async (person, until) => {
      if (this.#hostKeys.get(host.name)?.equals(host.key) === true) return true;
      const yes = await ask((question) => person.line(question, until));
      if (yes) this.#hostKeys.set(host.name, Buffer.from(host.key));
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
