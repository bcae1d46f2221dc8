import type { Event } from '../core/event.ts';
import { count } from '../core/explain/quantity.ts';

type Copying = Extract<Event, { readonly event: 'copying' }>;

/** `12.3 / 45.6 MB, 3 of 9 paths`; where no total is known, none is made up. */
export function copiedWords({ sentBytes, totalBytes, paths, totalPaths }: Copying): string {
  const bytes =
    totalBytes === null ? `${megabytes(sentBytes)} MB` : `${megabytes(sentBytes)} / ${megabytes(totalBytes)} MB`;
  if (totalPaths !== null) return `${bytes}, ${paths} of ${count(totalPaths, 'path')}`;
  return paths === 0 ? bytes : `${bytes}, ${count(paths, 'path')}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
