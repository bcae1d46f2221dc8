/** Gives how many columns of a terminal a text takes; the text holds no control codes. Rather too many than too few. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Cuts a text to a width, with an ellipsis where something is lost. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  // Characters without width could be added without end, so their number is limited too.
  if (text.length <= 2 * width + 16 && widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return '';
  let taken = 0;
  let kept = '';
  for (const character of text) {
    taken += widthOfCharacter(character);
    if (taken > room || kept.length >= 2 * width) break;
    kept += character;
  }
  return `${kept.trimEnd()}${ellipsis}`;
}

/** Fills a text with spaces up to a width. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'right' ? text + spaces : spaces + text;
}

/** Breaks words into lines no wider than `width`; a longer word stands on a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

// VS16 asks for the emoji form, which is one column wider in many terminals.
const emojiForm = 0xfe0f;
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const pictograph = /^\p{Emoji_Presentation}$/u;

function widthOfCharacter(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x300) return 1;
  if (point === emojiForm) return 1;
  if (withoutWidth.test(character)) return 0;
  return isWide(point) || pictograph.test(character) ? 2 : 1;
}

/** East Asian Wide and Fullwidth, by blocks (UAX #11). */
function isWide(point: number): boolean {
  return wideBlocks.some(([first, last]) => point >= first && point <= last);
}

const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
