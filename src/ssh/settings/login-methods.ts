/** A way to log in that we know; the names are those of the SSH protocol. */
export type LoginMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** How somebody may log in, as `ssh -G` tells it. */
export interface LoginMethods {
  /** Those that are allowed, the preferred one first. */
  readonly order: readonly LoginMethod[];
  /** How often a person is asked, for each of the methods that ask. */
  readonly prompts: number;
  /** `never` is BatchMode: whatever would need a person fails at once. */
  readonly asks: 'person' | 'never';
}

/** What OpenSSH does where nothing is configured; it prefers them in this order. */
export const defaultLoginMethods: LoginMethods = {
  order: ['publickey', 'keyboard-interactive', 'password'],
  prompts: 3,
  asks: 'person',
};

/** Reads the methods; `word` gives the value of an option of `ssh -G`. */
export function loginMethods(word: (option: string) => string | undefined): LoginMethods {
  const isOff = (option: string) => ['no', 'false'].includes(word(option) ?? 'yes');
  const off: readonly LoginMethod[] = [
    ...(isOff('pubkeyauthentication') ? (['publickey'] as const) : []),
    // The name before OpenSSH 8.7.
    ...(isOff('kbdinteractiveauthentication') || isOff('challengeresponseauthentication')
      ? (['keyboard-interactive'] as const)
      : []),
    ...(isOff('passwordauthentication') ? (['password'] as const) : []),
  ];
  const preferred = word('preferredauthentications')?.split(',');
  const { order: all } = defaultLoginMethods;
  const order =
    preferred === undefined ? all : preferred.flatMap((name) => all.find((method) => method === name) ?? []);
  const prompts = Number(word('numberofpasswordprompts') ?? defaultLoginMethods.prompts);
  return {
    order: order.filter((method) => !off.includes(method)),
    prompts: Number.isInteger(prompts) ? prompts : defaultLoginMethods.prompts,
    asks: word('batchmode') === 'yes' ? 'never' : 'person',
  };
}
