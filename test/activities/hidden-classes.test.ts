import { renderClaimed } from '../../activities/render-claimed.js';
import { settlementOf } from '../../activities/settlement.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { compileRevision } from '../../src/mime/compile-revision.js';
import type { ClaimedMessage } from '../../src/store/claims.js';
import { countHiddenClasses } from './hidden-classes.js';

const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@shop.example' }, subject: 'S' });
const content = { html: '<p>Good morning</p>\n', text: 'Good morning\n', sources: {} };
const revision = {
  deliveryId: 'd',
  deliveryKey: 1,
  hash: 'ab'.repeat(32),
  secret: Buffer.alloc(32),
  settings,
  content,
};
const render = compileRevision(revision);

/** As Postgres' driver makes its rows: a copy of an empty one, filled. */
const emptyRow = { seq: 0, address: '', fields: {}, profileAddress: null, leaf: null, attempts: 0 };
const claimed = Array.from({ length: 50 }, (_, seq): ClaimedMessage => {
  const row: ClaimedMessage = { ...emptyRow, firstClaimedAt: new Date(seq) };
  const address = `reader-${seq}@mail.example`;
  const { leaf } = render({ proof: 0, seq, address, fields: {}, date: new Date(0) });
  return Object.assign(row, { seq, address, leaf });
});

test('messages have one hidden class, and so has what each is made from', () => {
  const subjects: object[] = [];
  const rendered = renderClaimed(
    (subject) => {
      subjects.push(subject);
      return render(subject);
    },
    { proof: 0 },
    claimed,
  );
  expect(countHiddenClasses(rendered.map(({ message }) => message))).toBe(1);
  expect(countHiddenClasses(subjects)).toBe(1);
});

test('results of messages that are sent have one hidden class', () => {
  const terms = { proof: false, sending: settings.sending, now: 0, validUntil: 1, relayDown: false };
  const results = claimed.map((message) => settlementOf({ outcome: 'sent', reply: '250 ok' }, message, terms));
  expect(countHiddenClasses(results)).toBe(1);
});
