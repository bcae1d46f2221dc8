// What differs from run to run stands in a screen as something that does not, and is as long: lines break as they did.
const standIns = {
  hashes: ['2qk8p1v', '8fj2k3l', '5cn0xw9', 'b7r4s6d'],
  hashEnd: 'h6i7j8k9l0mnpqrsvwxyz1234',
  revision: '1a2b3c4',
  fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQzWYxNpVy2Kh0hgk',
  identifier: '20261129T101500Z-4f2a',
  moment: '2026-11-29T10:15:02',
} as const;

// A path may be broken by the edge of the terminal. The other form is that of toplevels as they are shown, in a table or
// behind words, and of paths in the last words of a program.
const hashes =
  /(?<=\/nix\/store\/)(?:[0-9a-z]\n?){31}[0-9a-z]|(?<![\w/-])[0-9a-df-np-sv-z]{7}(?= {2,}| +nixos-system-| \d\d\.\d\d\.|-[a-z][\w.+-]*\.drv)/g;

/** Puts what reads the same in every run into the place of hashes, revisions, fingerprints, ids and moments. */
export function withStandIns(screen: string): string {
  const found: string[] = [];
  const standIn = (hash: string): string => {
    const start = hash.replace('\n', '').slice(0, 7);
    if (!found.includes(start)) found.push(start);
    const whole = `${standIns.hashes[found.indexOf(start)] ?? start}${standIns.hashEnd}`;
    const at = hash.indexOf('\n');
    return at < 0 ? whole.slice(0, hash.length) : `${whole.slice(0, at)}\n${whole.slice(at)}`;
  };
  return screen
    .replace(hashes, standIn)
    .replace(/(?<=@ )[0-9a-f]{7}\b/g, standIns.revision)
    .replace(/SHA256:[A-Za-z0-9+/]{43}/g, standIns.fingerprint)
    .replace(/\b20\d{6}T\d{6}Z-[0-9a-f]{4}\b/g, standIns.identifier)
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d/g, standIns.moment)
    .replace(/(?<=:\d\d)\.\d{3}Z/g, '.371Z');
}

/** Takes out of a screen what may differ all the same: how long it took, when it was, how much room there was, where lines break. */
export function timeless(screen: string): string {
  return (
    screen
      .split('\n')
      // What programs print comes when it comes.
      .filter((line) => !/^web\d +\| [a-z]+: |^ +│ /.test(line))
      // A reason in a row of the table is cut where it would be too long.
      .map((line) => (/^web\d +[✗!] /.test(line) ? line.replace(/ {2,}(?:\S+ )*\S*…$/, ' …') : line))
      .join(' ')
      .replace(/\b\d\d:\d\d:\d\d\b/g, 'TIME')
      .replace(/\b\d+ min(?: \d+ s)?\b|\b\d+(?:\.\d+)? s\b/g, 'DURATION')
      .replace(/\b\d+:\d\d\b/g, 'CLOCK')
      .replace(/\b\d+(?:\.\d+)? [KMG]iB(?= free)/g, 'SPACE')
      .replace(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '*')
      .replace(/\s+/g, ' ')
  );
}
