import { countWaiting } from '../../src/web/console/waiting.js';

type Standing = Parameters<typeof countWaiting>[0][number];

const settings = { mode: 'confirm' } as unknown as Standing['approvalRules'][number]['settings'];
const standing = (phase: Standing['phase'], own: Partial<Standing> = {}): Standing => ({
  phase,
  author: 'author',
  approvalRules: [{ owner: 'owner', settings }],
  ...own,
});
const pendingDecision = { mayConfirm: ['anna', 'owner'] } as Standing['pendingDecision'];

test('a decision waits for whose confirmation would count, what has paused by itself for its author and owner', () => {
  const waiting = countWaiting([
    standing('awaiting-decision', pendingDecision && { pendingDecision }),
    standing('awaiting-decision', pendingDecision && { pendingDecision }),
    standing('paused', { heldFor: 'too much has gone wrong' }),
    standing('paused', { heldFor: 'the canary', author: 'owner' }),
    // By somebody's own command.
    standing('paused'),
    standing('sending'),
  ]);
  expect(Object.fromEntries(waiting)).toEqual({
    anna: { decisions: 2, held: 0 },
    owner: { decisions: 2, held: 2 },
    author: { decisions: 0, held: 1 },
  });
});
