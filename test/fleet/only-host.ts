import type { HostHandle } from './host-handle.ts';
import type { Lease } from './lease.ts';

export function onlyHost(lease: Lease): HostHandle {
  const [host] = lease.hosts;
  if (host === undefined) throw new Error('the lease has no host');
  return host;
}
