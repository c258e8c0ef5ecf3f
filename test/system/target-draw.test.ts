import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { deliverySettingsSchema, type DeliverySettingsInput, type Profile } from '../../src/delivery/definition.js';
import { addEntries, importEntries } from '../../src/store/address-lists.js';
import { exchangeMessages, fenceBatch } from '../../src/store/claims.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { listRevisions } from '../../src/store/deliveries.js';
import { unsubscribe } from '../../src/store/denylist.js';
import { ledgerRows } from '../../src/store/messages.js';
import { insertRevision, readRevision } from '../../src/store/revisions.js';
import { computeTarget, summariseAnalysis } from '../../src/store/target.js';
import { gate } from '../smtp/gate.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let database: Database;

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
  await database.query(`insert into denylist values ('denied@shop.example', now()), ('both@shop.example', now())`);
  await database.query(`insert into quarantine values ('ill@shop.example', now()), ('both@shop.example', now())`);
});
afterAll(async () => {
  await database.end();
  await environment.close();
});

type Target = NonNullable<DeliverySettingsInput['target']>;

async function* profiles(addresses: readonly string[]): AsyncGenerator<Profile> {
  for (const [index, address] of addresses.entries())
    yield await Promise.resolve({ row: index + 2, address, fields: {} });
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

let count = 0;

async function analysed(
  addresses: readonly string[],
  target: Target | undefined,
  { deliveryId = `draw-${(count += 1)}`, excluded }: { deliveryId?: string; excluded?: readonly string[] } = {},
) {
  const { rows } = await database.query('select 1 from delivery where id = $1', [deliveryId]);
  const settings = { name: `N${count}`, sender: { address: 'a@b.example' }, subject: 'S', target };
  const { hash } = await insertRevision(database, {
    purpose: rows.length > 0 ? 'revise' : 'start',
    deliveryId,
    author: 'author',
    settings: deliverySettingsSchema.parse(settings),
    content: { text: 'T', sources: { 'content.txt': 'T' } },
    profiles: profiles(addresses),
    ...(excluded && { excluded: [{ name: 'left.csv', open: () => each(excluded) }] }),
  });
  const revision = await readRevision(database, deliveryId, hash);
  await computeTarget(database, revision, () => undefined);
  return { deliveryId, revision, reasons: await reasonsOf(deliveryId) };
}

async function reasonsOf(deliveryId: string): Promise<(string | null)[]> {
  const reasons: (string | null)[] = [];
  for await (const { status, reason, seed } of ledgerRows(database, deliveryId)) {
    expect(status).toBe(reason === null ? 'pending' : 'ignored');
    if (seed === null) reasons.push(reason);
  }
  return reasons;
}

/** Addresses as they may be written, and what they are in the ledger; `undefined` for what is none. */
const written: readonly [string, string | undefined][] = [
  ['', undefined],
  ['no address', undefined],
  ...['ann', 'ben', 'denied', 'ill', 'both'].flatMap((name): [string, string][] => [
    [`${name}@shop.example`, `${name}@shop.example`],
    [`${name}@SHOP.example`, `${name}@shop.example`],
  ]),
  ...Array.from({ length: 12 }, (_, i): [string, string] => [`p${i}@shop.example`, `p${i}@shop.example`]),
];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The same by hand, one recipient after the other. */
function expected(
  recipients: readonly [string, string | undefined][],
  target: Target,
  excluded: readonly string[],
  drawSeed: string,
) {
  const { exclude = {}, control, limit } = target;
  const seen = new Set<string>();
  const reasons = recipients.map(([text, address]) => {
    if (address === undefined) return text === '' ? 'address-missing' : 'address-invalid';
    const [name = ''] = address.split('@');
    if (exclude.denylisted !== false && ['denied', 'both'].includes(name)) return 'denylisted';
    if (exclude.quarantined !== false && ['ill', 'both'].includes(name)) return 'quarantined';
    if (excluded.includes(address)) return 'excluded-by-source';
    if (exclude.doubles !== false && seen.has(address)) return 'double';
    seen.add(address);
    return null as string | null;
  });
  const left = () => reasons.flatMap((reason, index) => (reason === null ? [index] : []));
  const drawn = (purpose: string, seed = drawSeed) => {
    const key = (index: number) => sha256(`${purpose}:${seed}:${recipients[index]?.[1]}`);
    const order = left().toSorted((a, b) => (key(a) === key(b) ? a - b : key(a) < key(b) ? -1 : 1));
    return order.map((index) => ({ index, place: order.findIndex((other) => key(other) === key(index)) }));
  };
  if (control) {
    const size = control.count ?? Math.floor((left().length * Math.round((control.percent ?? 0) * 100)) / 10_000);
    for (const { index, place } of drawn('control', control.seed)) if (place < size) reasons[index] = 'control-group';
  }
  if (limit) {
    const order = limit.order === 'random' ? drawn('limit', limit.seed).map(({ index }) => index) : left();
    for (const index of order.slice(limit.count)) reasons[index] = 'over-limit';
  }
  return reasons;
}

/** The same of the seeds, when it is known what became of the recipients. */
function expectedOfSeeds(
  recipients: readonly [string, string | undefined][],
  reasons: readonly (string | null)[],
  { exclude = {}, seeds = [] }: Target,
  excluded: readonly string[],
) {
  const reached = new Set(recipients.flatMap(([, address], index) => (reasons[index] === null ? [address] : [])));
  return seeds.map((seed) => {
    const address = String(seed);
    const [name = ''] = address.split('@');
    const isDouble = reached.has(address);
    reached.add(address);
    if (exclude.denylisted !== false && ['denied', 'both'].includes(name)) return 'denylisted';
    if (exclude.quarantined !== false && ['ill', 'both'].includes(name)) return 'quarantined';
    if (excluded.includes(address)) return 'excluded-by-source';
    return exclude.doubles !== false && isDouble ? 'double' : null;
  });
}

const seed = fc.option(fc.constantFrom('2026', 'grün:1', "it's"), { nil: undefined });
const given = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
const targets: fc.Arbitrary<Target> = fc
  .record(
    {
      exclude: fc.record(
        { denylisted: fc.boolean(), quarantined: fc.boolean(), doubles: fc.boolean() },
        { requiredKeys: [] },
      ),
      control: fc
        .tuple(
          fc.oneof(
            fc.integer({ min: 1, max: 9 }).map((number) => ({ count: number })),
            fc.constantFrom(0.01, 29, 33.33, 50, 99.99).map((percent) => ({ percent })),
          ),
          seed,
        )
        .map(([size, drawnBy]) => given({ ...size, seed: drawnBy })),
      seeds: fc.array(
        fc.constantFrom('ann', 'denied', 'both', 'p3', 'eve').map((name) => `${name}@shop.example`),
        { maxLength: 4 },
      ),
      limit: fc.oneof(
        fc.integer({ min: 1, max: 15 }).map((number) => ({ count: number })),
        fc
          .tuple(fc.integer({ min: 1, max: 15 }), seed)
          .map(([number, drawnBy]) => given({ count: number, order: 'random' as const, seed: drawnBy })),
      ),
    },
    { requiredKeys: [] },
  )
  .map((target) => target as Target);

const leaving = fc.array(fc.constantFrom('ann@shop.example', 'denied@shop.example', 'p3@shop.example'), {
  maxLength: 4,
});

test('the database leaves out whom a plain computation leaves out, each for the first reason that holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...written), { maxLength: 30 }),
      targets,
      leaving,
      async (recipients, target, excluded) => {
        const { deliveryId, reasons } = await analysed(
          recipients.map(([text]) => text),
          target,
          { excluded },
        );
        const [revision] = await listRevisions(database, deliveryId);
        const wanted = expected(recipients, target, excluded, revision?.drawSeed ?? 'none');
        expect(reasons).toEqual(wanted);
        const seeds: [number, string | null][] = [];
        for await (const { seed: n, reason } of ledgerRows(database, deliveryId, { seeds: true }))
          seeds.push([n ?? 0, reason]);
        const ofSeeds = expectedOfSeeds(recipients, wanted, target, excluded);
        expect(seeds.toSorted(([a], [b]) => a - b)).toEqual(ofSeeds.map((reason, index) => [index + 1, reason]));
      },
    ),
    { numRuns: 60 },
  );
});

