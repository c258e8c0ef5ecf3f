import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { computeTarget } from '../../src/store/target.js';
import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { openEnvironment } from './environment.js';

test('a worker that wakes up late, in the analysis, leaves the record of what was sent alone', async () => {
  const environment = await openEnvironment();
  const relay = await startScriptedRelay();
  try {
    await environment.startWorker({ SMTP_URL: relay.url });
    const values = definition({ id: 'late', approval: { mode: 'automatic' } });
    const delivery = await environment.sealpost.start(values, { operator: 'author' });
    await delivery.outcome();
    const before = await delivery.show();
    const { rows } = await environment.database.query<{ key: number; deliveryKey: number }>(
      `select r.key, r.delivery as "deliveryKey" from revision r join delivery d on d.key = r.delivery where d.id = 'late'`,
    );
    const [revision = { key: 0, deliveryKey: 0 }] = rows;
    await expect(
      computeTarget(
        environment.database,
        { ...revision, settings: { sending: deliverySettingsSchema.shape.sending.parse({}) } },
        () => undefined,
      ),
    ).rejects.toThrow('has begun to send');
    expect(before.counts).toEqual({ sent: 5 });
    expect(await delivery.show()).toEqual(before);
  } finally {
    await environment.close();
    await relay.close();
  }
});
