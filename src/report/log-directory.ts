import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../core/event.ts';
import type { RunStarted } from './board.ts';
import { jsonLine } from './json.ts';
import { isOfHost, saidOf } from './lines.ts';
import { logFileNames } from './log-file-names.ts';
import { lookFor } from './look.ts';
import { opening } from './opening.ts';
import { outOfReachTeller } from './out-of-reach.ts';

/** A folder of its own for one run: a whole log of each host, and the events as JSON. */
export interface LogDirectory {
  readonly path: string;
  fileOf(host: string): string;
  /** Never throws: what becomes of a log must not become of a deployment. */
  listen(event: Event): void;
  /** Why not everything could be written; null while it could. */
  broken(): string | null;
}

type RunToLog = Omit<RunStarted, 'version' | 'at'>;

/**
 * Makes the folder below `directory`, and a file for each host in it; `latest` leads to it from then on. Earlier runs'
 * folders are left alone. Throws what the file system says.
 */
export function openLogDirectory(directory: string, run: RunToLog, now: Date): LogDirectory {
  mkdirSync(directory, { recursive: true });
  const name = madeFolder(directory, folderName(run, now));
  const path = join(directory, name);
  const files = logFileNames(run.hosts);
  const fileOf = (host: string): string => join(path, files.get(host) ?? 'other-hosts.log');
  // Each line is written at once: whatever ends the process, the log has all until then.
  const append = (file: string, lines: readonly string[]): void =>
    appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const started = { ...run, version: 1, at: now.toISOString() } as const;
  for (const host of run.hosts)
    append(fileOf(host), [
      `${started.at} flurry ${run.verb}, host ${look.text(host)}`,
      `${started.at} ${opening(started, look)}`,
    ]);
  append(join(path, 'events.jsonl'), []);
  leadTo(directory, name);

  const outOfReach = outOfReachTeller();
  let broken: string | null = null;
  const write = (event: Event): void => {
    appendFileSync(join(path, 'events.jsonl'), jsonLine(event));
    if (!isOfHost(event) || event.host === null) return;
    const shared = {
      look,
      outOfReach,
      verbosity: 'debug',
      columns: 100,
      mostCharacters: Number.POSITIVE_INFINITY,
    } as const;
    append(
      fileOf(event.host),
      [...saidOf(event, shared), ...endOf(event)].map((line) => `${event.at} ${line}`),
    );
  };
  return {
    path,
    fileOf,
    listen(event) {
      if (broken !== null) return;
      try {
        write(event);
      } catch (error) {
        broken = error instanceof Error ? error.message : String(error);
      }
    },
    broken: () => broken,
  };
}

const look = lookFor({ colour: false, unicode: true });

/** What the verdict's own line has no room for. */
function endOf(event: Event): readonly string[] {
  if (event.event !== 'verdict') return [];
  return [
    `  runs ${look.text(event.running ?? 'unknown')}`,
    `  boots ${look.text(event.bootDefault ?? 'unknown')}`,
    ...(event.remedy ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${look.text(line)}`),
  ];
}

/** A deployment's own name says which one it was; whatever else was done has its time and its verb. */
function folderName({ verb, deployment }: RunToLog, now: Date): string {
  if (deployment !== null && (verb === 'deploy' || verb === 'rollback')) return deployment;
  return `${now.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')}-${verb}`;
}

function madeFolder(directory: string, wished: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wished : `${wished}-${number}`;
    try {
      mkdirSync(join(directory, name));
      return name;
    } catch (error) {
      if (number === 100 || !(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** A convenience, which some file systems refuse. */
function leadTo(directory: string, name: string): void {
  const fresh = join(directory, `.latest-${name}`);
  try {
    symlinkSync(name, fresh);
    renameSync(fresh, join(directory, 'latest'));
  } catch {
    rmSync(fresh, { force: true });
  }
}