const people = Array.from({ length: 40 }, (_, i) => `p${i}@shop.example`);

test('a draw without a seed is recorded, and later revisions draw the same', async () => {
  const target = { control: { count: 10 }, limit: { count: 15, order: 'random' } } as const;
  const first = await analysed(people, target);
  const [revision] = await listRevisions(database, first.deliveryId);
  expect(revision?.drawSeed).toMatch(/^[0-9a-f]{32}$/);
  count += 1;
  const second = await analysed(people, target, { deliveryId: first.deliveryId });
  expect(second.revision.hash).not.toBe(first.revision.hash);
  expect(second.reasons).toEqual(first.reasons);
  const other = await analysed(people, target);
  expect(other.reasons).not.toEqual(first.reasons);
});

test('a person is in the control group with all rows of the address, wherever they stand', async () => {
  const target = { exclude: { doubles: false }, control: { count: 5, seed: '2026' } };
  const twice = people.flatMap((address) => [address, address]);
  const grouped = ({ reasons }: { reasons: (string | null)[] }, addresses: readonly string[]) =>
    new Set(addresses.filter((_, index) => reasons[index] === 'control-group'));
  const group = grouped(await analysed(twice, target), twice);
  const others = (await analysed(twice, target)).reasons.flatMap((reason, index) =>
    reason === null ? [twice[index]] : [],
  );
  expect(others.filter((address) => group.has(address ?? ''))).toEqual([]);
  const once = grouped(await analysed(people, target), people);
  const moved = people.toReversed().toSpliced(3, 0, '', 'no address');
  expect(grouped(await analysed(moved, target), moved)).toEqual(once);
});

