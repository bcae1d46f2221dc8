import type { Answers } from '../asking/answers.ts';
import { fingerprint } from '../host-keys/known-hosts.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import { type AgentKey, agentKeys } from './agent.ts';
import type { EncryptedIdentity, Identity, IdentityFiles } from './identity-file.ts';
import { LockedKey } from './locked-key.ts';

// sshd's MaxAuthTries is 6 by default, and each key counts; after that it hangs up, and later even refuses to listen.
const maxOffers = 5;

/** A key to be offered, with the words by which a person knows it. */
export type Offer =
  | { readonly kind: 'agent'; readonly label: string; readonly key: AgentKey }
  /** Its passphrase is asked for when it is needed. */
  | { readonly kind: 'locked'; readonly label: string; readonly key: LockedKey; readonly identity: EncryptedIdentity }
  | { readonly kind: 'file'; readonly label: string; readonly key: Extract<Identity, { kind: 'usable' }>['key'] };

export interface Offers {
  readonly offers: readonly Offer[];
  /** Keys that were wanted but cannot be used, each with the reason. */
  readonly unusable: readonly { readonly file: string; readonly said: string }[];
}

/** Whom to ask for passphrases. */
export interface Unlocker {
  readonly answers: Answers;
  readonly signal: AbortSignal;
}

/**
 * Collects the keys for one host in OpenSSH's order: those of the agent that are identity files, the other ones of the
 * agent (none with IdentitiesOnly), then identity files that the agent does not hold. Never throws. Without an unlocker
 * encrypted keys are unusable.
 */
export async function keyOffers(settings: SshSettings, files: IdentityFiles, unlocker?: Unlocker): Promise<Offers> {
  const [agent, identities] = await Promise.all([
    keysOfAgent(settings.agentSocket),
    Promise.all(settings.identityFiles.map((file) => files.identity(file))),
  ]);
  const listed = identities.flatMap((identity) => agent.keys.find((key) => isKeyOf(key, identity)) ?? []);
  const others = settings.agentKeys === 'all' ? agent.keys.filter((key) => !listed.includes(key)) : [];
  const held = (identity: Identity) => agent.keys.some((key) => isKeyOf(key, identity));
  const alone = identities.filter((identity) => !held(identity));
  const offers: Offer[] = [
    ...[...new Set(listed), ...others].map((key) => ({ kind: 'agent' as const, label: agentLabel(key), key })),
    ...alone.flatMap((identity) => fileOffer(identity, files, unlocker) ?? []),
  ];
  return {
    offers: offers.slice(0, maxOffers),
    unusable: [
      ...alone.flatMap((identity) => {
        const said = whyUnusable(identity, files, unlocker);
        return said === undefined ? [] : { file: identity.file, said };
      }),
      ...settings.certificateFiles.map((file) => ({ file, said: 'only OpenSSH offers certificates' })),
      ...agent.unusable,
      ...offers.slice(maxOffers).map(({ label }) => ({ file: label, said: `only ${maxOffers} keys are offered` })),
    ],
  };
}

function fileOffer(identity: Identity, files: IdentityFiles, unlocker: Unlocker | undefined): Offer | undefined {
  const { file: label } = identity;
  if (identity.kind === 'usable') return { kind: 'file', label, key: identity.key };
  if (identity.kind !== 'encrypted') return undefined;
  const came = files.unlocked(label);
  if (came?.kind === 'unlocked') return { kind: 'file', label, key: came.key };
  if (came !== undefined || unlocker === undefined) return undefined;
  const key = new LockedKey(identity.publicKey, () => files.unlock(identity, unlocker.answers, unlocker.signal));
  return { kind: 'locked', label, key, identity };
}

function whyUnusable(identity: Identity, files: IdentityFiles, unlocker: Unlocker | undefined): string | undefined {
  if (identity.kind === 'locked') return identity.said;
  if (identity.kind !== 'encrypted') return undefined;
  const came = files.unlocked(identity.file);
  if (came !== undefined) return came.kind === 'refused' ? came.said : undefined;
  return unlocker === undefined ? 'encrypted, and the agent does not hold it: unlock it with ssh-add' : undefined;
}

async function keysOfAgent(socket: string | undefined): Promise<{
  readonly keys: readonly AgentKey[];
  readonly unusable: Offers['unusable'];
}> {
  if (socket === undefined) return { keys: [], unusable: [] };
  try {
    return { keys: await agentKeys(socket), unusable: [] };
  } catch (error) {
    const said = `the agent: ${error instanceof Error ? error.message : String(error)}`;
    return { keys: [], unusable: [{ file: socket, said }] };
  }
}

function isKeyOf(key: AgentKey, identity: Identity): boolean {
  const publicKey = identity.kind === 'missing' ? undefined : identity.publicKey;
  return publicKey !== undefined && key.key.getPublicSSH().equals(publicKey);
}

function agentLabel({ key }: AgentKey): string {
  return `agent key ${key.comment === '' ? '' : `${key.comment} `}(${fingerprint(key.getPublicSSH())})`;
}
