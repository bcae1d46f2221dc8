import { count } from '../core/explain/quantity.ts';
import type { RunStarted } from './board.ts';
import type { Look } from './look.ts';

/** The first line of every run: `flake . @ 1a2b3c4 (main, 2 files dirty) → 3 hosts, goal promote`; `rollback to generation 3 → 1 host`. */
export function opening(run: RunStarted, look: Look): string {
  const { paint, marks } = look;
  const what = run.flake === null ? `${run.verb}${aimText(run.aim, look)}` : flakeText(run.flake, look);
  const goal = run.goal === null ? '' : `, goal ${paint.bold(run.goal)}`;
  const looking = run.verb !== 'deploy' && run.flake !== null ? `${run.verb}, ` : '';
  return `${looking}${what} ${marks.arrow} ${count(run.hosts.length, 'host')}${wavesText(run)}${goal}`;
}

function wavesText({ waves = [] }: RunStarted): string {
  return waves.length < 2 ? '' : ` in ${waves.length} waves (${waves.map((wave) => wave.length).join(', ')})`;
}

function aimText(aim: RunStarted['aim'], { paint, text }: Look): string {
  switch (aim?.kind) {
    case undefined:
    case 'replaced':
      return '';
    case 'generation':
      return ` to generation ${paint.bold(String(aim.number))}`;
    case 'revision':
      return ` to revision ${paint.bold(text(aim.rev).slice(0, 12))}`;
  }
}

function flakeText(flake: NonNullable<RunStarted['flake']>, { paint, text }: Look): string {
  const dirty = flake.dirtyFiles > 0 ? `${count(flake.dirtyFiles, 'file')} dirty` : null;
  const state = [flake.branch === null ? null : text(flake.branch), dirty].filter((word) => word !== null);
  // A dirty tree has no revision: the hash of its content is what names it.
  const pin = flake.rev === null ? text(flake.narHash).slice(0, 14) : text(flake.rev).slice(0, 7);
  const pinned = pin === '' ? '' : ` @ ${paint.bold(pin)}`;
  return `flake ${text(flake.reference)}${pinned}${state.length > 0 ? ` (${state.join(', ')})` : ''}`;
}
