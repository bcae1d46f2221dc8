/** How a host is reached. */
export interface Reach {
  /** As `ssh -o` takes them, in their order: of two that say the same thing the first one counts. */
  readonly sshOptions: readonly string[];
  /** Whether a limit for connecting was given: ssh's ConnectTimeout goes before our default, not before what was given. */
  readonly connectTimeout: 'given' | 'default';
  /** Who speaks SSH; `auto`: as the host needs. */
  readonly transport: 'auto' | 'builtin' | 'openssh';
  /** How to become root; `auto`: by sudo, unless the login is root. */
  readonly elevate: 'auto' | 'none' | 'sudo' | 'doas' | 'run0';
}

/** One machine that is deployed to, as the flake and the command line name it. */
export interface Host {
  /** How people see it in every line: its name in the flake, else the destination without user and configuration. Unique in a run. */
  readonly name: string;
  /** What `ssh` would be given: an alias, a DNS name or an IP address (IPv6 without brackets). */
  readonly address: string;
  /** No connection is made: it is this machine. */
  readonly via?: 'local';
  readonly user?: string;
  readonly port?: number;
  /** The configuration that was named; without it the host's name or hostname decides. */
  readonly configuration?: string;
  /** Where that is not as for all hosts. */
  readonly reach?: Reach;
  /** Its public keys, `ssh-ed25519 AAAA…`: it must show one of them. Without them known_hosts decides. */
  readonly hostKeys?: readonly string[];
  /** What its /etc/machine-id must say, 32 hex digits in lower case. */
  readonly machineId?: string;
}
