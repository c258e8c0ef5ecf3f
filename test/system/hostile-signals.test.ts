import { signStatement } from '../../src/audit/operator-signature.js';
import { definition } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';
import { keyOf, now } from './operator-keys.js';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

const seal = 'a'.repeat(64);
const confirm = { operator: 'approver', verdict: 'confirm', seal };
const review = { operator: 'legal', verdict: 'approve', proof: 1 };

/** What anybody can put into a signal, and what the journal says of it. */
const inputs: [string, string, unknown, RegExp][] = [
  ['nothing', 'decide', undefined, /decide: input/],
  ['null', 'decide', null, /decide: input/],
  ['a number', 'decide', 7, /decide: input/],
  ['a list', 'decide', [confirm], /decide: input/],
  ['no operator', 'decide', { verdict: 'confirm', seal }, /operator/],
  ['an operator that is an object', 'decide', { ...confirm, operator: { id: 'approver' } }, /operator/],
  ['an operator with a line break', 'decide', { ...confirm, operator: 'approver\nroot' }, /operator/],
  ['an operator of another script', 'decide', { ...confirm, operator: 'аpprover' }, /operator/],
  ['another verdict', 'decide', { ...confirm, verdict: 'confirmed' }, /verdict/],
  ['two verdicts', 'decide', { ...confirm, verdict: ['confirm'] }, /verdict/],
  ['a short seal', 'decide', { ...confirm, seal: 'a'.repeat(8) }, /seal/],
  ['a seal in capitals', 'decide', { ...confirm, seal: 'A'.repeat(64) }, /seal/],
  ['a signature of megabytes', 'decide', { ...confirm, signature: `a.${'b'.repeat(1_900_000)}.c` }, /signature/],
  ['a signature that is an object', 'decide', { ...confirm, signature: { protected: 'a' } }, /signature/],
  ['a signature of an author that is none', 'revise', { operator: 'author', revision: seal, signature: 'a.b' }, /JWS/],
  ['a signature of a reviewer in a list', 'reviewProof', { ...review, signature: ['a.b.c'] }, /signature/],
  ['a long comment', 'decide', { ...confirm, comment: 'x'.repeat(1_001) }, /comment/],
  ['an emergency in words', 'decide', { ...confirm, breakGlass: 'yes' }, /breakGlass/],
  [
    'a poisoned prototype',
    'decide',
    JSON.parse('{"__proto__":{"operator":"approver","verdict":"confirm"}}'),
    /operator/,
  ],
  ['a name of every object', 'constructor', confirm, /constructor: there is no such command/],
  ['the name of a prototype', '__proto__', confirm, /there is no such command/],
  ['NUL in a comment', 'decide', { ...confirm, comment: 'a\0b' }, /comment must not contain NUL/],
  ['half a character in a comment', 'decide', { ...confirm, comment: 'a\uD800' }, /comment must not contain NUL/],
  ['NUL in a name', 'a\0b', confirm, /a\uFFFDb: there is no such command/],
  ['a name that is cut within a character', `${'y'.repeat(49)}😀`, confirm, /y{49}\uFFFD: there is no such command/],
  ['a long name', 'x'.repeat(900), confirm, /x{50}: there is no such command/],
];

test('signals of any shape are recorded, and the delivery goes on', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'any-shape' }), { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  const handle = environment.temporal.workflow.getHandle(delivery.workflowId);
  for (const [, name, input] of inputs) await handle.signal(name, input);
  const { journal, phase } = await eventually(
    () => delivery.show(),
    ({ journal }) =>
      journal.reduce((sum, { kind, times = 1 }) => sum + (kind === 'malformed' ? times : 0), 0) === inputs.length,
  );
  expect(phase).toBe('awaiting-decision');
  const told = journal.flatMap(({ kind, reason }) => (kind === 'malformed' ? [reason ?? ''] : []));
  for (const [name, , , reason] of inputs) expect([name, told.some((one) => reason.test(one))]).toEqual([name, true]);
  for (const one of told) expect(one.length).toBeLessThan(600);
  await delivery.stop({ operator: 'owner' });
});

test('a decision that arrives while the delivery continues as new counts, and once', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'as-new' }), { operator: 'author' });
  const { seal: current = '', revision } = await inPhase(delivery, 'awaiting-decision');
  const { journal } = await eventually(
    () => delivery.show(),
    (seen) => seen.journal.some(({ kind }) => kind === 'sealed'),
  );
  const signature = await signStatement(
    'decision',
    {
      delivery: 'as-new',
      revision,
      seal: current,
      sealedAt: journal.findLast(({ kind }) => kind === 'sealed')?.at ?? '',
      verdict: 'confirm',
      inDoubt: 'hold',
      ...now(),
    },
    await keyOf(environment, 'approver'),
  );
  const handle = environment.temporal.workflow.getHandle(delivery.workflowId);
  // A run takes 1,500 commands: the decision comes around its end, twice.
  const decide = { operator: 'approver', verdict: 'confirm', seal: current, signature };
  const commands = Array.from({ length: 1_600 }, (_, n): [string, object] =>
    n === 1_490 || n === 1_510 ? ['decide', decide] : ['pause', { operator: 'stranger' }],
  );
  for (let n = 0; n < commands.length; n += 40)
    await Promise.all(commands.slice(n, n + 40).map(([name, input]) => handle.signal(name, input)));
  expect((await delivery.outcome()).outcome).toBe('finished');
  const { decisions, counts } = await delivery.show();
  expect(decisions.filter(({ accepted }) => accepted)).toHaveLength(1);
  expect(counts).toEqual({ sent: 5 });
});
