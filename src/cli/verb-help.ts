import type { Verb } from '../config/option.ts';

/** Words with what they mean, as a table of two columns. */
export type Rows = readonly (readonly [string, string])[];

/** What `flurry VERB --help` and the man page say of a verb, but for its options. */
export interface VerbHelp {
  /** Behind `flurry VERB`. */
  readonly usage: readonly string[];
  /** One line. */
  readonly summary: string;
  /** Paragraphs and tables. */
  readonly text: readonly (string | Rows)[];
}

export const verbHelp: Readonly<Record<Verb, VerbHelp>> = {
  deploy: {
    usage: ['DEST... [options] [-- ARGUMENTS FOR NIX]'],
    summary: 'bring hosts to their configuration of the flake; the verb may be left out',
    text: [
      'Brings each host to its configuration of the flake, all hosts in parallel, each for itself:',
      [
        ['connect', 'one ssh connection, host key verified'],
        ['observe', 'systemd state, failed units, space, privilege; a host that is not well is refused here'],
        ['copy', "the flake's source"],
        ['build', 'on the host, in a unit of its own (with --build-on local here, and before the copy)'],
        ['gate', 'self-checks of the new system'],
        ['test', 'activate it without making it the boot default'],
        ['verify', 'judge the units, and confirm over a new connection that the host can still be reached'],
        ['promote', 'make it the boot default'],
      ],
      'From the gate on the host keeps its own limits: one that is not well, or not confirmed in time, puts itself back even if flurry, the network or this machine are gone. A host that runs and boots its new system is left alone.',
    ],
  },
  plan: {
    usage: ['DEST... [options] [-- ARGUMENTS FOR NIX]'],
    summary: 'build, and tell what a deploy would do to each host, and why; changes nothing',
    text: [
      'Does what a deploy does up to its gate, and then tells of each host what would follow: nothing, a promotion, a reboot and because of what, or which gate says no; which units would be stopped, started, restarted and reloaded; which packages change, and by how much the closure grows. The same as deploy --dry-run. It takes the options of deploy, so that the plan is of that very command.',
      'Nothing on a host changes but its store, which then has the new system. What only the deployment can find out is said: whether self-checks pass, units stay well, the host can still be reached, and boots. Exit code 1 where a host would be refused, or its build fails.',
    ],
  },
  check: {
    usage: ['DEST... [options]'],
    summary: 'connect, look, judge',
    text: [
      'Connects to each host, looks at it and judges it: systemd state, failed units, space, privilege, what it runs and what it boots. Changes nothing. Exit code 0 if all are healthy.',
    ],
  },
  status: {
    usage: ['DEST... [options]'],
    summary: 'what each host runs and boots, what is under way there, and how the last one ended',
    text: [
      'Tells of each host what it runs and what it boots, from which revision that was built, what is under way there (its state, how long until the host decides by itself, who began it), how the last deployment ended, which units have failed, and what a reboot is needed for. The most urgent comes last. Where there is a flake here, what each host runs is compared with it, without building: by the history of the host and what git knows it is the same source, some commits behind or ahead, or another; what flurry did not bring is unknown. Where one deployment came to different ends on the hosts that are named, it says so, and how to settle it. Changes nothing, and needs no flake (--no-flake: none is read). Exit code 0 if all hosts answered.',
    ],
  },
  history: {
    usage: ['DEST... [--last N] [options]'],
    summary: "a host's deployments, the newest first, and how each ended",
    text: [
      "Tells from each host's own history which deployments there were (the last 200 are kept): who began it and when, from which revision, what ran before and what was to run, how it ended and why, how long it took, and whether a later one took it back. What was refused before it changed anything is in no history, nor is what others than flurry did to the host. Changes nothing. Exit code 0 if all hosts answered.",
    ],
  },
  attach: {
    usage: ['DEST... [ID] [options]'],
    summary: 'join what is under way, with its log, to its verdict; also one that has ended',
    text: [
      "Joins what is under way on each host, be it a build or a transaction, whoever began it: shows its log from the start, and ends with the host's verdict and its exit code, as the deployment itself would. Of one that has ended it shows log and verdict. Without ID (20261122T032143Z-4f2a) that is the one under way, else the last one. Ctrl-C leaves it and touches nothing: the deployment goes on.",
    ],
  },
  rollback: {
    usage: ['DEST [--to GENERATION] [options]', 'DEST... --to-rev REV [options]'],
    summary: 'bring hosts back to what they ran earlier, with the same proof',
    text: [
      'Brings a host back to what its last promoted deployment replaced, to a generation of its system profile, or to what was last deployed to it of a revision. A transaction as of a deploy, without copy and build: observe, gate, test, verify, promote (any --goal but build). An earlier system need not be well any more: if it is not, the host puts itself back to what it ran.',
      "The host's own history and profile tell where to. What was replaced counts as promoted then, so that the same command once more goes forth again. A host that does not run what its last promoted deployment brought is refused: name a generation. Several hosts go back together only to a revision.",
    ],
  },
  confirm: {
    usage: ['DEST... [options]'],
    summary: 'say yes to a tested system that waits for it',
    text: [
      "Says yes to the new system of each host that was tested and waits to be confirmed, whoever deployed it, over a new connection; then waits for the host's verdict. Of several words (yes, no, the host's own deadline) the first one counts, and it is told which that was. Without a deployment under way a host is refused.",
    ],
  },
  list: {
    usage: ['[DEST...] [options]'],
    summary: 'the hosts of the flake, with their addresses, tags and configurations',
    text: [
      'Lists the hosts of the flake: how each is reached, which configuration it gets, and its tags; of destinations, patterns and tags which hosts they mean. With -o json it is one JSON document. No host is contacted.',
    ],
  },
  config: {
    usage: ['show [HOST...] [options]'],
    summary: 'each setting that holds, and where it comes from',
    text: [
      'Shows each setting as a deployment with the same options and variables would have it, and where it comes from: a flag, a variable, a place in the flake, or nothing (default). Of hosts, what holds for each; without one, what holds for a run and for hosts that the flake does not name. With -o json it is one JSON document. No host is contacted.',
    ],
  },
  abort: {
    usage: ['DEST... [options]'],
    summary: 'stop what is under way and not confirmed yet; the host puts itself back',
    text: [
      'Stops the deployment that is under way on each host, whoever began it: one that is tested ends its test, and the host puts itself back; then its verdict is told. Once it is confirmed it is too late: then the host promotes, and that verdict is told. Without a deployment under way a host is refused.',
    ],
  },
};
