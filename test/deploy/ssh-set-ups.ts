import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { secondSshd, type TransportName } from '../ssh/second-sshd.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurry } from './run-flurry.ts';

interface SetUp {
  readonly title: string;
  readonly sshd: readonly string[];
  /** Lines of the host's entry in the user's ssh configuration. */
  readonly client: readonly string[];
  readonly user: string;
  /** Bash, run on the host first. */
  readonly prepare: string;
}

const setUps: readonly SetUp[] = [
  {
    title: 'an sshd that forwards nothing, allows two sessions and two logins at once, and shows a banner',
    sshd: [
      'AllowStreamLocalForwarding=no',
      'AllowTcpForwarding=no',
      'MaxSessions=2',
      'MaxStartups=2:100:2',
      'Banner=/run/banner',
    ],
    client: [],
    user: 'root',
    prepare: 'for line in 1 2 3 4 5; do echo "Authorized use only, says line $line."; done >/run/banner',
  },
  {
    title: 'fish as login shell, which greets, and a user who wants a terminal and runs programs at each login',
    sshd: [],
    client: ['RequestTTY force', 'PermitLocalCommand yes', 'LocalCommand echo local words', 'ForwardAgent yes'],
    user: 'bob',
    prepare: `
      mkdir -p ~bob/.config/fish
      echo 'echo Welcome to fish; echo "and to its errors" >&2' >~bob/.config/fish/config.fish
      chown -R bob: ~bob/.config
      usermod --shell /usr/bin/fish bob`,
  },
  {
    title: 'a bash that talks and waits at every login',
    sshd: [],
    client: [],
    user: 'bob',
    prepare: `
      usermod --shell /bin/bash bob
      { echo 'echo "You have new mail."; printf "no newline at its end"; sleep 0.5'; cat ~bob/.bashrc; } >/run/bashrc
      install -o bob -g bob /run/bashrc ~bob/.bashrc`,
  },
];

/** Gives a test that deploys to a host of each set-up in turn, by this transport. */
export function deployedToSetUps(transport: TransportName): () => Promise<void> {
  return withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    try {
      for (const [index, setUp] of setUps.entries()) {
        const { title, sshd, client, user, prepare } = setUp;
        await host.inside(prepare);
        const flake = await flakeFixture(lease.directory, {
          [host.name]: `${service('own')} environment.etc."who".text = "${index}";`,
        });
        await using second = await secondSshd(lease, host, sshd);
        const config = join(lease.directory, `set-up-${index}`);
        const entry = [
          ...[`Host ${host.name}`, ...client, `HostKeyAlias ${host.address}`, `Port ${second.port}`, `User ${user}`],
          `Include ${lease.sshConfig}`,
        ];
        await writeFile(config, `${entry.join('\n  ')}\n`);
        const words = [host.name, '--ssh-config', config, '--transport', transport];
        const run = await flurry(lease, words, { cwd: flake.directory });
        assert.equal(run.result(host.name).verdict, 'promoted', `${title}\n${run.tail}`);
        await assertRunsAndBoots(host, await flake.toplevel(host.name));
      }
    } finally {
      await undo(host);
    }
  });
}

async function undo(host: HostHandle): Promise<void> {
  await host.inside(
    'usermod --shell /bin/bash bob; rm -rf ~bob/.config; install -o bob -g bob /etc/skel/.bashrc ~bob/.bashrc',
  );
}
