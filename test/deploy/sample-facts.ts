import type { HostFacts } from '../../src/core/facts.ts';

const gibibyte = 1024 ** 3;

/** A healthy host, as one of the test fleet answers. */
export const healthy: HostFacts = {
  hostname: 'web1',
  machineId: '5f0a3a2f2e0f4f0d9a2a0d3a7a1b2c3d',
  system: 'x86_64-linux',
  memoryBytes: 4 * gibibyte,
  systemState: 'running',
  failedUnits: [],
  running: '/nix/store/aaaa-nixos-system-web1-26.05',
  booted: '/nix/store/aaaa-nixos-system-web1-26.05',
  profile: '/nix/store/aaaa-nixos-system-web1-26.05',
  bootDefault: { loader: 'systemd-boot', toplevel: '/nix/store/aaaa-nixos-system-web1-26.05' },
  rebootFor: [],
  bootId: '7d5e1d0a-4a5e-4f5c-9f0e-2f1f5d6c7b8a',
  kernel: '6.12.48',
  nixVersion: '2.26.3',
  systemdVersion: '257',
  nixSpace: { freeBytes: 20 * gibibyte, sizeBytes: 100 * gibibyte },
  kernelBytes: 40 * 1024 ** 2,
  deployment: 'none',
  privilege: 'root',
  user: 'root',
};
