// CSI, OSC and two-character escape sequences: colours and titles that a program printed, of no use in our lines.
const escapeSequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// Control codes (C0, DEL, C1), line separators, and the marks that turn text around.
const controlCodes = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Makes a line from a host or a program fit to be shown: escape sequences go, other control codes become `\xNN`. */
export function printable(text: string): string {
  return text
    .replace(escapeSequences, '')
    .replaceAll('\t', '  ')
    .replace(controlCodes, (code) => {
      const point = code.charCodeAt(0);
      return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`;
    });
}
