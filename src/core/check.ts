import { duration } from './explain/quantity.ts';
import { redacted } from './redacted.ts';
import { shellLine } from './shell-quote.ts';

/** By what a check finds out whether a host is well. */
export const checkKinds = ['unit', 'command', 'http', 'tcp', 'ping'] as const;
export type CheckKind = (typeof checkKinds)[number];

/** From where something is asked over the network. */
export type CheckFrom = 'host' | 'coordinator';

export type Probe =
  /** The unit is active, and was not restarted for so long while we looked. */
  | { readonly kind: 'unit'; readonly unit: string; readonly activeForMs: number }
  /** Run on the host, as root, without a shell; exit code 0 is a pass. */
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly from: CheckFrom;
      /** Empty: any of 200 to 299. */
      readonly status: readonly number[];
      /** A text that must occur in the body. */
      readonly body?: string;
      readonly tls: 'verified' | 'unverified';
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly from: CheckFrom }
  /** From the coordinator. */
  | { readonly kind: 'ping'; readonly address: string };

/** When a check is tried, and when it is given up. */
export interface Pace {
  readonly startDelayMs: number;
  /** From the end of a try to the next one. */
  readonly periodMs: number;
  readonly tryTimeoutMs: number;
  /** From when the checks of the host begin. */
  readonly timeoutMs: number;
  /** Tries that may fail before it is given up; absent: until `timeoutMs`. */
  readonly retries?: number;
}

/** What one try came to. `not-yet`: it is on its way and has not failed, as a unit that has been active for too short a time. */
export interface Tried {
  readonly outcome: 'passed' | 'failed' | 'not-yet';
  /** In one line. Untrusted text. */
  readonly seen: string;
}

/** What a host must pass, as the flake declares it. */
export interface Check extends Pace {
  readonly name: string;
  /** `before`: a gate, before the host is touched. `after`: the new system is kept only if it passes. */
  readonly when: 'before' | 'after' | 'both';
  readonly probe: Probe;
}

/** Gives those of the checks that are to be passed then. */
export function checksFor(when: 'before' | 'after', checks: readonly Check[] | undefined): readonly Check[] {
  return (checks ?? []).filter((check) => check.when === when || check.when === 'both');
}

/** Says what a check asks: `http https://example.org/health from the host`. */
export function askedBy(probe: Probe): string {
  switch (probe.kind) {
    case 'unit':
      return `unit ${probe.unit} active for ${duration(probe.activeForMs)}`;
    case 'command':
      return `command ${shellLine(redacted(probe.command))}`;
    case 'http':
      return `http ${redacted([probe.url]).join('')} from the ${probe.from}`;
    case 'tcp':
      return `tcp ${probe.host.includes(':') ? `[${probe.host}]` : probe.host}:${probe.port} from the ${probe.from}`;
    case 'ping':
      return `ping ${probe.address} from the coordinator`;
  }
}
