import { count, duration } from '../core/explain/quantity.ts';
import { isWell } from '../core/verdict.ts';
import type { ClosingOptions } from './closing.ts';
import type { ParagraphOptions } from './paragraphs.ts';
import { planText, wouldChange } from './plan-text.ts';
import { wrapped } from './width.ts';
import { verdictWords } from './words.ts';

export interface PlanSummaryOptions extends ParagraphOptions, ClosingOptions {
  /** Gives the exact command that does to these hosts what was told. */
  readonly commandToDo?: ((hosts: readonly string[]) => string) | undefined;
}

/** The end of a plan: what would be done to each host, how many that are, and the command that does it. */
export function planSummary(options: PlanSummaryOptions): readonly string[] {
  return [...planText(options), '', ...planClosing(options)];
}

function planClosing(options: PlanSummaryOptions): readonly string[] {
  const { board, columns, look, now, retryCommand, commandToDo = retryCommand } = options;
  const hosts = board.hosts();
  const change = wouldChange(hosts);
  const results = hosts.flatMap(({ stage }) => (stage.kind === 'ended' ? [stage.result] : []));
  const stopped = results.filter(({ verdict }) => !isWell(verdict));
  const time = duration((Date.parse(board.ended()?.at ?? '') || now) - Date.parse(board.started()?.at ?? ''));
  const isTogether = hosts.some(({ plan }) => plan?.allOrNothing === true);
  const [only, ...others] = hosts;
  const isOne = only !== undefined && others.length === 0;
  const numbers = [
    `${change.length === 0 ? 'none' : change.length} of ${count(hosts.length, 'host')} would change`,
    ...(['refused', 'failed'] as const).flatMap((verdict) => {
      const number = stopped.filter((result) => result.verdict === verdict).length;
      return number === 0 ? [] : [`${number} ${verdictWords[verdict].label}`];
    }),
  ].join(', ');
  const said = `${isOne ? '' : `${numbers}; `}nothing was changed (${time})`;
  const none = isTogether && stopped.length > 0 && change.length > 0;
  return [
    ...(none ? wrapped('all or nothing: while that is so, none of them changes', columns) : []),
    ...wrapped(change.length === 0 || none ? said : `${said}; to do it:`, columns).map((line) => look.paint.bold(line)),
    ...(change.length === 0 || none ? [] : [look.command(commandToDo(change))]),
  ];
}
