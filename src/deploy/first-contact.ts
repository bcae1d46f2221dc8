import type { Session } from '../core/ports.ts';
import { dependenciesOf, type Rollout } from '../core/rollout.ts';
import type { Pace } from './pace.ts';

export interface FirstContact {
  readonly host: string;
  readonly pace: Pace;
  readonly rollout: Rollout;
  /** Waits until it is the host's turn; absent where that is waited for later. */
  readonly turn: (() => Promise<void>) | undefined;
  readonly connect: () => Promise<Session>;
}

/**
 * Connects to a host when it is its turn. Where all hosts must be in reach, each is dialled before any has its turn; who
 * has to wait then gives the connection up meanwhile. Throws `stopped`, and what `turn` and `connect` throw.
 */
export async function firstContact({ host, pace, rollout, turn, connect }: FirstContact): Promise<Session> {
  if (rollout.unreachable === 'stop') {
    const session = await connect().catch((error: unknown) => {
      pace.unreached(host);
      throw error;
    });
    const isFirst = rollout.waves[0]?.includes(host) === true && dependenciesOf(host, rollout).length === 0;
    try {
      await pace.reached(host);
      if (turn === undefined) return session;
      if (isFirst) {
        await turn();
        return session;
      }
    } catch (error) {
      await session.close();
      throw error;
    }
    await session.close();
  }
  await turn?.();
  return await connect();
}
