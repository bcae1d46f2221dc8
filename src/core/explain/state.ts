import type { Place } from './place.ts';

/**
 * Says what a host does when nobody can ask it any more. It follows from the phase alone: nothing before `test`
 * changes the system, and from there on the host keeps its own deadline (design, section 2).
 */
export function whatTheHostDoes(place: Place): string {
  switch (place.phase) {
    case undefined:
    case 'connect':
    case 'observe':
    case 'copy':
    case 'preview':
    case 'gate':
      return 'the system of the host was not changed';
    case 'build':
      return 'the system of the host was not changed, and a build that was started goes on there';
    case 'test':
    case 'verify':
    case 'rollback':
      return 'unless it was confirmed, the host puts itself back by its own deadline';
    case 'reboot':
      return 'the host reboots by itself, into what it was told to boot next';
    case 'promote':
      return 'the host goes on by itself: it makes the new system its boot default, or puts itself back';
  }
}

/** For problems after which a host has put itself back; where it could not, the problem is `rollback-failed`. */
export const isBack = 'the host has put itself back and runs what it ran before';
export const isUntouched = 'the system of the host was not changed';
