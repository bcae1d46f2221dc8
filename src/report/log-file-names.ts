const longest = 100;

/**
 * Names a file for each host. Names of hosts are untrusted and may hold anything: letters, digits, dots, dashes and
 * underscores stay, and no two files differ only by case.
 */
export function logFileNames(hosts: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const host of hosts) {
    const plain =
      host
        .replaceAll(/[^A-Za-z0-9._-]/g, '_')
        .replace(/^[.-]/, '_')
        .slice(0, longest) || '_';
    let name = plain;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${plain}-${number}`;
    taken.add(name.toLowerCase());
    names.set(host, `${name}.log`);
  }
  return names;
}
