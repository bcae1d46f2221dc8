import { constants } from 'node:os';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Somebody asked us to end: the exit code says by which signal, as shells do. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: NodeJS.Signals;
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
    this.exitCode = 128 + constants.signals[signal];
  }
}

export interface Interruption {
  /** Aborted by the first signal; its reason is the Interrupted error. */
  readonly aborted: AbortSignal;
  /** Resolves with the first signal. */
  readonly received: Promise<Interrupted>;
}

/** From now on, signals that ask us to end no longer kill us outright. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const received = new Promise<Interrupted>((resolve) => {
    const receive = (signal: NodeJS.Signals) => {
      const error = new Interrupted(signal);
      controller.abort(error);
      resolve(error);
    };
    for (const name of names) process.on(name, receive);
  });
  return { aborted: controller.signal, received };
}
