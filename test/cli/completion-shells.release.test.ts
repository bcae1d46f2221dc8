import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { rememberHosts } from '../../src/cli/completion-hosts.ts';
import { shellLine, shellQuote } from '../../src/core/shell-quote.ts';
import { root } from '../repository/files.ts';
import { skipWithout } from './skip-without.ts';

// Each shell is a real one on a terminal: it is typed to, and then asked what stands on its line.
const folder = mkdtempSync(join(tmpdir(), 'flurry-shells-'));
after(() => rmSync(folder, { recursive: true }));
const flake = join(folder, 'flake');
mkdirSync(join(flake, 'examples and more'), { recursive: true });
writeFileSync(join(flake, 'flake.nix'), '{ outputs = { self }: { nixosConfigurations = { }; }; }\n');
writeFileSync(join(flake, 'ssh_config'), '');
const home = join(folder, 'home');
mkdirSync(home);

const scriptOf = (shell: string): string => join(root, 'src/cli/completions', `flurry.${shell}`);
const rcFiles = {
  bash: `PS1='ready> '; source ${scriptOf('bash')}
show() { printf '%s\\n' "$READLINE_LINE" >>"$LINE_FILE"; READLINE_LINE=''; }
bind -x '"\\C-xs": show'; bind -x '"\\C-xq": exit'\n`,
  zsh: `autoload -U compinit; compinit -u -D; source ${scriptOf('zsh')}
PROMPT='ready> '
show() { print -r -- "$BUFFER" >>"$LINE_FILE"; BUFFER= }
leave() { exit }
zle -N show; zle -N leave; bindkey '^Xs' show; bindkey '^Xq' leave; bindkey '^I' complete-word\n`,
  fish: `source ${scriptOf('fish')}
function fish_prompt; echo -n 'ready> '; end
bind \\cxs 'commandline >>"$LINE_FILE"; commandline ""'
bind \\cxq exit\n`,
} as const;
const commands = {
  bash: ['bash', '--noprofile', '--rcfile', join(folder, 'rc.bash'), '-i'],
  zsh: ['zsh', '-i'],
  fish: ['fish', '--no-config', '--init-command', `source ${join(folder, 'rc.fish')}`, '-i'],
} as const;
writeFileSync(join(folder, 'rc.bash'), rcFiles.bash);
writeFileSync(join(home, '.zshrc'), rcFiles.zsh);
writeFileSync(join(folder, 'rc.fish'), rcFiles.fish);

const real = program('real', `exec '${process.execPath}' '${join(root, 'bin/flurry.js')}' "$@"`);

function program(name: string, script: string): string {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'flurry'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'flurry'), 0o755);
  return directory;
}

/** Types lines, each with the tabulator behind it, and gives what then stands on each. */
async function completed(
  shell: keyof typeof commands,
  typed: readonly string[],
  programs: string,
): Promise<readonly string[]> {
  const lineFile = join(folder, 'line');
  rmSync(lineFile, { force: true });
  const path = [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(':');
  const child = spawn('script', ['--quiet', '--command', shellLine(commands[shell]), '/dev/null'], {
    cwd: flake,
    env: { PATH: path, HOME: home, LINE_FILE: lineFile, LC_ALL: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let shown = '';
  let isTyped = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    if (isTyped || !shown.includes('ready> ')) return;
    isTyped = true;
    child.stdin.write(`${typed.map((line) => `${line}\t\u0018s`).join('')}\u0018q`);
  });
  await once(child, 'close');
  assert.ok(existsSync(lineFile), `${shell} showed: ${JSON.stringify(shown)}`);
  return readFileSync(lineFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}

const lines = [
  ['flurry chec', 'flurry check'],
  ['flurry check mai', 'flurry check mail'],
  ['flurry root@mai', 'flurry root@mail'],
  ['flurry 192.0.2.7/mai', 'flurry 192.0.2.7/mail'],
  ['flurry .#mai', 'flurry .#mail'],
  ['flurry --goa', 'flurry --goal'],
  ['flurry --goal prom', 'flurry --goal promote'],
  ['flurry --goal=prom', 'flurry --goal=promote'],
  ['flurry --ssh-config ssh_c', 'flurry --ssh-config ssh_config'],
  ['flurry --ssh-config=ssh_c', 'flurry --ssh-config=ssh_config'],
  ['flurry -f ./exam', 'flurry -f ./examples\\ and\\ more/'],
  ['flurry nothing-like-it', 'flurry nothing-like-it'],
] as const;

const hostile = [
  '$(touch pwned)',
  '`touch pwned`',
  '$' + '{x:=$(touch pwned)}',
  ';touch pwned;',
  "'$(touch pwned)'",
  '(e:touch pwned:)',
];

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} completes verbs, hosts, options, words and files`, { skip: skipWithout(shell) }, async () => {
    await rememberHosts(flake, ['mail', 'web1', 'web2'], { HOME: home });
    const typed = lines.map(([line]) => line);
    // zsh quotes what would be a comment where that is switched on.
    const became = (await completed(shell, typed, real)).map((line) => line.replace('.\\#', '.#'));
    assert.deepEqual(
      typed.map((line, index) => [line, became[index]]),
      lines,
    );
  });

  test(`${shell} evaluates nothing that flurry prints for it`, { skip: skipWithout(shell) }, async () => {
    for (const name of hostile) {
      // One is put on the line, of two the common beginning; both are shown.
      for (const names of [[name], [name, `${name}2`]]) {
        const words = names.map((one) => shellQuote(`${one}\t${one}`)).join(' ');
        const [line] = await completed(
          shell,
          ['flurry check ', 'flurry check '],
          program('liar', `printf '%s\\n' words ${words}`),
        );
        assert.equal(existsSync(join(flake, 'pwned')), false, name);
        assert.notEqual(line, 'flurry check', `${name} is offered`);
      }
    }
  });
}
