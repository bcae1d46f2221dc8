import type {
  ActivatingRequest,
  CheckRequest,
  DeployRequest,
  HostsRequest,
  RollbackRequest,
} from '../config/request.ts';
import type { CheckPlan, Plan, Reboots, RollbackPlan } from '../core/plan.ts';
import type { FlakeRelease } from '../core/release.ts';
import type { DecidePlan } from '../deploy/decide-fleet.ts';

/** Makes the plan of a deployment: release × hosts, as plain data. */
export function makePlan(
  request: DeployRequest,
  release: FlakeRelease,
  names: { readonly deploymentId: string; readonly owner: string },
): Plan {
  const { parallelReboots, parallelCopies, buildOn, parallelBuilds, reboots } = request;
  return { ...names, release, parallelReboots, parallelCopies, buildOn, parallelBuilds, ...hostsOf(request, reboots) };
}

/** Makes the plan of a rollback: hosts × aim. It reboots nothing. */
export function makeRollbackPlan(
  request: RollbackRequest,
  names: { readonly deploymentId: string; readonly owner: string },
): RollbackPlan {
  return { ...names, aim: request.aim, ...hostsOf(request, { reboot: 'never', onInhibitor: 'refuse' }) };
}

function hostsOf(request: ActivatingRequest, reboots: Reboots) {
  const { goal, gates, limits, policies, selfCheck, parallel, parallelConnects, unreachable } = request;
  const forEach = { goal, gates, limits, policies, reboots, ...(selfCheck !== undefined && { selfCheck }) };
  return { hosts: request.hosts.map((host) => ({ host, ...forEach })), parallel, parallelConnects, unreachable };
}

/** Makes the plan of a check. */
export function makeCheckPlan({ hosts, gates, limits, parallel, parallelConnects }: CheckRequest): CheckPlan {
  return { hosts: hosts.map((host) => ({ host, gates, limits })), parallel, parallelConnects };
}

/** Makes the plan of a confirmation or an abort. */
export function makeDecidePlan(
  word: DecidePlan['word'],
  { hosts, limits, parallel, parallelConnects }: HostsRequest,
): DecidePlan {
  return { word, hosts, limits, parallel, parallelConnects };
}
