import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { explain, type Place } from '../../src/core/explain.ts';
import type { Problem } from '../../src/core/problem.ts';
import { samples } from './explain-samples.ts';

const web1: Place = {
  host: 'web1',
  phase: 'observe',
  destination: 'ada@web1:2222',
  command: 'flurry ada@web1:2222 -f ../nixos',
};
const problems: readonly Problem[] = Object.values(samples).flat();

function told(problem: Problem, place: Place): string {
  const { reason, remedy } = explain(problem, place);
  return `${problem.code}\n  ${reason}\n${(remedy ?? '(no remedy)').replace(/^/gm, '    ')}\n`;
}

test('every problem has its words, as explain.fixture.txt shows them', () => {
  const text = [
    ...problems.map((problem) => told(problem, web1)),
    '== at other places\n',
    ...(['copy', 'build', 'test', 'promote'] as const).map(
      (phase) => `${phase}: ${told({ code: 'connection-lost', said: '' }, { ...web1, phase })}`,
    ),
    told({ code: 'no-nix', looked: 'PATH' }, {}),
    told({ code: 'stopped', unreachable: 'web2' }, {}),
    told(
      { code: 'disk-full', path: '/boot', freeBytes: 0, neededBytes: 2 ** 26 },
      { host: 'web1', destination: 'root@[fd00::1]:22/web1' },
    ),
    told(
      { code: 'wrong-host', hostname: 'web2', configuration: 'web1' },
      { host: 'web1', destination: 'web1', command: 'flurry web1 --goal test' },
    ),
    told(
      { code: 'wrong-host', hostname: 'web2', configuration: 'web1' },
      { host: 'web1', destination: 'nixos://root@web1/web1' },
    ),
    told(
      { code: 'units-failed', units: ['nginx.service'] },
      { host: 'web1', destination: 'web1', verb: 'rollback', command: 'flurry rollback web1' },
    ),
    told(
      { code: 'system-gone', toplevel: '/nix/store/x', generations: [4] },
      {
        host: 'web1',
        destination: 'web1',
        verb: 'rollback',
        command: 'flurry rollback web1 --to-rev cafe --settle 1s',
      },
    ),
    told(
      { code: 'no-such-generation', number: 99, generations: [2, 3, 7] },
      { host: 'web1', destination: 'web1', verb: 'rollback', command: 'flurry rollback web1 --to 99 --settle 1s' },
    ),
  ].join('\n');
  const file = new URL('explain.fixture.txt', import.meta.url);
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});

test('a reason is one sentence without full stop', () => {
  for (const problem of problems) {
    const { reason, remedy } = explain(problem, web1);
    assert.match(reason, /^(?:[^A-Z\n]|FLURRY_|Nix )[^\n]*[^.\s]$/, problem.code);
    assert.ok(reason.length < 600, problem.code);
    assert.notEqual(remedy, '');
  }
});

test('further options stand before what is for Nix', () => {
  const command = "flurry web1 -f './a -- b' -- --refresh '-- x'";
  const { remedy } = explain({ code: 'build-timeout', afterMs: 3_600_000 }, { ...web1, command });
  assert.match(remedy ?? '', /^ {2}flurry web1 -f '\.\/a -- b' --build-timeout \S+ -- --refresh '-- x'$/m);
});

test('a limit in a command to paste takes the place of the one that was typed', () => {
  const command = "flurry web1 --build-timeout 5m -f './a --build-timeout 1s'";
  const { remedy } = explain({ code: 'build-timeout', afterMs: 300_000 }, { ...web1, command });
  assert.match(remedy ?? '', /^ {2}flurry web1 -f '\.\/a --build-timeout 1s' --build-timeout (?!5m$)\S+$/m);
});

