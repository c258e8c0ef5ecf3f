import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSchema } from '../../src/client/definition-file.js';
import { makeOperatorKey } from '../../src/client/operator-keys.js';
import { ruleDescriptions } from '../../src/delivery/control-rules/index.js';
import type { Finding } from '../../src/delivery/finding.js';
import { settingsOf } from '../delivery/settings-of.js';
import { keyVariable, makeKey } from '../mime/verify-dkim.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { ruleCases } from './control-rule-cases.js';
import { definition } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
const folders: string[] = [];

const deliveries = [...new Set(Object.values(ruleCases).map(([delivery]) => delivery))];
type TrippingDelivery = (typeof deliveries)[number];
/** What an operator is told of each delivery. */
const told = new Map<TrippingDelivery, Finding[]>();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay();
  await makeOperatorKey(join(environment.env['SEALPOST_KEYS'] ?? '', 'newcomer.pem'), undefined);
  const foreignKey = keyVariable(makeKey('ed25519-sha256', { domain: 'elsewhere.example' }));
  await tell(deliveries.filter(({ hasForeignKey }) => !hasForeignKey));
  await tell(
    deliveries.filter(({ hasForeignKey }) => hasForeignKey),
    { DKIM_KEY_S1: foreignKey },
  );
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** Lets a worker take deliveries as far as they come without a person, and keeps what they are found to be. */
async function tell(group: readonly TrippingDelivery[], env: Record<string, string> = {}): Promise<void> {
  const relays = { SMTP_URL: relay.url, SMTP_URL_PROVIDER: `${relay.url}&enhanced=true` };
  const worker = await environment.startWorker({ ...relays, ...env });
  await Promise.all(
    group.map(async (one) => {
      const id = `tripping-${deliveries.indexOf(one)}`;
      const source = one.files ? await folderOf(one.files) : definition({ ...one.own, id });
      const operator = one.hasUnknownAuthor ? 'newcomer' : 'author';
      const delivery = await environment.sealpost.start(source, { operator, id });
      const { findings } = await eventually(
        () => delivery.show(),
        ({ phase }) => phase === 'awaiting-decision' || phase === 'awaiting-revision',
      );
      expect((await delivery.report()).findings).toEqual(findings);
      told.set(one, findings);
    }),
  );
  await worker.stop();
}

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-tripping-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  folders.push(folder);
  return folder;
}

test.each(ruleDescriptions)('$id tells a place and what to do there', ({ id, level }) => {
  const [delivery, place, remedy] = ruleCases[id] ?? [];
  // A rule without a case in control-rule-cases.ts.
  expect(delivery).toBeDefined();
  const found = delivery && told.get(delivery)?.filter(({ rule }) => rule === id);
  expect(found).toContainEqual({ rule: id, level, place, sentence: expect.stringMatching(remedy ?? /^$/) });
});

const settings = settingsOf(fileSchema);
const isPlace = (place: string): boolean => {
  const path = place.replace(/\[\d+\]/g, '');
  return ['html', 'text'].includes(path) || settings.some((setting) => `${setting}.`.startsWith(`${path}.`));
};

test('whatever is found stands at a place that there is, in a whole sentence, and no rule of the table is gone', () => {
  const findings = [...told.values()].flat();
  expect(findings.filter(({ place }) => !isPlace(place))).toEqual([]);
  expect(findings.filter(({ sentence }) => !/^["{A-Z0-9].*[:;.] .*[.?]$/.test(sentence))).toEqual([]);
  const ids = new Set(ruleDescriptions.map(({ id }) => id));
  expect(Object.keys(ruleCases).filter((id) => !ids.has(id))).toEqual([]);
});
