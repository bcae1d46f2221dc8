/** What docs/selecting-hosts.md says of its hosts, as the flake's output `flurry`. Each is another machine of the reader's. */
export const documentedFleet = {
  hosts: {
    web1: { tags: ['web', 'eu'] },
    web2: { tags: ['web', 'us'] },
    db2: { tags: ['db', 'eu'] },
  },
} as const;
