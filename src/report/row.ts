import { cut, widthOf } from './width.ts';

/** A part of a row, and how it is painted; `text` itself holds no control codes. */
export interface Piece {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Joins pieces to a row that is at most `columns` wide, whatever they hold. */
export function rowOf(pieces: readonly Piece[], columns: number, ellipsis: string): string {
  let left = columns;
  const parts: string[] = [];
  for (const { text, paint } of pieces) {
    const kept = cut(text, left, ellipsis);
    if (kept === '') continue;
    parts.push(paint === undefined || kept.trim() === '' ? kept : paint(kept));
    left -= widthOf(kept);
  }
  return parts.join('');
}
