import { softRefusal } from './fake-ledger.js';
import { hour, openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';

let server: TimeSkippingServer;
beforeAll(async () => {
  server = await openTimeSkippingServer();
});
afterAll(async () => await server.close());

test('probe', async () => {
  const { handle, ledger } = await server.start('soft', {
    messages: 3,
    approval: { mode: 'automatic' },
    relay: () => softRefusal,
  });
  const t = Date.now();
  console.log(await handle.result(), Date.now() - t);
  const t0 = ledger.attempts[0]?.at ?? 0;
  console.log(JSON.stringify(ledger.attempts.map((a) => [a.seq, (a.at - t0) / hour])));
  console.log(JSON.stringify(ledger.journal));
});
