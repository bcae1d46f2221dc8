import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Example } from './example.ts';
import { holds, type JobEnd, runner } from './job.ts';
import type { Variables } from './workstation.ts';

const Environment = z.record(z.string(), z.string());

const Step = z.strictObject({
  name: z.string().optional(),
  if: z.literal('always()').optional(),
  uses: z.enum(['actions/checkout@v4', 'cachix/install-nix-action@v31', 'actions/upload-artifact@v4']).optional(),
  with: Environment.optional(),
  env: Environment.optional(),
  run: z.string().optional(),
});

const Job = z.strictObject({
  if: z.string(),
  'runs-on': z.literal('ubuntu-latest'),
  environment: z.string().optional(),
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }).optional(),
  steps: z.array(Step),
});

const Workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    pull_request: z.null(),
    push: z.strictObject({ branches: z.array(z.string()) }),
    schedule: z.array(z.strictObject({ cron: z.string() })),
  }),
  permissions: Environment,
  defaults: z.strictObject({ run: z.strictObject({ shell: z.literal('bash') }) }),
  env: Environment,
  jobs: z.record(z.string(), Job),
});

/** The example's workflow, of no other keys than these. */
export async function githubWorkflow(directory: string): Promise<z.infer<typeof Workflow>> {
  return Workflow.parse(parse(await readFile(join(directory, '.github/workflows/deploy.yml'), 'utf8')));
}

/** Runs the jobs of an event one after the other: each `run` by bash, as GitHub says, and what the actions stand for. */
export async function githubPipeline(
  example: Example,
  event: { readonly name: string; readonly fork?: string },
  secrets: Variables,
): Promise<Readonly<Record<string, JobEnd>>> {
  const workflow = await githubWorkflow(example.directory);
  const values = { 'github.event_name': event.name, 'github.event.pull_request.head.repo.fork': event.fork ?? '' };
  const ends: Record<string, JobEnd> = {};
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (!holds(job.if, values)) continue;
    const machine = await runner(example);
    for (const step of job.steps) {
      if (machine.failed() && step.if === undefined) continue;
      if (step.uses === 'actions/checkout@v4') await machine.getSource();
      if (step.uses === 'actions/upload-artifact@v4')
        for (const path of (step.with?.['path'] ?? '').trimEnd().split('\n')) await machine.keep(path);
      if (step.run === undefined) continue;
      const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, secretOf(value, secrets)]);
      const variables = { GITHUB_ACTIONS: 'true', ...workflow.env, ...Object.fromEntries(own) };
      await machine.script(step.run, variables);
    }
    ends[name] = await machine.end();
  }
  return ends;
}

function secretOf(value: string, secrets: Variables): string {
  const [, name = ''] = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(value) ?? [];
  const secret = secrets[name];
  assert.ok(secret !== undefined, value);
  return secret;
}
