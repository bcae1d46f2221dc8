/**
 * Gives a toplevel as people compare them: seven characters of the hash, then NixOS's label. The name of the system
 * goes where it is the host's own; where it is not, it is the news.
 */
export function shortToplevel(path: string, host: string): string {
  const { hash, name } = parts(path);
  if (hash === null) return name;
  for (const own of [host, host.split('.', 1)[0] ?? host]) {
    const prefix = `nixos-system-${own}-`;
    if (name.startsWith(prefix)) return `${hash} ${name.slice(prefix.length)}`;
  }
  return `${hash} ${name}`;
}

/** Gives the seven characters alone. */
export function toplevelHash(path: string): string {
  const { hash, name } = parts(path);
  return hash ?? name;
}

function parts(path: string): { readonly hash: string | null; readonly name: string } {
  const found = /^\/nix\/store\/([0-9a-z]{7})[0-9a-z]{25}-(.+)$/.exec(path);
  return { hash: found?.[1] ?? null, name: found?.[2] ?? path };
}
