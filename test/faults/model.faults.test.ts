import { it } from 'node:test';
import { playHistories } from './random-histories.ts';

const histories = 20_000;

it(`the model of the transaction in ${histories} random histories never touches what nobody released, never boots what nobody confirmed, and never lacks who decides`, () => {
  playHistories(histories);
});
