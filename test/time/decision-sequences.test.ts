import fc from 'fast-check';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';

let server: TimeSkippingServer;
beforeAll(async () => {
  server = await openTimeSkippingServer();
});
afterAll(async () => await server.close());

const seal = 'a'.repeat(64);
const people = ['owner', 'ann', 'ben', 'author', 'eve'] as const;
type Person = (typeof people)[number];
/** Two of them must confirm; the author may not. */
const approval = { approvers: ['ann', 'ben', 'author'], quorum: 2, fourEyes: true, requireSignature: true };
const mayConfirm: readonly Person[] = ['owner', 'ann', 'ben'];

type Step =
  | { do: 'decide'; who: Person; verdict: 'confirm' | 'reject' | 'withdraw'; seal: string; signature?: string }
  | { do: 'pause' | 'resume' | 'startAnalysis' }
  | { do: 'revise'; signature?: string };

const decisions = fc.record({
  do: fc.constant('decide' as const),
  who: fc.constantFrom(...people, 'ann', 'ben'),
  verdict: fc.constantFrom('confirm', 'confirm', 'confirm', 'reject', 'withdraw'),
  seal: fc.constantFrom(seal, seal, seal, 'f'.repeat(64)),
  // What the fake activity takes for good, for forged, and none.
  signature: fc.constantFrom(
    ...Array.from({ length: 4 }, () => 'well.signed.decision'),
    'badly.signed.decision',
    undefined,
  ),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: decisions.map(({ signature, ...one }) => (signature ? { ...one, signature } : one)) },
  fc.constantFrom<Step>(
    { do: 'pause' },
    { do: 'resume' },
    { do: 'revise', signature: 'well.signed.submission' },
    { do: 'revise', signature: 'badly.signed.submission' },
    { do: 'revise' },
    { do: 'startAnalysis' },
  ),
);

let sequences = 0;
let sent = 0;

/** Plays a sequence on the server. @returns whether anything left, and whether it might have */
async function play(sequence: readonly Step[]): Promise<{ left: boolean; mightHave: boolean }> {
  const { ledger, command } = await server.start(`sequence-${(sequences += 1)}`, { messages: 2, approval });
  await ledger.reached('awaiting-decision');
  let confirmed = new Set<Person>();
  // Whose revision it is must be known under four eyes.
  let authorSigned = true;
  let mightHave = false;
  for (const [index, step] of sequence.entries()) {
    if (ledger.attempts.length > 0) break;
    const { do: name, ...given } = step;
    const awaited = ledger.visits('awaiting-decision');
    const revision = index.toString(16).padStart(64, 'c');
    const input =
      step.do === 'decide'
        ? { ...given, operator: step.who }
        : { ...given, ...(name === 'revise' && { revision }), operator: 'author' };
    const { accepted } = await command(name, input).catch(() => ({ accepted: false }));
    if (accepted && step.do === 'decide') {
      expect([step.seal, step.signature]).toEqual([seal, 'well.signed.decision']);
      if (step.verdict === 'confirm') expect(authorSigned).toBe(true);
      if (step.verdict === 'withdraw') confirmed.delete(step.who);
      if (step.verdict === 'reject') confirmed = new Set();
      if (step.verdict === 'confirm' && mayConfirm.includes(step.who)) confirmed.add(step.who);
      mightHave ||= confirmed.size >= 2;
    } else if (accepted && (name === 'revise' || name === 'startAnalysis')) {
      confirmed = new Set();
      if (step.do === 'revise') authorSigned = step.signature === 'well.signed.submission';
      await ledger.reached('awaiting-decision', awaited + 1);
    }
  }
  return { left: ledger.attempts.length > 0, mightHave };
}

test('on the server too, no sequence of commands lets messages leave without two signed confirmations of that seal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 3, maxLength: 12 }), async (sequence) => {
      const { left, mightHave } = await play(sequence);
      if (left) sent += 1;
      expect(left && !mightHave).toBe(false);
    }),
    { numRuns: 200, endOnFailure: true },
  );
  // Few would show little.
  expect(sent).toBeGreaterThan(10);
}, 300_000);
