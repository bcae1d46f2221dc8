import { sessionClaims } from './session-claims.ts';

sessionClaims('openssh');
