import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Example } from './example.ts';
import { standIn, type Variables, type Workstation, workstation } from './workstation.ts';

/** How a job of a pipeline ended, and what it left. */
export interface JobEnd {
  /** Of the script that failed; 0 where all went well. */
  readonly code: number;
  /** All scripts that were run. */
  readonly scripts: readonly string[];
  readonly said: string;
  /** What was kept, by its path. */
  readonly artifacts: ReadonlyMap<string, string>;
  /** The mode of the file with the key; nothing where there is none. */
  readonly keyMode: string;
}

/** A machine that runs one job: fresh, without flurry until `nix profile install` brings it. */
export interface Runner {
  readonly machine: Workstation;
  readonly checkout: string;
  /** Gets the branch main of the example, as shallow as CI systems do. */
  getSource(): Promise<void>;
  /** Runs a script in the checkout as bash does for CI systems. */
  script(text: string, variables: Variables): Promise<void>;
  /** Keeps a file of the checkout, or all that are in a folder; it has to be there. */
  keep(path: string): Promise<void>;
  failed(): boolean;
  end(): Promise<JobEnd>;
}

let runners = 0;

export async function runner(example: Example): Promise<Runner> {
  runners += 1;
  const machine = await workstation(example.lease, { name: `runner-${runners}`, names: example.names });
  await installedByNix(machine);
  const checkout = join(machine.home, 'work', 'infra');
  await mkdir(checkout, { recursive: true });
  const scripts: string[] = [];
  const artifacts = new Map<string, string>();
  let code = 0;
  let said = '';
  const run = async (words: readonly string[], variables: Variables): Promise<void> => {
    const ended = await machine.bash(checkout, words, { CI: 'true', FLURRY_OVERRIDE_INPUT: standIn, ...variables });
    said += `${ended.stdout}${ended.stderr}`;
    if (code === 0) code = ended.code;
  };
  return {
    machine,
    checkout,
    getSource: () => run(['-c', 'git clone --quiet --depth 1 "file://$1" .', 'bash', example.directory], {}),
    async script(text, variables) {
      scripts.push(text);
      const file = join(machine.home, 'script');
      await writeFile(file, text);
      await run(['--noprofile', '--norc', '-eo', 'pipefail', file], variables);
    },
    async keep(path) {
      const listed = await machine.bash(checkout, ['-c', 'find -L "$1" -type f', 'bash', path]);
      assert.equal(listed.code, 0, listed.stderr);
      for (const file of listed.stdout.trimEnd().split('\n'))
        artifacts.set(file, await readFile(join(checkout, file), 'utf8'));
    },
    failed: () => code !== 0,
    async end() {
      const mode = await machine.bash(checkout, ['-c', 'stat -c %a ~/.ssh/id_ed25519 2>/dev/null']);
      return { code, scripts, said, artifacts, keyMode: mode.stdout.trim() };
    },
  };
}

/** Whether a condition of a job holds, of those that the example has: comparisons and a negation, all joined by `&&`. */
export function holds(condition: string, values: Variables): boolean {
  return condition.split(' && ').every((term) => {
    const [, negation, left = '', operator, right = ''] = /^(!?)(\S+)(?: (==|!=) (\S+))?$/.exec(term) ?? [];
    assert.ok(left !== '' && (negation === '!') === (operator === undefined), term);
    const [a, b] = [left, right].map((operand) => literal(operand) ?? values[operand] ?? '');
    return operator === undefined ? a === '' : (a === b) === (operator === '==');
  });
}

function literal(operand: string): string | undefined {
  return /^(?:'(.*)'|"(.*)")$/
    .exec(operand)
    ?.slice(1)
    .find((text) => text !== undefined);
}

/** In the place of the package, which its own tests install: `nix profile install` puts the built flurry into the PATH. */
async function installedByNix(machine: Workstation): Promise<void> {
  const bin = dirname(machine.flurry);
  const kept = join(bin, '.flurry');
  const nix = `#!/bin/sh
[ "$1 $2 $3" != "profile install github:OWNER/flurry" ] || exec mv '${kept}' '${machine.flurry}'
exec /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin nix "$@"
`;
  await writeFile(kept, await readFile(machine.flurry));
  await chmod(kept, 0o755);
  await machine.bash('/', ['-c', 'rm "$1"', 'bash', machine.flurry]);
  await writeFile(join(bin, 'nix'), nix);
  await chmod(join(bin, 'nix'), 0o755);
}
