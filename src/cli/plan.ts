import type { CheckRequest, DecideRequest, DeployRequest } from '../config/request.ts';
import type { CheckPlan, Plan } from '../core/plan.ts';
import type { FlakeRelease } from '../core/release.ts';
import type { DecidePlan } from '../deploy/decide-fleet.ts';

/** Makes the plan of a deployment: release × hosts, as plain data. */
export function makePlan(
  request: DeployRequest,
  release: FlakeRelease,
  names: { readonly deploymentId: string; readonly owner: string },
): Plan {
  const { goal, gates, limits, policies, selfCheck } = request;
  const forEach = { goal, gates, limits, policies, ...(selfCheck !== undefined && { selfCheck }) };
  return {
    ...names,
    release,
    hosts: request.hosts.map((host) => ({ host, ...forEach })),
    parallel: request.parallel,
    unreachable: request.unreachable,
  };
}

/** Makes the plan of a check. */
export function makeCheckPlan({ hosts, gates, limits, parallel }: CheckRequest): CheckPlan {
  return { hosts: hosts.map((host) => ({ host, gates, limits })), parallel };
}

/** Makes the plan of a confirmation or an abort. */
export function makeDecidePlan({ verb, hosts, limits, parallel }: DecideRequest): DecidePlan {
  return { word: verb, hosts, limits, parallel };
}
