import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { keyTypeOf } from '../host-keys/known-hosts.ts';
import type { Unlocking } from './identity-file.ts';

/**
 * An encrypted key, in the form of an agent that holds no other: the host is asked by the public half whether the key
 * would do, and only then is the passphrase needed.
 */
export class LockedKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #publicKey: Buffer | undefined;
  readonly #unlock: () => Promise<Unlocking>;

  constructor(publicKey: Buffer | undefined, unlock: () => Promise<Unlocking>) {
    super();
    this.#publicKey = publicKey;
    this.#unlock = unlock;
  }

  override getIdentities(given: IdentityCallback<ParsedKey>): void {
    const publicHalf = this.#publicKey === undefined ? undefined : parsedPublicKey(this.#publicKey);
    if (publicHalf !== undefined) given(null, [publicHalf]);
    else this.#withKey((key) => given(null, [key]), given);
  }

  override sign(_: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, given?: SignCallback): void {
    const [how, answer] = typeof options === 'function' ? [{}, options] : [options, given];
    this.#withKey(
      (key) => {
        const signed: unknown = key.sign(data, how.hash);
        if (Buffer.isBuffer(signed)) answer?.(null, signed);
        else answer?.(signed instanceof Error ? signed : new Error('the key gave no signature'));
      },
      (error) => answer?.(error),
    );
  }

  #withKey(use: (key: ParsedKey) => void, refused: (error: Error) => void): void {
    this.#unlock().then(
      (unlocking) => (unlocking.kind === 'unlocked' ? use(unlocking.key) : refused(new Error(unlocking.said))),
      refused,
    );
  }
}

function parsedPublicKey(blob: Buffer): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(`${keyTypeOf(blob)} ${blob.toString('base64')}`);
  return key instanceof Error ? undefined : key;
}
