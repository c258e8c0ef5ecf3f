import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { readDefinitionFile } from '../../src/client/definition-file.js';
import type { Profile } from '../../src/delivery/definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  environment = await openEnvironment();
  home = await mkdtemp(join(tmpdir(), 'sealpost-query-'));
  const url = new URL(environment.migrateUrl);
  env = {
    SEALPOST_AUDIENCE_CRM: url.href,
    SEALPOST_AUDIENCE_LOCKED: Object.assign(new URL(url), { password: 'hidden' }).href,
    SEALPOST_AUDIENCE_AWAY: 'postgres://u:hidden@127.0.0.1:9/d',
    SEALPOST_AUDIENCE_NO_URL: 'hidden',
    SEALPOST_AUDIENCE_TLS: `${url.href}?sslmode=verify-full`,
  };
  await environment.database.query(`
    create table person (n int, mail text, "First Name" text, vip bool, bought numeric, joined date, tags jsonb, big int8);
    insert into person values
      (1, 'ann@shop.example', 'Ann', true, 12.50, '2026-02-01', '["rose"]', 9007199254740993),
      (2, 'ben@shop.example', null, false, null, null, null, 7);
    create table secret (note text);
    create role stranger login password 'stranger'`);
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await environment.database.query('drop role stranger');
  await environment.close();
});

async function definitionWith(recipients: object): Promise<string> {
  const folder = await mkdtemp(join(home, 'x-'));
  const settings = `id: news
name: News
sender: { address: news@shop.example }
subject: Hi
content: content.txt
recipients: ${JSON.stringify(recipients)}
`;
  await writeFile(join(folder, 'delivery.yaml'), settings);
  await writeFile(join(folder, 'content.txt'), 'Hello\n');
  await writeFile(join(folder, 'members.csv'), 'email\neve@shop.example\n');
  return folder;
}

const source = (query: string, database = 'crm') => ({ query, database, addressField: 'mail' });

async function read(recipients: object): Promise<Profile[]> {
  const { recipients: target } = await readDefinitionFile(await definitionWith(recipients), { env });
  const profiles: Profile[] = [];
  for await (const profile of target.open()) profiles.push(profile);
  return profiles;
}

