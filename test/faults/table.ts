import { faultNames } from './cases.ts';
import type { CaseResult } from './fault-case.ts';
import { type Fault, faults } from './faults.ts';
import { pointNames } from './points.ts';

/** The matrix in Markdown: a line for each fault, a column for each point. */
export function tableOf(
  results: readonly CaseResult[],
  run: { readonly minutes: number; readonly seed: string; readonly hosts: number },
): string {
  const violated = results.filter(({ violations }) => violations.length > 0);
  const date = new Date().toISOString().slice(0, 10);
  const cell = (name: string): string => {
    const result = results.find((each) => each.name === name);
    if (result === undefined) return '';
    return result.violations.length > 0 ? '**violated**' : result.ending;
  };
  const lines = faultNames.map((name) => {
    const { title }: Fault = faults[name];
    return `| ${title} (\`${name}\`) | ${pointNames.map((point) => cell(`${name}:${point}`)).join(' | ')} |`;
  });
  const reasons = faultNames.flatMap((name) => {
    const { notElsewhere }: Fault = faults[name];
    return notElsewhere === undefined ? [] : [`- \`${name}\`: not elsewhere, as ${notElsewhere}`];
  });
  return [
    '# The fault matrix',
    '',
    'Each row is a fault, each column the point at which a deployment on a real host was halted while the fault was done to it',
    '(test/faults/points.ts); each cell is how the deployment ended. What must hold after every case, read from the host itself: it',
    'runs one of the two systems, wholly; its boot default is the old one unless it was promoted; a reboot comes up in the boot default;',
    'it answers SSH; nothing of flurry is left but the history, which says what is so; the next deployment goes through.',
    '',
    'Written by `npm run test:faults -- --table docs/fault-matrix.md`.',
    '',
    `${date}: ${results.length} cases, ${violated.length} violated; ${run.minutes} min on ${run.hosts} hosts; --seed ${run.seed}`,
    '',
    `| fault | ${pointNames.join(' | ')} |`,
    `| --- |${' --- |'.repeat(pointNames.length)}`,
    ...lines,
    '',
    ...reasons,
    '',
  ].join('\n');
}
