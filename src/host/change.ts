import { type BootPart, bootParts } from '../core/facts.ts';
import type { Fields } from './fields.ts';

/** A critical component that the running system has another one of than the new system. Untrusted text. */
export interface Inhibitor {
  readonly key: string;
  readonly old: string;
  readonly new: string;
}

/** What a running system cannot become without a reboot, as the host compared it with the built one. */
export interface SystemChange {
  /** Not empty: the running system must not be switched to the new one. */
  readonly inhibitors: readonly Inhibitor[];
  /** What the host has booted another one of than the new system would: not in use before a reboot. */
  readonly bootsOther: readonly BootPart[];
  /** Whether the boot loader can try the new system once, and boot the old one again after that. */
  readonly bootOnce: 'can' | 'cannot';
  /** The toplevels of its specialisations, by name. */
  readonly specialisations: ReadonlyMap<string, string>;
}

/**
 * Reads the lines of tell-change.sh. A file that is missing, or is none of those that NixOS writes, says nothing: the
 * host's own check still has its say then. Never throws.
 */
export function readChange(fields: Fields): SystemChange {
  const told = fields.all('boots-other');
  return {
    inhibitors: [
      ...differing(initInterface(fields.optional('init-old')), initInterface(fields.optional('init-new'))),
      ...differing(textMap(fields.optional('inhibitors-old')), textMap(fields.optional('inhibitors-new'))),
    ],
    bootsOther: bootParts.filter((part) => told.includes(part)),
    specialisations: new Map(
      fields.all('specialisation').flatMap((line) => {
        const [, toplevel, name] = /^(\/\S+) (.+)$/.exec(line) ?? [];
        return toplevel === undefined || name === undefined ? [] : [[name, toplevel] as const];
      }),
    ),
    bootOnce: fields.optional('can-boot-once') === 'yes' ? 'can' : 'cannot',
  };
}

/** Keys that only one of the two has do not count, as in NixOS (system.switch.inhibitors). */
function differing(old: ReadonlyMap<string, string>, next: ReadonlyMap<string, string>): readonly Inhibitor[] {
  return [...old].flatMap(([key, value]) => {
    const other = next.get(key);
    return other === undefined || other === value ? [] : [{ key, old: value, new: other }];
  });
}

/** switch-to-configuration compares it by itself, and gives exit code 100. */
function initInterface(version: string | undefined): ReadonlyMap<string, string> {
  return new Map(version === undefined ? [] : [['init-interface-version', version]]);
}

/** Reads a JSON map of names to texts; of anything else, what is such a pair. */
function textMap(text: string | undefined): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return new Map();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
      typeof one === 'string' ? [[key, one] as const] : [],
    ),
  );
}
