import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultNames, smallCases } from './cases.ts';
import { points } from './points.ts';

describe('the cases that are tried one by one', () => {
  it('are each fault once', () => {
    const tried = smallCases.map(({ fault }) => fault);
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
