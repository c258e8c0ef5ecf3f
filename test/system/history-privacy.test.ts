import { deliveryWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';
import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment } from './environment.js';

/** Stands in every address, field, subject and content of the delivery, and in what relay and database say of them. */
const canary = 'canary';

/** Every text and every payload within a history, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsOf(part)]);
}

async function historyTexts(environment: TestEnvironment, deliveryId: string): Promise<string> {
  const ids = [deliveryWorkflowId(deliveryId), sendingWorkflowId(deliveryId)];
  const histories = await Promise.all(ids.map((id) => environment.temporal.workflow.getHandle(id).fetchHistory()));
  return histories.flatMap(textsOf).join('\n');
}

test('no address, name or content of a recipient is in any history, also after errors of relay, template and database', async () => {
  const environment = await openEnvironment();
  const failing = new Set(['mail', 'rcpt']);
  const relay = await startScriptedRelay({
    on: (stage, { recipient, sender }) => {
      if (stage === 'mail' && failing.delete('mail')) return `421 4.3.2 ${canary} closing for ${sender}`;
      if (stage === 'rcpt' && failing.delete('rcpt')) return `550 5.1.1 ${recipient}: no such user ${canary}`;
      return undefined;
    },
  });
  try {
    const worker = await environment.startWorker({
      SMTP_URL: relay.url,
      SEALPOST_NOTICE_FROM: `${canary} <sealpost@${canary}.example>`,
    });
    const approver = { id: 'approver', name: `${canary} name`, email: `approver@${canary}.example` };
    await environment.sealpost.operators.put(approver, 'author');
    const delivery = await environment.sealpost.start(
      definition({
        id: 'private',
        name: `${canary} name`,
        sender: { name: `${canary} sender`, address: `news@${canary}.example` },
        subject: `${canary} subject {{ first_name }}`,
        content: { html: `<p>${canary} {{ first_name }} {{ city }}</p>`, text: `${canary} {{ city }}` },
        approval: { approvers: ['approver'], requests: { remindEvery: '1d' } },
        proofs: { recipients: [`proof@${canary}.example`] },
        recipients: [1, 2, 3, 4, 5].map((n) => ({
          email: n === 5 ? `${canary} no address` : `${canary}${n}@shop.example`,
          first_name: `${canary}-name`,
          // The third one fails: its city is missing.
          ...(n === 3 ? {} : { city: `${canary}-city` }),
        })),
      }),
      { operator: 'author' },
    );
    const { seal } = await inPhase(delivery, 'awaiting-decision');
    await eventually(
      () => delivery.show(),
      ({ journal }) => journal.some(({ kind, counts }) => kind === 'requested' && counts?.['told'] === 1),
    );
    // From here on the database refuses each result, quoting the row, until the test says otherwise.
    await environment.database.query(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'refused % for %', new.status, new.address using detail = new.reply; end $$;
      create trigger refuse before update on message for each row when (new.status = 'sending') execute function refuse()`);
    await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: seal ?? '' });
    await eventually(
      () => Promise.resolve(worker.log()),
      (log) => log.includes('DatabaseUnavailable'),
    );
    await environment.database.query('drop trigger refuse on message');
    const { counts } = await delivery.outcome();
    expect(counts).toMatchObject({ ignored: 2 });

    const texts = await historyTexts(environment, 'private');
    expect(texts).not.toContain(canary);
    expect(worker.log()).not.toContain(canary);
    // The search can find things: ids, hashes and our own sentences are there.
    expect(texts).toContain(seal);
    expect(texts).toContain('DatabaseUnavailable');
    expect(texts).toContain('requestDecision');
  } finally {
    await environment.close();
    await relay.close();
  }
});
