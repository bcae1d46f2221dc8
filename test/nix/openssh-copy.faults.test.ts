import { copyClaims } from './copy-claims.ts';

copyClaims('openssh');