const canary = join(tmpdir(), `flurry-canary-${process.pid}`);
const payloads = [
  '\u001b[31mred\u001b]0;title\u0007\u009b2J\u202e\r\u0000\u2028',
  `a\nb\n$(touch ${canary})`,
  `$(touch ${canary})\`touch ${canary}\``,
  `';touch ${canary};'`,
  `";touch ${canary};"`,
  `'";touch ${canary} #`,
  `\\';touch ${canary};\\"`,
  `-oProxyCommand=touch ${canary}`,
  `--foo=$(touch ${canary})`,
  `x|touch ${canary}&`,
  `!!~ * ? [a] {a,b} =ls <(touch ${canary}) >${canary}`,
];

test('nothing of a hostile text reaches the terminal raw, and it stays short', () => {
  for (const { problem, place } of hostile([...payloads, 'x'.repeat(100_000), '\u001b['.repeat(20_000)])) {
    const { reason, remedy } = explain(problem, place);
    assert.doesNotMatch(reason, /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/, problem.code);
    assert.doesNotMatch(remedy ?? '', /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/, problem.code);
    assert.ok(reason.length < 3000, `${problem.code}: ${reason.length} characters`);
  }
});

test('a command to paste runs the program that it shows and nothing else, here and on the host', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flurry-explain-'));
  try {
    // `ssh` does what the real one does: it joins its words and gives them to a shell, which reads them once more.
    stub(
      folder,
      'ssh',
      'while [ $# -gt 0 ]; do case $1 in -p) shift 2;; --) shift; break;; -*) shift;; *) break;; esac; done; shift; [ $# -eq 0 ] || exec /bin/sh -c "$*"',
    );
    for (const name of [
      'flurry',
      'nix',
      'git',
      'sudo',
      'systemctl',
      'journalctl',
      'readlink',
      'tail',
      'ssh-add',
      'ssh-keygen',
      'bootctl',
      'cat',
      'curl',
      'df',
      'du',
      'findmnt',
      'free',
      'fuser',
      'ls',
      'touch-nothing',
      'uptime',
    ])
      stub(folder, name, 'exit 0');
    const commands = new Set<string>();
    for (const { problem, place } of hostile(payloads)) {
      // The person's own command comes quoted; a suggestion is a command line that flurry made of the person's own words.
      if (problem.code === 'not-a-verb') continue;
      for (const line of (explain(problem, place).remedy ?? '').split('\n'))
        if (line.startsWith('  ')) commands.add(line);
    }
    assert.ok(commands.size > 200, String(commands.size));
    writeFileSync(
      join(folder, 'all.sh'),
      [...commands].map((command) => `( ${command}\n) || echo "failed: $?"`).join('\n'),
    );
    const out = execFileSync('/bin/sh', [join(folder, 'all.sh')], {
      env: { PATH: folder },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(out, '', 'each of them is found and ends well');
    assert.equal(existsSync(canary), false, 'none of the hostile words was run');
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(canary, { force: true });
  }
});

function stub(folder: string, name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Every sample with each of its texts replaced by a hostile one, at a plain place and at a hostile one. */
function* hostile(texts: readonly string[]): Generator<{ readonly problem: Problem; readonly place: Place }> {
  for (const text of texts) {
    for (const problem of problems) {
      for (const place of [web1, { host: text, destination: text, phase: 'test' as const }])
        yield { problem: poisoned(problem, text), place };
    }
  }
}

function poisoned(problem: Problem, text: string): Problem {
  const json = JSON.stringify(problem, (key, value: unknown) =>
    typeof value === 'string' && !['code', 'outOfMemory', 'afterwards', 'word'].includes(key) ? text : value,
  );
  const copy: Problem = JSON.parse(json);
  return copy;
}

test('a host that the flake says the address, user and port of is shown to ssh by these, not by its name', () => {
  const login = { user: 'deploy', host: '192.0.2.11', port: '2222' };
  const place = { host: 'web1', destination: 'web1', login };
  const refused = { code: 'connection-refused', address: '192.0.2.11', port: 2222 } as const;
  assert.match(explain(refused, place).remedy ?? '', /\n {2}ssh -v -p 2222 deploy@192\.0\.2\.11 true$/);
  assert.match(explain({ ...refused, jump: 'bastion' }, place).remedy ?? '', /\n {2}ssh -v bastion true$/);
});
