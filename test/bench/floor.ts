import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import { type Contender, environmentOf, type Job } from './contenders.ts';
import type { Timed } from './timed.ts';

// As in script.sh; $1: the flake reference, $2: the host.
const work = `
  system=$(nix --extra-experimental-features 'nix-command flakes' build --no-link --print-out-paths \\
    "$1#nixosConfigurations.\\"$2\\".config.system.build.toplevel") &&
  "$system/bin/switch-to-configuration" test &&
  nix-env --profile /nix/var/nix/profiles/system --set "$system" && "$system/bin/switch-to-configuration" boot`;

const pinned = `let
  hash = builtins.replaceStrings [ "+" "/" "=" ] [ "%2B" "%2F" "%3D" ] flake.narHash;
in "path:\${flake.outPath}?lastModified=\${toString flake.lastModified}&narHash=\${hash}&rev=\${flake.rev}"`;

/**
 * What nobody can be faster than: the build and the activation alone, on all hosts at once, without a network. The source
 * is copied before, untimed.
 */
export const floorContender: Contender & { inside(job: Job, lease: Lease): Promise<Timed> } = {
  name: 'build and activation alone',
  command: () => {
    throw new Error('the floor is no command of this machine');
  },
  async inside(job, lease) {
    const environment = environmentOf(job);
    const flake = `git+file://${job.flake}`;
    const expression = `let flake = builtins.getFlake "${flake}"; in ${pinned}`;
    const { stdout } = await program('nix', ['eval', '--raw', '--impure', '--expr', expression], { environment });
    const source = stdout.slice('path:'.length).replace(/\?.*/, '');
    for (const name of job.names) await program('nix', ['copy', '--to', `ssh-ng://${name}`, source], { environment });
    const from = performance.now();
    const ends = await Promise.all(
      lease.hosts.map((host) => host.inside(work, [stdout, host.name], { allowFailure: true })),
    );
    const seconds = (performance.now() - from) / 1000;
    const bad = ends.find(({ code }) => code !== 0);
    return { seconds, cpuSeconds: 0, stdout: '', ...(bad === undefined ? {} : { failure: bad.stderr }) };
  },
};
