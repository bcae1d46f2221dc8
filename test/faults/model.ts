// The transaction as a pure model: what the scripts do to a host, one effect at a time, each named for the function that
// it mirrors (src/host/scripts). Processes are generators that pause behind every effect, so that a kill is to drop
// one, and time, faults and words of people come in between as chance has it.

export type System = 'old' | 'new' | 'mixed';
export type Token = 'none' | 'waiting' | 'confirmed' | 'aborted' | 'expired';
export type Gate = 'none' | 'waiting' | 'released' | 'dismissed' | 'aborted' | 'expired';

/** A unit's process: it pauses behind every effect. */
type Process = Generator<undefined, void, undefined>;
/** A part of one, which tells whether it ended the whole process (`exit`). */
type Part = Generator<undefined, 'exit' | 'goes on', undefined>;

export interface Model {
  /** /run: gone with a reboot. */
  state: string;
  gate: Gate;
  token: Token;
  abortWanted: boolean;
  why: boolean;
  end: string;
  deadline: number;
  /** The file `begun`, and the timer that is made right behind it. */
  begunFile: boolean;
  timer: boolean;
  exit: { test: string; boot: string; oldBoot: string; back: string };
  /** The disk. */
  profile: 'old' | 'new';
  boots: 'old' | 'new';
  intent: boolean;
  begun: boolean;
  ended: string[];
  /** The host. */
  running: System;
  bootNumber: number;
  begunInBoot: number;
  clock: number;
  /** Units: at most one process each. */
  transaction: Process | undefined;
  rollback: Process | undefined;
  switching: Process | undefined;
  /** It was begun together with others: it waits at its gate for a word. */
  isGated: boolean;
  wasReleased: boolean;
  /** What somebody was told was accepted. */
  accepted: 'confirmed' | 'aborted' | undefined;
  wasConfirmed: boolean;
  promotionFailed: boolean;
  /** No write to /run works while it is full. */
  isRunFull: boolean;
}

/** What happens outside of the scripts: outcomes of programs. */
export interface Chance {
  happens(probability: number): boolean;
}

/** Rules that can be left out, to see that they are needed. */
export type Rule =
  | 'timer'
  | 'released-first'
  | 'one-token'
  | 'intent'
  | 'ends-the-test'
  | 'confirmed-is-kept'
  | 'profile-restored'
  | 'state-before-test'
  | 'state-after-the-kill'
  | 'verdict-stands'
  | 'loader-before-profile';

const limits = { gate: 4, activation: 6, confirm: 8, loader: 12, rollback: 100, grace: 2 };

export function newModel(): Model {
  return {
    state: '',
    gate: 'none',
    token: 'none',
    abortWanted: false,
    why: false,
    end: '',
    deadline: 0,
    begunFile: false,
    timer: false,
    exit: { test: '', boot: '', oldBoot: '', back: '' },
    profile: 'old',
    boots: 'old',
    intent: false,
    begun: false,
    ended: [],
    running: 'old',
    bootNumber: 1,
    begunInBoot: 0,
    clock: 0,
    transaction: undefined,
    rollback: undefined,
    switching: undefined,
    isGated: false,
    wasReleased: false,
    accepted: undefined,
    wasConfirmed: false,
    promotionFailed: false,
    isRunFull: false,
  };
}

