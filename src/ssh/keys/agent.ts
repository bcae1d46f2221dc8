import { Socket } from 'node:net';
import ssh2, {
  type GetStreamCallback,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

// An agent answers at once; only signing may wait for a person, and that is inside the limit of the connection.
const listTimeoutMs = 5000;

/** An agent that never keeps our process alive: one that waits for a touch must not stop us from leaving. */
class Agent extends ssh2.OpenSSHAgent {
  override getStream(given: GetStreamCallback): void {
    super.getStream((error, stream) => {
      if (stream instanceof Socket) stream.unref();
      given(error, stream);
    });
  }
}

/** One key of an agent, in the form of an agent that holds no other: so that we decide which keys are offered, and when. */
export class AgentKey extends ssh2.BaseAgent<ParsedKey> {
  readonly key: ParsedKey;
  readonly #agent: Agent;

  constructor(agent: Agent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.key = key;
  }

  override getIdentities(given: IdentityCallback<ParsedKey>): void {
    given(null, [this.key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    given?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, given);
  }
}

/** Lists an agent's keys of the types that we can use. Rejects with a plain Error when the agent gives no list. */
export function agentKeys(socketPath: string): Promise<readonly AgentKey[]> {
  return new Promise((resolve, reject) => {
    const agent = new Agent(socketPath);
    const timer = setTimeout(() => reject(new Error(`no answer within ${listTimeoutMs} ms`)), listTimeoutMs);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve((keys ?? []).flatMap((key) => ('getPublicSSH' in key ? new AgentKey(agent, key) : [])));
    });
  });
}
