import assert from 'node:assert/strict';
import type { ProblemCode } from '../../src/core/problem.ts';
import { withHosts } from '../fleet/fleet.ts';
import { flurry, flurryLines } from './run-flurry.ts';

// A plain run has about 100 MiB.
export const memoryLimitMiB = 250;

interface OddShell {
  readonly title: string;
  /** The login shell of the user, a script. */
  readonly script: string;
  readonly code: ProblemCode;
  readonly reason: string;
  /** One of those that are tried at each `npm test`; the others are tried by `npm run test:faults`. */
  readonly telling?: true;
}

const question = '"the facts of the host"';
const untouched = 'the system of the host was not changed';
const noShell = `the answer to ${question} cannot be read: expected a shell that runs the script on its standard input, found`;

export const oddShells: readonly OddShell[] = [
  {
    title: 'garbage: bytes of every kind, then the end',
    script: 'dd if=/dev/urandom bs=1024 count=64 2>/dev/null; exit 3',
    code: 'bad-answer',
    reason: `${noShell} "the shell ended (exit 3)"; ${untouched}`,
  },
  {
    title: 'endless lines',
    telling: true,
    script: 'exec yes',
    code: 'answer-too-long',
    reason: `the answer to ${question} was longer than 1 MiB and was not read on; ${untouched}`,
  },
  {
    title: 'one endless line',
    script: 'exec cat /dev/zero',
    code: 'answer-too-long',
    reason: `the answer to ${question} was longer than 1 MiB and was not read on; ${untouched}`,
  },
  {
    title: 'endless errors',
    script: 'exec yes >&2',
    code: 'answer-timeout',
    reason: `the host did not answer ${question} within 4 s; ${untouched}`,
  },
  {
    title: 'silence',
    script: 'exec sleep 600',
    code: 'answer-timeout',
    reason: `the host did not answer ${question} within 4 s; ${untouched}`,
  },
  {
    title: 'control codes instead of a shell',
    telling: true,
    script: String.raw`printf '\033[2J\033]0;title\007\033[31mred\r\n\233m\n' ; printf '\033[31mnot allowed\a\r\n' >&2; exit 1`,
    code: 'bad-answer',
    reason: `${noShell} "not allowed\\x07"; ${untouched}`,
  },
  {
    title: 'an answer in the right frame, full of control codes',
    script: String.raw`read -r line
      mark=$(printf '%s' "$line" | tr -d "'" | sed 's/.* \(flurry-[0-9a-f]*\)-begin.*/\1/')
      e=$(printf '\033')
      printf '\n%s\n' "$mark-begin"
      printf '%s\n' "user al$e[31mice" 'seen-as root' 'system-state degraded' "failed-unit bad$e]0;title$(printf '\007').service" \
        "failed-unit two$e[1mnames.service" "hostname we$e[2Jb" 'machine-id 0' 'boot-id 0' 'machine x86_64' 'kernel 6' \
        'memory-kib 1000' 'systemd-version 257' 'nix-version 2.8' 'nixos yes' "running /nix/store/$e[31mrunning" 'booted /x' \
        'profile /x' "boot-default unknown $e[1m" 'nix-space-kib 99999999 99999999' 'kernel-bytes 1'
      printf '\n%s 0\n' "$mark-end"`,
    code: 'degraded',
    reason: '2 units failed on the host before anything was done: bad.service, twonames.service',
  },
  {
    title: 'an answer in the right frame that lacks what was asked',
    script: String.raw`read -r line
      mark=$(printf '%s' "$line" | tr -d "'" | sed 's/.* \(flurry-[0-9a-f]*\)-begin.*/\1/')
      printf '\n%s\nnixos yes\nnonsense\n\n%s 0\n' "$mark-begin" "$mark-end"`,
    code: 'bad-answer',
    reason: `the answer to ${question} cannot be read: expected a line “user …”, found "nixos yes\\x0anonsense\\x0a"; ${untouched}`,
  },
];

/** The claim that is made of a host with such a shell. */
export function claimOf({ title, code }: OddShell): string {
  return `a host that answers with ${title}: told as ${code}, with no control code on the screen and little memory`;
}

/** Checks a host whose user has the shell, as a person and as a program would. */
export function answersOddly({ script, code, reason }: OddShell): () => Promise<void> {
  return withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await host.inside('printf "#!/bin/sh\\n%s\\n" "$1" >/usr/local/bin/odd-shell; chmod 755 /usr/local/bin/odd-shell', [
      script,
    ]);
    await host.inside('usermod --shell /usr/local/bin/odd-shell alice');
    const name = `alice@${host.name}`;
    const flags = ['--answer-timeout', '3s', '--starting-timeout', '1s'];
    const run = await flurryLines(lease, ['check', name, ...flags, '--verbose']);
    assert.equal(run.code, 1, run.tail);
    assert.doesNotMatch(run.stdout + run.stderr, /[^\n\P{Cc}]/u);
    assert.ok(run.peakMemoryMiB < memoryLimitMiB, `${run.peakMemoryMiB} MiB`);
    const json = await flurry(lease, ['check', name, ...flags]);
    const told = json.result(host.name);
    assert.equal(told.code, code, json.tail);
    assert.equal(told.reason, reason);
    assert.ok(json.peakMemoryMiB < memoryLimitMiB, `${json.peakMemoryMiB} MiB`);
  });
}
