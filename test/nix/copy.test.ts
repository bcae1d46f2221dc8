import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Duplex, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, test } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { type CopyRequest, copyPaths } from '../../src/nix/copy.ts';
import { withDaemonBridge } from '../../src/nix/daemon-bridge.ts';
import { withPrivateDirectory } from '../../src/nix/private-directory.ts';
import { nix, problemFrom, root, soon, withoutNix } from './flake-trees.ts';
import { scratchStore } from './scratch-daemon.ts';

const temporary = join(root, 'tmp');
mkdirSync(temporary);
process.env['TMPDIR'] = temporary;

const still = () => ({ receivedBytes: 0, sentBytes: 0 });
const copy = (request: Partial<CopyRequest> & Pick<CopyRequest, 'paths' | 'openDaemon'>): Promise<void> =>
  copyPaths({ stallTimeoutMs: 20_000, signal: soon(), traffic: still, ...request });

/** A source in the coordinator's store that nobody has yet. */
function source(name: string, bytes = 100): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'data'), randomBytes(bytes));
  return nix('store', 'add-path', '--name', 'source', folder).trim();
}

/** A daemon that takes everything and says nothing. */
const silent = (): Duplex => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });

function nixClients(): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(`unix://${temporary}`));
}

afterEach(() => {
  assert.deepEqual(readdirSync(temporary), [], 'no socket and no directory is left');
  if (process.platform === 'linux') assert.deepEqual(nixClients(), [], 'no Nix runs on');
});

