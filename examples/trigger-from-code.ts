// Starts a delivery from values in code, decides as an operator, and waits until everybody has a final status. Killed and
// run again with the same id, it goes on where it was.
//
//   sealpost up                                  in one terminal
//   sealpost operator add stock-service --plain  in another one: the key that the service signs its delivery with
//   sealpost operator add approver --plain       and the one that the decision is signed with
//   eval "$(sealpost env)"                       then
//   npm run example                              compiles it and runs it
import { CommandRefusedError, Sealpost } from 'sealpost';

const sealpost = Sealpost.connect(); // DATABASE_URL and Temporal's environment configuration

try {
  const delivery = await sealpost.start(
    {
      id: process.argv[2] ?? `stock-notice-${Date.now()}`,
      name: 'Back in stock',
      owner: 'shop',
      sender: { name: 'Fernlea Garden Shop', address: 'shop@fernlea.example' },
      subject: '{{ first_name }}, the {{ plant }} is back',
      unsubscribe: { url: 'https://news.fernlea.example/unsubscribe?address={{ email }}' },
      // Without a person: mode "automatic". Here `approver` decides with a key of its own, and the author cannot.
      approval: { approvers: ['approver'], fourEyes: true },
      content: {
        html: '<p>Good morning {{ first_name }},</p><p>the {{ plant }} that you asked for is back.</p><p><a href="{{ unsubscribe_url }}">No more of these</a></p>',
        text: 'Good morning {{ first_name }},\n\nthe {{ plant }} that you asked for is back.\n\nNo more of these: {{ unsubscribe_url }}\n',
      },
      recipients: [
        { email: 'alice@inbox.example', first_name: 'Alice', plant: 'witch hazel' },
        { email: 'bjorn@inbox.example', first_name: 'Björn', plant: 'snowdrop' },
        // Has no plant: is excluded by the analysis, and stands in the ledger with the reason.
        { email: 'clara@inbox.example', first_name: 'Clara' },
      ],
    },
    { operator: 'stock-service' },
  );

  const seal = await sealOf(delivery.id);
  if (seal) await delivery.decide({ operator: 'approver', verdict: 'confirm', seal, comment: 'routine notice' });

  const { outcome, counts } = await delivery.outcome();
  process.stdout.write(`${delivery.id}: ${outcome} ${JSON.stringify(counts)}\n`);
  for await (const { address, status, reason, reply } of delivery.messages()) {
    process.stdout.write(`  ${address}: ${status} ${reason ?? reply ?? ''}\n`);
  }
} catch (error) {
  if (!(error instanceof CommandRefusedError)) throw error;
  process.stdout.write(`refused: ${error.reason}\n`);
  process.exitCode = 1;
} finally {
  await sealpost.close();
}

/** Waits for the analysis. @returns undefined where somebody has decided already */
async function sealOf(id: string): Promise<string | undefined> {
  for (;;) {
    const { phase, seal, findings } = await sealpost.delivery(id).show();
    if (phase === 'awaiting-revision') throw new Error(findings.map(({ sentence }) => sentence).join('\n'));
    if (phase === 'awaiting-decision') return seal;
    if (!['checking', 'proofing', 'analysing'].includes(phase)) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
