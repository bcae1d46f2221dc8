import type { Explanations } from '../explain.ts';
import { again, nameOf } from './place.ts';
import { count } from './quantity.ts';
import { remedy, run, say } from './remedy.ts';
import { isUntouched } from './state.ts';
import { listed, shown } from './text.ts';

type RollingOut = 'wave-stopped' | 'dependency-failed';

/** Hosts that were not started, since others did not make it. */
export const rollingOut: Explanations<RollingOut> = {
  'wave-stopped': ({ after, of, failed, started, allowed }) => {
    const [only, ...others] = failed;
    const isOne = only !== undefined && others.length === 0;
    const who = isOne ? shown(only, 80) : `${failed.length} of the ${count(started, 'host')} until then`;
    const names = isOne ? '' : ` (${listed(failed)})`;
    const most = allowed === '0' ? 'none may fail' : `${shown(allowed, 8)} may fail`;
    return {
      reason: `not started after wave ${after} of ${of}: ${who} did not make it${names}, and ${most}; ${isUntouched}`,
      remedy: remedy(
        say(
          `what went wrong is told with ${isOne ? shown(only, 80) : 'those hosts'}; once it is mended, begin anew with those that are left`,
        ),
      ),
    };
  },

  'dependency-failed': ({ on, ended }, place) => ({
    reason: `${nameOf(place)} depends on ${shown(on, 80)}, which ${became[ended]}; ${isUntouched}`,
    remedy: remedy(
      say(`once ${shown(on, 80)} is well; without it in the run it is not waited for:`),
      run(again(place)),
    ),
  }),
};

const became = {
  failed: 'did not make it',
  'left-out': 'was left out, since it cannot be reached',
  'not-started': 'was not started itself',
} as const;
