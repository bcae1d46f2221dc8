import { printable } from '../../core/untrusted.ts';

/** What stands before a question whose last answer was refused. */
export function retried(refusedOnce: boolean): string {
  return refusedOnce ? 'permission denied, please try again.\n' : '';
}

/** A code is good for once; a password is kept for the connections that follow. */
export function asksPassword(prompt: string): boolean {
  return /pass(?!code)/i.test(prompt) && !/code|token|one-time|otp/i.test(prompt);
}

/** A host's words, several lines perhaps; it cannot draw on the screen by them. */
export function shownText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .slice(0, 20)
    .map((line) => printable(line))
    .join('\n');
}
