import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostFacts } from '../../src/core/facts.ts';
import { judgeHealth, judgeReadiness } from '../../src/deploy/judge.ts';
import { healthy } from './sample-facts.ts';

const gibibyte = 1024 ** 3;
const strict = { ignoreUnits: [], degraded: 'refuse' } as const;
const codes = (problems: readonly { readonly code: string }[]): readonly string[] => problems.map(({ code }) => code);

describe('the health of a host', () => {
  const rows: readonly { what: string; facts: Partial<HostFacts>; codes: readonly string[] }[] = [
    { what: 'a running host', facts: {}, codes: [] },
    { what: 'a degraded host', facts: { systemState: 'degraded', failedUnits: ['a.service'] }, codes: ['degraded'] },
    { what: 'a unit that restarts again and again', facts: { failedUnits: ['a.service'] }, codes: ['degraded'] },
    { what: 'a degraded host without a failed unit', facts: { systemState: 'degraded' }, codes: ['not-running'] },
    { what: 'a host in maintenance', facts: { systemState: 'maintenance' }, codes: ['not-running'] },
    { what: 'a host that is still starting', facts: { systemState: 'starting' }, codes: ['not-running'] },
    { what: 'a host without Nix', facts: { nixVersion: '' }, codes: ['no-nix-on-host'] },
    {
      what: 'less than 1 GiB below /nix',
      facts: { nixSpace: { freeBytes: gibibyte - 1, sizeBytes: 4 * gibibyte } },
      codes: ['disk-full'],
    },
    {
      what: 'less than 5 % below /nix',
      facts: { nixSpace: { freeBytes: 4 * gibibyte, sizeBytes: 100 * gibibyte } },
      codes: ['disk-full'],
    },
    {
      what: 'a /boot too small for another kernel',
      facts: { bootSpace: { freeBytes: 47 * 1024 ** 2, sizeBytes: 512 * 1024 ** 2 } },
      codes: ['disk-full'],
    },
    {
      what: 'a /boot just large enough for another kernel',
      facts: { bootSpace: { freeBytes: 48 * 1024 ** 2, sizeBytes: 512 * 1024 ** 2 } },
      codes: [],
    },
    {
      what: 'two troubles at once',
      facts: { systemState: 'degraded', failedUnits: ['a.service'], nixSpace: { freeBytes: 0, sizeBytes: gibibyte } },
      codes: ['degraded', 'disk-full'],
    },
  ];
  for (const row of rows) {
    it(`judges ${row.what}: ${row.codes.join(', ') || 'healthy'}`, () => {
      assert.deepEqual(codes(judgeHealth({ ...healthy, ...row.facts }, strict)), row.codes);
    });
  }

  it('does not count units that are to be ignored, and names only the others', () => {
    const degraded = { ...healthy, systemState: 'degraded', failedUnits: ['a.service', 'b.service'] };
    const ignoring = { ignoreUnits: ['a.service'], degraded: 'refuse' } as const;
    assert.deepEqual(judgeHealth(degraded, ignoring), [{ code: 'degraded', failedUnits: ['b.service'] }]);
    const both = { ignoreUnits: ['a.service', 'b.service'], degraded: 'refuse' } as const;
    assert.deepEqual(judgeHealth(degraded, both), []);
  });

  it('accepts degraded where it is allowed, but never maintenance', () => {
    const allowing = { ignoreUnits: [], degraded: 'allow' } as const;
    const degraded = { ...healthy, systemState: 'degraded', failedUnits: ['a.service'] };
    assert.deepEqual(judgeHealth(degraded, allowing), []);
    assert.deepEqual(codes(judgeHealth({ ...healthy, systemState: 'maintenance' }, allowing)), ['not-running']);
  });
});

describe('whether a host can be deployed to', () => {
  it('needs privilege, the right architecture, and nobody else at it', () => {
    assert.deepEqual(judgeReadiness(healthy, 'web1', 'x86_64-linux'), []);
    assert.deepEqual(judgeReadiness(healthy, 'web1', undefined), []);
    assert.deepEqual(judgeReadiness(healthy, 'web1', 'i686-linux'), []);
    assert.deepEqual(judgeReadiness(healthy, 'pi', 'aarch64-linux'), [
      { code: 'wrong-architecture', host: 'x86_64-linux', configuration: 'pi (aarch64-linux)' },
    ]);
    const noPrivilege = {
      code: 'no-privilege',
      user: 'alice',
      elevation: 'sudo',
      lack: 'permission',
      said: '',
    } as const;
    const busy = { ...healthy, privilege: 'none', noPrivilege, switchUnderWay: 'flurry-activate.service' } as const;
    assert.deepEqual(judgeReadiness(busy, 'web1', undefined), [
      noPrivilege,
      { code: 'switch-under-way', what: 'flurry-activate.service' },
    ]);
  });
});
