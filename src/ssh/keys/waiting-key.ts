import ssh2, {
  type BaseAgent,
  type IdentityCallback,
  type KnownPublicKeys,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

// Longer than any agent takes that asks nobody.
const slowMs = 1000;
const longestMs = 120_000;

/** How a login waits for a signature. */
export interface WaitForSignature {
  /** Told once, when a signature takes so long that a person must be waited for. */
  readonly slow: () => void;
  readonly whileAsked: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A key whose signature may need a person: a touch, the agent's confirmation, a passphrase. */
export class WaitingKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: BaseAgent<ParsedKey>;
  readonly #wait: WaitForSignature;

  constructor(key: BaseAgent<ParsedKey>, wait: WaitForSignature) {
    super();
    this.#key = key;
    this.#wait = wait;
  }

  override getIdentities(given: IdentityCallback<ParsedKey>): void {
    const listed = () =>
      new Promise<KnownPublicKeys<ParsedKey>>((resolve, reject) => {
        this.#key.getIdentities((error, keys) => (error ? reject(error) : resolve(keys ?? [])));
      });
    this.#wait.whileAsked(listed).then(
      (keys) => given(null, keys),
      (error) => given(error),
    );
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    given?: SignCallback,
  ): void {
    const [how, answer] = typeof options === 'function' ? [{}, options] : [options, given];
    const signature = () =>
      new Promise<Buffer>((resolve, reject) => {
        const slow = setTimeout(this.#wait.slow, slowMs);
        const over = setTimeout(() => reject(new Error(`no signature within ${longestMs / 1000} s`)), longestMs);
        this.#key.sign(key, data, how, (error, signed) => {
          clearTimeout(slow);
          clearTimeout(over);
          if (signed === undefined) reject(error ?? new Error('no signature'));
          else resolve(signed);
        });
      });
    this.#wait.whileAsked(signature).then(
      (signed) => answer?.(null, signed),
      (error) => answer?.(error),
    );
  }
}
