import type { Way } from '../core/ports.ts';

/** Which hosts of a run are reached through which: a host that reboots takes along the ways that lead through it. */
export interface RebootOrder {
  /** The host starts. One that has not is not awaited: whatever breaks its connection does it no harm. */
  started(host: string): void;
  /** Tells where the connection to a host leads, or that there is none. */
  reached(host: string, way: Way | undefined): void;
  /** The host is done with: nobody need reach it any more. */
  ended(host: string): void;
  /** Waits until all hosts that are reached through this one are done with. */
  othersEnded(host: string): Promise<void>;
}

interface Place {
  way: Way | undefined;
  hasStarted: 'yes' | 'no';
  readonly known: Gate;
  readonly over: Gate;
}

/** Gives the order of these hosts. */
export function rebootOrderOf(hosts: readonly string[]): RebootOrder {
  const places = new Map<string, Place>(
    hosts.map((host) => [host, { way: undefined, hasStarted: 'no', known: gateOf(), over: gateOf() }]),
  );
  return {
    started(host) {
      const place = places.get(host);
      if (place !== undefined) place.hasStarted = 'yes';
    },
    reached(host, way) {
      const place = places.get(host);
      if (place === undefined) return;
      place.way ??= way;
      place.known.open();
    },
    ended(host) {
      places.get(host)?.known.open();
      places.get(host)?.over.open();
    },
    async othersEnded(host) {
      const others = [...places].flatMap(([name, place]) => (name === host || place.hasStarted === 'no' ? [] : place));
      await Promise.all(others.map(({ known }) => known.passed));
      const own = places.get(host)?.way;
      if (own === undefined) return;
      await Promise.all(others.filter(({ way }) => leadsThrough(way, own)).map(({ over }) => over.passed));
    },
  };
}

/**
 * A way through a host is longer than the host's own: private addresses may be there more than once, and without this
 * two hosts could wait for each other.
 */
function leadsThrough(way: Way | undefined, { address, jumps }: Way): boolean {
  return way !== undefined && way.jumps.length > jumps.length && way.jumps.includes(address);
}

interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
}

function gateOf(): Gate {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
