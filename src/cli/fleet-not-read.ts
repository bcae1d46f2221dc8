import { FlurryError } from '../core/problem.ts';

/** The flake cannot be read, which the verb could do without. No host was touched, and one may have to be looked after at once. */
export class FleetNotRead extends FlurryError {}
