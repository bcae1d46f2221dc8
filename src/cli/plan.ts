import type { CheckRequest, DeployRequest } from '../config/request.ts';
import type { CheckPlan, Plan } from '../core/plan.ts';
import type { FlakeRelease } from '../core/release.ts';

/** Makes the plan of a deployment: release × hosts, as plain data. */
export function makePlan(request: DeployRequest, release: FlakeRelease, deploymentId: string): Plan {
  const { goal, gates, limits, selfCheck } = request;
  return {
    deploymentId,
    release,
    hosts: request.hosts.map((host) => ({ host, goal, gates, limits, ...(selfCheck !== undefined && { selfCheck }) })),
    parallel: request.parallel,
    unreachable: request.unreachable,
  };
}

/** Makes the plan of a check. */
export function makeCheckPlan({ hosts, gates, limits, parallel }: CheckRequest): CheckPlan {
  return { hosts: hosts.map((host) => ({ host, gates, limits })), parallel };
}
