import { setTimeout as pause } from 'node:timers/promises';
import { untilOver } from './after.ts';
import type { ConfigurationName } from './faulty-flake.ts';
import { type PointName, type Progress, pointNames, points } from './points.ts';
import type { Scene } from './scene.ts';

/**
 * `none`: nothing was begun, so nothing is recorded, and nothing was touched. `tested`: runs the new system, and
 * boots the old one once a trial boot of the new one is over.
 */
export type Ending = 'none' | 'failed' | 'refused' | 'rolled-back' | 'tested' | 'promoted' | 'in-doubt';

/** What may become of a transaction by how far it was; the facts on the host have to agree with it in each case. */
type Endings = Readonly<Record<Progress, readonly Ending[]>>;

export interface Fault {
  readonly title: string;
  /** The system that is deployed, where the fault lies in it. */
  readonly configuration?: ConfigurationName;
  /** Further words for the coordinator. */
  readonly words?: readonly string[];
  /** Before the coordinator starts. */
  readonly prepare?: (scene: Scene) => Promise<void>;
  /** While the transaction halts. */
  readonly inject?: (scene: Scene) => Promise<void>;
  /** Once it goes on again. */
  readonly onceReleased?: (scene: Scene) => Promise<void>;
  /** When the host has been judged, before it is asked to answer again: undoes what the host cannot. */
  readonly undo?: (scene: Scene) => Promise<void>;
  readonly endings: Endings;
  /** The coordinator comes back, and its log has each line of the host's once. */
  readonly keepsContact?: boolean;
  /** Where it is done; with no `inject`, the one state in which it happens by itself. */
  readonly at: readonly PointName[];
  /** Why not elsewhere. */
  readonly notElsewhere?: string;
  /** By when nothing may be left, after the halt; 100 s unless told. */
  readonly limitMs?: number;
  /** The host is some third system in the end, as somebody wished. */
  readonly changedByOthers?: boolean;
}

/** The fault has no say in how it ends. */
const harmless: Endings = {
  untouched: ['promoted'],
  armed: ['promoted'],
  changed: ['promoted'],
  waiting: ['promoted'],
  promised: ['promoted'],
  loaded: ['promoted'],
  promoted: ['promoted'],
  'going-back': ['rolled-back'],
  back: ['rolled-back'],
  staging: ['promoted'],
  staged: ['promoted'],
  tried: ['promoted'],
};

/** Nobody confirms. */
const unconfirmed: Endings = {
  ...harmless,
  untouched: ['rolled-back'],
  armed: ['rolled-back'],
  changed: ['rolled-back'],
  waiting: ['rolled-back'],
};

/** Nor is anybody left to ask for the reboot; what the trial has proven is promoted without a confirmation. */
const abandoned: Endings = { ...unconfirmed, staging: ['tested'], staged: ['tested'] };

/** The transaction's own processes end there: not begun, put back, or promoted as was promised. */
const cutOff: Endings = {
  ...unconfirmed,
  untouched: ['none', 'failed'],
  armed: ['none', 'failed'],
  // The token outlives it: who confirms before the way back takes it is kept to.
  waiting: ['rolled-back', 'promoted'],
};

/** The whole host ends there, and comes up in what it boots. */
const hostDown: Endings = {
  ...cutOff,
  armed: ['none', 'failed', 'rolled-back'],
  waiting: ['rolled-back'],
  promised: ['rolled-back'],
  loaded: ['promoted'],
  staging: ['rolled-back'],
  // The boot in which it comes up is the trial.
  staged: ['promoted'],
  tried: ['rolled-back'],
};

/** As that, with time to write down that it was so. */
const hostGoesDown: Endings = {
  ...hostDown,
  armed: ['none', 'failed', 'rolled-back', 'in-doubt'],
  changed: ['rolled-back', 'in-doubt'],
  waiting: ['rolled-back', 'in-doubt'],
  promised: ['promoted', 'rolled-back', 'in-doubt'],
  loaded: ['promoted', 'in-doubt'],
  'going-back': ['rolled-back', 'in-doubt'],
  staging: ['promoted', 'rolled-back', 'in-doubt'],
  staged: ['promoted', 'in-doubt'],
  tried: ['promoted', 'rolled-back', 'in-doubt'],
};

