import { activation } from '../../src/core/explain/activation.ts';
import { building } from '../../src/core/explain/building.ts';
import { checks } from '../../src/core/explain/checks.ts';
import { contact } from '../../src/core/explain/contact.ts';
import { privilege } from '../../src/core/explain/privilege.ts';
import { reaching } from '../../src/core/explain/reaching.ts';
import { reboot } from '../../src/core/explain/reboot.ts';
import { rollback } from '../../src/core/explain/rollback.ts';
import { rollingOut } from '../../src/core/explain/rollout.ts';
import { standing } from '../../src/core/explain/standing.ts';
import { talking } from '../../src/core/explain/talking.ts';
import { transaction } from '../../src/core/explain/transaction.ts';
import { usage } from '../../src/core/explain/usage.ts';
import { explain } from '../../src/core/explain.ts';
import type { Phase } from '../../src/core/phase.ts';
import type { Problem, ProblemCode } from '../../src/core/problem.ts';
import { samples } from '../core/explain-samples.ts';
import { hostNow } from './host-now.ts';

interface Chapter {
  readonly title: string;
  readonly table: object;
  /** Where problems of the chapter are met. */
  readonly phase?: Phase;
  readonly verb?: 'rollback';
}

const chapters: readonly Chapter[] = [
  { title: 'Usage, flake and lock file', table: usage },
  { title: 'Reaching a host', table: reaching, phase: 'connect' },
  { title: 'Talking to a host', table: talking, phase: 'observe' },
  { title: 'Becoming root', table: privilege, phase: 'observe' },
  { title: 'How a host stands', table: standing, phase: 'observe' },
  { title: 'Where a rollback cannot go', table: rollback, phase: 'observe', verb: 'rollback' },
  { title: 'Rolling out', table: rollingOut, phase: 'connect' },
  { title: 'Copy, build and gate', table: building, phase: 'build' },
  { title: 'Activation and promotion', table: activation, phase: 'test' },
  { title: 'Health checks', table: checks, phase: 'verify' },
  { title: 'The transaction', table: transaction, phase: 'test' },
  { title: 'A host that is out of reach', table: contact, phase: 'test' },
  { title: 'Reboots', table: reboot, phase: 'reboot' },
];

const head = `# Failures

Each problem has a code. It is in the output for programs (\`"code"\`), and this page has all of them. Below each code stands what the host
runs then, and what the screen says of a host \`web1\`, deployed to by \`flurry web1\`: the reason, and the commands to go on with. A line
\`jump host bastion: …\` in front means that the problem is that jump host's.

Written by \`UPDATE_FIXTURES=1 npx tsx --test test/repository/readme.test.ts\` from src/core/explain.
`;

/** Gives the failure guide, as Markdown. */
export function failureGuide(): string {
  const contents = chapters.map(({ title, table }) => {
    const links = codesOf(table).map((code) => `[${code}](#${code})`);
    return `${wrapped(`- ${title}: ${links.join(', ')}`, 130, '  ')}\n`;
  });
  return [head, '\n', ...contents, ...chapters.map(chapterText)].join('');
}

/** Every code that some chapter explains. */
export function explainedCodes(): readonly ProblemCode[] {
  return chapters.flatMap(({ table }) => codesOf(table));
}

function chapterText(chapter: Chapter): string {
  const codes = codesOf(chapter.table).map((code) => codeText(code, chapter));
  return [`\n## ${chapter.title}\n`, ...codes].join('');
}

function codeText(code: ProblemCode, chapter: Chapter): string {
  const screens = samples[code].map((problem) => screen(problem, chapter));
  return `\n### ${code}\n\n${wrapped(hostNow[code], 130, '')}\n\n\`\`\`text\n${[...new Set(screens)].join('\n')}\`\`\`\n`;
}

function screen(problem: Problem, { phase, verb }: Chapter): string {
  const command = verb === undefined ? 'flurry web1' : `flurry ${verb} web1`;
  const { reason, remedy } = explain(problem, { host: 'web1', destination: 'web1', command, phase, verb });
  const lines = remedy === null ? '' : `${remedy.replace(/^/gm, '  ')}\n`;
  return `${wrapped(reason, 110, '  ')}\n${lines}`;
}

function codesOf(table: object): readonly ProblemCode[] {
  return Object.keys(table).filter(isCode);
}

function isCode(name: string): name is ProblemCode {
  return Object.hasOwn(samples, name);
}

function wrapped(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines.join('\n');
}
