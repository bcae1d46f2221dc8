import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fleetVariable } from './fleet.ts';
import { type Interruption, interruption } from './interruption.ts';
import { type FleetWish, ownFleet } from './own-fleet.ts';
import { runPaths } from './paths.ts';

/** Boots a fleet, runs the command with it, takes the fleet down whatever happens; returns the command's exit code. */
export async function runCommand(wish: FleetWish, command: readonly string[]): Promise<number> {
  const interrupted = interruption();
  const fleet = await ownFleet(wish, interrupted.aborted);
  try {
    return await runWith(runPaths(fleet.state.id).state, command, interrupted);
  } finally {
    await fleet.takeDown();
  }
}

/** A signal is the command's to obey; the fleet stays up until the command has ended. */
async function runWith(statePath: string, command: readonly string[], { received }: Interruption): Promise<number> {
  const [name = '', ...args] = command;
  const child = spawn(name, args, { stdio: 'inherit', env: { ...process.env, [fleetVariable]: statePath } });
  void received.then(({ signal }) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, killedBy) => resolve(code ?? 128 + constants.signals[killedBy ?? 'SIGKILL']));
  });
}
