import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { main } from '../../src/cli/main.ts';
import { capturedWorld } from './captured-world.ts';

test('logs that cannot be kept are exit 2, told by the name of what asked for them, before a host is touched', async () => {
  for (const [argv, environment, source] of [
    [['check', 'nowhere.invalid', '--log-dir', '/dev/null/logs'], {}, '--log-dir'],
    [['check', 'nowhere.invalid'], { FLURRY_LOG_DIR: '/dev/null/logs' }, 'FLURRY_LOG_DIR'],
  ] as const) {
    const { world, stdout, stderr } = capturedWorld(environment);
    assert.equal(await main(argv, world), 2);
    assert.match(stderr(), new RegExp(`^flurry: ${source} must be a directory that can be written.*/dev/null/logs`));
    assert.match(stderr(), /ENOTDIR/);
    assert.equal(stdout(), '');
  }
});
