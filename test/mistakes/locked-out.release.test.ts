import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../deploy/flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { ends, needsHost, onWeb1 } from './scene.ts';
import { commandsOn, isKept } from './screen.ts';

const keys = '/etc/ssh/authorized_keys.d/root';
/** As on NixOS where users.users.root.openssh.authorizedKeys is left out: keys come and go with the system. */
const withoutKey = `
  ${service('website')}
  systemd.services.no-keys = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/bin/mv ${keys} ${keys}.kept";
      ExecStop = "/usr/bin/mv ${keys}.kept ${keys}";
    };
  };`;

test(
  'a new system without the key of whoever brings it: the host puts itself back, which is told with the reason; once mended it goes through (60 s: the host keeps its deadline)',
  needsHost,
  onWeb1(async ({ person, host, flake, before }) => {
    await flake.change('web1', withoutKey);
    await flake.commit();
    const line = 'flurry web1 --confirm-timeout 20s';
    const run = await person.type(line);
    isKept('locked-out', line, run);
    await assertRunsAndBoots(host, before);
    await assertNothingLeft(host);
    const [log = ''] = commandsOn(run);
    assert.equal(log, `ssh web1 "journalctl -n 100 --no-pager -u 'flurry-*'"`);
    await ends(person, log, { code: 0, words: /no-keys\.service/ });

    await flake.change('web1', service('website'));
    await flake.commit();
    await ends(person, 'flurry web1', { code: 0, words: /^1 host (?:unchanged|promoted) in /m });
  }),
);
