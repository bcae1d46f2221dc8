import { sessionClaims } from './session-claims.ts';

sessionClaims('builtin');
// The others, for OpenSSH, take a minute: openssh-session.faults.test.ts.
sessionClaims(
  'openssh',
  /^(exit codes|a changed host key|a host pinned|a killed sshd|twenty programs|what the configuration)/,
);