/** It may go on or go back, as long as it is one of them. */
const eitherWay: Endings = {
  untouched: ['refused', 'failed', 'rolled-back', 'promoted'],
  armed: ['failed', 'rolled-back', 'promoted'],
  changed: ['rolled-back', 'promoted'],
  waiting: ['rolled-back', 'promoted'],
  promised: ['rolled-back', 'promoted'],
  loaded: ['rolled-back', 'promoted'],
  promoted: ['promoted'],
  'going-back': ['rolled-back'],
  back: ['rolled-back'],
  staging: ['rolled-back', 'promoted'],
  staged: ['rolled-back', 'promoted'],
  // It has activated nothing that it would have to put back.
  tried: ['failed', 'promoted'],
};

const onlyBack: Endings = { ...unconfirmed, promised: ['rolled-back'] };

function cutFor(seconds: number): Fault {
  return {
    title: `the coordinator is cut off for ${seconds} s`,
    inject: (scene) => scene.host.cutNetwork(),
    onceReleased: async (scene) => {
      await pause(seconds * 1000);
      await scene.host.mendNetwork();
    },
    // What was not confirmed in time goes back; behind a short cut it may still have been.
    endings: {
      ...unconfirmed,
      untouched: ['rolled-back', 'promoted'],
      armed: ['rolled-back', 'promoted'],
      changed: ['rolled-back', 'promoted'],
      waiting: ['rolled-back', 'promoted'],
    },
    keepsContact: true,
    at: pointNames,
  };
}

const runs = (script: string) => async (scene: Scene) => {
  await scene.host.inside(script, [scene.mainUnit], { allowFailure: true });
};

/** Undoes what was done, on a host that may be rebooting meanwhile. */
const undoes = (script: string) => async (scene: Scene) => {
  await scene.host.waitUntil('what was done to it is undone', `${script}\ntrue`, 90_000);
};

