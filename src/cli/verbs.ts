import type { Verb } from '../config/option.ts';
import type { ExitCode } from '../core/verdict.ts';
import { abort } from './abort.ts';
import { attach } from './attach.ts';
import { check } from './check.ts';
import { configShow } from './config-show.ts';
import { confirm } from './confirm.ts';
import { deploy } from './deploy.ts';
import { history } from './history.ts';
import { hosts } from './hosts.ts';
import { list } from './list.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import type { VerbCall } from './verb-call.ts';

/**
 * What does the whole of a verb's work, or tells the hosts where a verb is given none. Throws FlurryError (exit 2) before
 * any host is touched, and nothing later.
 */
export const runOf: Readonly<Record<Verb | 'hosts', (call: VerbCall) => Promise<ExitCode>>> = {
  hosts,
  deploy,
  plan: deploy,
  rollback,
  check,
  status,
  history,
  attach,
  confirm,
  abort,
  list,
  config: configShow,
};
