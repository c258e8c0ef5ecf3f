import { gzipSync } from 'node:zlib';
import { draftOf, filesOf } from '../../../src/web/console/pages/draft-input.js';

const upload = (name: string, bytes: string | Buffer, field = 'files') => ({ field, name, bytes: Buffer.from(bytes) });

const told = ({ definition, texts, others }: ReturnType<typeof draftOf>) => ({
  definition,
  texts: Object.fromEntries(texts),
  others: [...others.keys()],
});

test('what was typed is there again, with the line breaks that it had', () => {
  const fields = {
    definition: 'id: a\r\nname: b\r\n',
    'text:mail.html': '<p>\r\n',
    'text:parts/foot.mjml': 'x',
    act: 'check',
  } as const;
  expect(told(draftOf(fields, []))).toEqual({
    definition: 'id: a\nname: b\n',
    texts: { 'mail.html': '<p>\n', 'parts/foot.mjml': 'x' },
    others: [],
  });
});

test('a file takes the place of what was typed under its name, wherever that lies', () => {
  const fields = { definition: 'typed', 'text:parts/foot.mjml': 'typed', 'text:mail.html': 'typed' };
  const uploads = [upload('any.YAML', 'given'), upload('foot.mjml', 'given'), upload('new.csv', 'email')];
  expect(told(draftOf(fields, uploads))).toEqual({
    definition: 'given',
    texts: { 'parts/foot.mjml': 'given', 'mail.html': 'typed', 'new.csv': 'email' },
    others: [],
  });
});

test.each<[string, string | Buffer, boolean]>([
  ['people.csv', 'email\n', true],
  ['people.CSV', 'email\n', true],
  ['people.csv', 'x'.repeat(200_000), true],
  ['people.csv', 'x'.repeat(200_001), false],
  ['people.csv', Buffer.from([0xff, 0xfe, 0x65]), false],
  ['people.csv', 'a\0b', false],
  ['people.csv.gz', gzipSync('email\n'), false],
  ['logo.svg', '<svg/>', false],
  ['delivery.yaml', Buffer.from([0xff]), false],
  ['mail', '<p>', false],
])('%s can be edited in the page, if it is a text and short', (name, bytes, edited) => {
  const draft = draftOf({}, [upload(name, bytes)]);
  expect([draft.texts.has(name), draft.others.has(name)]).toEqual([edited, !edited]);
});

test('a field that is no text and a file of another field count for nothing', () => {
  const draft = draftOf({ 'text:twice': ['a', 'b'] }, [upload('other.csv', 'x', 'elsewhere')]);
  expect(told(draft)).toEqual({ definition: '', texts: {}, others: [] });
});

test('files of a revision are kept unless others come under their names, and the definition is what was typed', () => {
  const draft = draftOf({ definition: 'typed', 'text:mail.html': 'new' }, [upload('logo.png', 'new')]);
  const kept = new Map(
    ['logo.png', 'plan.pdf', 'mail.html', 'delivery.yaml'].map((name) => [name, Buffer.from('old')]),
  );
  const { files } = filesOf(draft, kept);
  expect(Object.fromEntries([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]))).toEqual({
    'logo.png': 'new',
    'plan.pdf': 'old',
    'mail.html': 'new',
    'delivery.yaml': 'typed',
  });
});