export const faults = {
  'coordinator-killed': {
    title: 'the coordinator is killed',
    inject: async (scene) => scene.coordinator.kill(),
    endings: abandoned,
    at: pointNames,
  },
  'cut-for-ever': {
    title: 'the coordinator is cut off, and never comes back',
    inject: (scene) => scene.host.cutNetwork(),
    undo: async (scene) => {
      scene.coordinator.kill();
      await scene.host.mendNetwork();
    },
    endings: abandoned,
    at: pointNames,
  },
  'cut-for-10s': cutFor(10),
  'cut-for-60s': cutFor(60),
  'cut-past-every-deadline': {
    title: 'the coordinator is cut off, and comes back when the host has long ended by itself',
    inject: (scene) => scene.host.cutNetwork(),
    onceReleased: async (scene) => {
      await untilOver(scene.host, 100_000);
      await scene.host.mendNetwork();
    },
    endings: unconfirmed,
    keepsContact: true,
    at: pointNames,
  },
  'activation-cuts-network': {
    title: 'the activation cuts the host off the network',
    configuration: 'cutsNetwork',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  'activation-stops-sshd': {
    title: 'the activation stops sshd',
    configuration: 'stopsSshd',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  'main-process-killed': {
    title: 'the main process of the unit is killed -9',
    inject: runs('systemctl kill --kill-whom=main --signal=KILL "$1"'),
    endings: cutOff,
    at: pointNames,
  },
  'unit-killed': {
    title: 'the whole unit is killed -9',
    inject: runs('systemctl kill --signal=KILL "$1"'),
    endings: cutOff,
    at: pointNames,
  },
  'unit-stopped': {
    title: 'the unit is stopped by hand',
    inject: runs('systemctl stop "$1"'),
    endings: cutOff,
    at: pointNames,
  },
  'hard-stop': {
    title: 'the power is cut',
    inject: (scene) => scene.host.hardStop(),
    onceReleased: (scene) => scene.host.start(),
    endings: hostDown,
    at: pointNames,
  },
  reboot: {
    title: 'somebody reboots the host',
    inject: (scene) => scene.host.reboot(),
    endings: hostGoesDown,
    at: pointNames,
  },
  shutdown: {
    title: 'somebody shuts the host down, which takes a while',
    inject: async (scene) => {
      await runs(`systemd-run --quiet --unit=slow-to-stop --property=ExecStop='/bin/sleep 4' -- sleep infinity`)(scene);
      await scene.host.stop();
    },
    onceReleased: (scene) => scene.host.start(),
    endings: hostGoesDown,
    at: pointNames,
  },
  'daemon-reexec': {
    title: 'systemd is executed anew',
    inject: runs('systemctl daemon-reexec'),
    endings: harmless,
    at: pointNames,
  },
  'reload-loop': {
    title: 'systemd is told to reload over and over',
    inject: runs(`systemd-run --quiet --unit=fleet-reload-loop --property=DefaultDependencies=no -- \
      sh -c 'while :; do systemctl daemon-reload; sleep 1; done'`),
    undo: undoes('systemctl stop fleet-reload-loop'),
    endings: harmless,
    at: pointNames,
  },
  'journald-restarted': {
    title: 'journald is restarted',
    inject: runs('systemctl restart systemd-journald'),
    endings: harmless,
    at: pointNames,
  },
  'run-full': {
    title: '/run is full',
    // Not by 5 GB of memory, but by a limit at what is there.
    inject: runs('mount -o "remount,size=$(df -k --output=used /run | tail -n 1 | tr -d " ")k" /run'),
    undo: undoes('mount -o remount,size=20% /run'),
    // The way back gives up its ballast first; where /run is filled once more behind that, no unit can be started at all.
    endings: { ...eitherWay, untouched: ['refused', 'failed'], 'going-back': ['rolled-back', 'in-doubt'] },
    at: pointNames,
  },
  'var-full': {
    title: '/var is full',
    inject: runs(`fallocate -l "$(df -k --output=avail /var | tail -n 1 | tr -d ' ')k" /var/fleet-fill
      while head -c 4096 /dev/zero >>/var/fleet-fill-2 2>/dev/null; do :; done`),
    undo: undoes('rm -f /var/fleet-fill*'),
    endings: { ...eitherWay, untouched: ['refused', 'failed'] },
    at: pointNames.filter((point) => !['staging', 'staged'].includes(point)),
    notElsewhere: 'it would be chance whether the transaction behind the reboot still meets it',
  },
  'nix-daemon-stopped': {
    title: 'the Nix daemon is stopped',
    inject: runs('systemctl stop nix-daemon.socket nix-daemon.service'),
    undo: undoes('systemctl start nix-daemon.socket'),
    endings: harmless,
    at: pointNames,
  },
  'garbage-collected': {
    title: 'garbage is collected, and old generations deleted',
    inject: runs('nix-collect-garbage --delete-old'),
    // Its generation is deleted with the others that are not in use, so that it gets no boot entry.
    endings: { ...harmless, staging: ['rolled-back'] },
    at: pointNames,
  },
  'second-coordinator': {
    title: 'a second coordinator comes',
    // At `verified` the deadline is written already, and the second one's run is waited for.
    words: ['--confirm-timeout', '60s'],
    inject: async (scene) => {
      const second = await scene.deploy('other').ended;
      scene.claim('the second coordinator is refused', 'exit 1 refused', `exit ${second.code} ${second.verdict}`);
      // On a host whose new system has just failed it is refused even earlier.
      const isTold = /^(locked: .*@|degraded: |switch-under-way: )/.test(second.problem);
      scene.claim('it is told who holds the host', 'yes', isTold ? 'yes' : second.problem);
    },
    endings: harmless,
    at: pointNames.filter((point) => !['waiting', 'ending', 'returned'].includes(point)),
    notElsewhere:
      'once the verdict stands it is let in, rightly; and what is told at `confirmed` would be told at `waiting`, where the test refuses connections',
  },
  'switched-by-hand': {
    title: 'somebody switches the host to a third system',
    prepare: async (scene) => {
      const built = await scene.deploy('other', '--goal', 'build').ended;
      scene.claim('the third system is built', 'built', String(built.verdict));
    },
    inject: async (scene) => {
      await scene.host.inside(
        'nix-env --profile /nix/var/nix/profiles/system --set "$1" && "$1/bin/switch-to-configuration" switch',
        [scene.toplevels.other],
        { allowFailure: true },
      );
    },
    endings: {
      untouched: ['refused'],
      armed: ['in-doubt', 'refused', 'failed'],
      changed: ['in-doubt'],
      waiting: ['in-doubt'],
      promised: ['in-doubt'],
      loaded: ['in-doubt'],
      promoted: ['promoted'],
      'going-back': ['in-doubt'],
      back: ['rolled-back'],
      staging: ['in-doubt'],
      staged: ['in-doubt'],
      tried: ['in-doubt'],
    },
    changedByOthers: true,
    at: pointNames,
  },
  'activation-hangs': {
    title: 'the activation hangs',
    configuration: 'hangs',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  'activation-forks-away': {
    title: 'the activation forks away and hangs',
    configuration: 'forksAway',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  'activation-ignores-sigterm': {
    title: 'the activation hangs and ignores SIGTERM',
    configuration: 'ignoresSigterm',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  'loader-fails': {
    title: 'the boot loader cannot be written',
    configuration: 'loaderFails',
    endings: onlyBack,
    at: ['promoting'],
    notElsewhere: 'it is the promotion that writes it',
  },
  'loader-fails-after-gc': {
    title: 'the boot loader cannot be written, and old generations were deleted meanwhile',
    configuration: 'loaderFails',
    inject: runs(
      'nix-env --profile /nix/var/nix/profiles/system --set "$(readlink -f /run/current-system)" && nix-collect-garbage --delete-old',
    ),
    endings: onlyBack,
    at: ['promoting'],
    notElsewhere: 'it is the promotion that writes it',
  },
  'mount-fails': {
    title: 'a mount of the new system fails and takes the host to emergency mode',
    configuration: 'badMount',
    endings: unconfirmed,
    at: ['testing'],
    notElsewhere: 'it is the activation that does it',
  },
  isolated: {
    title: 'somebody isolates multi-user.target',
    inject: runs('systemctl isolate multi-user.target'),
    endings: eitherWay,
    at: pointNames,
  },
  'dbus-restarted': {
    title: 'dbus is restarted',
    inject: runs('systemctl restart dbus'),
    // Until logind is on the bus again every login waits for 25 s: who does not restart it may miss the deadline.
    undo: undoes('systemctl restart systemd-logind'),
    endings: {
      ...harmless,
      untouched: ['promoted', 'rolled-back'],
      armed: ['promoted', 'rolled-back'],
      changed: ['promoted', 'rolled-back'],
      waiting: ['promoted', 'rolled-back'],
    },
    at: pointNames,
  },
  frozen: {
    title: 'the unit is frozen',
    inject: runs('systemctl freeze "$1"'),
    endings: { ...unconfirmed, waiting: ['rolled-back', 'promoted'] },
    at: ['testing', 'activating', 'verifying', 'waiting'],
    notElsewhere:
      'before it is armed nothing is touched; a promotion has 7 min by design; a way back that is frozen has nobody above it but the person who froze it',
    limitMs: 200_000,
  },
  'programs-gone': {
    title: '/run/current-system dangles and our units do not see /usr/bin',
    inject: runs(`mkdir -p /run/systemd/system/flurry-.service.d
      printf '[Service]\\nInaccessiblePaths=/usr/bin\\n' >/run/systemd/system/flurry-.service.d/hidden.conf
      systemctl daemon-reload
      ln -sfn /nix/store/not-there /run/current-system`),
    undo: undoes('rm -rf /run/systemd/system/flurry-.service.d; systemctl daemon-reload'),
    endings: { ...eitherWay, untouched: ['refused'], armed: ['rolled-back', 'promoted'] },
    at: pointNames.filter(
      (point) =>
        ![
          'locked',
          'gating',
          'gated',
          'loading',
          'loaded',
          'ending',
          'returned',
          'staging',
          'staged',
          'tried',
        ].includes(point),
    ),
    notElsewhere:
      'before it is armed, and once promotion is under way or the verdict stands, the link is not ours to put back',
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

/** Which system is deployed for a fault at a point. */
export function configurationOf(fault: Fault, point: PointName): ConfigurationName {
  return fault.configuration ?? points[point].configuration;
}
