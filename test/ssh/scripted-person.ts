import type { Person } from '../../src/core/ports.ts';

/** A person who gives the answers in their order; what they were asked, and told, is kept. */
export interface ScriptedPerson extends Person {
  readonly asked: string[];
}

type Answer = string | undefined | (() => Promise<string | undefined>);

export function scriptedPerson(answers: readonly Answer[]): ScriptedPerson {
  const asked: string[] = [];
  const left = [...answers];
  const answer = async (how: string, question: string): Promise<string | undefined> => {
    asked.push(`${how}: ${question}`);
    const next = left.shift();
    return typeof next === 'function' ? await next() : next;
  };
  return {
    asked,
    secret: (question) => answer('secret', question),
    line: (question) => answer('line', question),
    yes: async (question) => (await answer('yes', question)) === 'y',
    tell: (text) => void asked.push(`tell: ${text}`),
  };
}
