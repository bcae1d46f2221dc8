import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Example } from './example.ts';
import { holds, type JobEnd, runner } from './job.ts';
import type { Variables } from './workstation.ts';

const Settings = z.record(z.string(), z.string());
/** Lists in lists, as anchors make them, are one list. */
const Script = z.array(z.union([z.string(), z.array(z.string())])).transform((lines) => lines.flat());

const Job = z.strictObject({
  stage: z.string(),
  rules: z.array(z.strictObject({ if: z.string() })),
  environment: z.string().optional(),
  resource_group: z.string().optional(),
  interruptible: z.boolean().optional(),
  variables: Settings.optional(),
  script: Script,
  after_script: Script.optional(),
  artifacts: z.strictObject({ when: z.literal('always'), paths: z.array(z.string()) }).optional(),
});

const Pipeline = z
  .object({
    stages: z.array(z.string()),
    default: z.strictObject({ image: z.string(), before_script: Script }),
    variables: Settings,
    '.ssh': Script,
  })
  .catchall(Job);

/** The example's pipeline, and its jobs by their names. */
export async function gitlabConfiguration(directory: string) {
  const text = await readFile(join(directory, '.gitlab-ci.yml'), 'utf8');
  const { stages, default: defaults, variables, '.ssh': _, ...jobs } = Pipeline.parse(parse(text));
  return { stages, defaults, variables, jobs };
}

/**
 * Runs the jobs of a pipeline one after the other: before_script and script in one bash, after_script in another, as
 * GitLab's runner does. Secrets are variables of the type File: paths of files that everybody may read and write.
 */
export async function gitlabPipeline(
  example: Example,
  predefined: Variables,
  secrets: Variables,
): Promise<Readonly<Record<string, JobEnd>>> {
  const { stages, defaults, variables, jobs } = await gitlabConfiguration(example.directory);
  const values = Object.fromEntries(Object.entries(predefined).map(([key, value]) => [`$${key}`, value]));
  const ends: Record<string, JobEnd> = {};
  for (const [name, job] of Object.entries(jobs)) {
    if (!stages.includes(job.stage)) throw new Error(`no stage ${job.stage}`);
    if (!job.rules.some((rule) => holds(rule.if, values))) continue;
    const machine = await runner(example);
    const given: Record<string, string> = { GITLAB_CI: 'true', ...predefined, ...variables };
    for (const [key, text] of Object.entries(secrets)) {
      given[key] = join(machine.machine.home, key);
      await writeFile(given[key], text);
      await chmod(given[key], 0o666);
    }
    for (const [key, value] of Object.entries(job.variables ?? {})) given[key] = given[value.slice(1)] ?? '';
    await machine.getSource();
    await machine.script([...defaults.before_script, ...job.script].join('\n'), given);
    if (job.after_script !== undefined) await machine.script(job.after_script.join('\n'), given);
    for (const path of job.artifacts?.paths ?? []) await machine.keep(path);
    ends[name] = await machine.end();
  }
  return ends;
}
