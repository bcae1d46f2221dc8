import { readRollbackRequest } from '../config/read-request.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { rollBackFleet } from '../deploy/fleet.ts';
import { createReport } from '../report/report.ts';
import { asksPerson, askToGoOn, askToKeep, refuseUnaskable } from './asking.ts';
import { commandAgain, commandTo } from './command-again.ts';
import { deploymentIdAt } from './deployment-id.ts';
import { fleetFor } from './fleet-of-flake.ts';
import { ownerHere } from './owner.ts';
import { makeRollbackPlan, orderOf } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

const noDestination = {
  code: 'bad-argument',
  argument: 'flurry rollback',
  expected: 'followed by a destination',
  found: '',
  next: 'name the host that is to go back; any name or address will do',
} as const;

/** `flurry rollback DEST...`: needs no more of a flake than which hosts there are. Throws FlurryError (exit 2) before a host is touched, or nothing. */
export async function rollback({ line, settings, world, signal }: VerbCall): Promise<ExitCode> {
  const typed = { ...line, settings };
  const request = readRollbackRequest(typed, await fleetFor('rollback', typed, noDestination, signal));
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);
  const asks = asksPerson(request);
  if (asks) refuseUnaskable(request, { settings, world });

  const { sshConnect } = await import('../ssh/connect.ts');
  const plan = makeRollbackPlan(request, { deploymentId: deploymentIdAt(new Date()), owner: ownerHere() });
  return await runOnHosts({
    // A live screen would draw over the question.
    request: asks && request.output === 'auto' ? { ...request, output: 'lines' } : request,
    started: {
      event: 'run-started',
      verb: 'rollback',
      goal: request.goal,
      aim: request.aim,
      deployment: plan.deploymentId,
      flake: null,
      hosts: request.hosts.map(({ host }) => host.name),
      ...orderOf(request),
    },
    world,
    signal,
    createReport,
    sshConnect,
    commandFor: commandAgain(line, settings, request),
    commandTo: commandTo(settings, request),
    work: ({ person, ...ports }) =>
      rollBackFleet(plan, { ...ports, askPerson: askToKeep(person), askToGoOn: askToGoOn(person), signal }),
  });
}
