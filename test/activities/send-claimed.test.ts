import { setImmediate as turn } from 'node:timers/promises';
import type { Dependencies } from '../../activities/dependencies.js';
import { sendClaimed, type ClaimedSending } from '../../activities/send-claimed.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { gate } from '../smtp/gate.js';

const leaf = Buffer.alloc(32);
const claimed = { seq: 1, status: 'sending', address: 'a@shop.example', attempts: 1, firstClaimedAt: new Date(), leaf };

const job = {
  revision: { render: () => ({ leaf, envelope: {}, bytes: Buffer.of() }) },
  relay: { connections: 2, pool: { send: () => Promise.resolve({ outcome: 'sent', reply: '250 ok' }) } },
  batch: { deliveryKey: 1, proof: 0, number: 0, epoch: 1 },
  range: { from: 1, to: 10 },
  sending: deliverySettingsSchema.parse({ name: 'x', sender: { address: 'a@shop.example' }, subject: 'x' }).sending,
  decisionTime: Date.now,
  validUntil: Infinity,
  progress: () => undefined,
} as unknown as ClaimedSending;

/** A ledger that gives one message away, cannot be reached for the next claim, and writes when the test says so. */
function failingLedger(written: Promise<unknown>, onSettle: () => void): Dependencies {
  let claims = 0;
  const query = async ({ name }: { name: string }): Promise<object> => {
    if (name === 'claim-messages') {
      claims += 1;
      if (claims > 1) throw new Error('Connection terminated unexpectedly');
      return { rows: [claimed] };
    }
    onSettle();
    await written;
    return { rowCount: 1 };
  };
  return { database: { query }, dkimKeys: [], draining: new AbortController().signal } as unknown as Dependencies;
}

test('an attempt that fails ends only when the replies it has are written: the next fence would put them in doubt', async () => {
  const events: string[] = [];
  const [settling, written] = [gate(), gate()];
  const attempt = sendClaimed(failingLedger(written.opened, settling.open), job).catch((error: Error) => {
    events.push(error.message);
  });
  await settling.opened;
  await turn();
  events.push('written');
  written.open();
  await attempt;
  expect(events).toEqual(['written', 'Connection terminated unexpectedly']);
});
