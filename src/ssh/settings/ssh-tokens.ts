import { homedir, hostname as localHostname, userInfo } from 'node:os';
import { FlurryError } from '../../core/problem.ts';

/** What the tokens of ssh_config(5) stand for. */
export interface TokenValues {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** The host as it was typed. */
  readonly original: string;
  readonly hostKeyAlias: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Expands `~`, `%` tokens and `${VARIABLES}`, which `ssh -G` leaves in IdentityFile and CertificateFile.
 * Throws `ssh-unsupported` for a token that we do not know, `ssh-config` for a variable without value, as ssh does.
 */
export function expandPath(path: string, option: string, tokens: TokenValues): string {
  const atHome = path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path;
  return atHome.replace(/%(.?)|\$\{([^}]*)\}/gs, (_match, token: string | undefined, variable: string | undefined) => {
    if (variable !== undefined) return variableValue(variable, option, tokens);
    const value = tokenValue(token ?? '', tokens);
    if (value === undefined) throw new FlurryError({ code: 'ssh-unsupported', option, value: path });
    return value;
  });
}

/**
 * Expands what stands in ProxyCommand and ProxyJump, which `ssh -G` leaves as it was written; only these tokens may stand
 * there, and neither `~` nor variables are anything special. Throws `ssh-config` for any other token, as ssh does.
 */
export function expandProxy(text: string, option: string, tokens: TokenValues): string {
  return text.replace(/%(.?)/gs, (_match, token: string) => {
    const value = /^[%hknpr]$/.test(token) ? tokenValue(token, tokens) : undefined;
    if (value !== undefined) return value;
    throw new FlurryError({ code: 'ssh-config', said: `${option}: nothing is known by %${token}` });
  });
}

/** Gives the agent's socket for a value of IdentityAgent; undefined where no agent is to be asked. */
export function agentSocket(value: string | undefined, tokens: TokenValues): string | undefined {
  if (value === 'none') return undefined;
  if (value === undefined || value === 'SSH_AUTH_SOCK') return present(tokens.environment['SSH_AUTH_SOCK']);
  if (value.startsWith('$') && !value.startsWith('${')) return present(tokens.environment[value.slice(1)]);
  return expandPath(value, 'identityagent', tokens);
}

function tokenValue(token: string, tokens: TokenValues): string | undefined {
  switch (token) {
    case '%':
      return '%';
    case 'd':
      return homedir();
    case 'h':
      return tokens.hostname;
    case 'i':
      return String(userInfo().uid);
    case 'j':
      return '';
    case 'k':
      return tokens.hostKeyAlias ?? tokens.original;
    case 'l':
      return localHostname();
    case 'L':
      return localHostname().split('.')[0];
    case 'n':
      return tokens.original;
    case 'p':
      return String(tokens.port);
    case 'r':
      return tokens.user;
    case 'u':
      return userInfo().username;
    default:
      return undefined;
  }
}

function variableValue(variable: string, option: string, tokens: TokenValues): string {
  const value = tokens.environment[variable];
  if (value !== undefined) return value;
  throw new FlurryError({ code: 'ssh-config', said: `${option}: the variable ${variable} has no value` });
}

function present(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
