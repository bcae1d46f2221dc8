import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import type { Session, Shell } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { keyPair } from './own-server.ts';
import { type SecondSshd, secondSshd, type TransportName } from './second-sshd.ts';

const never = new AbortController().signal;
const testSocket = '/run/test.socket';
const daemonSocket = '/nix/var/nix/daemon-socket/socket';

/** What every transport must hold, on a real host; `chosen` leaves out the claims whose title it does not match. */
export function sessionClaims(transport: TransportName, chosen = /./): void {
  /** A test with one leased host and a second sshd on it. */
  function onHost(
    claim: string,
    body: (sshd: SecondSshd, host: HostHandle, lease: Lease) => Promise<void>,
    sshdOptions: readonly string[] = [],
  ): void {
    if (!chosen.test(claim)) return;
    test(
      `${claim} (${transport})`,
      { skip: !fleetAvailable() },
      withHosts(1, async (lease) => {
        const [host] = lease.hosts;
        assert.ok(host);
        await using sshd = await secondSshd(lease, host, sshdOptions, transport);
        await body(sshd, host, lease);
      }),
    );
  }

  onHost('exit codes and signals are exact, output and errors come apart', async (sshd) => {
    const session = await sshd.connect();
    assert.deepEqual(await run(session, 'echo out; echo err >&2\n'), {
      out: 'out\n',
      err: 'err\n',
      end: { kind: 'exit', code: 0 },
    });
    const endings = [];
    for (const script of ['exit 1', 'exit 255', 'kill -TERM $$', 'kill -KILL $$', 'kill -HUP $$']) {
      endings.push((await run(session, `${script}\n`)).end);
    }
    assert.deepEqual(endings, [
      { kind: 'exit', code: 1 },
      { kind: 'exit', code: 255 },
      { kind: 'signal', signal: 'SIGTERM' },
      { kind: 'signal', signal: 'SIGKILL' },
      { kind: 'signal', signal: 'SIGHUP' },
    ]);
    await session.close();
  });

  onHost('a script is taken literally, whatever characters it has', async (sshd) => {
    const session = await sshd.connect();
    const script = `printf '%s|' 'a b' "c\\"d" '$(id)' '\`id\`' "e\nf" 'ü' '\\'\n`;
    assert.equal((await run(session, script)).out, 'a b|c"d|$(id)|`id`|e\nf|ü|\\|');
    await session.close();
  });

  onHost('the root shell is sudo without a password, and says so where it may not', async (sshd) => {
    const bob = await sshd.connectAs('bob');
    assert.deepEqual((await run(bob, 'id -un\n', 'root')).out, 'root\n');
    assert.deepEqual((await run(bob, 'id -un\n', 'user')).out, 'bob\n');
    await bob.close();
    const alice = await sshd.connectAs('alice');
    const { out, err, end } = await run(alice, 'id -un\n', 'root');
    assert.deepEqual([out, end], ['', { kind: 'exit', code: 1 }]);
    assert.match(err, /^sudo: a password is required/m);
    await alice.close();
  });

  onHost('a session is one connection, however many channels it has', async (sshd) => {
    const session = await sshd.connect();
    const ends = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((code) => run(session, `exit ${code}\n`)));
    assert.deepEqual(
      ends.map(({ end }) => end),
      [0, 1, 2, 3, 4, 5, 6, 7].map((code) => ({ kind: 'exit', code })),
    );
    await session.close();
    assert.equal(await sshd.count(/^Connection from /), 1);
    assert.equal(await sshd.count(/^Accepted publickey for root /), 1);
  });

  onHost(
    'a host with few sessions is asked again until it has one',
    async (sshd) => {
      const session = await sshd.connect();
      const ends = await Promise.all([1, 2, 3].map((code) => run(session, `exit ${code}\n`)));
      assert.deepEqual(
        ends.map(({ end }) => end),
        [1, 2, 3].map((code) => ({ kind: 'exit', code })),
      );
      await session.close();
    },
    ['MaxSessions=1'],
  );

  onHost(
    'twenty programs at once run on a host that allows two sessions',
    async (sshd) => {
      const session = await sshd.connect();
      const codes = Array.from({ length: 20 }, (_, index) => index);
      const ends = await Promise.all(codes.map((code) => run(session, `exit ${code}\n`)));
      assert.deepEqual(
        ends.map(({ end }) => end),
        codes.map((code) => ({ kind: 'exit', code })),
      );
      await session.close();
    },
    ['MaxSessions=2'],
  );

  onHost(
    'what the configuration of a person wants of a terminal, forwardings and commands harms nothing',
    async (sshd, _host, lease) => {
      const shared = join(lease.directory, 'shared');
      const session = await sshd.connect([
        'RequestTTY force',
        'RemoteCommand echo harm',
        'PermitLocalCommand yes',
        `LocalCommand touch ${join(lease.directory, 'harm')}`,
        'ForkAfterAuthentication yes',
        'StdinNull yes',
        'SessionType none',
        'ForwardAgent yes',
        'LocalForward 127.0.0.1:1 127.0.0.1:1',
        'ExitOnForwardFailure yes',
        'ControlMaster auto',
        `ControlPath ${shared}`,
        'ControlPersist yes',
        'LogLevel QUIET',
      ]);
      assert.deepEqual(await run(session, '[ -t 0 ] || echo "no terminal"; [ -z "$SSH_AUTH_SOCK" ] && exit 7\n'), {
        out: 'no terminal\n',
        err: '',
        end: { kind: 'exit', code: 7 },
      });
      await session.close();
      assert.deepEqual(
        (await readdir(lease.directory)).filter((name) => name === 'harm' || name === 'shared'),
        [],
      );
    },
    ['Banner=/etc/os-release'],
  );

  onHost('a changed host key stops before anything is sent', async (sshd, host, lease) => {
    const file = await knownHosts(lease, `${host.address} ssh-ed25519 ${keyPair().blob.toString('base64')}`);
    await assert.rejects(sshd.connect([`UserKnownHostsFile ${file}`]), (error) => {
      const problem = problemOf(error);
      assert.equal(problem?.code, 'host-key-changed');
      return true;
    });
    await nothingWasSent(sshd);
  });

  onHost('an unknown host key stops before anything is sent', async (sshd, _host, lease) => {
    const file = await knownHosts(lease, '# empty');
    await assert.rejects(sshd.connect([`UserKnownHostsFile ${file}`]), { message: 'host-key-unknown' });
    await nothingWasSent(sshd);
  });

  onHost('a revoked host key stops before anything is sent, although it is known', async (sshd, host, lease) => {
    const hostKey = (await host.inside('cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).stdout.trim();
    const file = await knownHosts(lease, `${host.address} ${hostKey}\n@revoked * ${hostKey}`);
    const fingerprint = (await host.inside('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).stdout.split(' ')[1];
    await assert.rejects(sshd.connect([`UserKnownHostsFile ${file}`]), {
      problem: { code: 'host-key-revoked', name: host.address, fingerprint, file, line: 2 },
    });
    await nothingWasSent(sshd);
  });

  onHost('a host known by its RSA key only is reached by its RSA key', async (sshd, host, lease) => {
    await host.inside('[ -e /run/rsa_key ] || ssh-keygen -q -t rsa -b 2048 -N "" -f /run/rsa_key');
    const hostKey = (await host.inside('cut -d" " -f1,2 /run/rsa_key.pub')).stdout.trim();
    const file = await knownHosts(lease, `${host.address} ${hostKey}`);
    await host.inside('systemctl stop second-sshd');
    const options = ['HostKey=/run/rsa_key', 'HostKey=/etc/ssh/ssh_host_ed25519_key'];
    await using both = await secondSshd(lease, host, options);
    assert.equal(both.port, sshd.port);
    const session = await both.connect([`UserKnownHostsFile ${file}`]);
    assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
    await session.close();
  });

  onHost(
    'a host pinned to its RSA key is reached by it, and by no certificate of another',
    async (sshd, host, lease) => {
      await host.inside(`cd /run; rm -f pin_*; ssh-keygen -q -t rsa -b 2048 -N "" -f pin_rsa; ssh-keygen -q -t ed25519 -N "" -f pin_ca
      ssh-keygen -q -s pin_ca -I host -h /etc/ssh/ssh_host_ed25519_key.pub; mv /etc/ssh/ssh_host_ed25519_key-cert.pub pin_cert.pub`);
      const key = async (file: string) => (await host.inside(`cut -d" " -f1,2 ${file}`)).stdout.trim();
      const pin = await key('/run/pin_rsa.pub');
      const file = await knownHosts(lease, `@cert-authority * ${await key('/run/pin_ca.pub')}`);
      await host.inside('systemctl stop second-sshd');
      const own = ['HostKey=/etc/ssh/ssh_host_ed25519_key', 'HostCertificate=/run/pin_cert.pub'];
      await using both = await secondSshd(lease, host, ['HostKey=/run/pin_rsa', ...own], transport);
      assert.equal(both.port, sshd.port);
      const session = await both.connect([`UserKnownHostsFile ${file}`], 30_000, [pin]);
      assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
      await session.close();

      await host.inside('systemctl stop second-sshd');
      await using certified = await secondSshd(lease, host, own, transport);
      const its = (await host.inside('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).stdout.split(' ')[1];
      const pinned = (await host.inside('ssh-keygen -lf /run/pin_rsa.pub')).stdout.split(' ')[1];
      await assert.rejects(certified.connect([`UserKnownHostsFile ${file}`], 30_000, [pin]), {
        problem: {
          code: 'host-key-not-pinned',
          name: host.address,
          shown: `ssh-ed25519 ${its}`,
          pinned: [`ssh-rsa ${pinned}`],
        },
      });
      await nothingWasSent(certified);
    },
  );

  onHost('a wrong user key is authentication-failed after exactly one try', async (sshd, _host, lease) => {
    const file = join(lease.directory, 'wrong_key');
    await writeFile(file, keyPair().private, { mode: 0o600 });
    await assert.rejects(sshd.connect([`IdentityFile ${file}`, 'IdentityFile /none', 'User nobody-there']), (error) => {
      const problem = problemOf(error);
      assert.equal(problem?.code, 'authentication-failed');
      assert.ok(problem?.code === 'authentication-failed' && problem.tried[0] === file);
      return true;
    });
    assert.equal(await sshd.count(/^Connection from /), 1);
  });

  onHost(
    'a key that the host does not want at all, because it allows too few, is told after one try',
    async (sshd, _host, lease) => {
      const files = [1, 2, 3].map((number) => join(lease.directory, `key${number}`));
      for (const file of files) await writeFile(file, keyPair().private, { mode: 0o600 });
      await assert.rejects(sshd.connect(files.map((file) => `IdentityFile ${file}`)), {
        message: 'authentication-failed',
      });
      assert.equal(await sshd.count(/^Connection from /), 1);
    },
    ['MaxAuthTries=2'],
  );

  onHost('a port on which the host does not listen is connection-refused', async (sshd, host) => {
    await assert.rejects(sshd.connect(['Port 2299']), {
      problem: { code: 'connection-refused', address: host.address, port: 2299 },
    });
  });

  onHost('a host that swallows every packet is connect-timeout after three tries', async (sshd, host) => {
    await host.loss(100);
    await assert.rejects(sshd.connect([], 1000), {
      problem: { code: 'connect-timeout', address: host.address, port: sshd.port, afterMs: 1000, tries: 3 },
    });
  });

  onHost('a cut cable in the middle of a command is found by the watchdog, and told as lost', async (sshd, host) => {
    const session = await sshd.connect(['ServerAliveInterval 1', 'ServerAliveCountMax 2']);
    const channel = await session.openShell('user', never);
    channel.stderr.resume();
    channel.stdin.write('echo begun; sleep 600\n');
    await once(channel.stdout, 'data');
    const socket = await session.openSocket(daemonSocket, never);
    await host.cutNetwork();
    assert.deepEqual(await channel.ended, { kind: 'lost' });
    const because = (error: unknown) => {
      const problem = problemOf(error);
      assert.equal(problem?.code, 'connection-lost');
      assert.match(problem.said, /^(the host has not answered for 2 s|Timeout, server \S+ not responding\.)$/);
      return true;
    };
    await assert.rejects(session.openShell('user', never), because);
    await assert.rejects(session.openSocket(daemonSocket, never), because);
    await assert.rejects(pipeline(Readable.from(['x']), socket), because);
    await session.close();
  });

  onHost('a killed sshd in the middle of a command is told as lost at once', async (sshd) => {
    const session = await sshd.connect();
    const channel = await session.openShell('user', never);
    channel.stderr.resume();
    channel.stdin.write('echo begun\n');
    const [begun] = await once(channel.stdout, 'data');
    assert.equal(String(begun), 'begun\n');
    channel.stdin.write('kill -KILL $PPID; sleep 600\n');
    assert.deepEqual(await channel.ended, { kind: 'lost' });
    await assert.rejects(session.openShell('user', never), { message: 'connection-lost' });
    await session.close();
  });

  onHost('an upload over a slow line is not taken for a dead host', async (sshd, host) => {
    const session = await sshd.connect(['ServerAliveInterval 1', 'ServerAliveCountMax 2']);
    await host.slowLink('10mbit');
    const uploads = [1, 2, 3, 4].map(() => upload(session, [Buffer.alloc(2_000_000)]));
    assert.deepEqual(await Promise.all(uploads), ['2000000\n', '2000000\n', '2000000\n', '2000000\n']);
    await session.close();
  });

  onHost('a silent program on a host that is well is not taken for a dead host', async (sshd) => {
    const session = await sshd.connect(['ServerAliveInterval 1', 'ServerAliveCountMax 1']);
    assert.deepEqual((await run(session, 'sleep 5; exit 6\n')).end, { kind: 'exit', code: 6 });
    await session.close();
  });

  onHost('bytes that still wait in this process do not count as sent', async (sshd, host) => {
    const session = await sshd.connect();
    const channel = await session.openShell('user', never);
    channel.stdin.write('echo ready; exec wc -c\n');
    await once(channel.stdout, 'data');
    await host.cutNetwork();
    const before = session.traffic().sentBytes;
    // 2 MiB of it, the window of sshd, go to the socket at once.
    channel.stdin.write(Buffer.alloc(3_000_000));
    await new Promise(setImmediate);
    const sent = session.traffic().sentBytes - before;
    assert.ok(sent < 1_500_000, `${sent} bytes counted as sent`);
    await session.close();
  });

  onHost(
    '64 MiB by standard input arrive, and never more than 8 MiB of them wait in this process',
    async (sshd, host) => {
      const session = await sshd.connect();
      await host.slowLink('300mbit');
      const chunk = Buffer.alloc(64 * 1024, 'x');
      let given = 0;
      let most = 0;
      function* source() {
        for (let count = 0; count < 1024; count += 1) {
          yield chunk;
          given += chunk.length;
          most = Math.max(most, given - session.traffic().sentBytes);
        }
      }
      assert.equal(await upload(session, source()), '67108864\n');
      assert.ok(most < 8 * 1024 * 1024, `${most} bytes waited`);
      await session.close();
    },
  );

  onHost(
    'rekeying every megabyte in both directions goes unnoticed',
    async (sshd) => {
      const session = await sshd.connect();
      const up = upload(
        session,
        Array.from({ length: 200 }, () => Buffer.alloc(100_000)),
      );
      const down = run(session, 'head -c 20000000 /dev/zero | tr "\\0" x\n');
      for (let count = 0; count < 10; count += 1) {
        assert.deepEqual((await run(session, 'exit 3\n')).end, { kind: 'exit', code: 3 });
      }
      assert.equal(await up, '20000000\n');
      assert.equal((await down).out.length, 20_000_000);
      await session.close();
      const rekeys = await sshd.count(/set_newkeys: rekeying/);
      assert.ok(rekeys >= 10, `${rekeys} rekeys`);
    },
    ['RekeyLimit=1M'],
  );

  onHost('a socket of the host is reached: the Nix daemon greets', async (sshd) => {
    const session = await sshd.connect();
    const socket = await session.openSocket(daemonSocket, never);
    // WORKER_MAGIC_1 and WORKER_MAGIC_2 of Nix's worker protocol, 64 bits each, little endian.
    socket.write(Buffer.from('6378696e00000000', 'hex'));
    const [greeting] = await once(socket, 'data');
    assert.equal(greeting.subarray(0, 8).toString('hex'), '6f69786400000000');
    socket.end();
    socket.resume();
    await once(socket, 'close');
    await session.close();
  });

  onHost('new keys at every megabyte, as this side wants them, go unnoticed', async (sshd) => {
    // The built-in transport has no such limit: there it is the same as without.
    const session = await sshd.connect(['RekeyLimit 1M']);
    const up = upload(
      session,
      Array.from({ length: 200 }, () => Buffer.alloc(100_000)),
    );
    const down = run(session, 'head -c 20000000 /dev/zero | tr "\\0" x\n');
    assert.equal(await up, '20000000\n');
    assert.equal((await down).out.length, 20_000_000);
    await session.close();
  });

  onHost('twenty programs at once run on a host that allows ten sessions', async (sshd) => {
    const session = await sshd.connect();
    const codes = Array.from({ length: 20 }, (_, index) => index);
    const ends = await Promise.all(codes.map((code) => run(session, `exit ${code}\n`)));
    assert.deepEqual(
      ends.map(({ end }) => end),
      codes.map((code) => ({ kind: 'exit', code })),
    );
    await session.close();
  });

  onHost('a socket brings and takes 20 MB at once, and ends when both sides have ended', async (sshd, host) => {
    await listening(host, 'while (sysread($c, $b, 65536)) { print $c $b }');
    const session = await sshd.connect();
    const socket = await session.openSocket(testSocket, never);
    const closed = once(socket, 'close');
    const sent = pipeline(Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(100_000))), socket, {
      end: false,
    }).then(() => socket.end());
    let bytes = 0;
    for await (const chunk of socket) bytes += chunk.length;
    await Promise.all([sent, closed]);
    assert.equal(bytes, 20_000_000);
    await session.close();
  });

  onHost('what a socket has said before it hung up arrives, be it much', async (sshd, host) => {
    await listening(host, 'print $c "x" x 5_000_000; print $c "bye\\n"');
    const session = await sshd.connect();
    const socket = await session.openSocket(testSocket, never);
    // sshd tells a hang-up as the end of what it says; it closes once we have ended as well.
    const said = await text(socket);
    socket.end();
    assert.deepEqual([said.length, said.slice(-4)], [5_000_004, 'bye\n']);
    await session.close();
  });

  onHost('a socket that is not there is forward-refused, and the session goes on', async (sshd) => {
    const session = await sshd.connect();
    await assert.rejects(session.openSocket('/run/no-such-socket', never), (error) => {
      const problem = problemOf(error);
      assert.equal(problem?.code, 'forward-refused');
      assert.equal(problem.path, '/run/no-such-socket');
      assert.match(problem.said, /open failed$/);
      return true;
    });
    assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
    await session.close();
  });

  onHost(
    'a host that forwards no sockets is forward-refused',
    async (sshd) => {
      const session = await sshd.connect();
      await assert.rejects(session.openSocket(daemonSocket, never), { message: 'forward-refused' });
      assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
      await session.close();
    },
    ['AllowStreamLocalForwarding=no'],
  );

  onHost('closing a channel ends its program, although its input has ended', async (sshd, host) => {
    const session = await sshd.connect();
    const channel = await session.openShell('user', never);
    channel.stderr.resume();
    channel.stdin.end('echo begun; sleep 31415\n');
    await once(channel.stdout, 'data');
    channel.close();
    assert.deepEqual(await channel.ended, { kind: 'signal', signal: 'SIGTERM' });
    await host.waitUntil('the program is gone', '! pgrep -f "[s]leep 31415"', 20_000);
    assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
    await session.close();
  });

  onHost('closing a channel whose program has long ended does not cost the connection', async (sshd) => {
    const session = await sshd.connect();
    const channel = await session.openShell('user', never);
    // More than waits on our side: the end is not told before it is read.
    channel.stdin.end('head -c 200000 /dev/zero\n');
    for (let rounds = 0; rounds < 10; rounds += 1) await run(session, 'true\n');
    channel.close();
    assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
    assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
    await session.close();
  });

  onHost('closing a channel kills a program that will not hear TERM', async (sshd, host) => {
    const session = await sshd.connect();
    const channel = await session.openShell('user', never);
    channel.stderr.resume();
    channel.stdin.end("trap '' TERM; echo begun; sleep 27182\n");
    await once(channel.stdout, 'data');
    channel.close();
    const end = await channel.ended;
    assert.ok(end.kind === 'lost' || (end.kind === 'signal' && end.signal === 'SIGKILL'), JSON.stringify(end));
    await host.waitUntil('the program is gone', '! pgrep -f "[s]leep 27182"', 20_000);
    await session.close();
  });

  onHost(
    'closing the channel of a root shell ends it here, whether or not our signal reaches it',
    async (sshd, host) => {
      const session = await sshd.connectAs('bob');
      const channel = await session.openShell('root', never);
      channel.stderr.resume();
      channel.stdin.end('echo begun; sleep 14142\n');
      await once(channel.stdout, 'data');
      channel.close();
      // sshd sends signals as bob: as a rule sudo and what runs below it are out of reach.
      const end = await channel.ended;
      assert.ok(end.kind === 'lost' || end.kind === 'signal', JSON.stringify(end));
      assert.equal((await run(session, 'echo ok\n')).out, 'ok\n');
      await session.close();
      await host.inside('pkill -f "[s]leep 14142" || true');
    },
  );

  onHost('a child in the background that holds the output does not keep the channel from ending', async (sshd) => {
    const session = await sshd.connect();
    const { out, end } = await run(session, 'sleep 16180 & echo started; exit 5\n');
    assert.deepEqual([out, end], ['started\n', { kind: 'exit', code: 5 }]);
    await run(session, 'pkill -f "[s]leep 16180"\n');
    await session.close();
  });
}

async function run(session: Session, script: string, shell: Shell = 'user') {
  const channel = await session.openShell(shell, never);
  channel.stdin.end(script);
  const [out, err, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.ended]);
  return { out, err, end };
}

/** Gives what the host counted. Debian's sh reads 8 KiB ahead of its script: data may follow only once it has been read. */
async function upload(session: Session, chunks: Iterable<Buffer>): Promise<string> {
  const channel = await session.openShell('user', never);
  channel.stdin.write('echo ready; exec wc -c\n');
  const [ready] = await once(channel.stdout, 'data');
  assert.equal(String(ready), 'ready\n');
  const outputs = Promise.all([text(channel.stdout), text(channel.stderr)]);
  await pipeline(chunks, channel.stdin);
  const [count] = await outputs;
  assert.deepEqual(await channel.ended, { kind: 'exit', code: 0 });
  return count;
}

async function knownHosts(lease: Lease, content: string): Promise<string> {
  const file = join(lease.directory, 'known_hosts');
  await writeFile(file, `${content}\n`);
  return file;
}

/** sshd met one connection and heard of no user on it. */
async function nothingWasSent(sshd: SecondSshd): Promise<void> {
  const log = await sshd.log();
  assert.equal(log.match(/^Connection from /gm)?.length, 1, log);
  assert.doesNotMatch(log, /userauth|Accepted|Failed|authenticating user/, log);
}

function problemOf(error: unknown) {
  return error instanceof FlurryError ? error.problem : undefined;
}

/** Listens on a Unix socket; `answer` is Perl that speaks to the connection $c, which is closed afterwards. */
async function listening(host: HostHandle, answer: string): Promise<void> {
  const program = `use IO::Socket::UNIX;
    my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die;
    while (my $c = $l->accept) { $c->autoflush(1); ${answer}; close $c }`;
  await host.inside(
    `rm -f "$1"; systemd-run --quiet --collect perl -e "$2" "$1"
     for try in $(seq 100); do [ -S "$1" ] && break; sleep 0.1; done`,
    [testSocket, program],
  );
}
