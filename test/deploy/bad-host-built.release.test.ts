import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable } from '../fleet/fleet.ts';
import { badHosts } from './bad-hosts.ts';

// Hosts whose new system does not come out of its build, or is refused before it is activated.

test(
  'five hosts get no new system, or it is refused before it is activated: none is touched, and the one beside them is promoted',
  { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 6 -- …' },
  badHosts(
    {
      'a failing build: that host failed and is told the command for the log of what failed': {
        module: 'shaped.buildFails = true;',
        expected: async ({ name }, _, flake) => {
          const drv = await flake.derivation(name);
          return {
            verdict: 'failed',
            code: 'build-failed',
            reason: `the build failed with exit code 1: error: builder for '${drv.slice(11, 18)}-nixos-system-${name}-26.05.20261101.shaped.drv' failed with exit code 1`,
          };
        },
        also: async (host, run) => {
          const failed = run.events.findLast((event) => event.event === 'log' && /builder for '/.test(event.line));
          const drv = failed?.event === 'log' ? /'(.*\.drv)'/.exec(failed.line)?.[1] : undefined;
          assert.ok(run.result(host.name).remedy?.includes(` ${host.name} nix log ${drv}\n`), run.tail);
          const { stdout } = await host.inside('nix --extra-experimental-features nix-command log "$1"', [drv ?? '']);
          assert.match(stdout, /compiling the impossible\nerror: shaped.buildFails is set\n/);
        },
      },
      'a configuration that does not evaluate: that host failed with what Nix says': {
        module: 'shaped.evalFails = true;',
        expected: ({ name }) => ({
          verdict: 'failed',
          code: 'build-failed',
          reason: `the build failed with exit code 1: error: shaped.evalFails: the configuration ${name} does not evaluate`,
        }),
      },
      'a failing self-check of the new system: refused, nothing is activated': {
        module: `system.extraSystemBuilderCmds = ''
      printf '#!/bin/sh\\necho the database is not migrated\\nexit 3\\n' >$out/pre-activate-safety-checks
      chmod +x $out/pre-activate-safety-checks
    '';`,
        expected: () => ({
          verdict: 'refused',
          code: 'self-check-failed',
          reason:
            'the self-check pre-activate-safety-checks of the new system said no with exit code 3: the database is not migrated',
        }),
      },
      'a self-check that does not end: refused after its limit': {
        module: `system.extraSystemBuilderCmds = ''
      printf '#!/bin/sh\\nexec sleep 600\\n' >$out/pre-activate-safety-checks
      chmod +x $out/pre-activate-safety-checks
    '';`,
        expected: () => ({
          verdict: 'refused',
          code: 'self-check-timeout',
          reason: 'the self-check pre-activate-safety-checks of the new system did not end within 5 s',
        }),
      },
      'a unit that fails while the build goes on: refused before anything is touched': {
        module: 'shaped.buildSeconds = 2;',
        spoil: async (host) => {
          const fails = 'until systemctl is-active --quiet "flurry-build-*"; do sleep 0.1; done; exit 1';
          await host.inside('systemd-run --quiet --unit=flaky sh -c "$1"', [fails]);
        },
        expected: () => ({
          verdict: 'refused',
          code: 'degraded',
          reason: '1 unit failed on the host before anything was done: flaky.service',
        }),
      },
    },
    ['--self-check-timeout', '5s'],
  ),
);
