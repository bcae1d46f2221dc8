import { announce } from '../fleet/announce.ts';
import { reusable, startKeeper } from '../fleet/detached-fleet.ts';
import { parseDuration } from '../fleet/duration.ts';
import { type FleetState, fleetState } from '../fleet/fleet-state.ts';
import { prepareMachine } from '../fleet/machine-changes.ts';
import { rootFileSystem } from '../fleet/rootfs.ts';
import { withRegistry } from '../fleet/take-down.ts';
import { demoFleet } from './demo-fleet.ts';
import { makePlayground, playground, startCommand, stopCommand, typed } from './playground.ts';
import { heading, run, say, suggest } from './talk.ts';

const hosts = demoFleet.names;
const flurry = typed(playground.flurry);

async function demo(): Promise<number> {
  heading(`Three hosts: ${hosts.join(', ')}`);
  const fleet = await bootedFleet();
  for (const { name, address } of fleet.hosts) say(`${name} at ${address}`);

  heading('One flake with a configuration for each');
  const freshness = await makePlayground(fleet.sshConfig);
  say(`${typed(playground.flake)}   the example quickstart, as a git repository`);
  if (freshness === 'put-back') say('What you changed there is in its git log; the files are as they were.');
  say(`${flurry}       flurry with variables for this flake and these hosts`);

  heading('Deploy it to all three');
  const deployed = await flurryOn(...hosts);
  if (deployed !== 0) return unwell();

  heading('What the hosts say now');
  await flurryOn('check', ...hosts);
  const question = 'nixos-version; systemctl --no-pager --lines=2 status greeter';
  const ssh = `ssh -F ${typed(playground.sshConfig)} web1`;
  await run(`${ssh} '${question}'`, ['ssh', '-F', playground.sshConfig, 'web1', question], playground.flake);

  heading('Once more: there is nothing left to do');
  if ((await flurryOn(...hosts)) !== 0) return unwell();

  whatNext();
  return 0;
}

/** Prepares this machine in the open: the process that keeps the fleet has its words on paper only. */
async function bootedFleet(): Promise<FleetState> {
  await withRegistry(() => prepareMachine(['git']));
  const running = await reusable(demoFleet, parseDuration(demoFleet.ttl));
  if (running !== undefined) {
    say('still up from the last time; they will stop in an hour from now');
    return fleetState(running);
  }
  await rootFileSystem();
  say('booting ...');
  return fleetState(await startKeeper(demoFleet, demoFleet.ttl));
}

async function flurryOn(...args: readonly string[]): Promise<number> {
  return run(`flurry ${args.join(' ')}`, [playground.flurry, ...args], playground.flake);
}

function unwell(): number {
  say(`\nThat should not have happened on fresh hosts. To begin anew: ${stopCommand}; ${startCommand}`);
  return 1;
}

function whatNext(): void {
  const flake = typed(playground.flake);
  heading('Your turn: each line may be pasted in any directory');
  suggest('Look at the hosts and judge them; changes nothing', `${flurry} check ${hosts.join(' ')}`);
  suggest(
    'Change one host, see what that would do, and deploy it',
    `sed -i 's/the shop/the new shop/' ${flake}/hosts/web1.nix`,
    `${flurry} plan web1`,
    `${flurry} web1`,
  );
  suggest(
    'Break one of three: it puts itself back, the others go on',
    `sed -i 's/exec sleep infinity/exit 1/' ${flake}/hosts/web2.nix`,
    `${flurry} ${hosts.join(' ')}`,
  );
  suggest('What became of it, with its log, from any machine', `${flurry} attach web2`);
  suggest('Mend it', `git -C ${flake} checkout -- hosts/web2.nix`, `${flurry} web2`);
  suggest(
    'How they all stand, and back to what one ran before',
    `${flurry} status ${hosts.join(' ')}`,
    `${flurry} rollback web1`,
  );
  suggest('Log in', `ssh -F ${typed(playground.sshConfig)} web1`);
  suggest('Stop the hosts (they stop by themselves after an hour)', stopCommand);
  suggest('Take back all that was done to this machine', stopCommand.replace('stop', 'clean'));
  say('\nHosts of your own: README.md, "Your first deployment".');
}

process.exitCode = await demo().catch((error: unknown) => {
  announce(error instanceof Error ? error.message : String(error));
  return 1;
});
