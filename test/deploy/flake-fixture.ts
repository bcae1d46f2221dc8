import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostHandle } from '../fleet/host-handle.ts';
import { standInFlake } from '../fleet/paths.ts';
import { program } from '../fleet/program.ts';

/** A git repository with a flake whose configurations are its files hosts/NAME.nix; nixpkgs' stand-in is vendored. */
export interface FlakeFixture {
  readonly directory: string;
  /** Writes hosts/NAME.nix and leaves the tree dirty. */
  change(name: string, module: string): Promise<void>;
  /** Commits everything that is there; gives the revision. */
  commit(): Promise<string>;
  git(...words: readonly string[]): Promise<string>;
  /** The toplevel of a configuration as plain Nix evaluates it, of the git flake itself unless told. */
  toplevel(name: string, reference?: string, ...nixArguments: readonly string[]): Promise<string>;
  /** The same toplevel's derivation, of the git flake itself. */
  derivation(name: string): Promise<string>;
  /** Writes and commits the lock file that the flake's inputs need. */
  lock(): Promise<void>;
}

export interface FlakeOptions {
  /** The flake's folder below the repository; the root of it where absent. */
  readonly subdirectory?: string;
  /** Nix text of the flake's `inputs`, for example `inputs.extra = { url = "path:…"; flake = false; };`. */
  readonly inputs?: string;
  /** Nix text of a further module for every host; `self` and `inputs` are in scope. */
  readonly common?: string;
  /** Nix text of further outputs, for example `flurry.hosts.web1.tags = [ "web" ];`. */
  readonly outputs?: string;
}

/** Makes the repository in a new folder `name` below `parent`, everything committed on the branch `main`. */
export async function flakeFixture(
  parent: string,
  hosts: Readonly<Record<string, string>>,
  options: FlakeOptions & { readonly name?: string } = {},
): Promise<FlakeFixture> {
  const directory = join(parent, options.name ?? 'flake');
  const flake = join(directory, options.subdirectory ?? '');
  const environment = { ...gitEnvironment, HOME: join(parent, 'fixture-home') };
  const git = async (...words: readonly string[]): Promise<string> =>
    (await program('git', ['-C', directory, ...words], { environment })).stdout.trim();
  const change = async (name: string, module: string): Promise<void> =>
    writeFile(join(flake, 'hosts', `${name}.nix`), `{ pkgs, lib, config, ... }: {\n${module}\n}\n`);
  const commit = async (): Promise<string> => {
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message=x');
    return git('rev-parse', 'HEAD');
  };

  await mkdir(join(flake, 'hosts'), { recursive: true });
  await mkdir(environment.HOME, { recursive: true });
  await cp(standInFlake, join(flake, 'nixpkgs'), {
    recursive: true,
    filter: (path) => !/\/claims|\.test\.ts$|\.md$/.test(path),
  });
  await writeFile(join(flake, 'flake.nix'), flakeText(options));
  for (const [name, module] of Object.entries(hosts)) await change(name, module);
  await git('init', '--quiet', '--initial-branch=main');
  await commit();

  const whole = `git+file://${directory}${options.subdirectory === undefined ? '' : `?dir=${options.subdirectory}`}`;
  const evaluated = async (
    name: string,
    what: 'outPath' | 'drvPath',
    reference: string,
    nixArguments: readonly string[],
  ): Promise<string> => {
    const attribute = `nixosConfigurations.${name}.config.system.build.toplevel.${what}`;
    const words = [
      ...nixFeatures,
      'eval',
      '--raw',
      '--no-write-lock-file',
      ...nixArguments,
      `${reference}#${attribute}`,
    ];
    return (await program('env', ['-C', directory, 'nix', ...words], { environment })).stdout;
  };
  return {
    directory,
    change,
    commit,
    git,
    async lock() {
      await program('nix', [...nixFeatures, 'flake', 'lock', flake], { environment });
      await commit();
    },
    toplevel: (name, reference = whole, ...nixArguments) => evaluated(name, 'outPath', reference, nixArguments),
    derivation: (name) => evaluated(name, 'drvPath', whole, []),
  };
}

/** A module with a service of that name that runs, and says which version of the configuration it came with. */
export function service(name: string, version = '1'): string {
  return `systemd.services.${name} = {
    wantedBy = [ "multi-user.target" ];
    environment.CONFIGURATION = "${version}";
    script = "exec sleep infinity";
  };`;
}

const nixFeatures = ['--extra-experimental-features', 'nix-command flakes', '--option', 'warn-dirty', 'false'];

const gitEnvironment = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
};

function flakeText({ inputs = '', common = '', outputs = '' }: FlakeOptions): string {
  return `{
  ${inputs}
  outputs = { self, ... }@inputs:
    let
      nixpkgs = import ./nixpkgs { };
      names = map (builtins.replaceStrings [ ".nix" ] [ "" ]) (builtins.attrNames (builtins.readDir ./hosts));
    in {
      ${outputs}
      nixosConfigurations = nixpkgs.lib.genAttrs names (name: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          (./hosts + "/\${name}.nix")
          {
            networking.hostName = name;
            system.configurationRevision = self.rev or null;
            ${common}
          }
        ];
      });
    };
}
`;
}

/** An environment in which this machine's Nix can build the stand-in's systems, as the hosts' does. */
export const buildsHere = { NIX_CONFIG: 'build-users-group =\nsandbox = false' } as const;

/** A module whose build goes on until `releaseBuild`. */
export const heldBuild = `system.extraSystemBuilderCmds = ''
  while [ ! -e /tmp/build-released ]; do sleep 0.1; done
'';`;

/** Lets the builds of `heldBuild` on a host come to their end. */
export async function releaseBuild(host: HostHandle): Promise<void> {
  await host.inside('touch /tmp/build-released');
}
