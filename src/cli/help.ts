import { belongs } from '../config/given.ts';
import { type Option, optionGroups, type Verb } from '../config/option.ts';
import { usageOf } from '../config/option-names.ts';
import { options } from '../config/options.ts';
import { privilegeHelp } from './privilege-help.ts';

const top = `flurry deploys one NixOS flake to many hosts at once, over ssh. Each host builds its new system, tests it,
and is judged; only then does the new system become what it boots. A host that is not well keeps what
it boots, and disturbs no other.

The usual commands:
  flurry                          the hosts of the flake in this folder, and how to go on
  flurry check web1 web2          look at hosts and judge them; changes nothing
  flurry status web1 web2         what they run and boot, and whether a deployment is under way
  flurry web1 web2                deploy to hosts, in parallel (short for: flurry deploy web1 web2)
  flurry web1 --goal dry-activate build on the host and show what would change
  flurry -f github:me/infra web1  deploy another flake

Verbs (flurry VERB --help tells more; flurry --help privilege: what a host needs to let you become root):
  deploy DEST...                  bring hosts to their configuration of the flake; the verb may be left out
  check DEST...                   connect, look, judge
  status DEST...                  what each host runs and boots, what is under way there, and how the last one ended
  attach DEST... [ID]             join what is under way, with its log, to its verdict; also one that has ended
  rollback DEST...                bring hosts back to what they ran earlier, with the same proof
  confirm DEST...                 say yes to a tested system that waits for it
  abort DEST...                   stop what is under way and not confirmed yet; the host puts itself back
`;

const destinations = `A destination (DEST) is [user@]host[:port][/configuration], the same after nixos://, or .#name.
  web1                            an ssh alias or a name; also the configuration, where the flake has it
  root@192.0.2.7/web1             user, address and configuration
  [2001:db8::7]:2222/web1         IPv6 stands in brackets
  local                           this machine, without SSH; to activate there, --confirm must be given
Without /configuration it is the one named like the host, else the one named like the host's own hostname.
`;

const deployIntroduction = `flurry deploy DEST... [options] [-- ARGUMENTS FOR NIX]

Brings each host to its configuration of the flake, all hosts in parallel, each for itself:
  connect   one ssh connection, host key verified
  observe   systemd state, failed units, space, privilege; a host that is not well is refused here
  copy      the flake's source
  build     on the host, in a unit of its own (with --build-on local here, and before the copy)
  gate      self-checks of the new system
  test      activate it without making it the boot default
  verify    judge the units, and confirm over a new connection that the host can still be reached
  promote   make it the boot default
From the gate on the host keeps its own limits: one that is not well, or not confirmed in time, puts itself back
even if flurry, the network or this machine are gone. A host that runs and boots its new system is left alone.
`;

const checkIntroduction = `flurry check DEST... [options]

Connects to each host, looks at it and judges it: systemd state, failed units, space, privilege, what it
runs and what it boots. Changes nothing, and needs neither flake nor Nix here. Exit code 0 if all are healthy.
`;

const statusIntroduction = `flurry status DEST... [options]

Tells of each host what it runs and what it boots, from which revision that was built, what is under way there (its
state, how long until the host decides by itself, who began it), and how the last deployment ended. Where one
deployment came to different ends on the hosts that are named, it says so, and how to settle it. Changes nothing, and
needs neither flake nor Nix here. Exit code 0 if all hosts answered.
`;

const attachIntroduction = `flurry attach DEST... [ID] [options]

Joins what is under way on each host, be it a build or a transaction, whoever began it: shows its log from the start,
and ends with the host's verdict and its exit code, as the deployment itself would. Of one that has ended it shows
log and verdict. Without ID (20261122T032143Z-4f2a) that is the one under way, else the last one. Ctrl-C leaves it and
touches nothing: the deployment goes on.
`;

const rollbackIntroduction = `flurry rollback DEST [--to GENERATION] [options]
flurry rollback DEST... --to-rev REV [options]

Brings a host back to what its last promoted deployment replaced, to a generation of its system profile, or to what
was last deployed to it of a revision. A transaction as of a deploy, without copy and build: observe, gate, test,
verify, promote (any --goal but build). An earlier system need not be well any more: if it is not, the host puts
itself back to what it ran.
The host's own history and profile tell where to; neither flake nor Nix is needed here. What was replaced counts as
promoted then, so that the same command once more goes forth again. A host that does not run what its last promoted
deployment brought is refused: name a generation. Several hosts go back together only to a revision.
`;

const confirmIntroduction = `flurry confirm DEST... [options]

Says yes to the new system of each host that was tested and waits to be confirmed, whoever deployed it, over a new
connection; then waits for the host's verdict. Of several words (yes, no, the host's own deadline) the first one
counts, and it is told which that was. Without a deployment under way a host is refused.
`;

const abortIntroduction = `flurry abort DEST... [options]

Stops the deployment that is under way on each host, whoever began it: one that is tested ends its test, and the host
puts itself back; then its verdict is told. Once it is confirmed it is too late: then the host promotes, and that
verdict is told. Without a deployment under way a host is refused.
`;

const exitCodes = `Exit codes:
  0    every host ended well
  1    some host was refused, failed, rolled back, unhealthy or unreachable
  2    wrong usage or configuration; no host was touched
  3    some host is in doubt: look at it
  130  interrupted, with every host accounted for
`;

const nameLaw = `Every option but the last two is also a variable: --connect-timeout 30s = FLURRY_CONNECT_TIMEOUT=30s. A flag
beats the variable. A variable for an option that may be repeated holds one value (or pair) a line, and a yes or no
is 1 or 0. TIME carries its unit: 500ms, 15s, 10m, 3h, 1h30m. NO_COLOR=1 turns colours off.
`;

/** Gives the text of `--help`: of the program, of one verb, or of how hosts let flurry become root. */
export function helpText(topic: Verb | 'privilege' | undefined): string {
  switch (topic) {
    case 'privilege':
      return privilegeHelp;
    case undefined:
      return [top, destinations, optionsOf('deploy'), nameLaw, exitCodes].join('\n');
    case 'deploy':
      return [deployIntroduction, destinations, optionsOf('deploy'), nameLaw, exitCodes].join('\n');
    case 'check':
      return [checkIntroduction, destinations, optionsOf('check'), nameLaw, exitCodes].join('\n');
    case 'status':
      return [statusIntroduction, destinations, optionsOf('status'), nameLaw, exitCodes].join('\n');
    case 'attach':
      return [attachIntroduction, destinations, optionsOf('attach'), nameLaw, exitCodes].join('\n');
    case 'rollback':
      return [rollbackIntroduction, destinations, optionsOf('rollback'), nameLaw, exitCodes].join('\n');
    case 'confirm':
      return [confirmIntroduction, destinations, optionsOf('confirm'), nameLaw, exitCodes].join('\n');
    case 'abort':
      return [abortIntroduction, destinations, optionsOf('abort'), nameLaw, exitCodes].join('\n');
  }
}

function optionsOf(verb: Verb): string {
  const groups = optionGroups.map((group) => ({
    group,
    members: options.filter((option) => option.group === group && belongs(option, verb)),
  }));
  return groups
    .filter(({ members }) => members.length > 0)
    .map(({ group, members }) => `${group}:\n${members.map(optionLine).join('')}`)
    .join('');
}

function optionLine(option: Option): string {
  const given = 'default' in option && option.default !== undefined ? ` [${option.default}]` : '';
  return `  ${usageOf(option).padEnd(30)}  ${option.help}${given}\n`;
}
