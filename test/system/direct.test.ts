import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedDns, type ScriptedDns, type ScriptedName } from '../dns/scripted-dns.js';
import { startScriptedRelay, type RelayStage, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { eventually, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

/** Mail hosts by name, all on addresses of this machine and at one port, and what they say. */
const scripts: Record<string, (stage: RelayStage) => string | undefined> = {
  'first.example': (stage) => {
    if (stage === 'connect') mostOpen = Math.max(mostOpen, (open += 1));
    if (stage === 'quit') open -= 1;
    return undefined;
  },
  'second.example': () => undefined,
  'strict.example': (stage) => (stage === 'rcpt' ? '550 5.1.1 no such user' : undefined),
  // It takes connections, and greets nobody.
  'silent.example': (stage) => (stage === 'connect' ? 'hang' : undefined),
};
let [open, mostOpen] = [0, 0];

const hosts = (...names: string[]): ScriptedName => ({ mx: names.map((name, at) => [10 * (at + 1), name] as const) });
const names = new Map<string, ScriptedName>([
  ['away.example', { a: ['127.0.2.99'] }],
  ['ordered.test', hosts('first.example', 'second.example')],
  ['fallback.test', hosts('away.example', 'second.example')],
  ['strict.test', hosts('strict.example', 'second.example')],
  ['silent.test', hosts('silent.example')],
  ['null.test', hosts('')],
  ['unsure.test', 'SERVFAIL'],
]);

const relays = new Map<string, ScriptedRelay>();
let dns: ScriptedDns;
let environment: TestEnvironment;
let folder: string;

beforeAll(async () => {
  environment = await openEnvironment();
  folder = await mkdtemp(join(tmpdir(), 'sealpost-direct-'));
  let port = 0;
  for (const [name, on] of Object.entries(scripts)) {
    const address = `127.0.2.${relays.size + 1}`;
    const relay = await startScriptedRelay({ address, port, on });
    port = relay.port;
    relays.set(name, relay);
    names.set(name, { a: [address] });
  }
  dns = await startScriptedDns(names);
  await writeFile(
    join(folder, 'mx.json'),
    JSON.stringify({ rules: [{ name: 'first', mx: ['first.example'], connections: 1 }] }),
  );
  await environment.startWorker({
    SMTP_URL: `mx://?name=mail.shop.example&connections=6&tls=none&private=true&port=${port}`,
    SMTP_URL_PUBLIC: `mx://?name=mail.shop.example&port=${port}`,
    SEALPOST_DNS: dns.server,
    SEALPOST_MX_RULES: join(folder, 'mx.json'),
  });
});
afterAll(async () => {
  await environment.close();
  await dns.close();
  for (const relay of relays.values()) await relay.close();
  await rm(folder, { recursive: true, force: true });
});

const people = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([domain, count]) =>
    Array.from({ length: count }, (_, n) => ({ email: `person${n}@${domain}`, first_name: `Name${n}` })),
  );

test('each domain’s mail goes to its hosts in order, and what fails at one holds no other one up', async () => {
  const counts = { 'silent.test': 5, 'nowhere.test': 1, 'unsure.test': 1, 'null.test': 1, 'strict.test': 2 };
  const delivery = await environment.sealpost.start(
    definition({
      id: 'direct',
      approval: { mode: 'automatic' },
      recipients: people({ ...counts, 'fallback.test': 40, 'ordered.test': 40 }),
    }),
    { operator: 'author' },
  );
  const told = async () => {
    const rows = await ledgerOf(delivery);
    return rows.map(({ address, status, reason, reply }) => [address?.split('@')[1], status, reason, reply] as const);
  };
  const settled = await eventually(
    told,
    (rows) =>
      rows.length > 0 &&
      rows.every(([domain, status]) => domain === 'silent.test' || !['pending', 'sending'].includes(status)),
  );
  const of = (name: string) => [
    ...new Set(settled.filter(([domain]) => domain === name).map((row) => row.slice(1).join(' | '))),
  ];
  expect(of('ordered.test')).toEqual(['sent |  | 250 2.0.0 queued (first.example)']);
  expect(of('fallback.test')).toEqual(['sent |  | 250 2.0.0 queued (second.example)']);
  expect(of('strict.test')).toEqual(['failed | user-unknown | 550 5.1.1 no such user (strict.example)']);
  expect(of('null.test')).toEqual([expect.stringMatching(/^failed \| invalid-domain \| null\.test takes no mail/)]);
  expect(of('nowhere.test')).toEqual(['retrying | invalid-domain | nowhere.test has no address in DNS']);
  expect(of('unsure.test')).toEqual([expect.stringMatching(/^retrying \| unreachable \| .*\(ESERVFAIL\)$/)]);
  expect([relays.get('first.example')?.received.size, relays.get('second.example')?.received.size]).toEqual([40, 40]);
  // The rule for its host is for the domain.
  expect(mostOpen).toBe(1);

  // Its host hangs up on all who wait to be greeted.
  await relays.get('silent.example')?.close();
  const silent = await eventually(told, (rows) => rows.every(([, status]) => status !== 'sending'));
  const rows = silent.filter(([domain]) => domain === 'silent.test').map((row) => row.slice(1));
  expect(rows).toEqual(rows.map(() => ['retrying', 'unreachable', expect.stringContaining('(silent.example:')]));
  await delivery.stop({ operator: 'owner' });
  expect(await delivery.outcome()).toEqual({ outcome: 'stopped', counts: { sent: 80, failed: 3, canceled: 7 } });
});

test('hosts with addresses of our own network are out of reach where nobody has allowed them', async () => {
  const delivery = await environment.sealpost.start(
    definition({
      id: 'inner',
      relay: 'public',
      approval: { mode: 'automatic' },
      recipients: people({ 'fallback.test': 3 }),
    }),
    { operator: 'author' },
  );
  const before = relays.get('second.example')?.connections().total;
  const rows = await eventually(
    () => ledgerOf(delivery),
    (seen) => seen.length > 0 && seen.every(({ status }) => status === 'retrying'),
  );
  expect(rows.map(({ reason, reply }) => [reason, reply])).toEqual(
    rows.map(() => ['invalid-domain', expect.stringMatching(/^away\.example has no public address: 127\.0\.2\.99$/)]),
  );
  expect(relays.get('second.example')?.connections().total).toBe(before);
  await delivery.stop({ operator: 'owner' });
});
