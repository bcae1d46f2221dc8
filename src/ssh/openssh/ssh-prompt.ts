/** What ssh asks for, read from its words; those of a host are told from its own. */
export type SshPrompt =
  | { readonly kind: 'passphrase'; readonly file: string }
  /** Of a security key or a token. */
  | { readonly kind: 'pin'; readonly words: string }
  /** `user@host`, without the port. */
  | { readonly kind: 'password'; readonly login: string }
  /** The words of a host, in answer to keyboard-interactive. */
  | { readonly kind: 'host'; readonly login: string; readonly words: string }
  | {
      readonly kind: 'host-key';
      readonly name: string;
      readonly keyType: string;
      readonly fingerprint: string;
      readonly also: readonly string[];
    }
  | { readonly kind: 'other'; readonly words: string };

/**
 * Reads a prompt of OpenSSH 8.7 or later: sshconnect.c, sshconnect2.c, ssh-pkcs11.c. From 8.5 on whatever a host asks
 * stands behind `(user@host) `: before, a host could ask in the very words of ssh.
 */
export function sshPrompt(text: string): SshPrompt {
  const host = /^\((?<login>\S+@[^\s)]+)\) (?<words>.*)$/s.exec(text)?.groups;
  if (host !== undefined) return { kind: 'host', login: host['login'] ?? '', words: host['words'] ?? '' };
  const file = /^Enter passphrase for key '(.*)': $/s.exec(text)?.[1];
  if (file !== undefined) return { kind: 'passphrase', file };
  if (/^Enter PIN\b/.test(text)) return { kind: 'pin', words: text };
  const login = /^(\S+@\S+)'s password: $/.exec(text)?.[1];
  if (login !== undefined) return { kind: 'password', login };
  return hostKey(text) ?? { kind: 'other', words: text };
}

function hostKey(text: string): SshPrompt | undefined {
  const [, name, rest = ''] =
    /^The authenticity of host '(\S+)(?: \([^']*\))?' can't be established(.*)$/s.exec(text) ?? [];
  const [, keyType, fingerprint, after = ''] = /\n(\S+) key fingerprint is (\S+?)\.\n(.*)$/s.exec(rest) ?? [];
  if (name === undefined || keyType === undefined || fingerprint === undefined) return undefined;
  const also = after
    .split('\n')
    .filter(
      (line) =>
        line.trim() !== '' && !/^(?:Are you sure you want to|This key is not known by any other name)/.test(line),
    );
  return { kind: 'host-key', name, keyType, fingerprint, also };
}
