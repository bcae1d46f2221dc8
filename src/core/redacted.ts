const secretName = /^[^=]*(?:token|secret|password|passphrase|netrc)[^=]*$/i;

/** Gives the words of a command fit to be logged: values that may be secrets, and logins within addresses, are left out. */
export function redacted(words: readonly string[]): readonly string[] {
  return words.map((word, index) => {
    const isValue = words[index - 2] === '--option' || /^--?[a-z]/.test(words[index - 1] ?? '');
    if (isValue && secretName.test(words[index - 1] ?? '')) return '***';
    return word
      .replace(/^(--?[\w-]*(?:token|secret|password|passphrase)[\w-]*=).*/i, '$1***')
      .replaceAll(/(:\/\/)[^/@\s]+@/g, '$1***@')
      .replaceAll(/([?&][\w-]*(?:token|secret|password)[\w-]*=)[^&\s]*/gi, '$1***');
  });
}
