import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  type ServerChannel,
  type ServerConfig,
} from 'ssh2';
import type { Session } from '../../src/core/ports.ts';
import { sshConnect } from '../../src/ssh/connect.ts';

export interface KeyPair {
  readonly private: string;
  readonly public: string;
  readonly blob: Buffer;
}

/** ssh2 makes an unreadable ed25519 key now and then: then another one is made. */
export function keyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const key = ssh2.utils.parseKey(pair.public);
    if (!(key instanceof Error) && !(ssh2.utils.parseKey(pair.private) instanceof Error)) {
      return { ...pair, blob: key.getPublicSSH() };
    }
  }
}

export function parsed(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** What a server in this process was asked for. */
export interface ServerLog {
  connections: number;
  readonly authentications: string[];
  readonly commands: string[];
  readonly signals: string[];
  /** `address:port` of TCP connections that it was to make. */
  readonly forwards: string[];
}

export interface OwnServer {
  readonly port: number;
  readonly log: ServerLog;
  readonly hostKey: KeyPair;
  readonly userKey: KeyPair;
  readonly directory: string;
  /** An ssh_config with the entry `own` for this server; lines are added to the entry. */
  sshConfig(lines?: readonly string[]): Promise<string>;
  connect(lines?: readonly string[], timeoutMs?: number, transport?: 'builtin' | 'openssh'): Promise<Session>;
  connections(): readonly Connection[];
  /** Serves a connection that came in elsewhere. */
  inject(socket: Socket): void;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Behaviour {
  readonly config?: Partial<ServerConfig>;
  readonly connected?: () => void;
  readonly authenticate?: (context: AuthContext, server: OwnServer) => void;
  readonly exec?: (command: string, channel: ServerChannel) => void;
  /** Gives false to refuse the session with reason 2 or whatever the server sends. */
  readonly acceptsSession?: () => boolean;
}

/** An SSH server in this process: for what a real one never does. */
export async function ownServer(behaviour: Behaviour = {}): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-ssh-'));
  const hostKey = keyPair();
  const userKey = keyPair();
  await writeFile(join(directory, 'user_key'), userKey.private, { mode: 0o600 });
  const log: ServerLog = { connections: 0, authentications: [], commands: [], signals: [], forwards: [] };
  const open: Connection[] = [];
  const server = new ssh2.Server(
    { hostKeys: [hostKey.private], ident: 'OpenSSH_9.9', ...behaviour.config },
    (connection) => {
      log.connections += 1;
      behaviour.connected?.();
      open.push(connection);
      connection.on('error', () => {});
      connection.on('authentication', (context) => {
        log.authentications.push(context.method);
        (behaviour.authenticate ?? acceptUserKey)(context, own);
      });
      connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
        log.forwards.push(`${destIP}:${destPort}`);
        const onwards = connect(destPort, destIP);
        onwards.once('error', () => reject());
        onwards.once('connect', () => {
          const channel = accept();
          channel.on('error', () => {});
          onwards.on('error', () => channel.close());
          channel.pipe(onwards).pipe(channel);
        });
      });
      connection.on('session', (accept, reject) => {
        if (behaviour.acceptsSession?.() === false) return void reject();
        const session = accept();
        session.on('signal', (answer, _refuse, { name }) => {
          log.signals.push(name);
          answer?.();
        });
        session.on('exec', (answer, _refuse, { command }) => {
          log.commands.push(command);
          (behaviour.exec ?? runLocally)(command, answer());
        });
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);

  const own: OwnServer = {
    port,
    log,
    hostKey,
    userKey,
    directory,
    connections: () => open,
    inject: (socket) => server.injectSocket(socket),
    sshConfig: async (lines = []) => {
      const path = join(directory, 'ssh_config');
      const known = join(directory, 'known_hosts');
      await writeFile(known, `[127.0.0.1]:${port} ssh-ed25519 ${hostKey.blob.toString('base64')}\n`);
      // The first value counts in ssh_config: the given lines win.
      const entry = [
        'Host own',
        ...lines,
        'HostName 127.0.0.1',
        `Port ${port}`,
        'User root',
        `IdentityFile ${join(directory, 'user_key')}`,
        'IdentitiesOnly yes',
        'IdentityAgent none',
        `UserKnownHostsFile ${known}`,
        'GlobalKnownHostsFile none',
        'StrictHostKeyChecking yes',
      ];
      await writeFile(path, `${entry.join('\n  ')}\n`);
      return path;
    },
    connect: async (lines, timeoutMs = 20_000, transport = 'builtin') => {
      const sshConfigFile = await own.sshConfig(lines);
      const host = { name: 'own', address: 'own' };
      return sshConnect({ transport, sshConfigFile })(host, {
        timeoutMs,
        signal: new AbortController().signal,
      });
    },
    [Symbol.asyncDispose]: async () => {
      for (const connection of open) connection.end();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return own;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export function acceptUserKey(context: AuthContext, { userKey }: OwnServer): void {
  if (context.method === 'publickey' && context.key.data.equals(userKey.blob) && isSigned(context, userKey)) {
    context.accept();
  } else {
    context.reject(['publickey']);
  }
}

/** The first question of a client is whether the key would do, without a signature. */
function isSigned({ signature, blob }: PublicKeyAuthContext, { public: key }: KeyPair): boolean {
  return signature === undefined || blob === undefined || parsed(key).verify(blob, signature);
}

function runLocally(command: string, channel: ServerChannel): void {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`]);
  channel.pipe(child.stdin);
  child.stdin.on('error', () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.slice(3));
    channel.end();
  });
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null && 'port' in address && typeof address.port === 'number') {
    return address.port;
  }
  throw new Error('the server has no port');
}