test('a revision that draws nothing, or by seeds of its own, has none recorded', async () => {
  for (const target of [undefined, { limit: { count: 5 } }, { seeds: [] }, { control: { count: 1, seed: 'own' } }]) {
    const { deliveryId } = await analysed(people, target);
    expect((await listRevisions(database, deliveryId))[0]).not.toHaveProperty('drawSeed');
  }
});

test('the same addresses let in twice are no doubles by case', async () => {
  const addresses = ['ann@a.example', 'ann@a.example', 'Ben@a.example', 'ben@a.example', 'ben@a.example'];
  const { deliveryId } = await analysed(addresses, { exclude: { doubles: false } });
  expect(await summariseAnalysis(database, deliveryId)).toMatchObject({
    messages: 5,
    caseDoubles: { count: 1, rows: [6] },
  });
});

/** Whom a claim takes, and why it leaves others out, after something happened since the analysis. */
async function claimed(exclude: Target['exclude'], meanwhile: (deliveryKey: number) => Promise<unknown>) {
  const addresses = ['denied@shop.example', 'ill@shop.example', 'both@shop.example', 'ann@shop.example'];
  const { deliveryId, revision } = await analysed(addresses, { exclude });
  await meanwhile(revision.deliveryKey);
  await database.query(`update delivery set control = 'run', approved_seal = 'x' where key = $1`, [
    revision.deliveryKey,
  ]);
  const batch = { deliveryKey: revision.deliveryKey, proof: 0, number: 0 };
  const range = { from: 2, to: 5 };
  const epoch = await fenceBatch(database, batch, range, 'hold');
  const ask = { ...range, settlements: [], limit: 10, now: Date.now() };
  await exchangeMessages(database, { ...batch, epoch }, ask);
  const told: string[] = [];
  for await (const { status, reason } of ledgerRows(database, deliveryId)) told.push(reason ?? status);
  return told;
}

const nothing = () => Promise.resolve();

test('who is let in is not left out by the claim either', async () => {
  expect(await claimed({}, nothing)).toEqual(['denylisted', 'quarantined', 'denylisted', 'sending']);
  expect(await claimed({ denylisted: false }, nothing)).toEqual(['sending', 'quarantined', 'quarantined', 'sending']);
  expect(await claimed({ quarantined: false }, nothing)).toEqual(['denylisted', 'sending', 'denylisted', 'sending']);
  const all = { denylisted: false, quarantined: false };
  expect(await claimed(all, nothing)).toEqual(['sending', 'sending', 'sending', 'sending']);
});