/** The scripts, over a model. */
export function scriptsOf(model: Model, chance: Chance, without: Rule | undefined) {
  const has = (rule: Rule): boolean => rule !== without;

  /** state.sh: set_state. Fails where /run is full, and leaves the old word. */
  function setState(word: string): boolean {
    if (model.isRunFull) return false;
    model.state = word;
    return true;
  }
  /** clock.sh */
  function setDeadline(ticks: number): void {
    if (!model.isRunFull) model.deadline = model.clock + ticks;
  }
  const deadlinePassed = (grace = 0): boolean => model.clock >= model.deadline + grace;
  /** `mv -T waiting $1`: the one rename that can succeed. */
  function takeToken(word: 'confirmed' | 'aborted' | 'expired'): boolean {
    if (has('one-token') ? model.token !== 'waiting' : model.token === 'none') return false;
    model.token = word;
    if (word === 'confirmed') model.wasConfirmed = true;
    return true;
  }

  /** `mv -T gate-waiting $1`, by the same rule. */
  function takeGate(word: 'released' | 'dismissed' | 'aborted' | 'expired'): boolean {
    if (has('one-token') ? model.gate !== 'waiting' : model.gate === 'none') return false;
    model.gate = word;
    if (word === 'released') model.wasReleased = true;
    return true;
  }

  /** transaction.sh: main */
  function* transaction(): Process {
    setState('locked');
    yield;
    setState('gating');
    setDeadline(limits.gate);
    yield;
    // gate
    if (chance.happens(0.05)) return yield* finish('refused');
    if (model.isGated && (yield* awaitRelease()) === 'exit') return;
    // arm: write_begun, the file `begun`, the timer
    model.begun = true;
    model.begunInBoot = model.bootNumber;
    yield;
    model.begunFile = true;
    yield;
    if (has('timer')) model.timer = true;
    yield;
    setDeadline(limits.activation);
    setState('armed');
    yield;
    if (!setState('testing') && has('state-before-test')) return giveUp();
    yield;
    // test_system
    yield* switchTo('test', 'new');
    if (model.exit.test !== '0') return giveUp();
    yield;
    setDeadline(limits.activation);
    setState('verifying');
    yield;
    // verify
    if (model.running !== 'new' || chance.happens(0.1)) return giveUp();
    setDeadline(limits.confirm);
    yield;
    model.token = 'waiting';
    yield;
    setState('waiting');
    yield;
    if (model.abortWanted && takeToken('aborted')) model.accepted = 'aborted';
    yield;
    // await_confirmation
    while (model.token === 'waiting') {
      if (deadlinePassed()) takeToken('expired');
      yield;
    }
    if (token() !== 'confirmed') return giveUp();
    setDeadline(limits.loader);
    setState('promoting');
    yield;
    if ((yield* promote()) === 'exit') return;
    model.promotionFailed = true;
    giveUp();
  }

  // Read anew: other processes move them while this one pauses.
  const token = (): Token => model.token;
  const gate = (): Gate => model.gate;

  /** transaction.sh: await_release */
  function* awaitRelease(): Part {
    setDeadline(limits.confirm);
    yield;
    model.gate = 'waiting';
    yield;
    setState('gated');
    yield;
    if (model.abortWanted && takeGate('aborted')) model.accepted = 'aborted';
    yield;
    while (gate() === 'waiting') {
      if (deadlinePassed()) takeGate('expired');
      yield;
    }
    if (gate() !== 'released' && has('released-first')) {
      yield* finish('refused');
      return 'exit';
    }
    setDeadline(limits.gate);
    yield;
    // look_again
    if (!chance.happens(0.05)) return 'goes on';
    yield* finish('refused');
    return 'exit';
  }

  /** transaction.sh: give_up. On a full /run the reason is lost, no more. */
  function giveUp(): void {
    if (!model.isRunFull) model.why = true;
  }

  /** steps.sh: finish. history, intent, end, state. */
  function* finish(verdict: string): Process {
    if (model.begunFile && model.ended.length === 0) model.ended.push(verdict);
    yield;
    model.intent = false;
    yield;
    // On a full /run the file is not written: the next run of the rollback unit writes it.
    if (model.isRunFull) return;
    model.end = verdict;
    yield;
    setState('ended');
  }

  /** steps.sh: switch_to. A unit of its own, which goes on where whoever started it is killed. */
  function* switchTo(name: keyof Model['exit'], system: 'old' | 'new'): Process {
    model.exit[name] = '';
    yield;
    // The lock of switch-to-configuration: waited for, within a limit.
    let patience = 20;
    while (model.switching !== undefined && patience > 0) {
      patience -= 1;
      yield;
    }
    if (model.switching !== undefined) {
      model.exit[name] = 'locked';
      return;
    }
    model.switching = switcher(name, system);
    // await_file, within the unit's limit
    const until = model.clock + (system === 'new' ? limits.activation : limits.rollback);
    while (model.switching !== undefined && model.exit[name] === '' && model.clock < until) yield;
    if (model.exit[name] !== '') return;
    // RuntimeMaxSec
    model.switching = undefined;
    model.exit[name] = 'timeout';
  }

  /** switch-to-configuration test | boot */
  function* switcher(name: keyof Model['exit'], system: 'old' | 'new'): Process {
    yield;
    if (name === 'boot' || name === 'oldBoot') {
      // The program of the boot loader fails before it writes, or behind it.
      if (system === 'new' && chance.happens(0.1)) {
        model.exit[name] = '1';
        return;
      }
      model.boots = system;
      yield;
      model.exit[name] = system === 'new' && chance.happens(0.1) ? '1' : '0';
      return;
    }
    model.running = 'mixed';
    yield;
    while (system === 'new' && chance.happens(0.3)) yield;
    if (system === 'new' && chance.happens(0.1)) {
      model.exit[name] = '2';
      return;
    }
    model.running = system;
    yield;
    model.exit[name] = '0';
  }

  /** steps.sh: promote. Returns where something went wrong. */
  function* promote(): Part {
    if (model.running !== 'new') return 'goes on';
    if (has('intent')) model.intent = true;
    yield;
    if (chance.happens(0.05)) return 'goes on';
    model.profile = 'new';
    yield;
    yield* switchTo('boot', 'new');
    if (model.exit.boot !== '0') return 'goes on';
    yield;
    if (model.boots !== 'new' || model.profile !== 'new') return 'goes on';
    yield* finish('promoted');
    return 'exit';
  }

  /** steps.sh: undo_promotion */
  function* undoPromotion(): Process {
    if (!has('loader-before-profile')) model.profile = 'old';
    yield;
    yield* switchTo('oldBoot', 'old');
    yield;
    if (has('profile-restored')) model.profile = 'old';
  }

  /** rollback.sh: main */
  function* rollback(): Process {
    if (model.end !== '') {
      tidy();
      return;
    }
    const stateBefore = model.state;
    yield;
    if (model.transaction !== undefined && !deadlinePassed(limits.grace)) return;
    // end_the_forward
    model.transaction = undefined;
    if (has('ends-the-test')) model.switching = undefined;
    yield;
    if (has('verdict-stands') && model.ended.length > 0) return tidy();
    const state = has('state-after-the-kill') ? model.state : stateBefore;
    switch (state) {
      case 'locked':
      case 'gating':
      case 'gated':
      case 'armed':
        return yield* finish('failed');
      case 'rolling-back':
      case 'holding':
        break;
      default:
        takeToken('expired');
        yield;
        if (state === 'promoting' || (has('confirmed-is-kept') && model.token === 'confirmed')) {
          if ((yield* resumePromotion()) === 'exit') return;
        }
    }
    yield* goBack();
  }

  /** rollback.sh: tidy, and clear-deployment.sh */
  function tidy(): void {
    model.end = model.ended.at(-1) ?? model.end;
    model.timer = false;
  }

  /** rollback.sh: resume_promotion */
  function* resumePromotion(): Part {
    setDeadline(2 * limits.loader);
    setState('promoting');
    yield;
    if (!model.why) {
      if ((yield* promote()) === 'exit') return 'exit';
      model.promotionFailed = true;
      if (!model.isRunFull) model.why = true;
    }
    yield;
    yield* undoPromotion();
    return 'goes on';
  }

  /** rollback.sh: go_back */
  function* goBack(): Process {
    setState('rolling-back');
    yield;
    yield* switchTo('back', 'old');
    // judge_the_way_back
    yield;
    if (model.running === 'old' && model.profile === 'old' && model.boots === 'old')
      return yield* finish('rolled-back');
    setState('holding');
    yield;
    yield* finish('in-doubt');
  }

  return { transaction, rollback, takeToken, takeGate };
}
