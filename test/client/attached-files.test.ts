import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DefinitionError, describeFault } from '../../src/client/definition-faults.js';
import { parseDeliveryValues, readDefinitionFile } from '../../src/client/definition-file.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const yaml = `id: winter
name: Winter news
sender: { address: news@shop.example }
subject: Hello
content: content.html
recipients: recipients.csv
`;

async function deliveryWith(settings: string, html: string, other: Record<string, Buffer> = {}): Promise<string> {
  const folder = join(temporaryFolder(), 'a-delivery');
  const files = {
    'delivery.yaml': yaml + settings,
    'content.html': html,
    'recipients.csv': 'email\nada@mail.example\n',
    'images/logo.png': png,
    'terms.pdf': Buffer.from('%PDF-1.7'),
    ...other,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

async function faultsOf(folder: string): Promise<string[]> {
  try {
    await readDefinitionFile(folder);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.faults.map((fault) => describeFault({ ...fault, file: relative(folder, fault.file ?? '') }));
  }
  return [];
}

test('attachments and the images that the HTML shows come with the content', async () => {
  const folder = await deliveryWith(
    'attachments: [terms.pdf, { file: terms.pdf, name: Bedingungen für 2026.pdf, type: application/x-pdf }]\n',
    '<img src="cid:images/logo.png" alt=""><td background=\'cid:images/logo.png\' style="background:url(cid:images/logo.png)">',
  );
  const { content } = await readDefinitionFile(folder);
  const base64 = Buffer.from('%PDF-1.7').toString('base64');
  expect(content.files).toEqual([
    { name: 'terms.pdf', type: 'application/pdf', base64 },
    { name: 'Bedingungen für 2026.pdf', type: 'application/x-pdf', base64 },
    {
      name: 'logo.png',
      type: 'image/png',
      contentId: expect.stringMatching(/^[0-9a-f]{16}@inline\.sealpost$/),
      base64: png.toString('base64'),
    },
  ]);
  const id = content.files?.[2]?.contentId ?? '';
  expect(content.html?.split(`cid:${id}`)).toHaveLength(4);
});

test('words about cid: are no image', async () => {
  const { content } = await readDefinitionFile(
    await deliveryWith('', '<p>cid:nothing.png is how one names images</p>'),
  );
  expect(content.files).toBeUndefined();
});

test.each([
  ['attachments: [none.pdf]\n', '<p>', ['delivery.yaml:7: attachments[0]: there is no file "none.pdf"']],
  [
    'attachments: [../secret]\n',
    '<p>',
    ['delivery.yaml:7: attachments[0]: "../secret" is outside of the delivery\'s folder; put the file in it'],
  ],
  [
    'attachments: [{ file: terms.pdf, name: "a/x.pdf" }]\n',
    '<p>',
    ['delivery.yaml:7: attachments[0].name: the name must be that of a file, without / \\ : * ? " < > |'],
  ],
  [
    'attachments: [{ file: terms.pdf, type: text/html; charset=x }]\n',
    '<p>',
    ['delivery.yaml:7: attachments[0].type: type must be a media type such as application/pdf'],
  ],
  [
    'attachments: ["a\u202Efdp.exe"]\n',
    '<p>',
    ['delivery.yaml:7: attachments[0]: the name must be that of a file, without / \\ : * ? " < > |'],
  ],
  ['', '<p>\n<img src="cid:images/none.png">', ['content.html:2: content: there is no file "images/none.png"']],
  [
    '',
    '\n\n<img src="cid:{{ image }}">',
    [
      "content.html:3: content: cid: stands before the path of an image in the delivery's folder, the same for all, such as cid:images/logo.png",
    ],
  ],
  [
    '',
    '<img src="cid:terms.pdf">',
    ['content.html:1: content: "terms.pdf" is not a PNG, JPEG, GIF or WebP image by its name'],
  ],
])('%s%s: each fault at its place', async (settings, html, faults) => {
  expect(await faultsOf(await deliveryWith(settings, html))).toEqual(faults);
});

test('more than 10 MB are refused', async () => {
  const half = Buffer.alloc(6 * 1024 * 1024);
  const folder = await deliveryWith('attachments: [a.bin, b.bin]\n', '<p>', { 'a.bin': half, 'b.bin': half });
  expect(await faultsOf(folder)).toEqual([
    'delivery.yaml:7: attachments[1]: with this file, attachments and images have more than 10 MB together',
  ]);
});

test('a link out of the folder is not followed', async () => {
  const folder = await deliveryWith('attachments: [link.pdf]\n', '<p>');
  await symlink('/etc/passwd', join(folder, 'link.pdf'));
  expect(await faultsOf(folder)).toEqual([expect.stringContaining("is outside of the delivery's folder")]);
});

test('files given in code', async () => {
  const values = {
    id: 'winter',
    name: 'Winter news',
    sender: { address: 'news@shop.example' },
    subject: 'Hello',
    recipients: [],
  };
  const { content } = await parseDeliveryValues({
    ...values,
    content: { html: '<img src="cid:logo.png">' },
    images: { 'logo.png': png },
    attachments: [{ name: 'a.txt', content: Buffer.from('A') }],
  });
  expect(content.files).toMatchObject([
    { name: 'a.txt', type: 'text/plain' },
    { name: 'logo.png', type: 'image/png' },
  ]);
  await expect(
    parseDeliveryValues({ ...values, content: { html: '<p>\n<img src="cid:logo.png">' } }),
  ).rejects.toMatchObject({
    faults: [{ field: 'content.html', line: 2, sentence: 'images has none called "logo.png"' }],
  });
  await expect(
    parseDeliveryValues({ ...values, content: { text: 'x' }, attachments: [{ name: 'a.txt', content: 'A' }] }),
  ).rejects.toMatchObject({
    faults: [{ field: 'attachments[0].content', sentence: 'must be Uint8Array, not text' }],
  });
});
