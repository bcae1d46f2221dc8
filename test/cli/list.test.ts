import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { main } from '../../src/cli/main.ts';
import { tree, withoutNix } from '../nix/flake-trees.ts';
import { capturedWorld } from './captured-world.ts';

const folder = tree('listed', {
  'flake.nix': `{
    outputs = { self }: {
      nixosConfigurations = { web1 = { }; web2 = { }; db = { }; };
      flurry = {
        defaults = { user = "deploy"; parallel = 3; limits.settle = "2s"; ignoreUnits = [ "a.service" ]; };
        hosts = {
          web1 = { address = "192.0.2.7"; port = 2222; user = "root"; tags = [ "web" "eu" ]; limits.settle = "9s"; };
          web2 = { address = "2001:db8::7"; port = 22; tags = [ "web" ]; reboot = "if-needed"; unattendedBoot = true; };
          main-db = { configuration = "db"; };
        };
      };
    };
  }\n`,
});
const plain = tree('plain', {
  'flake.nix': '{ outputs = { self }: { nixosConfigurations = { a = { }; b = { }; }; }; }\n',
});

async function flurry(argv: readonly string[], environment: Readonly<Record<string, string>> = {}, flake = folder) {
  const { world, stdout, stderr } = capturedWorld({ FLURRY_FLAKE: `path:${flake}`, ...environment });
  const exitCode = await main(argv, world);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

describe('flurry list', { skip: withoutNix }, () => {
  test('shows the hosts of the flake, how they are reached, and what they get', async () => {
    assert.deepEqual(await flurry(['list']), {
      exitCode: 0,
      stdout: [
        'host     reached as               configuration  tags',
        'main-db  deploy@main-db           db',
        'web1     root@192.0.2.7:2222      web1           @web @eu',
        'web2     deploy@[2001:db8::7]:22  web2           @web',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('shows what selectors mean', async () => {
    const { stdout } = await flurry(['list', '@web', '--except', '@eu']);
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(' ')[0]),
      ['host', 'web2', ''],
    );
  });

  test('gives one JSON document', async () => {
    const { stdout } = await flurry(['list', 'web1', 'main-db', '-o', 'json']);
    assert.deepEqual(JSON.parse(stdout), {
      version: 1,
      hosts: [
        {
          ...{ name: 'web1', address: '192.0.2.7', user: 'root', port: 2222 },
          ...{ configuration: 'web1', tags: ['web', 'eu'] },
        },
        { name: 'main-db', address: 'main-db', user: 'deploy', port: null, configuration: 'db', tags: [] },
      ],
    });
  });

  test('lists each configuration of a flake that says nothing of hosts', async () => {
    const { stdout } = await flurry(['list'], {}, plain);
    assert.equal(stdout, 'host  reached as  configuration  tags\na     a           a\nb     b           b\n');
  });

  test('tells a host that is not there, exit 2, and prints no document', async () => {
    assert.deepEqual(await flurry(['list', 'web3', '-o', 'json']), {
      exitCode: 2,
      stdout: '',
      stderr:
        'flurry: destination "web3" must be a host of the flake, found "web3"\n' +
        '  did you mean web1? A machine that the flake does not name: nixos://web3\n',
    });
  });

  test('takes no option that is for going to hosts, exit 2', async () => {
    const { exitCode, stderr } = await flurry(['list', '--parallel', '3']);
    assert.deepEqual(
      [exitCode, stderr.split('\n')[0]],
      [2, 'flurry: each option must be one that flurry list knows, found "--parallel"'],
    );
  });

  test('lists what flurry alone lists', async () => {
    const alone = await flurry([]);
    for (const name of ['main-db', 'web1', 'web2']) assert.match(alone.stderr, new RegExp(`^  ${name}$`, 'm'));
    assert.match(alone.stderr, /^ {2}flurry list --flake \S+ +how each is reached/m);
    assert.equal(alone.exitCode, 2);
  });
});

describe('flurry config show', { skip: withoutNix }, () => {
  const from = async (argv: readonly string[], environment = {}) => {
    const { stdout, stderr, exitCode } = await flurry(['config', 'show', ...argv, '-o', 'json'], environment);
    assert.deepEqual([exitCode, stderr], [0, '']);
    return JSON.parse(stdout);
  };

  test('says of each setting of a host where it comes from', async () => {
    const answer = await from(['root@web2', '--confirm', 'ask'], { FLURRY_BUILD_TIMEOUT: '1h' });
    const [{ name, settings }] = answer.hosts;
    assert.equal(name, 'web2');
    const expected = {
      address: ['2001:db8::7', 'flurry.hosts.web2.address'],
      user: ['root', 'destination'],
      port: [22, 'flurry.hosts.web2.port'],
      configuration: [null, 'default'],
      tags: [['web'], 'flurry.hosts.web2.tags'],
      confirm: ['ask', '--confirm'],
      'limits.buildTimeout': ['1h', 'FLURRY_BUILD_TIMEOUT'],
      reboot: ['if-needed', 'flurry.hosts.web2.reboot'],
      unattendedBoot: [true, 'flurry.hosts.web2.unattendedBoot'],
      'limits.settle': ['2s', 'flurry.defaults.limits.settle'],
      ignoreUnits: [['a.service'], 'flurry.defaults.ignoreUnits'],
      allowDegraded: [false, 'default'],
      'limits.confirmTimeout': ['60s', 'default'],
    };
    for (const [setting, [value, place]] of Object.entries(expected))
      assert.deepEqual(settings[setting], { value, from: place }, setting);
    assert.ok(!('parallel' in settings), 'what is of the whole run');
  });

  test('says without a host what holds for the run', async () => {
    const { run } = await from([]);
    assert.deepEqual(run.parallel, { value: 3, from: 'flurry.defaults.parallel' });
    assert.deepEqual(run.user, { value: 'deploy', from: 'flurry.defaults.user' });
    assert.deepEqual(run.goal, { value: 'promote', from: 'default' });
    assert.deepEqual(run.flake, { value: `path:${folder}`, from: 'FLURRY_FLAKE' });
  });

  test('shows a table for each host', async () => {
    const { stdout } = await flurry(['config', 'show', 'web1', 'main-db', '--settle', '1s']);
    const [first = '', second = ''] = stdout.split('\n\n');
    assert.match(first, /^web1\nsetting +value +from\naddress +"192\.0\.2\.7" +flurry\.hosts\.web1\.address\n/);
    assert.match(first, /^limits\.settle +"1s" +--settle$/m);
    assert.match(first, /^tags +\[ "web" "eu" \] +flurry\.hosts\.web1\.tags$/m);
    assert.match(second, /^main-db\n/);
  });

  test('needs its second word, exit 2', async () => {
    assert.deepEqual(await flurry(['config', 'web1']), {
      exitCode: 2,
      stdout: '',
      stderr:
        'flurry: flurry config must be followed by show, found "web1"\n  flurry config show, and hosts behind it\n',
    });
  });
});
