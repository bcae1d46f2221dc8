import { type BootDefault, type BootPart, bootParts, type HostFacts, type Space } from '../core/facts.ts';
import type { Limits } from '../core/limits.ts';
import type { Elevation, Session } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { converse } from './ask.ts';
import { earlierReleases } from './earlier-releases.ts';
import { type Fields, readFields } from './fields.ts';
import { type Look, lookAsRoot } from './look.ts';
import { scripts } from './scripts.ts';

const name = 'the facts of the host';

/**
 * Looks at a host, as root where that can be reached, and changes nothing. Waits within `startingTimeoutMs` for a host that is
 * still starting; `onWaiting` is told so. `owner`: whose last deployment there is of interest.
 *
 * Throws not-nixos, bad-answer, answer-too-long and what `ask` throws.
 */
export async function observe(
  session: Session,
  { limits, owner = '' }: { readonly limits: Limits; readonly owner?: string },
  signal: AbortSignal,
  onWaiting: (what: string) => void,
): Promise<HostFacts> {
  const { elevation } = session;
  const look = await lookAsRoot(session, name, async (shell) => {
    const question = {
      name,
      script: scripts.observe,
      arguments: [String(Math.ceil(limits.startingTimeoutMs / 1000)), elevation, owner],
      shell,
      timeoutMs: limits.startingTimeoutMs + limits.answerTimeoutMs,
    };
    let answer = '';
    await converse(session, question, signal, (line) => {
      if (line.startsWith('waiting ')) onWaiting(line.slice('waiting '.length));
      answer += `${line}\n`;
    });
    return answer;
  });
  return readFacts(look, elevation);
}

/** Reads what observe.sh printed. Throws not-nixos and bad-answer. */
function readFacts({ answer, user, shell, noPrivilege }: Look, elevation: Elevation): HostFacts {
  const fields = readFields(name, answer);
  if (fields.text('nixos') !== 'yes') {
    throw new FlurryError({ code: 'not-nixos', found: fields.text('nixos') || 'no /etc/NIXOS and no /etc/os-release' });
  }
  const bootSpace = fields.optional('boot-space-kib');
  const switching = fields.all('switching').join(', ');
  return {
    hostname: fields.text('hostname'),
    machineId: fields.text('machine-id'),
    system: `${fields.text('machine')}-linux`,
    memoryBytes: fields.count('memory-kib') * 1024,
    systemState: fields.text('system-state'),
    failedUnits: fields.all('failed-unit'),
    running: fields.text('running'),
    booted: fields.text('booted'),
    profile: fields.text('profile'),
    bootDefault: readBootDefault(fields),
    rebootFor: readRebootFor(fields),
    bootId: fields.text('boot-id'),
    kernel: fields.text('kernel'),
    nixVersion: fields.text('nix-version'),
    systemdVersion: fields.text('systemd-version'),
    nixSpace: readSpace('nix-space-kib', fields.text('nix-space-kib')),
    ...(bootSpace === undefined ? {} : { bootSpace: readSpace('boot-space-kib', bootSpace) }),
    kernelBytes: fields.count('kernel-bytes'),
    ...(noPrivilege === undefined
      ? { privilege: shell === 'root' ? elevation : 'root' }
      : { privilege: 'none', noPrivilege }),
    user,
    ...(switching === '' ? {} : { switchUnderWay: switching }),
    deployment: fields.optional('deployment') === undefined ? 'none' : 'under-way',
    ...earlierReleases({
      brought: fields.all('brought'),
      ours: fields.all('ours'),
      history: fields.all('history'),
      whole: fields.optional('whole'),
    }),
  };
}

/** Reads the line `boot-default LOADER TOPLEVEL`. Throws bad-answer. */
export function readBootDefault(fields: Fields): BootDefault {
  const line = fields.text('boot-default');
  const [, loader, toplevel] = /^(systemd-boot|grub|extlinux|unknown) (\S+)$/.exec(line) ?? [];
  switch (loader) {
    case 'systemd-boot':
    case 'grub':
    case 'extlinux':
    case 'unknown':
      return { loader, toplevel: toplevel === '-' ? '' : (toplevel ?? '') };
    default:
      throw new FlurryError({
        code: 'bad-answer',
        question: name,
        expected: 'boot-default with a loader and a toplevel',
        found: line,
      });
  }
}

/** Reads the lines `reboot-for PART`; what is no such part is skipped. */
export function readRebootFor(fields: Fields): readonly BootPart[] {
  const told = fields.all('reboot-for');
  return bootParts.filter((part) => told.includes(part));
}

function readSpace(key: string, value: string): Space {
  const [, free, size] = /^(\d+) (\d+)$/.exec(value) ?? [];
  if (free === undefined || size === undefined) {
    throw new FlurryError({ code: 'bad-answer', question: name, expected: `${key} as two numbers`, found: value });
  }
  return { freeBytes: Number(free) * 1024, sizeBytes: Number(size) * 1024 };
}
