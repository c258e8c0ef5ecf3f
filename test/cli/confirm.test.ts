import { refuseStranger } from '../../src/cli/confirm.js';
import type { DeliveryDescription } from '../../src/client/index.js';

const description = {
  id: 'news',
  pendingDecision: { mayConfirm: ['second'], mayReject: [], confirmedBy: ['first'], expiresAt: '' },
} as unknown as DeliveryDescription;

test.each([
  ['stranger', /"stranger" may not confirm it; those who may: second\./],
  ['first', /"first" has confirmed this seal already/],
])('%s is not asked', (operator, sentence) => {
  expect(() => refuseStranger(description, operator)).toThrow(sentence);
});

test('whoever may confirm is asked, and everybody where it is not known who may', () => {
  expect(() => refuseStranger(description, 'second')).not.toThrow();
  expect(() => refuseStranger({ id: 'news' } as DeliveryDescription, 'stranger')).not.toThrow();
});
