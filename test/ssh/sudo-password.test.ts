import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { ServerChannel } from 'ssh2';
import type { Elevation, Session } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { type OwnServer, ownServer } from './own-server.ts';

const never = new AbortController().signal;
const password = 'correct horse "$(id)" \\ ü';
const script = "printf 'I am %s\\n' root; printf 'told\\n' >&2\n";

// As sudo -S does: asks three times, by standard error, and reads each answer byte by byte to its end.
const sudo = `#!/bin/sh
while [ "$1" != -p ]; do case $1 in -n) exec "$@" ;; *) shift ;; esac; done
prompt=$2
shift 2
if [ -e "$DIRECTORY/free" ]; then exec "$@"; fi
for try in 1 2 3; do
  printf %s "$prompt" >&2
  IFS= read -r line || { printf 'sudo: no password was provided\\n' >&2; exit 1; }
  printf '%s\\n' "$line" >>"$DIRECTORY/answers"
  if [ "$line" = "$(cat "$DIRECTORY/password")" ]; then
    if [ -e "$DIRECTORY/stranger" ]; then echo 'ada is not in the sudoers file.' >&2; exit 1; fi
    exec "$@"
  fi
  echo 'Sorry, try again.' >&2
done
exit 1
`;

test('the password goes to sudo when it asks, and all that follows to the shell of root', async () => {
  await using server = await serverWithSudo(password);
  const session = await connectTo(server);
  assert.deepEqual(await run(session, script), { out: 'I am root\n', err: 'told\n', code: 0 });
  assert.equal(await answers(server), `${password}\n`);
  assert.deepEqual(server.log.commands, [
    "sudo -S -p flurry-is-asked-for-the-password sh -c 'echo flurry-is-root; exec sh'",
  ]);
  await session.close();
});

test('the password is not sent to a host that wants none', async () => {
  await using server = await serverWithSudo(password, ['free']);
  const session = await connectTo(server);
  assert.deepEqual(await run(session, script), { out: 'I am root\n', err: 'told\n', code: 0 });
  assert.equal(await answers(server), '');
  await session.close();
});

test('a wrong password is sent once, to no further shell of that host, over no connection; the script never', async () => {
  await using server = await serverWithSudo('another');
  const connect = await connectFor(server, { sudoPassword: password });
  for (const _ of ['first', 'again']) {
    const session = await connect({ name: 'own', address: 'own' }, { timeoutMs: 20_000, signal: never });
    const { code, lack } = await refusal(session);
    assert.deepEqual([code, lack], ['no-privilege', 'password']);
    await refusal(session);
    await session.close();
  }
  assert.equal(await answers(server), `${password}\n`);
  assert.equal(server.log.commands.length, 1);
});

test('a user who may not use sudo at all is told what sudo says of that', async () => {
  await using server = await serverWithSudo(password, ['stranger']);
  const session = await connectTo(server);
  assert.deepEqual(await refusal(session), {
    ...{ code: 'no-privilege', user: 'root', elevation: 'sudo', lack: 'denied' },
    said: 'ada is not in the sudoers file.',
  });
  await session.close();
});

test('a host that echoes the password gets it nowhere into our words', async () => {
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.stderr.write('flurry-is-asked-for-the-password');
      channel.once('data', (line: Buffer) => {
        channel.stderr.write(`wrong: ${line.toString()}flurry-is-asked-for-the-password`);
      });
    },
  });
  const session = await connectTo(server);
  const problem = await refusal(session);
  assert.deepEqual(problem, { ...problem, lack: 'password', said: 'wrong:' });
  assert.doesNotMatch(inspect(session, { depth: 9, showHidden: true }), /correct horse/);
  await session.close();
});

test('each way to root is one constant command, and none of them may ask', async () => {
  await using server = await ownServer({
    exec: (_command, channel) => {
      channel.resume();
      channel.exit(0);
      channel.end();
    },
  });
  for (const elevate of ['none', 'sudo', 'doas', 'run0', 'auto'] as const) {
    const connect = await connectFor(server, { elevate });
    const session = await connect({ name: 'own', address: 'own' }, { timeoutMs: 20_000, signal: never });
    await run(session, '');
    await session.close();
  }
  const commands = ['sh', 'sudo -n sh', 'doas -n sh', 'run0 --no-ask-password sh', 'sudo -n sh'];
  assert.deepEqual(server.log.commands, commands);
});

async function serverWithSudo(right: string, marks: readonly string[] = []): Promise<OwnServer> {
  const server = await ownServer({ exec: (command, channel) => runIn(server.directory, command, channel) });
  await writeFile(join(server.directory, 'sudo'), sudo);
  await chmod(join(server.directory, 'sudo'), 0o755);
  await writeFile(join(server.directory, 'password'), right);
  for (const mark of marks) await writeFile(join(server.directory, mark), '');
  return server;
}

function runIn(directory: string, command: string, channel: ServerChannel): void {
  const env = { PATH: `${directory}:${process.env['PATH']}`, DIRECTORY: directory };
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { env });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code) => {
    channel.exit(code ?? 255);
    channel.end();
  });
}

async function connectFor(
  server: OwnServer,
  options: { readonly elevate?: Elevation | 'auto'; readonly sudoPassword?: string },
): Promise<ReturnType<typeof sshConnect>> {
  return sshConnect({ ...options, sshConfigFile: await server.sshConfig() });
}

async function connectTo(server: OwnServer): Promise<Session> {
  const connect = await connectFor(server, { sudoPassword: password });
  return await connect({ name: 'own', address: 'own' }, { timeoutMs: 20_000, signal: never });
}

async function run(session: Session, input: string) {
  const channel = await session.openShell('root', never);
  channel.stdin.end(input);
  const [out, err, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.ended]);
  return { out, err, code: end.kind === 'exit' ? end.code : end.kind };
}

async function refusal(session: Session) {
  try {
    await session.openShell('root', never);
  } catch (error) {
    if (error instanceof FlurryError && error.problem.code === 'no-privilege') return error.problem;
    throw error;
  }
  throw new Error('it was let in');
}

async function answers(server: OwnServer): Promise<string> {
  return await readFile(join(server.directory, 'answers'), 'utf8').catch(() => '');
}
