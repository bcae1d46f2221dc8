import type {
  ActivatingRequest,
  CheckRequest,
  DeployRequest,
  HostsRequest,
  RollbackRequest,
} from '../config/request.ts';
import type { EventBody } from '../core/event.ts';
import type { CheckPlan, Plan, RollbackPlan } from '../core/plan.ts';
import type { FlakeRelease } from '../core/release.ts';
import type { DecidePlan } from '../deploy/decide-fleet.ts';

/** Makes the plan of a deployment: release × hosts, as plain data. */
export function makePlan(
  request: DeployRequest,
  release: FlakeRelease,
  names: { readonly deploymentId: string; readonly owner: string },
): Plan {
  const { act, parallelReboots, parallelCopies, parallelBuilds } = request;
  return { ...names, act, release, parallelReboots, parallelCopies, parallelBuilds, ...hostsOf(request) };
}

/** Makes the plan of a rollback: hosts × aim. */
export function makeRollbackPlan(
  request: RollbackRequest,
  names: { readonly deploymentId: string; readonly owner: string },
): RollbackPlan {
  return { ...names, aim: request.aim, ...hostsOf(request) };
}

function hostsOf({ hosts, parallel, parallelConnects, rollout }: ActivatingRequest) {
  return { hosts, parallel, parallelConnects, rollout };
}

/** Gives what `run-started` says of the order in which hosts start. */
export function orderOf({
  rollout: { kind, waves, dependencies },
}: Pick<ActivatingRequest, 'rollout'>): Pick<
  Extract<EventBody, { readonly event: 'run-started' }>,
  'waves' | 'dependencies'
> {
  return { ...(kind === 'waves' && { waves }), ...(dependencies.length > 0 && { dependencies }) };
}

/** Makes the plan of a check. */
export function makeCheckPlan({ hosts, parallel, parallelConnects }: CheckRequest): CheckPlan {
  return { hosts, parallel, parallelConnects };
}

/** Makes the plan of a confirmation or an abort. */
export function makeDecidePlan(
  word: DecidePlan['word'],
  { hosts, parallel, parallelConnects }: HostsRequest,
): DecidePlan {
  return { word, hosts, parallel, parallelConnects };
}
