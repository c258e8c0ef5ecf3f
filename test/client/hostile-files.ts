import { gzipSync } from 'node:zlib';

const csv = (rest: string | Buffer) => Buffer.concat([Buffer.from('email,n\na@b.example,1\n'), Buffer.from(rest)]);
const ndjson = (rest: string | Buffer) =>
  Buffer.concat([Buffer.from('{"email":"a@b.example","n":1}\n'), Buffer.from(rest)]);
const big = 'x'.repeat(10 * 1024 * 1024);
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const columns = Array.from({ length: 5_000 }, (_, i) => `c${i}`);

/** Files of recipients that no system writes on purpose, and what is told of each. */
export const hostileFiles: readonly (readonly [what: string, name: string, content: string | Buffer, told: string])[] =
  [
    ['a field of 10 MB', 'r.csv', csv(`c@d.example,${big}\n`), 'r.csv:3: recipients: a record is longer than 1024 KB'],
    ['one in quotes', 'r.csv', csv(`c@d.example,"${big}"\n`), 'r.csv:3: recipients: a record is longer than 1024 KB'],
    ['one over lines', 'r.csv', csv(`"${'xx\n'.repeat(3e6)}"`), 'r.csv:3: recipients: a record is longer than 1024 KB'],
    ['a header of 10 MB', 'r.csv', big, 'r.csv:1: recipients: a record is longer than 1024 KB'],
    ['a field of 10 MB', 'r.ndjson', ndjson(`{"n":"${big}"}`), 'r.ndjson:2: recipients: a line is longer than 1024 KB'],
    [
      'a field of 100 KB',
      'r.csv',
      csv(`c,${big.slice(0, 1e5)}`),
      'r.csv:3: recipients: the cell of "n" is longer than',
    ],
    [
      'a quote that stays open',
      'r.csv',
      csv('c@d.example,"1\ne@f.example,2\n'),
      'r.csv:3: recipients: a quote (") that opens',
    ],
    ['a quote that opens late', 'r.csv', csv('c@d.example,1"2\n'), 'r.csv:3: recipients: a quote (") stands within'],
    ['quotes only', 'r.csv', '"'.repeat(1001), 'r.csv:1: recipients: a quote (") that opens a cell is never closed'],
    ['an open string', 'r.ndjson', ndjson('{"email":"a@b.example}\n'), 'r.ndjson:2: recipients: is not JSON'],
    [
      'Latin-1 after UTF-8',
      'r.csv',
      csv(Buffer.concat([Buffer.from('c@d.example,é\n'), latin1('e@f.example,é\n')])),
      'r.csv:4: recipients: is not UTF-8',
    ],
    [
      'Latin-1 after UTF-8',
      'r.ndjson',
      ndjson(latin1('{"email":"c@d.example","n":"é"}')),
      'r.ndjson:2: recipients: is not UTF-8',
    ],
    ['UTF-16', 'r.csv', Buffer.from('\ufeffemail,n\na@b.example,1\n', 'utf16le'), 'r.csv:1: recipients: is not UTF-8'],
    [
      'a character that is cut',
      'r.csv',
      csv(Buffer.from('c@d.example,日').subarray(0, -1)),
      'r.csv:3: recipients: is not UTF-8',
    ],
    ['NUL in a cell', 'r.csv', csv('c@d.example,\0\n'), 'r.csv:3: recipients: holds a NUL byte'],
    ['nothing but NULs', 'r.csv', Buffer.alloc(100_000), 'r.csv:1: recipients: holds a NUL byte'],
    ['NUL in a line', 'r.ndjson', ndjson('{"email":"\0"}'), 'r.ndjson:2: recipients: holds a NUL byte'],
    [
      '5,000 columns',
      'r.csv',
      `email,${columns.join(',')}\n`,
      'r.csv:1: recipients: there are 5001 columns; 1000 is the most',
    ],
    [
      '5,000 members',
      'r.ndjson',
      JSON.stringify(Object.fromEntries(columns.map((c) => [c, 1]))),
      'r.ndjson:1: recipients: brings one field more',
    ],
    [
      '5,000 members over lines',
      'r.ndjson',
      columns.map((c) => `{"${c}":1}\n`).join(''),
      'r.ndjson:1001: recipients: brings one field more',
    ],
    ['5,000 cells', 'r.csv', csv(columns.join(',')), 'r.csv:3: recipients: has 5000 cells where the header has 2'],
    ['a million empty lines', 'r.csv', csv('\n'.repeat(1e6)), '1 rows'],
    ['empty lines alone', 'r.csv', '\n'.repeat(1e6), 'r.csv:1: recipients: the file is empty'],
    ['empty lines alone', 'r.ndjson', '\r\n'.repeat(1e5), 'r.ndjson:1: recipients: the file is empty'],
    ['a nest of lists', 'r.ndjson', ndjson(`{"n":${'['.repeat(4e5)}${']'.repeat(4e5)}}`), 'r.ndjson:2: recipients: '],
    ['a name of a prototype', 'r.csv', 'email,__proto__\n', 'r.csv:1: recipients: the column "__proto__"'],
    [
      'a member of a prototype',
      'r.ndjson',
      '{"email":"a@b.example","__proto__":{"x":1}}',
      'r.ndjson:1: recipients: the column "__proto__"',
    ],
    ['a program', 'r.csv', Buffer.from('7f454c4602010100', 'hex'), 'r.csv:1: recipients: holds a NUL byte'],
    [
      'ten million zeros, compressed',
      'r.csv.gz',
      gzipSync(Buffer.alloc(1e7)),
      'r.csv.gz:1: recipients: a record is longer than',
    ],
  ];
