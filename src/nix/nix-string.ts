/** Writes a string as a literal of the Nix language: nothing in it is ever evaluated. */
export function nixString(text: string): string {
  // `${` begins an expression; `\r` would be read as a line end. All else may stand in a Nix string as it is.
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', '\\$')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** Writes a list of strings in the Nix language. */
export function nixStrings(texts: readonly string[]): string {
  return `[ ${texts.map((text) => `${nixString(text)} `).join('')}]`;
}
