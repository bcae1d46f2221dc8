/** What a person did at the keyboard, of a terminal in raw mode. */
export type Keystroke =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'enter' }
  | { readonly kind: 'backspace' }
  /** Ctrl-U: all that was typed so far is to be forgotten. */
  | { readonly kind: 'clear' }
  | { readonly kind: 'interrupt' }
  /** Ctrl-D. */
  | { readonly kind: 'end' };

const controls: Readonly<Record<string, Keystroke>> = {
  '\r': { kind: 'enter' },
  '\n': { kind: 'enter' },
  '\b': { kind: 'backspace' },
  '\u007f': { kind: 'backspace' },
  '\u0015': { kind: 'clear' },
  '\u0003': { kind: 'interrupt' },
  '\u0004': { kind: 'end' },
};

/** Reads what a terminal sent. Arrows and the like, and control codes that mean nothing to us, are left out. */
export function keystrokesIn(sent: string): readonly Keystroke[] {
  const withoutSequences = sent.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[ -~]|)/g, '');
  return [...withoutSequences].flatMap((character) => {
    const control = controls[character];
    if (control !== undefined) return control;
    return character < ' ' ? [] : { kind: 'text' as const, text: character };
  });
}