describe('a copy', { skip: withoutNix }, () => {
  test('makes the path valid at the daemon, and a second one moves next to nothing', async () => {
    const store = scratchStore('arrives');
    const path = source('arriving', 1_000_000);
    let bytes = 0;
    const openDaemon = async () =>
      through(await store.openDaemon(), (chunk, done) => {
        bytes += chunk.length;
        done(null, chunk);
      });
    assert.equal(store.isValid(path), false);
    await copy({ paths: [path], openDaemon });
    assert.equal(store.isValid(path), true);
    assert.ok(bytes > 1_000_000, `${bytes} bytes`);
    bytes = 0;
    await copy({ paths: [path], openDaemon });
    assert.ok(bytes < 10_000, `${bytes} bytes`);
  });

  test('takes many paths at once, and none at all', async () => {
    const store = scratchStore('many');
    const paths = ['many1', 'many2', 'many3'].map((name) => source(name, 10_000));
    await copy({ paths, openDaemon: store.openDaemon });
    assert.deepEqual(paths.map(store.isValid), [true, true, true]);
    await copy({ paths: [], openDaemon: () => assert.fail('nothing needs a daemon') });
  });

  test('takes no settings of the user along', async () => {
    const path = source('settings');
    const lines: string[] = [];
    const config = process.env['NIX_CONFIG'];
    // Nix warns of a setting that it does not know.
    process.env['NIX_CONFIG'] = `${config}\nunheard-of = x`;
    try {
      await copy({ paths: [path], openDaemon: scratchStore('own').openDaemon, onLine: (line) => lines.push(line) });
    } finally {
      process.env['NIX_CONFIG'] = config;
    }
    assert.deepEqual(
      lines.filter((line) => line.includes('unheard-of')),
      [],
    );
  });

  test('that moves no byte for the limit ends as stalled', async () => {
    const request = { paths: [source('stalled')], openDaemon: async () => silent(), stallTimeoutMs: 300 };
    assert.deepEqual(await problemFrom(copy(request)), { code: 'copy-stalled', afterMs: 300 });
  });

  test('that moves no byte is stalled though keepalives pass beside it', async () => {
    let sentBytes = 0;
    const traffic = () => {
      sentBytes += 36;
      return { receivedBytes: 0, sentBytes };
    };
    const request = { paths: [source('keepalives')], openDaemon: async () => silent(), stallTimeoutMs: 300, traffic };
    assert.deepEqual(await problemFrom(copy(request)), { code: 'copy-stalled', afterMs: 300 });
  });

  test('is not stalled while the connection still sends what was handed over', async () => {
    let looks = 0;
    const traffic = () => ({ receivedBytes: 0, sentBytes: Math.min(++looks, 20) * 5000 });
    const request = { paths: [source('draining')], openDaemon: async () => silent(), stallTimeoutMs: 100, traffic };
    assert.deepEqual(await problemFrom(copy(request)), { code: 'copy-stalled', afterMs: 100 });
    assert.ok(looks > 20, `${looks} looks`);
  });

  test('that is slow is not stalled', async () => {
    const store = scratchStore('slow');
    const path = source('slow-source', 2_000_000);
    // At least 31 pieces of at most 64 KiB: longer than the limit in all, and at no time so long without a byte.
    const openDaemon = async () =>
      through(await store.openDaemon(), (chunk, done) => setTimeout(done, 60, null, chunk));
    await copy({ paths: [path], openDaemon, stallTimeoutMs: 1500 });
    assert.equal(store.isValid(path), true);
  });

  test('whose daemon goes away half-way has failed, and the path is not valid', async () => {
    const store = scratchStore('dies');
    const path = source('dying', 5_000_000);
    let seen = 0;
    const openDaemon = async () =>
      through(await store.openDaemon(), (chunk, done) => {
        seen += chunk.length;
        done(seen > 1_000_000 ? new Error('gone') : null, chunk);
      });
    const problem = await problemFrom(copy({ paths: [path], openDaemon }));
    assert.ok(problem.code === 'copy-failed');
    assert.match(problem.tail, /^error: /m);
    assert.equal(store.isValid(path), false);
  });

  // The client of Nix 2.8 exits 0 then, in most cases.
  test('whose daemon ends half-way without a word has failed, whatever Nix says', async () => {
    const path = source('ending', 5_000_000);
    for (let round = 0; round < 5; round += 1) {
      const store = scratchStore(`ends${round}`);
      let seen = 0;
      const openDaemon = async () => {
        const daemon = await store.openDaemon();
        return through(daemon, (chunk, done) => {
          seen += chunk.length;
          // As if it had been killed: its output ends, and nobody takes what comes.
          if (seen > 1_000_000) daemon.push(null);
          done(null, seen > 1_000_000 ? undefined : chunk);
        });
      };
      const problem = await problemFrom(copy({ paths: [path], openDaemon }));
      assert.ok(problem.code === 'copy-failed');
      assert.equal(store.isValid(path), false);
    }
  });

  test('over a connection that is lost half-way says so, not what Nix made of it', async () => {
    const store = scratchStore('lost');
    const path = source('losing', 5_000_000);
    const lost = new FlurryError({ code: 'connection-lost', said: 'reset' });
    let seen = 0;
    const openDaemon = async () =>
      through(await store.openDaemon(), (chunk, done) => {
        seen += chunk.length;
        done(seen > 1_000_000 ? lost : null, chunk);
      });
    assert.deepEqual(await problemFrom(copy({ paths: [path], openDaemon })), {
      code: 'connection-lost',
      said: 'reset',
    });
    const refuse = () => Promise.reject(lost);
    assert.deepEqual(await problemFrom(copy({ paths: [path], openDaemon: refuse })), {
      code: 'connection-lost',
      said: 'reset',
    });
  });

  test('that a daemon refuses has failed with its words', async () => {
    const openDaemon = async () =>
      new Duplex({
        read() {},
        write(_greeting, _encoding, done) {
          this.push('this is no Nix daemon');
          this.push(null);
          done();
        },
      });
    const problem = await problemFrom(copy({ paths: [source('refused')], openDaemon }));
    assert.ok(problem.code === 'copy-failed' && /protocol mismatch/.test(problem.tail));
  });

  test('of a path that is not in the store has failed', async () => {
    const path = '/nix/store/00000000000000000000000000000000-source';
    const problem = await problemFrom(copy({ paths: [path], openDaemon: scratchStore('absent').openDaemon }));
    assert.ok(problem.code === 'copy-failed' && problem.tail.includes(path));
  });

  test('that is called off ends with the reason and leaves nothing', async () => {
    const calledOff = new AbortController();
    const reason = new Error('enough');
    const openDaemon = async () => {
      setImmediate(() => calledOff.abort(reason));
      return silent();
    };
    await assert.rejects(copy({ paths: [source('called-off')], openDaemon, signal: calledOff.signal }), reason);
    const never = () => assert.fail('it was called off before');
    await assert.rejects(copy({ paths: [source('called-off2')], openDaemon: never, signal: calledOff.signal }), reason);
  });

  test('that is called off while a connection is opened ends with the reason', async () => {
    const calledOff = new AbortController();
    const reason = new Error('enough');
    const openDaemon = (signal: AbortSignal): Promise<Duplex> => {
      setImmediate(() => calledOff.abort(reason));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    await assert.rejects(copy({ paths: [source('opening')], openDaemon, signal: calledOff.signal }), reason);
  });

  for (const path of ['--all', '-x', '/etc/passwd', '/nix/store/../etc', '/nix/store', '.', '']) {
    test(`of ${JSON.stringify(path)} is refused`, async () => {
      const problem = await problemFrom(copy({ paths: [path], openDaemon: () => assert.fail('not asked') }));
      assert.deepEqual(problem, {
        code: 'bad-argument',
        argument: 'path',
        expected: 'a path of /nix/store',
        found: path,
      });
    });
  }
});

describe('the bridge', () => {
  const bridged = <T>(openDaemon: CopyRequest['openDaemon'], use: (socketPath: string) => Promise<T>): Promise<T> =>
    withPrivateDirectory((directory) => {
      const socketPath = join(directory, 'daemon.sock');
      return withDaemonBridge({ socketPath, openDaemon, onFailure: (thrown) => assert.fail(String(thrown)) }, () =>
        use(socketPath),
      );
    });
  /** Answers after the last word only. */
  const echo = async (): Promise<Duplex> =>
    Duplex.from(async function* (words: AsyncIterable<Buffer>) {
      const all: Buffer[] = [];
      for await (const word of words) all.push(word);
      yield `echo ${Buffer.concat(all)}`;
    });

  test('can be entered by nobody else', async () => {
    await bridged(echo, async (socketPath) => {
      assert.equal(statSync(socketPath).mode & 0o777, 0o600);
      assert.equal(statSync(join(socketPath, '..')).mode & 0o777, 0o700);
    });
  });

  test('serves several connections at once, each with an answer after its last word', async () => {
    const answers = await bridged(echo, (socketPath) => {
      const sockets = ['a', 'b', 'c'].map((word) => connect({ path: socketPath, allowHalfOpen: true }).end(word));
      return Promise.all(sockets.map((socket) => text(socket)));
    });
    assert.deepEqual(answers, ['echo a', 'echo b', 'echo c']);
  });

  test('closes a connection whose daemon has ended, whatever its client still has to say', {
    timeout: 5000,
  }, async () => {
    const ended = async () =>
      new Duplex({
        read() {
          this.push(null);
        },
        write() {},
      });
    await bridged(ended, async (socketPath) => {
      const socket = connect({ path: socketPath, allowHalfOpen: true }).on('error', () => undefined);
      socket.resume().write(Buffer.alloc(10_000_000));
      await new Promise((closed) => socket.once('close', closed));
    });
  });

  test('closes what is still open at its end, on both sides', async () => {
    const daemon = silent();
    const opened = new EventEmitter();
    let closed: Promise<unknown> | undefined;
    await bridged(
      async () => {
        opened.emit('daemon');
        return daemon;
      },
      async (socketPath) => {
        const daemonOpened = once(opened, 'daemon');
        const socket = connect(socketPath).on('error', () => undefined);
        await daemonOpened;
        closed = once(socket, 'close');
      },
    );
    await closed;
    assert.equal(daemon.destroyed, true);
  });

  test('lies in a short path, however long that of temporary files is', async () => {
    const long = join(root, 'x'.repeat(80));
    mkdirSync(long);
    process.env['TMPDIR'] = long;
    try {
      await withPrivateDirectory(async (directory) => assert.match(directory, /^\/tmp\/flurry-.{6}$/));
    } finally {
      process.env['TMPDIR'] = temporary;
    }
  });
});

/** Passes what goes to a daemon through a step that may hold it up or fail. */
function through(
  daemon: Duplex,
  step: (chunk: Buffer, done: (error: Error | null, chunk?: Buffer) => void) => void,
): Duplex {
  const gate = new Transform({ transform: (chunk: Buffer, _encoding, done) => step(chunk, done) });
  gate.on('error', () => daemon.destroy());
  gate.pipe(daemon);
  return Duplex.from({ writable: gate, readable: daemon });
}
