import { rm } from 'node:fs/promises';
import { announce } from '../fleet/announce.ts';
import { clean } from '../fleet/clean.ts';
import { playground } from './playground.ts';

process.exitCode = await clean();
if (process.exitCode === 0) {
  announce(`deleting ${playground.directory}`);
  await rm(playground.directory, { recursive: true, force: true });
}
