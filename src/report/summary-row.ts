import { count } from '../core/explain/quantity.ts';
import type { Board, HostState } from './board.ts';
import { clockFace } from './clock-face.ts';
import { inTone } from './dress.ts';
import type { Look } from './look.ts';
import { type Piece, rowOf } from './row.ts';
import { tally } from './tally.ts';
import { widthOf } from './width.ts';

/** `12 hosts: 1 failed, 3 building, 7 promoted, 1 waiting · 0:42`; too narrow for all, the end of the list is cut, not the time. */
export function summaryRow(
  board: Board,
  now: number,
  columns: number,
  look: Look,
  mark = spinnerAt(board, now, look),
): string {
  const { paint, marks } = look;
  const hosts = board.hosts();
  const since = Date.parse(board.started()?.at ?? '');
  const ended = Date.parse(board.ended()?.at ?? '');
  const waves = board.waves();
  const wave =
    waves === null || waves.of < 2 || waves.wave === 0 ? '' : ` ${marks.dot} wave ${waves.wave} of ${waves.of}`;
  const time = `${wave} ${marks.dot} ${clockFace((Number.isNaN(ended) ? now : ended) - since)}`;
  const head = `${count(hosts.length, 'host')}: `;
  const room = columns - widthOf(head) - widthOf(time) - 2;
  return rowOf(
    [
      { text: `${mark} `, paint: paint.cyan },
      { text: head, paint: paint.bold },
      ...tallied(hosts, room, look),
      { text: time, paint: paint.dim },
    ],
    columns,
    marks.ellipsis,
  );
}

function spinnerAt(board: Board, now: number, look: Look): string {
  if (board.ended() !== null) return look.marks.idle;
  const { spinner } = look.marks;
  return spinner[Math.floor(now / 200) % spinner.length] ?? look.marks.active;
}

/** Lists the tally, as many entries as there is room for. */
export function tallied(hosts: readonly HostState[], room: number, look: Look): readonly Piece[] {
  const entries = tally(hosts);
  const pieces: Piece[] = [];
  let left = room;
  for (const [index, { number, words, tone }] of entries.entries()) {
    const text = `${number} ${words}`;
    const separator = index === 0 ? '' : ', ';
    const reserve = index === entries.length - 1 ? 0 : widthOf(look.marks.ellipsis);
    left -= separator.length + widthOf(text);
    if (left < reserve) return [...pieces, { text: look.marks.ellipsis }];
    pieces.push(
      { text: separator },
      tone === 'active' ? { text } : { text, paint: (kept) => inTone(look, tone, kept) },
    );
  }
  return pieces;
}
