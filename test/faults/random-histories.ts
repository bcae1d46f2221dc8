import assert from 'node:assert/strict';
import { randomFrom } from './cases.ts';
import { type Model, newModel, type Rule, scriptsOf } from './model.ts';

const seed = Number(process.env['FLURRY_TEST_SEED'] ?? 1);

/** Plays so many random histories by the seed: what must hold held in each, and all that may come of them did. */
export function playHistories(histories: number): void {
  const endings = new Map<string, number>();
  const gates = new Map<string, number>();
  for (let index = 0; index < histories; index += 1) {
    const { ended, gate } = play(seed * 1_000_000 + index, undefined);
    const ending = ended.at(-1) ?? 'nothing begun';
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    gates.set(gate, (gates.get(gate) ?? 0) + 1);
  }
  // All that may come of it did come of it, or the chances of this test prove little.
  for (const ending of ['promoted', 'rolled-back', 'failed', 'nothing begun']) {
    assert.ok((endings.get(ending) ?? 0) > histories / 400, `${ending}: ${endings.get(ending)}`);
  }
  for (const gate of ['released', 'dismissed', 'aborted', 'expired']) {
    assert.ok((gates.get(gate) ?? 0) > histories / 400, `the gate ${gate}: ${gates.get(gate)}`);
  }
}

/** One random history: steps, faults and words in any order, then time without faults until nothing moves any more. */
export function play(playSeed: number, without: Rule | undefined): Pick<Model, 'ended' | 'gate'> {
  const random = randomFrom(playSeed);
  const happens = (probability: number): boolean => random() < probability;
  const model: Model = { ...newModel(), isGated: happens(0.3) };
  const scripts = scriptsOf(model, { happens }, without);
  const told: string[] = [];
  const claim = (holds: boolean, what: string): void => {
    // The message costs far more than the claim.
    if (!holds)
      assert.fail(
        `${what} (--seed ${playSeed}${without === undefined ? '' : `, without ${without}`}): ${JSON.stringify(model)}\n${told.join(' ')}`,
      );
  };
  model.transaction = scripts.transaction();

  const stepOf = (unit: 'transaction' | 'rollback' | 'switching'): void => {
    const process = model[unit];
    if (process?.next().done === true && model[unit] === process) {
      model[unit] = undefined;
      // ExecStopPost, whatever ended it
      if (unit === 'transaction' && model.timer) startRollback();
    }
  };
  const startRollback = (): void => {
    // systemd runs it once at a time
    model.rollback ??= scripts.rollback();
  };
  const kill = (unit: 'transaction' | 'rollback' | 'switching', stopPost: boolean): void => {
    if (model[unit] === undefined) return;
    model[unit] = undefined;
    if (unit === 'transaction' && stopPost && model.timer) startRollback();
  };
  const restart = (): void => {
    const { profile, boots, intent, begun, ended, bootNumber, begunInBoot } = model;
    const { isGated, wasReleased, accepted, wasConfirmed, promotionFailed } = model;
    Object.assign(model, newModel(), {
      profile,
      boots,
      intent,
      begun,
      ended,
      begunInBoot,
      isGated,
      wasReleased,
      accepted,
      wasConfirmed,
      promotionFailed,
    });
    model.running = boots;
    model.bootNumber = bootNumber + 1;
  };
  // decide.sh
  const say = (word: 'confirmed' | 'aborted' | 'dismissed'): void => {
    if (word === 'confirmed') {
      if (scripts.takeToken(word)) model.accepted = word;
    } else if (scripts.takeGate(word) || scripts.takeToken('aborted')) model.accepted = 'aborted';
    else if (model.token === 'none' && model.end === '') model.abortWanted = true;
  };

  const moves: readonly (readonly [string, number, () => unknown])[] = [
    ['transaction', 40, () => stepOf('transaction')],
    ['rollback', 30, () => stepOf('rollback')],
    ['switching', 30, () => stepOf('switching')],
    ['clock', 10, () => Object.assign(model, { clock: model.clock + 1 })],
    ['timer', 5, () => model.timer && startRollback()],
    ['release', 4, () => scripts.takeGate('released')],
    ['dismiss', 0.5, () => say('dismissed')],
    ['confirm', 4, () => say('confirmed')],
    ['abort', 1, () => say('aborted')],
    ['kill-main', 1, () => kill('transaction', true)],
    // kill -s KILL of the unit takes ExecStopPost along
    ['kill-unit', 1, () => kill('transaction', false)],
    ['kill-rollback', 1, () => kill('rollback', false)],
    ['kill-switch', 1, () => kill('switching', false)],
    ['run-full', 0.3, () => Object.assign(model, { isRunFull: true })],
    ['run-freed', 0.6, () => Object.assign(model, { isRunFull: false })],
    ['reboot', 0.3, restart],
  ];
  const total = moves.reduce((sum, [, weight]) => sum + weight, 0);
  const move = (): void => {
    let chosen = random() * total;
    for (const [name, weight, act] of moves) {
      chosen -= weight;
      if (chosen >= 0) continue;
      told.push(name);
      act();
      return;
    }
  };

  for (let step = 0; step < 150; step += 1) {
    move();
    claimAlways(model, claim);
  }

  // No more faults: everything that moves by itself moves on.
  model.isRunFull = false;
  for (let step = 0; step < 600; step += 1) {
    stepOf('transaction');
    stepOf('rollback');
    stepOf('switching');
    if (step % 5 === 0) model.clock += 1;
    if (step % 10 === 0 && model.timer) startRollback();
    claimAlways(model, claim);
  }
  claimAtTheEnd(model, claim);
  const verdicts = model.ended.length;
  const { gate } = model;
  const isHurt = told.includes('kill-switch');
  claim(isHurt || model.ended.at(-1) !== 'in-doubt', 'in doubt only where the way back itself was hurt');
  restart();
  reconcile(model);
  // In doubt: its way back failed, which was told.
  const isOne = model.running === model.boots && model.profile === model.boots;
  claim(
    isOne || (verdicts > 0 && model.ended[0] === 'in-doubt'),
    'after a reboot and the next contact it runs, boots and has as profile one system',
  );
  claim(!model.intent, 'no intent is left');
  claim(!model.begun || model.ended.length > 0, 'what was begun has a verdict');
  claim(verdicts === 0 || model.ended.length === verdicts, 'a verdict that stands is not given again');
  return { ended: model.ended, gate };
}

