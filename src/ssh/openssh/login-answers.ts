import { printable } from '../../core/untrusted.ts';
import type { Answers } from '../asking/answers.ts';
import type { Patience } from '../asking/patience.ts';
import { asksPassword, retried, shownText } from '../asking/prompt-words.ts';
import { trustsNew } from '../asking/trust-question.ts';
import { knownHostsName } from '../host-keys/known-hosts.ts';
import { loginName, loginNamed, wayTo } from '../settings/login-name.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import type { Asked } from './askpass.ts';
import { type SshPrompt, sshPrompt } from './ssh-prompt.ts';

// So long is a touch waited for, as a signature by the built-in transport.
const longestNoticeMs = 120_000;

export type RefusedKey = Pick<Extract<SshPrompt, { readonly kind: 'host-key' }>, 'name' | 'fingerprint'>;

export interface LoginAnswersOptions {
  readonly answers: Answers;
  readonly settings: SshSettings;
  readonly patience: Patience;
  /** Of the whole login. */
  readonly signal: AbortSignal;
  readonly note: (message: string) => void;
  /** Told that there is no answer without which ssh would send the host an empty one. */
  readonly giveUp: (what: string) => void;
}

/** What one try to log in by ssh asks, and what it was given: by the person, or from what they said before in this run. */
export class LoginAnswers {
  readonly #options: LoginAnswersOptions;
  /** What each ssh (that of a jump host is another one) was given last, by what it asked for. */
  readonly #given = new Map<string, string>();
  readonly #passwords = new Set<string>();
  readonly #pins = new Map<string, string>();
  #last: SshPrompt['kind'] | 'notice' | undefined;
  #refusedKey: RefusedKey | undefined;

  constructor(options: LoginAnswersOptions) {
    this.#options = options;
  }

  /** Whether the last question was about a key of our own: the host heard nothing while it was open. */
  get lastWasOfKey(): boolean {
    return this.#last === 'passphrase' || this.#last === 'pin' || this.#last === 'notice';
  }

  /** The host key that is not to be trusted: of the host, or of a jump host. */
  get refusedKey(): RefusedKey | undefined {
    return this.#refusedKey;
  }

  /** For `openAskpass`. */
  answer(asked: Asked): Promise<string | undefined> {
    const { patience, signal } = this.#options;
    const both = { ...asked, signal: AbortSignal.any([signal, asked.signal]) };
    return patience.whileAsked(() => this.#answer(both)).catch(() => undefined);
  }

  succeeded(): void {
    const { answers, settings } = this.#options;
    for (const [key, pin] of this.#pins) answers.pinProven(key, pin);
    answers.loggedIn(loginName(settings));
  }

  /** What was given did not do: it must not be given to the next connection unasked. */
  refused(): void {
    const { answers } = this.#options;
    for (const login of this.#passwords) answers.passwordRefused(login);
    for (const key of this.#pins.keys()) answers.pinRefused(key);
  }

  async #answer(asked: Asked): Promise<string | undefined> {
    const { answers, note } = this.#options;
    if (asked.want === 'notice') {
      this.#last = 'notice';
      note(`touch the security key: ${shownText(asked.prompt)}`);
      await aborted(AbortSignal.any([asked.signal, AbortSignal.timeout(longestNoticeMs)]));
      return undefined;
    }
    if (asked.want === 'yes') {
      return (await answers.yes(`${shownText(asked.prompt)} `, asked.signal)) ? 'yes' : undefined;
    }
    const prompt = sshPrompt(asked.prompt);
    this.#last = prompt.kind;
    switch (prompt.kind) {
      case 'host-key': {
        const asker = wayTo(this.#options.settings).find((host) => knownHostsName(host) === prompt.name);
        if (await trustsNew(answers, { ...prompt, alias: asker?.alias }, asked.signal)) return 'yes';
        this.#refusedKey = prompt;
        return 'no';
      }
      case 'passphrase': {
        // Without one, ssh goes on to the next key.
        const given = await answers.passphrase(prompt.file, this.#before(asked), asked.signal);
        return this.#giving(asked, given);
      }
      case 'pin':
        return await this.#orGiveUp(asked, 'PIN', await this.#pin(prompt.words, asked));
      case 'password': {
        const question = `${this.#again(asked)}${printable(prompt.login)}'s password: `;
        return await this.#orGiveUp(asked, 'password', await this.#password(prompt.login, question, asked));
      }
      case 'host': {
        const question = `${this.#again(asked)}(${printable(prompt.login)}) ${shownText(prompt.words)}`;
        const given = asksPassword(prompt.words)
          ? await this.#password(prompt.login, question, asked)
          : await answers.secret(`${this.#anew(asked)}${question}`, asked.signal);
        return await this.#orGiveUp(asked, 'keyboard-interactive', given);
      }
      case 'other': {
        const words = shownText(prompt.words);
        const isSeen = /\(yes\/no\b/.test(prompt.words);
        const given = await (isSeen ? answers.line(words, asked.signal) : answers.secret(words, asked.signal));
        return await this.#orGiveUp(asked, words.trim(), given);
      }
      default:
        return prompt satisfies never;
    }
  }

  async #password(login: string, question: string, asked: Asked): Promise<string | undefined> {
    const { answers, settings } = this.#options;
    const name = loginNamed(login, settings);
    if (name === undefined) return await answers.secret(question, asked.signal);
    if (this.#before(asked) !== undefined) answers.passwordRefused(name);
    this.#passwords.add(name);
    return await answers.password(name, question, asked.signal);
  }

  async #pin(words: string, asked: Asked): Promise<string | undefined> {
    const { answers } = this.#options;
    const wasWrong = this.#before(asked) !== undefined;
    const pin =
      (wasWrong ? undefined : answers.provenPin(words)) ??
      (await answers.secret(`${wasWrong ? 'that is not it. ' : ''}${shownText(words)}`, asked.signal));
    if (pin !== undefined) this.#pins.set(words, pin);
    return pin;
  }

  async #orGiveUp(asked: Asked, what: string, given: string | undefined): Promise<string | undefined> {
    if (given !== undefined) return this.#giving(asked, given);
    this.#options.giveUp(`${what} (not given)`);
    // The answer is that ssh ends.
    await aborted(asked.signal);
    return undefined;
  }

  #before({ asker, prompt }: Asked): string | undefined {
    return this.#given.get(`${asker} ${prompt}`);
  }

  #giving({ asker, prompt }: Asked, given: string | undefined): string | undefined {
    if (given !== undefined) this.#given.set(`${asker} ${prompt}`, given);
    return given;
  }

  #again(asked: Asked): string {
    return retried(this.#before(asked) !== undefined);
  }

  #anew(asked: Asked): string {
    const { answers, settings } = this.#options;
    const isFirst = this.#before(asked) === undefined;
    return isFirst && answers.hasLoggedIn(loginName(settings))
      ? 'a new connection is made, and the host asks anew\n'
      : '';
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
