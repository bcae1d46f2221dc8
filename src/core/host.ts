/** One machine that is deployed to, as the command line names it. */
export interface Host {
  /** How people see it in every line: the destination without user, port and configuration. Unique in a fleet. */
  readonly name: string;
  /** What `ssh` would be given: an alias, a DNS name or an IP address (IPv6 without brackets). */
  readonly address: string;
  /** No connection is made: it is this machine. */
  readonly via?: 'local';
  readonly user?: string;
  readonly port?: number;
  /** The configuration named in the destination; without it the host's name or hostname decides. */
  readonly configuration?: string;
}
