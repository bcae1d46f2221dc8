import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notData } from '../core/not-data.ts';
import { FlurryError } from '../core/problem.ts';
import type { EvaluationRequest } from './evaluation.ts';
import { flakeArguments } from './host-reference.ts';
import { asObject, asTexts, parseJson, UnexpectedJson } from './json.ts';
import { withPrivateDirectory } from './private-directory.ts';
import { runNix } from './run-nix.ts';

/** What a flake says of its hosts. */
export interface FlakeOutputs {
  /** Names of its nixosConfigurations, sorted. */
  readonly configurations: readonly string[];
  /** Its output `flurry`, as plain data of unknown form; null where it has none. See `notData`. */
  readonly flurry: unknown;
}

/**
 * Reads what a flake says of its hosts, evaluated from the store as a host evaluates it, in one evaluation.
 * Throws `no-nix`, `no-configurations`, `flake-failed`, and the signal's reason.
 */
export async function readOutputs(request: EvaluationRequest): Promise<FlakeOutputs> {
  const { reference } = request.snapshot;
  const end = await look(request, 'seen');
  if (end.kind === 'failed') {
    const { said } = end;
    const isElsewhere = (await look(request, 'configurations')).kind === 'failed';
    throw new FlurryError({ code: 'flake-failed', reference, said, ...(!isElsewhere && { output: 'flurry' }) });
  }
  try {
    const seen = asObject(parseJson(end.stdout, 'outputs'), 'outputs');
    const configurations = asTexts(seen['configurations'], 'nixosConfigurations');
    if (configurations.length === 0) throw new FlurryError({ code: 'no-configurations', reference });
    return { configurations: [...configurations].sort(), flurry: seen['flurry'] };
  } catch (cause) {
    if (!(cause instanceof UnexpectedJson)) throw cause;
    throw new FlurryError({ code: 'flake-failed', reference, said: cause.message }, { cause });
  }
}

/** Tells whether a flake has the output `flurry`, also where its configurations cannot be evaluated. Throws as `readOutputs`. */
export async function hasFlurry(request: EvaluationRequest): Promise<boolean> {
  const end = await look(request, 'has-flurry');
  if (end.kind === 'ok') return parseJson(end.stdout, 'flurry') === true;
  throw new FlurryError({ code: 'flake-failed', reference: request.snapshot.reference, said: end.said });
}

type Attribute = 'seen' | 'configurations' | 'has-flurry';

async function look(request: EvaluationRequest, attribute: Attribute): Promise<Awaited<ReturnType<typeof runNix>>> {
  const end = await withPrivateDirectory(async (directory) => {
    const registryPath = join(directory, 'registry.json');
    const { flake, arguments: rest, registry } = flakeArguments(request, registryPath, `${input}/`);
    if (registry !== undefined) await writeFile(registryPath, registry);
    // Nix copies the folder to the store: nothing else may be in it. It follows no link to a flake; /tmp is one on macOS.
    const own = join(await realpath(directory), 'looking');
    await mkdir(own);
    await writeFile(join(own, 'flake.nix'), lookingFlake);
    const here = `path:${encodeURI(own)}#${attribute}`;
    const words = ['eval', '--json', ...rest, '--override-input', input, flake, here];
    return await runNix(words, { signal: request.signal });
  });
  return end.kind === 'failed' ? { ...end, said: withoutLockTalk(end.said) } : end;
}

const input = 'looked-at';

// A flake of our own that has the other one for its input sees whether an output is there at all, and takes it for no
// package of that name, as `nix eval FLAKE#flurry` does. What is no data is told with its place, with all the rest. Sets that
// hold each other would have no end, and a whole configuration nearly none: no setting lies so deep.
const lookingFlake = `{
  inputs.${input}.url = "path:/nowhere";
  outputs = { self, ${input} }: {
    has-flurry = ${input} ? flurry;
    configurations = builtins.attrNames (${input}.nixosConfigurations or { });
    seen =
      let
        odd = what: { "${notData}" = what; };
        plain = depth: value:
          let type = builtins.typeOf value;
          in
          if type == "lambda" then odd "a function"
          else if type == "path" then odd "a path"
          else if type == "list" then map (attempt depth) value
          else if type != "set" then value
          else if value ? outPath then odd "a package or flake"
          else if (value._type or null) == "configuration" then odd "a NixOS configuration"
          else if depth == 0 then odd "a set"
          else builtins.mapAttrs (_: attempt (depth - 1)) value;
        attempt = depth: value:
          let tried = builtins.tryEval value;
          in if tried.success then plain depth tried.value else odd "an error";
      in {
        inherit (self) configurations;
        flurry = attempt 5 (${input}.flurry or null);
      };
  };
}
`;

/** The lock file of our own flake, which is not written, is nobody's business. */
function withoutLockTalk(said: string): string {
  const lines = said.split('\n');
  const start = lines.findIndex((line) => line.startsWith('warning: not writing modified lock file'));
  if (start < 0) return said;
  const isTalk = (line: string): boolean => line.startsWith('•') || line.startsWith('    ');
  const length = lines.slice(start + 1).findIndex((line) => !isTalk(line));
  return [...lines.slice(0, start), ...(length < 0 ? [] : lines.slice(start + 1 + length))].join('\n');
}
