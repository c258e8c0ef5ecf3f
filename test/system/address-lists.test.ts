import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { runCli } from '../../src/cli/program.js';
import type { ListEntry, ListName } from '../../src/client/index.js';
import { recordedTerminal } from '../cli/recorded-terminal.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayAnswer, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let folder: string;
let atDot: (recipient: string) => RelayAnswer | Promise<RelayAnswer> = () => undefined;

beforeAll(async () => {
  environment = await openEnvironment();
  folder = await mkdtemp(join(tmpdir(), 'sealpost-lists-'));
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) => (stage === 'dot' ? atDot(recipient) : undefined),
  });
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=1` });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  atDot = () => undefined;
  await environment.database.query('truncate denylist, quarantine');
});

const sealpost = (...args: string[]) => environment.cli(args, { SEALPOST_OPERATOR: 'olga' });

/** A command that has to succeed. @returns its output */
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sealpost(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function file(content: string | Buffer): Promise<string> {
  const path = join(folder, 'list.csv');
  await writeFile(path, content);
  return path;
}

async function entriesOf(list: ListName, filter: { search?: string; limit?: number } = {}): Promise<ListEntry[]> {
  const entries: ListEntry[] = [];
  for await (const entry of environment.sealpost[list].list(filter)) entries.push(entry);
  return entries;
}

const addressesOf = async (list: ListName) => (await entriesOf(list)).map(({ address }) => address);
const taken = (address: string) => relay.messages.filter(({ recipient }) => recipient === address).length;
const person = (n: number) => `person${n}@shop.example`;

test('who is added before the analysis is excluded, who is added after the confirmation is ignored, who is removed gets mail again', async () => {
  await done('denylist', 'add', 'person2@SHOP.example', '--sender', 'news@garden.example', '--reason', 'by telephone');
  await done('denylist', 'add', person(3), '--sender', 'news@tools.example');
  await done('quarantine', 'add', person(4));
  const door = gate();
  atDot = (recipient) => (recipient === person(1) ? door.opened : undefined);
  const people = [...recipients(40), { email: '=cmd()', first_name: 'Mallory' }, { email: person(1), first_name: 'x' }];
  const delivery = await environment.sealpost.start(definition({ id: 'lists', recipients: people }), {
    operator: 'author',
  });
  const { seal, excluded } = await inPhase(delivery, 'awaiting-decision');
  expect(excluded).toEqual({ denylisted: 1, quarantined: 1, 'address-invalid': 1, double: 1 });

  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: seal ?? '' });
  await eventually(
    () => ledgerOf(delivery),
    ([first]) => first?.status === 'sending',
  );
  await done('denylist', 'add', person(38), person(39));
  await done('quarantine', 'import', await file(`${person(40)}\n`));
  door.open();
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 35, ignored: 7 } });
  expect([2, 3, 4, 37, 38, 39, 40].map((n) => taken(person(n)))).toEqual([0, 1, 0, 1, 0, 0, 0]);

  expect(await done('messages', 'lists', '--excluded', '--csv')).toBe(
    [
      'row,seed,address,leftOutBy,reason,why',
      '2,,person2@shop.example,analysis,denylisted,the address is on the denylist',
      '4,,person4@shop.example,analysis,quarantined,the address is in quarantine',
      '38,,person38@shop.example,claim,denylisted,the address is on the denylist',
      '39,,person39@shop.example,claim,denylisted,the address is on the denylist',
      '40,,person40@shop.example,claim,quarantined,the address is in quarantine',
      `41,,"'=cmd()",analysis,address-invalid,the address is not valid`,
      '42,,person1@shop.example,analysis,double,the same address came before',
      '',
    ].join('\r\n'),
  );
  const rows: unknown = JSON.parse(await done('messages', 'lists', '--excluded', '--reason', 'quarantined', '--json'));
  expect(rows).toMatchObject([
    { row: 4, leftOutBy: 'analysis', reason: 'quarantined', why: 'the address is in quarantine' },
    { row: 40, leftOutBy: 'claim', reason: 'quarantined', why: 'the address is in quarantine' },
  ]);
  const table = await done('messages', 'lists', '--excluded', '--reason', 'denylisted', '--limit', '2');
  expect(table.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['row', 'address', 'left out by', 'reason', 'why'],
    ['', '2', 'person2@shop.example', 'the analysis', 'denylisted', 'the address is on the denylist'],
    [' 38', 'person38@shop.example', 'the claim', 'denylisted', 'the address is on the denylist'],
    [''],
    ['These are the first 2; there are more: --limit, --csv or --json.'],
    [''],
  ]);

  await done('denylist', 'remove', person(2), '--sender', 'news@garden.example');
  await done('denylist', 'remove', person(38), person(39));
  await done('quarantine', 'remove', person(4));
  const values = definition({ id: 'lists-again', recipients: recipients(40), approval: { mode: 'automatic' } });
  const again = await environment.sealpost.start(values, { operator: 'author' });
  expect(await again.outcome()).toEqual({ outcome: 'finished', counts: { sent: 39, ignored: 1 } });
  expect([2, 3, 4, 37, 38, 39, 40].map((n) => taken(person(n)))).toEqual([1, 2, 1, 2, 1, 1, 0]);
});

test('the words for a failed personalisation tell what is missing', async () => {
  const values = definition({ id: 'nameless', recipients: [...recipients(1), { email: 'ann@shop.example' }] });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  const rows: unknown = JSON.parse(await done('messages', 'nameless', '--excluded', '--json'));
  expect(rows).toMatchObject([
    { row: 2, why: expect.stringMatching(/^a field that the content needs .* \(.*first_name.*\)$/) },
  ]);
  await delivery.stop({ operator: 'owner' });
});

test('add and remove say what was new and what was not there, and may be repeated', async () => {
  const both = ['ann@shop.example', 'Ben@Bücher.example'];
  expect(await done('denylist', 'add', ...both, 'ann@SHOP.example', '--reason', 'asked')).toBe(
    'The denylist: 2 new, 0 there already.\n  new      Ben@xn--bcher-kva.example\n  new      ann@shop.example\n',
  );
  expect(JSON.parse(await done('denylist', 'add', 'ann@shop.example', 'cleo@shop.example', '--json'))).toEqual({
    added: ['cleo@shop.example'],
    present: ['ann@shop.example'],
  });
  await done('denylist', 'add', 'ann@shop.example', '--sender', '@garden.example', '--operator', 'otto');
  const entries = await entriesOf('denylist', { search: 'ANN@' });
  const entry = { address: 'ann@shop.example', addedAt: expect.stringMatching(/^20.*Z$/), source: 'operator' };
  expect(entries).toEqual([
    { ...entry, sender: '', operator: 'olga', reason: 'asked' },
    { ...entry, sender: '@garden.example', operator: 'otto', reason: null },
  ]);

  const removal = await sealpost('denylist', 'remove', 'ann@shop.example', 'dora@shop.example');
  expect(removal).toEqual({
    code: 1,
    stdout: 'The denylist: 1 removed.\n  removed  ann@shop.example\n  stays    ann@shop.example, for @garden.example\n',
    stderr: 'sealpost: Not on the denylist: dora@shop.example.\n',
  });
  const again = await sealpost('denylist', 'remove', 'ann@shop.example', '--sender', 'a@garden.example', '--json');
  expect([again.code, JSON.parse(again.stdout), JSON.parse(again.stderr)]).toEqual([
    1,
    {
      removed: [],
      absent: ['ann@shop.example'],
      denied: [{ address: 'ann@shop.example', sender: '@garden.example' }],
    },
    { error: { code: 'NOT_FOUND', message: 'Not on the denylist for a@garden.example: ann@shop.example.' } },
  ]);
  expect(await addressesOf('denylist')).toEqual(['Ben@xn--bcher-kva.example', 'ann@shop.example', 'cleo@shop.example']);
});

describe.each(['denylist', 'quarantine'] as const)('an import into the %s', (list) => {
  test('tells what is new, what was there and what came twice', async () => {
    await environment.sealpost[list].add(['ann@shop.example'], { operator: 'otto', reason: 'first' });
    const path = await file(
      'email,reason\nann@shop.example,\nben@shop.example,one\nBEN@x.example,\nben@SHOP.example,two\n',
    );
    expect(await done(list, 'import', path, '--reason', 'moved')).toBe(
      `The ${list}: 2 new, 1 there already, 1 doubles.\n`,
    );
    const entries = (await entriesOf(list)).map(({ address, source, operator, reason }) => ({
      address,
      source,
      operator,
      reason,
    }));
    expect(entries).toEqual([
      { address: 'BEN@x.example', source: 'import', operator: 'olga', reason: 'moved' },
      { address: 'ann@shop.example', source: 'operator', operator: 'otto', reason: 'first' },
      { address: 'ben@shop.example', source: 'import', operator: 'olga', reason: 'one' },
    ]);
    expect(JSON.parse(await done(list, 'import', path, '--json'))).toEqual({ added: 0, present: 3, doubles: 1 });
  });

  test('is refused whole: nothing is there after it', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `x${i}@shop.example`);
    const path = await file(['email', ...lines, 'no address', ...lines, 'x,y'].join('\n'));
    const { code, stdout, stderr } = await sealpost(list, 'import', path);
    expect({ code, stdout, stderr: stderr.split('\n').map((line) => line.replace(path, 'list.csv')) }).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'sealpost: list.csv:20002: this is no e-mail address; it must be one such as ann@shop.example, without a name',
        '  list.csv:40003: more than an address stands here',
        '',
      ],
    });
    const json = await sealpost(list, 'import', path, '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'LIST_INVALID', faults: [{ line: 20_002 }, { line: 40_003 }] },
    });
    expect(await entriesOf(list)).toEqual([]);
  });

  test('reads standard input, packed or not, and shows on a terminal how far it is', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `x${i}@shop.example\n`).join('');
    const asTerminal = async (...args: string[]) => {
      const { terminal, out, err } = recordedTerminal({ tty: true, typed: lines });
      const env = { ...environment.env, SEALPOST_OPERATOR: 'olga' };
      return { code: await runCli([list, 'import', ...args], { env, terminal }), out: out(), err: err() };
    };
    const first = await asTerminal('-');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('3,000 entries read');
    expect(first.out).toContain(`The ${list}: 5,000 new, 0 there already, 0 doubles.`);
    const second = await asTerminal(await file(gzipSync(lines)));
    expect(second.out).toContain('] 100 %, 5,000 entries read');
    expect(second.out).toContain(`The ${list}: 0 new, 5,000 there already, 0 doubles.`);
    // Beyond one page of the store.
    expect(await addressesOf(list)).toHaveLength(5_000);
    expect(new Set(await addressesOf(list)).size).toBe(5_000);
    expect(await entriesOf(list, { search: 'X499@', limit: 10 })).toMatchObject([{ address: 'x499@shop.example' }]);
    expect(await entriesOf(list, { limit: 2_001 })).toHaveLength(2_001);
  });
});

test('imports that overlap wait for one another', async () => {
  const addresses = Array.from({ length: 3_000 }, (_, i) => `x${i}@shop.example\n`);
  const runs = [addresses, addresses.toReversed(), addresses].map((lines) =>
    environment.sealpost.denylist.import(
      { name: 'list', bytes: Readable.from([Buffer.from(lines.join(''))]) },
      { operator: 'olga' },
    ),
  );
  const results = await Promise.all(runs);
  expect(results.map(({ added, present }) => added + present)).toEqual([3_000, 3_000, 3_000]);
  expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(3_000);
});

test('a list is told as a table, as JSON and as CSV that is safe to open and can be imported again', async () => {
  const { denylist, quarantine } = environment.sealpost;
  await denylist.add(['=1+1@shop.example'], { operator: 'otto', sender: '@garden.example', reason: '=HYPERLINK("x")' });
  await denylist.add(['ben@shop.example'], { operator: 'otto' });
  await environment.database.query(
    `insert into denylist (address, sender, source, added_at) values ('ann@shop.example', 'news@garden.example', 'unsubscribed', now())`,
  );
  const table = await done('denylist', 'list');
  expect(table.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
    'address',
    '=1+1@shop.example',
    'ann@shop.example',
    'ben@shop.example',
    '',
  ]);
  expect(table).toMatch(/ben@shop\.example +all senders +20\S+ \S+ UTC +operator +otto\n/);
  expect(JSON.parse(await done('denylist', 'list', '--sender', 'News@GARDEN.example', '--json'))).toEqual([
    {
      address: 'ann@shop.example',
      sender: 'news@garden.example',
      addedAt: expect.any(String),
      source: 'unsubscribed',
      operator: null,
      reason: null,
    },
  ]);
  const csv = await done('denylist', 'list', '--csv');
  const [header, ...cells] = parse(csv);
  expect(header).toEqual(['address', 'sender', 'addedAt', 'source', 'operator', 'reason']);
  expect(cells[0]).toEqual([
    "'=1+1@shop.example",
    "'@garden.example",
    expect.any(String),
    'operator',
    'otto',
    `'=HYPERLINK("x")`,
  ]);
  const before = await entriesOf('denylist');
  await environment.database.query('truncate denylist');
  await done('denylist', 'import', await file(csv));
  const kept = ({ address, sender, reason }: ListEntry) => ({ address, sender, reason });
  expect((await entriesOf('denylist')).map(kept)).toEqual(before.map(kept));

  await quarantine.add(['ann@shop.example'], { operator: 'otto' });
  expect(JSON.parse(await done('quarantine', 'list', '--json'))).toEqual([
    { address: 'ann@shop.example', addedAt: expect.any(String), source: 'operator', operator: 'otto', reason: null },
  ]);
  expect(await done('quarantine', 'list', '--search', 'nobody')).toBe('The quarantine has no such entries.\n');
  expect(await done('quarantine', 'list', '--search', 'nobody', '--json')).toBe('[]\n');
});

test('from code, all faults are told at once, and nothing is added', async () => {
  const { denylist } = environment.sealpost;
  const given = ['ann@shop.example', '', 'x@y'];
  const origin = { operator: 'a b', sender: 'garden', reason: 'x\ny' };
  await expect(denylist.add(given, origin)).rejects.toMatchObject({
    code: 'LIST_INVALID',
    faults: ['address 2', 'address 3', 'sender', 'operator', 'reason'].map((field) =>
      expect.objectContaining({ field }),
    ),
  });
  expect(await entriesOf('denylist')).toEqual([]);
});
