import type { Answers } from '../asking/answers.ts';
import type { Patience } from '../asking/patience.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import { openAskpass } from './askpass.ts';
import { LoginAnswers } from './login-answers.ts';
import type { MasterOptions } from './openssh-arguments.ts';

/** An older ssh shows what a host asks as it shows its own questions: no answer is safe from a host there. */
export function whoIsAsked(
  { login }: SshSettings,
  { canAsk }: Answers,
  known: MasterOptions['known'],
): 'person' | 'never' {
  return canAsk && login.asks === 'person' && known.has('ForkAfterAuthentication') ? 'person' : 'never';
}

/** How one try to log in asks a person, as long as it lasts. */
export interface Asking {
  readonly environment: NodeJS.ProcessEnv;
  /** Absent where nobody is asked. */
  readonly answers?: LoginAnswers;
  /** Aborts when a question is not answered without which the login leads nowhere. */
  readonly givenUp: AbortSignal;
  readonly notGiven: () => string | undefined;
  readonly close: () => void;
}

export interface AskingLogin {
  readonly asks: 'person' | 'never';
  readonly answers: Answers;
  readonly settings: SshSettings;
  readonly signal: AbortSignal;
  readonly note: (message: string) => void;
  /** The master's own. */
  readonly directory: string;
  readonly patience: Patience;
}

/** Opens the way on which the ssh of this login asks; none where nobody is to be asked. */
export async function startAsking(login: AskingLogin): Promise<Asking> {
  const { asks, answers, settings, signal, note, directory, patience } = login;
  const gaveUp = new AbortController();
  let notGiven: string | undefined;
  const rest = { givenUp: gaveUp.signal, notGiven: () => notGiven };
  if (asks === 'never') return { ...rest, environment: { SSH_ASKPASS_REQUIRE: 'never' }, close: () => {} };
  const giveUp = (what: string): void => {
    notGiven = what;
    gaveUp.abort();
  };
  const given = new LoginAnswers({ answers, settings, patience, signal, note, giveUp });
  const { environment, close } = await openAskpass(directory, (asked) => given.answer(asked));
  return { ...rest, environment, answers: given, close };
}
