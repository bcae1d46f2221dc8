import { smallCases } from './cases.ts';
import { describeCases } from './each-case.ts';

describeCases(
  'the fault matrix, each fault once: 7 to 60 s each, as a host is waited for until its deadlines have passed',
  smallCases,
);
