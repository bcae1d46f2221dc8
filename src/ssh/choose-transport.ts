import { access, constants } from 'node:fs/promises';
import { FlurryError } from '../core/problem.ts';
import { authorityOnly } from './host-keys/authority-only.ts';
import { type KnownHosts, keyTypeOf } from './host-keys/known-hosts.ts';
import { agentKeyTypes } from './keys/agent-key-types.ts';
import type { IdentityFiles } from './keys/identity-file.ts';
import type { SshSettings } from './settings/ssh-settings.ts';

/** What is known of a host before it is dialled. */
export interface ReachFacts {
  readonly settings: SshSettings;
  /** Those of all its known_hosts files. */
  readonly knownHosts: KnownHosts;
  /** The identity files that exist, with the type of their key where it can be read, and a certificate beside them. */
  readonly identities: readonly { readonly file: string; readonly keyType: string; readonly certificate?: string }[];
  /** Of all keys and certificates in the agent that may be used for this host. */
  readonly agentKeyTypes: readonly string[];
}

export type Choice =
  | { readonly kind: 'builtin' }
  /** `option` and `value`: what the built-in transport cannot honour. */
  | { readonly kind: 'openssh'; readonly option: string; readonly value: string };

/**
 * Chooses who speaks SSH with a host: OpenSSH where something is set that ssh2 cannot do. GSSAPIAuthentication says
 * nothing: distributions switch it on for everybody.
 */
export function chooseTransport({ settings, knownHosts, identities, agentKeyTypes }: ReachFacts): Choice {
  const [beyond] = settings.beyondBuiltin;
  if (beyond !== undefined) return { kind: 'openssh', ...beyond };
  const [certificate] = settings.certificateFiles;
  if (certificate !== undefined) return { kind: 'openssh', option: 'certificatefile', value: certificate };
  for (const identity of identities) {
    if (identity.certificate !== undefined) {
      return { kind: 'openssh', option: 'identityfile with certificate', value: identity.certificate };
    }
    if (isSecurityKey(identity.keyType)) return { kind: 'openssh', option: 'identityfile', value: identity.file };
  }
  const authority = authorityOnly(settings, knownHosts);
  if (authority !== undefined) {
    return { kind: 'openssh', option: 'cert-authority', value: `${authority.file}:${authority.line}` };
  }
  const beyondAgent = agentKeyTypes.find((type) => isSecurityKey(type) || isCertificate(type));
  if (beyondAgent !== undefined) return { kind: 'openssh', option: 'key in the agent', value: beyondAgent };
  return { kind: 'builtin' };
}

/** Gathers the facts for `chooseTransport`; an agent that does not answer has no keys. Never throws. */
export async function reachFacts(
  settings: SshSettings,
  {
    identityFiles,
    knownHosts,
  }: { readonly identityFiles: IdentityFiles; readonly knownHosts: ReachFacts['knownHosts'] },
): Promise<ReachFacts> {
  const [identities, agent] = await Promise.all([
    Promise.all(settings.identityFiles.map((file) => identityFacts(file, identityFiles))),
    settings.agentSocket === undefined || settings.agentKeys !== 'all'
      ? []
      : agentKeyTypes(settings.agentSocket).catch(() => []),
  ]);
  return { settings, knownHosts, identities: identities.flat(), agentKeyTypes: agent };
}

/**
 * Whether a login by ssh2 failed because the host, or a jump host, and ssh2 have no algorithm in common. The words are
 * of our own library, whose version is pinned: it has no code for this.
 */
export function hasNoCommonAlgorithm(thrown: unknown): boolean {
  if (!(thrown instanceof FlurryError)) return false;
  const { problem, cause } = thrown;
  if (problem.code === 'ssh-unsupported') return true;
  // Of a jump host: told once more, with its name.
  if (cause instanceof FlurryError) return hasNoCommonAlgorithm(cause);
  if (problem.code !== 'handshake-failed' || !(cause instanceof Error)) return false;
  return 'level' in cause && cause.level === 'handshake' && /no matching .+/.test(cause.message);
}

async function identityFacts(file: string, files: IdentityFiles): Promise<ReachFacts['identities']> {
  const [identity, hasCertificate] = await Promise.all([files.identity(file), isReadable(`${file}-cert.pub`)]);
  if (identity.kind === 'missing') return [];
  const keyType = identity.publicKey === undefined ? '' : keyTypeOf(identity.publicKey);
  return [{ file, keyType, ...(hasCertificate && { certificate: `${file}-cert.pub` }) }];
}

function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** `sk-ssh-ed25519@openssh.com` and the like; the word webauthn- stands before keys of browsers. */
function isSecurityKey(type: string): boolean {
  return type.startsWith('sk-') || type.startsWith('webauthn-sk-');
}

function isCertificate(type: string): boolean {
  return /-cert-v\d\d@openssh\.com$/.test(type);
}
