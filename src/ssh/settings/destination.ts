import type { Host } from '../../core/host.ts';
import { FlurryError } from '../../core/problem.ts';

// What OpenSSH refuses as well (valid_hostname, CVE-2023-51385): with `Match exec` and %h a name can reach a shell.
// `@` and `/` besides: ssh reads them as user@host and ssh://host.
const badInAddress = /[\s\u0000-\u001f\u007f-\u009f'"`$\\;&<>|(){}@/]/u;
// valid_ruser of OpenSSH: a backslash may stand in a name (DOMAIN\user), but not at its end; no dash after a space.
const badInUser = /[\u0000-\u001f\u007f-\u009f'"`;&<>|(){}]|\s-|\\$/u;

/**
 * Refuses addresses and users that ssh or a shell could take for anything else.
 * Throws `bad-argument`; nothing has been run or resolved by then.
 */
export function checkDestination(host: Host): void {
  if (host.address === '' || host.address.startsWith('-') || badInAddress.test(host.address)) {
    refuse('address', 'a host name, an alias of the ssh configuration or an IP address', host.address);
  }
  if (host.user !== undefined && (host.user === '' || host.user.startsWith('-') || badInUser.test(host.user))) {
    refuse('user', 'a login name', host.user);
  }
  if (host.port !== undefined && !(Number.isInteger(host.port) && host.port >= 1 && host.port <= 65535)) {
    refuse('port', 'a whole number from 1 to 65535', String(host.port));
  }
}

function refuse(argument: string, expected: string, found: string): never {
  throw new FlurryError({ code: 'bad-argument', argument, expected, found });
}
