import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerRow } from '../../src/client/index.js';
import { relayCertificate } from '../smtp/relay-certificates.js';
import {
  startScriptedRelay,
  type RelayStage,
  type ScriptedRelay,
  type ScriptedRelayOptions,
} from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

/** What each relay has against us; its name is the delivery's `relay` and the id too. */
const scripts = {
  tired: {
    on: (stage, { transaction }) =>
      stage === 'mail' && transaction > 100 ? '421 4.7.0 too many messages on this connection' : undefined,
  },
  slow: {
    // As a relay that scans each message before it answers, only sooner.
    on: (stage) => (stage === 'dot' ? delay(300, undefined) : undefined),
  },
  garbled: { on: (stage) => (stage === 'mail' ? '\u0007 what?' : undefined) },
  mumbling: { on: (stage) => (stage === 'dot' ? 'Queued, thanks' : undefined) },
  locked: { extensions: ['AUTH PLAIN'], on: (stage) => (stage === 'auth' ? '535 5.7.8 bad credentials' : undefined) },
  expired: { tls: { ...relayCertificate('expired'), from: 'starttls' } },
  trusted: { tls: { ...relayCertificate('valid'), from: 'start' } },
  plain: { extensions: ['PIPELINING'] },
} satisfies Record<string, ScriptedRelayOptions>;
type Name = keyof typeof scripts;

const relays = new Map<Name, ScriptedRelay>();
const heard = new Map<string, RelayStage[]>();
let environment: TestEnvironment;
let home: string;

beforeAll(async () => {
  environment = await openEnvironment();
  home = await mkdtemp(join(tmpdir(), 'sealpost-relays-'));
  const authorities = join(home, 'authorities.pem');
  await writeFile(authorities, relayCertificate('expired').certificate + relayCertificate('valid').certificate);
  const urls: Record<string, string> = {};
  for (const [name, options] of Object.entries(scripts) as [Name, ScriptedRelayOptions][]) {
    const stages: RelayStage[] = [];
    heard.set(name, stages);
    const relay = await startScriptedRelay({
      ...options,
      on: (stage, context) => {
        stages.push(stage);
        return options.on?.(stage, context);
      },
    });
    relays.set(name, relay);
    urls[`SMTP_URL_${name.toUpperCase()}`] = urlOf(name, relay.port);
  }
  await environment.startWorker({ ...urls, NODE_EXTRA_CA_CERTS: authorities });
});
afterAll(async () => {
  await environment.close();
  for (const relay of relays.values()) await relay.close();
  await rm(home, { recursive: true, force: true });
});

function urlOf(name: Name, port: number): string {
  const [scheme, tls] =
    name === 'trusted' ? ['smtps', ''] : ['smtp', name === 'expired' ? '&tls=required' : '&tls=none'];
  return `${scheme}://${name === 'locked' ? 'mailer:sesame@' : ''}127.0.0.1:${port}?connections=4${tls}`;
}

async function start(name: Name, own: Partial<Values> = {}) {
  const values = definition({ id: name, relay: name, approval: { mode: 'automatic' }, ...own });
  return await environment.sealpost.start(values, { operator: 'author' });
}

/** What an operator sees of each message. */
async function ledger(name: Name): Promise<LedgerRow[]> {
  const { stdout } = await environment.cli(['messages', name, '--json']);
  return JSON.parse(stdout) as LedgerRow[];
}

const timesTaken = (name: Name) => [...(relays.get(name)?.received.values() ?? [])];
const finished = (counts: object) => ({ outcome: 'finished', counts });

test('a relay that ends each connection after 100 messages takes all of them once, at the first attempt', async () => {
  const delivery = await start('tired', { recipients: recipients(1_000) });
  expect(await delivery.outcome()).toEqual(finished({ sent: 1_000 }));
  expect(timesTaken('tired')).toEqual(Array.from({ length: 1_000 }, () => 1));
  expect(new Set((await ledger('tired')).map(({ attempts }) => attempts))).toEqual(new Set([1]));
  expect(relays.get('tired')?.connections().total).toBeGreaterThanOrEqual(10);
});

test('a relay that takes its time takes everything', async () => {
  const delivery = await start('slow', { recipients: recipients(20) });
  expect(await delivery.outcome()).toEqual(finished({ sent: 20 }));
  expect(timesTaken('slow')).toEqual(Array.from({ length: 20 }, () => 1));
});

test('over TLS with a certificate that holds, everything is sent', async () => {
  const delivery = await start('trusted', { recipients: recipients(20) });
  expect(await delivery.outcome()).toEqual(finished({ sent: 20 }));
});

test('an answer to the message that is none leaves it in doubt, with what was said', async () => {
  const delivery = await start('mumbling');
  expect(await delivery.outcome()).toEqual(finished({ 'in-doubt': 5 }));
  const reply = 'after the message was handed over: the relay said what is no reply: "Queued, thanks"';
  expect(await ledger('mumbling')).toEqual(Array.from({ length: 5 }, () => expect.objectContaining({ reply })));
  const { stdout } = await environment.cli(['messages', 'mumbling']);
  expect(stdout).toMatch(/in-doubt .* after the message was handed over/);
});

test('an international address fails alone at a relay without SMTPUTF8', async () => {
  const people = [{ email: 'grüße@shop.example', first_name: 'Grete' }, ...recipients(2)];
  const delivery = await start('plain', { recipients: people });
  expect(await delivery.outcome()).toEqual(finished({ sent: 2, failed: 1 }));
  expect((await ledger('plain')).map(({ status, reason, reply }) => [status, reason, reply])).toEqual([
    ['failed', 'address-invalid', expect.stringContaining('the relay does not offer SMTPUTF8')],
    ['sent', null, '250 2.0.0 queued'],
    ['sent', null, '250 2.0.0 queued'],
  ]);
});

test.each<[string, Name, RegExp]>([
  ['whose certificate has expired', 'expired', /^the relay's certificate has expired: .* \(127\.0\.0\.1:\d+\)$/],
  [
    'that refuses the password',
    'locked',
    /^the relay refused the login: 535 5\.7\.8 bad credentials \(127\.0\.0\.1:\d+\)$/,
  ],
  ['that talks nonsense', 'garbled', /^the relay said what is no reply: "what\?" \(the reply to MAIL was due\)$/],
])('a relay %s holds the delivery up: no attempt counts, and the messages tried say why', async (_, name, sentence) => {
  const delivery = await start(name);
  const isHeldUp = ({ status, reply }: LedgerRow) => status === 'pending' && reply !== null;
  const rows = await eventually(
    () => ledger(name),
    (seen) => seen.some(isHeldUp),
  );
  const heldUp = rows.filter(isHeldUp);
  expect(heldUp.map(({ reason, attempts }) => [reason, attempts])).toEqual(heldUp.map(() => ['unreachable', 0]));
  for (const { reply } of heldUp) expect(reply).toMatch(sentence);
  const { stdout } = await environment.cli(['show', name]);
  expect(stdout).toMatch(/phase +sending/);
  expect(stdout).not.toMatch(/sesame/);
  await delivery.stop({ operator: 'owner' });
  expect(await delivery.outcome()).toEqual({ outcome: 'stopped', counts: { canceled: 5 } });
  expect(timesTaken(name)).toEqual([]);
  // More of them would get us locked out.
  if (name === 'locked') expect(heard.get(name)?.filter((stage) => stage === 'auth')).toHaveLength(1);
});
