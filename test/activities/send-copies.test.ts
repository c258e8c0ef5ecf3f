import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Dependencies } from '../../activities/dependencies.js';
import { RelayUnavailableError, RelayUnknownError, WorkerDrainingError } from '../../activities/failures.js';
import { heartbeating } from '../../activities/heartbeating.js';
import type { CompiledRevision } from '../../activities/read-compiled-revision.js';
import { copyEnvelope, sendOwedCopies } from '../../activities/send-copies.js';
import type { Envelope } from '../../src/smtp/transaction.js';

const archive = 'archive@shop.example';
const address = 'news@shop.example';

test.each<[string, Parameters<typeof copyEnvelope>, Envelope]>([
  [
    'with VERP, a bounce of a copy names no recipient',
    [
      { sender: 'bounces+token@shop.example', recipient: 'a@b.example' },
      { archive, sender: { address, errorAddress: 'bounces@Shop.example', verp: true } },
    ],
    { sender: 'bounces@shop.example', recipient: archive },
  ],
  [
    'a copy comes from where its original does',
    [
      { sender: address, recipient: 'a@b.example' },
      { archive, sender: { address } },
    ],
    { sender: address, recipient: archive },
  ],
  [
    'a personalised return path is the original’s',
    [
      { sender: 'north@shop.example', recipient: 'a@b.example' },
      { archive, sender: { address: '{{ shop }}' } },
    ],
    { sender: 'north@shop.example', recipient: archive },
  ],
  [
    'a To beyond ASCII needs SMTPUTF8 for the copy too',
    [
      { sender: address, recipient: 'grüße@b.example' },
      { archive, sender: { address } },
    ],
    { sender: address, recipient: archive, smtpUtf8: true },
  ],
])('%s', (_, [sealed, settings], expected) => {
  expect(copyEnvelope(sealed, settings)).toEqual(expected);
});

/** Ends a delivery that owes copies, where their sending fails. @returns what failed the attempt, and its heartbeats */
async function finishWith(failure: Error, attempt: { attempt: number; heartbeatDetails?: object }) {
  const environment = new MockActivityEnvironment(attempt, { logger: new DefaultLogger('ERROR') });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details) => heartbeats.push(details));
  const query = (text: string): Promise<object> =>
    text.includes('insert into message')
      ? Promise.reject(failure)
      : Promise.resolve({ rows: [{ key: 1, firstSeq: 1, lastSeq: 1, size: 1, number: 0 }] });
  const dependencies = { database: { query }, relays: new Map([['default', {}]]), log: { error: () => undefined } };
  const revision = { deliveryKey: 1, settings: { relay: 'default', bcc: archive } } as CompiledRevision;
  const failed = await environment
    .run(() =>
      heartbeating((beat) =>
        sendOwedCopies(dependencies as unknown as Dependencies, () => Promise.resolve(revision), {
          deliveryId: 'a',
          beat,
        }),
      ),
    )
    .catch((error: Error) => error);
  return { failed, heartbeats };
}

const many = 100;

test.each<[string, Error, { attempt: number; heartbeatDetails?: object }, object[]]>([
  [
    'the first failure of the relay, after many of others',
    new RelayUnavailableError(),
    { attempt: many },
    [{ relayFailures: 1 }],
  ],
  [
    'one that is counted',
    new RelayUnknownError(),
    { attempt: 5, heartbeatDetails: { relayFailures: 4 } },
    [{ relayFailures: 5 }],
  ],
  [
    'a database that is away',
    new Error('connection lost'),
    { attempt: many, heartbeatDetails: { relayFailures: 5 } },
    [],
  ],
  ['a worker that drains', new WorkerDrainingError(), { attempt: many, heartbeatDetails: { relayFailures: 5 } }, []],
])('owed copies are tried again after %s', async (_, failure, attempt, heartbeats) => {
  expect(await finishWith(failure, attempt)).toEqual({ failed: failure, heartbeats });
});

test('owed copies are given up when the relay failed six times in a row', async () => {
  const attempt = { attempt: 6, heartbeatDetails: { answered: 0, relayFailures: 5 } };
  expect(await finishWith(new RelayUnavailableError(), attempt)).toEqual({ failed: undefined, heartbeats: [] });
});
