import type { AnyAuthMethod, AuthenticationType, Prompt } from 'ssh2';
import { printable } from '../../core/untrusted.ts';
import type { Patience } from '../asking/patience.ts';
import { asksPassword, retried, shownText } from '../asking/prompt-words.ts';
import type { Offer } from '../keys/offers.ts';
import { WaitingKey } from '../keys/waiting-key.ts';
import type { LoginMethod } from '../settings/login-methods.ts';
import { loginName } from '../settings/login-name.ts';
import type { Carrier } from './carrier.ts';
import type { Login } from './login.ts';
import type { LoginProgress } from './login-problem.ts';

/** What ssh2 1.17 calls before each try; its types know nothing of the null before the first one. */
export type AuthHandler = (
  methodsLeft: readonly AuthenticationType[] | null,
  partial: boolean | null,
  next: (method: AnyAuthMethod) => void,
) => void;

type Asking = Exclude<LoginMethod, 'publickey'>;

/**
 * Logs in by the methods that the configuration allows and the host offers, in the order of the configuration: our keys
 * one after the other, then what a person at the terminal answers. While a person is asked the limit stands still.
 */
export function authentication(
  login: Login,
  socket: Carrier,
  progress: LoginProgress,
  patience: Patience,
): AuthHandler {
  const { settings, answers, signal } = login;
  const { user: username } = settings;
  const { order, prompts, asks } = settings.login;
  const name = loginName(settings);
  const mayAsk = answers.canAsk && asks === 'person';
  const waiting = order.includes('publickey') ? [...login.keys.offers] : [];
  const asked = { 'keyboard-interactive': 0, password: 0 };
  // What was given last: where the host comes back with a failure, it was this.
  let last: 'key' | 'password' | 'answers' | undefined;
  let refusedOnce = false;
  let askedForMethods = false;

  const refuse = (): void => {
    progress.stage = 'refused';
    socket.destroySoon();
  };

  const isOver = (): boolean => progress.over || socket.destroyed;

  const whileAsked = <T>(work: () => Promise<T>): Promise<T> =>
    patience.whileAsked(async () => {
      const given = await work();
      if (isOver() && given !== undefined) progress.answeredTooLate = true;
      return given;
    });

  const givePassword = async (): Promise<AnyAuthMethod | undefined> => {
    const known = answers.knowsPassword(name);
    if (!known && asked.password >= prompts) return undefined;
    if (!known) asked.password += 1;
    const question = `${retried(refusedOnce)}${printable(name)}'s password: `;
    const password = await whileAsked(() => answers.password(name, question, signal));
    if (password === undefined) {
      progress.tried.push('password (not given)');
      asked.password = prompts;
      return undefined;
    }
    progress.tried.push('password');
    last = 'password';
    return { type: 'password', username, password };
  };

  const answerPrompts = async (
    about: readonly string[],
    prompted: readonly Prompt[],
  ): Promise<readonly string[] | undefined> => {
    const [first] = prompted;
    const isPassword =
      prompted.length === 1 && first !== undefined && first.echo !== true && asksPassword(first.prompt);
    const head = [
      retried(refusedOnce),
      ...about.filter((text) => text.trim() !== '').map((text) => `${shownText(text)}\n`),
    ];
    if (isPassword) {
      last = 'password';
      const question = `${head.join('')}(${printable(name)}) ${shownText(first.prompt)}`;
      const password = await answers.password(name, question, signal);
      return password === undefined ? undefined : [password];
    }
    last = 'answers';
    if (answers.hasLoggedIn(name)) head.unshift('a new connection is made, and the host asks anew\n');
    const given: string[] = [];
    for (const { prompt, echo } of prompted) {
      const question = `${given.length === 0 ? head.join('') : ''}(${printable(name)}) ${shownText(prompt)}`;
      const answer = await (echo === true ? answers.line(question, signal) : answers.secret(question, signal));
      if (answer === undefined) return undefined;
      given.push(answer);
    }
    return given;
  };

  const answerHost = (): AnyAuthMethod | undefined => {
    if (asked['keyboard-interactive'] >= prompts) return undefined;
    asked['keyboard-interactive'] += 1;
    progress.tried.push('keyboard-interactive');
    last = 'answers';
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (title, instructions, _language, prompted, finish) => {
        whileAsked(() => answerPrompts([title, instructions], prompted)).then(
          (given) => {
            if (isOver()) return;
            if (given !== undefined) return finish([...given]);
            progress.tried.push('keyboard-interactive (not answered)');
            refuse();
          },
          (error) => socket.destroy(error),
        );
      },
    };
  };

  const methodBy: Readonly<Record<Asking, () => AnyAuthMethod | undefined | Promise<AnyAuthMethod | undefined>>> = {
    password: givePassword,
    'keyboard-interactive': answerHost,
  };

  const choose = async (methodsLeft: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | undefined> => {
    const [preferred] = order;
    if (methodsLeft === null && mayAsk && !askedForMethods && (preferred !== 'publickey' || waiting.length === 0)) {
      // The host answers with the methods that it offers; sshd counts it as no failure.
      askedForMethods = true;
      return { type: 'none', username };
    }
    for (const method of order) {
      if (methodsLeft !== null && !methodsLeft.includes(method)) continue;
      if (method === 'publickey') {
        const offer = waiting.shift();
        if (offer === undefined) continue;
        progress.tried.push(offer.label);
        last = 'key';
        return offered(offer);
      }
      if (methodsLeft === null) continue;
      if (!mayAsk) {
        progress.unasked = asks === 'never' ? 'batch-mode' : 'no-terminal';
        continue;
      }
      const chosen = await methodBy[method]();
      if (chosen !== undefined) return chosen;
    }
    return undefined;
  };

  const offered = (offer: Offer): AnyAuthMethod => {
    if (offer.kind === 'file') return { type: 'publickey', username, key: offer.key };
    const slow = (): void => {
      if (offer.kind !== 'agent') return;
      progress.signing = offer.label;
      login.note(`waiting for the ${offer.label}: touch it, or answer the agent`);
    };
    // Where nobody is, nobody is waited for: the limit goes on.
    const wait = <T>(work: () => Promise<T>): Promise<T> => (mayAsk ? whileAsked(work) : work());
    return { type: 'agent', username, agent: new WaitingKey(offer.key, { slow, whileAsked: wait }) };
  };

  return (methodsLeft, partial, next) => {
    if (partial === true) progress.tried.push(`then the host wants ${methodsLeft?.join(' or ') ?? 'more'}`);
    else if (last === 'password') answers.passwordRefused(name);
    if (last === 'password' || last === 'answers') refusedOnce = partial !== true;
    last = undefined;
    progress.signing = undefined;
    choose(methodsLeft).then(
      (method) => {
        if (isOver()) return;
        if (method === undefined) refuse();
        else next(method);
      },
      (error) => socket.destroy(error),
    );
  };
}