async function faultsOf(recipients: object): Promise<string> {
  try {
    await read(recipients);
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  return '';
}

test('rows become recipients: values as JSON has them, columns by their names or by map', async () => {
  const query = 'select mail, "First Name", vip, bought, joined, tags, big from person order by n; -- all';
  expect(await read({ ...source(query), map: { first_name: 'First Name' } })).toEqual([
    {
      row: 1,
      address: 'ann@shop.example',
      fields: {
        first_name: 'Ann',
        vip: true,
        bought: 12.5,
        joined: '2026-02-01',
        tags: ['rose'],
        big: '9007199254740993',
      },
    },
    { row: 2, address: 'ben@shop.example', fields: { vip: false, big: 7 } },
  ]);
});

test('a query has ten minutes for each page, and UTC', async () => {
  const query = `select 'a@b.example' as mail, current_setting('statement_timeout') as timeout, '2026-01-01'::timestamptz as at`;
  expect(await read(source(query))).toMatchObject([{ fields: { timeout: '10min', at: '2026-01-01 00:00:00+00' } }]);
});

test('a query may stand beside files, and may exclude', async () => {
  const folder = await definitionWith(['members.csv', source('select mail from person order by n')]);
  const { recipients } = await readDefinitionFile(folder, { env });
  expect(await recipients.fields?.()).toEqual([]);
  expect(await read(['members.csv', source('select mail from person order by n')])).toMatchObject([
    { row: 2, address: 'eve@shop.example', origin: { source: 'members.csv', row: 2 } },
    { row: 3, address: 'ann@shop.example', origin: { source: 'crm', row: 1 } },
    { row: 4, address: 'ben@shop.example', origin: { source: 'crm', row: 2 } },
  ]);
  const excluding = await definitionWith(['members.csv', { ...source('select mail from person'), exclude: true }]);
  const { recipients: others } = await readDefinitionFile(excluding, { env });
  const left: string[] = [];
  for (const { open } of others.excluded ?? []) for await (const address of open()) left.push(address);
  expect(left.toSorted()).toEqual(['ann@shop.example', 'ben@shop.example']);
});

const place = 'delivery.yaml:6: recipients: ';
test.each<[string, object, string]>([
  [
    'a syntax error, with its line',
    source('select mail\nfrom person\nwher true order by'),
    `${place}the database at SEALPOST_AUDIENCE_CRM refuses the query: syntax error at`,
  ],
  ['the line', source('select mail,\n  nme\nfrom person'), 'column "nme" does not exist (line 2 of the query)'],
  ['two statements', source('select mail from person; drop table person'), 'cannot insert multiple commands'],
  [
    'the end of our transaction',
    source('select mail from person; commit; drop table person'),
    'cannot insert multiple commands',
  ],
  [
    'a statement that changes',
    source("insert into person (mail) values ('x') returning mail"),
    'refuses the query: syntax error',
  ],
  [
    'a change within',
    source("with n as (insert into person (mail) values ('x') returning mail) select mail from n"),
    'DECLARE CURSOR must not contain data-modifying',
  ],
  [
    'a change by a function',
    source("select setval('revision_key_seq', 1)::text as mail"),
    'refuses the query, which would change something: it may only read',
  ],
  [
    'a value that does not fit',
    source(`select ("First Name")::int::text as mail from person`),
    'SEALPOST_AUDIENCE_CRM gave the query up, with the code 22P02: run it there by hand',
  ],
  [
    'no column of the address',
    source('select "First Name" as first_name from person'),
    `there is no column "mail" with the address; there is "first_name"`,
  ],
  ['two columns of one name', source('select mail, vip as a, big as a from person'), 'there are two columns "a"'],
  [
    'a column that map misses',
    { ...source('select mail from person'), map: { a: 'b' } },
    'gives no column "b", which map names',
  ],
  [
    'an address of another type',
    source('select n as mail from person'),
    'row 1: the field "mail" must be text, not number',
  ],
  ['a database that is not named', source('select 1', 'dwh-eu'), 'no SEALPOST_AUDIENCE_DWH_EU is set'],
  [
    'a database that refuses',
    source('select 1', 'locked'),
    'SEALPOST_AUDIENCE_LOCKED cannot be used: it refuses the password',
  ],
  [
    'a database that is away',
    source('select 1', 'away'),
    'SEALPOST_AUDIENCE_AWAY cannot be used: nothing listens there',
  ],
  [
    'a database without TLS',
    source('select 1', 'tls'),
    'SEALPOST_AUDIENCE_TLS cannot be used (The server does not support SSL connections): see that',
  ],
  [
    'a connection that is closed',
    source('select pg_terminate_backend(pg_backend_pid())::text as mail'),
    'SEALPOST_AUDIENCE_CRM cannot be used: it is shutting down; see that it can be reached, and try again',
  ],
  ['an address that is none', source('select 1', 'no-url'), 'SEALPOST_AUDIENCE_NO_URL must be like postgres://'],
  [
    'one row too many',
    { ...source('select mail from person'), maxRows: 1 },
    'gives more than 1 rows: correct it, or set maxRows',
  ],
  ['maxRows of a file', { file: 'members.csv', maxRows: 5 }, 'has maxRows, which is for a query'],
  [
    'a query that is ended',
    source('select pg_cancel_backend(pg_backend_pid())::text || pg_sleep(9)::text as mail'),
    'ended the query (canceling statement due to user request): make it faster',
  ],
  ['no database', { query: 'select 1' }, 'needs either a file, or a query and its database'],
  [
    'a file and a query',
    { file: 'members.csv', ...source('select 1') },
    'needs either a file, or a query and its database',
  ],
  [
    'a list',
    ['members.csv', source('selec')],
    'delivery.yaml:6: recipients[1]: the database at SEALPOST_AUDIENCE_CRM refuses the query',
  ],
])('%s is told, without values and passwords', async (_, recipients, sentence) => {
  const told = await faultsOf(recipients);
  expect(told).toContain(sentence);
  expect(told).not.toMatch(/hidden|Ann|ann@/);
});

test('a connection that is lost between two pages is told', async () => {
  const query = `select 'p' || generate_series(1, 50000) || '@shop.example' as mail`;
  const { recipients } = await readDefinitionFile(await definitionWith(source(query)), { env });
  const reading = (async () => {
    let rows = 0;
    for await (const _profile of recipients.open())
      if ((rows += 1) === 100)
        await eventually(
          () =>
            environment.database.query(
              `select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and query like '%from recipients%' and pid <> pg_backend_pid()`,
            ),
          ({ rowCount }) => rowCount === 0,
        );
  })();
  await expect(reading).rejects.toThrow(`${place}the database at SEALPOST_AUDIENCE_CRM cannot be used: `);
});

test('what the user may not read is told', async () => {
  const url = Object.assign(new URL(env['SEALPOST_AUDIENCE_CRM'] ?? ''), {
    username: 'stranger',
    password: 'stranger',
  });
  env['SEALPOST_AUDIENCE_STRANGER'] = url.href;
  expect(await faultsOf(source('select note as mail from secret', 'stranger'))).toContain(
    'the database at SEALPOST_AUDIENCE_STRANGER refuses the query (permission denied for table secret): let its user',
  );
});

test('rows come as they are read, and who stops early ends the query', async () => {
  // In the list of columns Postgres makes the series as it is fetched, and not before.
  const many = (count: number) => `select 'p' || generate_series(1, ${count}) || '@shop.example' as mail`;
  expect(await read(source(many(50_000)))).toHaveLength(50_000);
  const folder = await definitionWith(source(many(2_000_000_000)));
  const { recipients } = await readDefinitionFile(folder, { env });
  let rows = 0;
  for await (const _profile of recipients.open()) if ((rows += 1) === 5_000) break;
  const { rows: open } = await environment.database.query(
    `select from pg_stat_activity where datname = current_database() and query like '%from recipients%' and pid <> pg_backend_pid()`,
  );
  expect(open).toHaveLength(0);
});

test('the query is part of the revision, and of its name', async () => {
  const start = (query: string, id: string) =>
    definitionWith(source(query)).then((folder) =>
      environment.cli(['start', folder, '--id', id, '--operator', 'author'], env),
    );
  const query = 'select mail from person order by n';
  expect(await start(query, 'asked')).toMatchObject({ code: 0 });
  const { queries, profiles } = await environment.sealpost.delivery('asked').show();
  expect({ queries, profiles }).toEqual({ queries: [{ database: 'crm', query }], profiles: 2 });
  // The same rows by another query are another definition.
  expect(await start(query, 'asked')).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') });
  expect(await start(`${query} asc`, 'asked')).toMatchObject({ code: 1, stderr: expect.stringContaining('another') });
  const { rows } = await environment.database.query('select settings, content, queries from revision');
  expect(JSON.stringify(rows)).not.toContain('postgres://');
});
