import { confirmedText, refuseStranger } from '../../src/cli/confirm.js';
import type { DeliveryDescription } from '../../src/client/index.js';

const description = {
  id: 'news',
  approvalRules: [{ settings: { quorum: 1 } }, { settings: { quorum: 3 } }],
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

test('nobody is asked while the content awaits its approval', () => {
  const held = {
    mayConfirm: [],
    mayReject: [],
    confirmedBy: [],
    expiresAt: '',
    heldBy: '1 more reviewer must approve',
  };
  expect(() => refuseStranger({ ...description, pendingDecision: held }, 'second')).toThrow(
    'Nobody can confirm it yet: 1 more reviewer must approve. See "sealpost show news".',
  );
});

test('whoever confirms is told how many more must, else that it goes on', () => {
  expect(confirmedText(description, 'second')).toBe(
    'The confirmation by second counts. 1 more confirmation must come; those who may: nobody. See "sealpost show news".',
  );
  expect(confirmedText({ ...description, approvalRules: description.approvalRules.slice(0, 1) }, 'second')).toBe(
    'The confirmation by second counts. Follow the delivery: sealpost watch news',
  );
});
