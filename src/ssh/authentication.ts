import type { Socket } from 'node:net';
import type { AnyAuthMethod, AuthenticationType } from 'ssh2';
import type { Login } from './login.ts';
import type { LoginProgress } from './login-problem.ts';

/** Offers our keys one after the other; no `none`, no password. ssh2 asks with null before the first. */
export function authentication({ settings, keys }: Login, socket: Socket, progress: LoginProgress) {
  const waiting = [...keys.offers];
  return (methodsLeft: readonly AuthenticationType[] | null, partial: boolean | null): AnyAuthMethod | false => {
    if (partial === true) progress.tried.push(`then the host wants ${methodsLeft?.join(' or ') ?? 'more'}`);
    const wanted = methodsLeft === null || methodsLeft.includes('publickey');
    const offer = wanted && partial !== true ? waiting.shift() : undefined;
    if (offer === undefined) {
      progress.stage = 'refused';
      socket.destroySoon();
      return false;
    }
    progress.tried.push(offer.label);
    const username = settings.user;
    if (offer.kind === 'agent') return { type: 'agent', username, agent: offer.key };
    return { type: 'publickey', username, key: offer.key };
  };
}
