import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultNames, otherSmallCases, smallCases } from './cases.ts';
import { describeCases } from './each-case.ts';
import { points } from './points.ts';

describeCases(
  'the fault matrix, a fault at each state: 7 to 60 s each, as a host is waited for until its deadlines have passed',
  smallCases,
);

describe('the cases that are tried one by one', () => {
  it('are each fault once', () => {
    const tried = [...smallCases, ...otherSmallCases].map(({ fault }) => fault);
    assert.deepEqual(tried.sort(), [...faultNames].sort());
  });

  it('meet each state in every run', () => {
    const states = (of: readonly (keyof typeof points)[]) =>
      [...new Set(of.map((point) => points[point].state))].sort();
    assert.deepEqual(states(smallCases.map(({ point }) => point)), [
      'armed',
      'gated',
      'gating',
      'locked',
      'promoting',
      'rolling-back',
      'testing',
      'verifying',
      'waiting',
    ]);
  });
});