function claimAlways(model: Model, claim: (holds: boolean, what: string) => void): void {
  claim(model.boots === 'old' || model.wasConfirmed, 'it boots what nobody confirmed');
  claim(model.profile === 'old' || model.wasConfirmed, 'its profile is what nobody confirmed');
  const isUntouched = model.running === 'old' && model.switching === undefined && !model.begun;
  claim(!model.isGated || model.wasReleased || isUntouched, 'it is touched before it was released');
  const decides = model.timer || model.rollback !== undefined || model.transaction !== undefined;
  const isOpen = model.begunInBoot === model.bootNumber && model.end === '' && model.begunFile;
  const isTouched = model.running !== 'old' || model.switching !== undefined;
  claim(!(isOpen && isTouched) || decides, 'nobody will ever decide');
}

function claimAtTheEnd(model: Model, claim: (holds: boolean, what: string) => void): void {
  claim(
    model.transaction === undefined && model.rollback === undefined && !(model.timer && model.end === ''),
    'it came to an end',
  );
  if (model.begunInBoot !== model.bootNumber) return;
  const verdict = model.ended.at(-1);
  const all = (system: string): boolean =>
    model.running === system && model.boots === system && model.profile === system;
  if (verdict === 'promoted') claim(all('new'), 'promoted: wholly new in the end');
  if (verdict === 'rolled-back' || verdict === 'failed') claim(all('old'), `${verdict}: wholly old in the end`);
  if (verdict === undefined) claim(all('old'), 'no verdict: wholly old in the end');
  if (model.accepted === 'aborted') claim(verdict !== 'promoted', 'an abort that was accepted is kept');
  if (model.accepted === 'confirmed' && verdict === 'rolled-back')
    claim(model.promotionFailed, 'a confirmation that was accepted is kept, unless promotion failed');
}

/** reconcile.sh: reconcile, in another boot than the one that was cut off. */
function reconcile(model: Model): void {
  if (model.intent && model.boots !== 'new') model.profile = 'old';
  if (model.begun && model.ended.length === 0) {
    const isNew = model.profile === 'new' && model.running === 'new';
    model.ended.push(
      isNew ? 'promoted' : model.profile === 'old' && model.running === 'old' ? 'rolled-back' : 'in-doubt',
    );
  }
  model.intent = false;
}