test('who comes to the denylist or the quarantine after the analysis is left out all the same', async () => {
  const all = { denylisted: false, quarantined: false };
  const left = async () => {
    await database.query(`insert into denylist values ('ann@shop.example', now())`);
    await database.query(`update quarantine set added_at = now() where address = 'ill@shop.example'`);
  };
  expect(await claimed(all, left)).toEqual(['sending', 'quarantined', 'sending', 'denylisted']);
  await database.query(`delete from denylist where address = 'ann@shop.example'`);
});

test('an unsubscription after the analysis counts, of whoever had unsubscribed before too', async () => {
  const all = { denylisted: false, quarantined: false };
  const leave = (seq: number) => (deliveryKey: number) => unsubscribe(database, { deliveryKey, proof: 0, seq });
  expect(await claimed(all, leave(2))).toEqual(['denylisted', 'sending', 'sending', 'sending']);
  expect(await claimed(all, nothing)).toEqual(['sending', 'sending', 'sending', 'sending']);
  expect(await claimed(all, leave(2))).toEqual(['denylisted', 'sending', 'sending', 'sending']);
});

const addresses = (...names: string[]) => names.map((name) => `${name}@shop.example`);

test('who is put on a list again after the analysis is left out, and his entry stays as it was', async () => {
  const all = { denylisted: false, quarantined: false };
  const again = { sender: '', operator: 'olga', reason: 'asked again' };
  const add = async () => {
    expect(await addEntries(database, 'denylist', { ...again, addresses: addresses('denied', 'ann') })).toEqual(
      addresses('ann'),
    );
    expect(await addEntries(database, 'quarantine', { ...again, addresses: addresses('ill') })).toEqual([]);
  };
  expect(await claimed(all, add)).toEqual(['denylisted', 'quarantined', 'sending', 'denylisted']);
  const { rows } = await database.query(
    `select operator, reason from denylist where address = 'denied@shop.example' and sender = ''`,
  );
  expect(rows).toEqual([{ operator: null, reason: null }]);
  await database.query(`delete from denylist where address = 'ann@shop.example'`);
});

test.each(['denylist', 'quarantine'] as const)(
  'an import into the %s that begins before an analysis and ends after it counts',
  async (list) => {
    const [begun, sealed] = [gate(), gate()];
    async function* entries() {
      begun.open();
      await sealed.opened;
      for (const address of addresses('ann', 'both')) yield { address, sender: '', reason: null };
    }
    const importing = importEntries(database, list, entries(), 'olga');
    await begun.opened;
    const finish = async () => {
      sealed.open();
      expect(await importing).toEqual({ added: 1, present: 1, doubles: 0 });
    };
    const left = list === 'denylist' ? 'denylisted' : 'quarantined';
    expect(await claimed({ denylisted: false, quarantined: false }, finish)).toEqual([
      'sending',
      'sending',
      left,
      left,
    ]);
    await database.query(`delete from ${list} where address = 'ann@shop.example'`);
  },
);

test('another list of who is excluded is another revision, and the same one the same', async () => {
  const hash = async (excluded?: readonly string[]) => {
    const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
    const content = { text: 'T', sources: { 'content.txt': 'T' } };
    const parts = { deliveryId: 'lists', author: 'author', settings, content, profiles: profiles(people) };
    const { rowCount } = await database.query(`select 1 from delivery where id = 'lists'`);
    const purpose = rowCount ? 'revise' : 'start';
    return await insertRevision(database, {
      ...parts,
      purpose,
      ...(excluded && { excluded: [{ name: 'left.csv', open: () => each(excluded) }] }),
    });
  };
  const first = await hash();
  const second = await hash(['a@shop.example']);
  const third = await hash(['b@shop.example']);
  expect(new Set([first.hash, second.hash, third.hash]).size).toBe(3);
  expect(await hash(['b@shop.example'])).toMatchObject({ hash: third.hash, created: false });
  const { rows } = await database.query(
    `select e.address from excluded_address e join revision r on r.key = e.revision
     join delivery d on d.key = r.delivery where d.id = 'lists' order by e.address`,
  );
  expect(rows.map(({ address }) => String(address))).toEqual(['a@shop.example', 'b@shop.example']);
});
