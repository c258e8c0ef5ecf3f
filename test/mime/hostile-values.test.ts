import * as fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { templateFault } from '../../src/content/liquid.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { isRecipientFault, type RenderedMessage } from '../../src/mime/compile-revision.js';
import { settingsOf } from '../delivery/settings-of.js';
import { parsed, rendering } from './one-revision.js';

/** What people and programs put into fields to break mail. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc
    .array(
      fc.constantFrom(
        '\r\nBcc: all@evil.example',
        '\nX-Evil: 1',
        '\r',
        '\0',
        '\u2028',
        '\x1b$B',
        '\u202e',
        '\ud800',
        '\udfff',
        '😀',
        '{{ 7 | times: 7 }}',
        '{% for i in (1..9) %}49{% endfor %}',
        '{% raw %}',
        '}}',
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        'javascript:alert(1)',
        '<!--',
        ']]>',
        '</p>',
        '&lt;b&gt;',
        '--=_0123456789abcdef0123456789abcdef\r\nContent-Type: text/html',
        '=?utf-8?q?=0D=0ABcc:_all@evil.example?=',
        '=\r\n',
        '.\r\n',
        '\r\n.\r\nMAIL FROM:<x@evil.example>',
        'From here',
        '@evil.example',
        '<all@evil.example>',
        '%0d%0aBcc:all@evil.example',
        ', all@evil.example',
        '+',
        ' ',
      ),
      { maxLength: 6 },
    )
    .map((pieces) => pieces.join('')),
);

const settings = {
  sender: {
    name: '{{ a | default: "x" }}',
    address: '{{ b | default: "news" }}@shop.example',
    replyTo: { name: '{{ a | default: "x" }}', address: 'care@shop.example' },
    errorAddress: 'bounce-{{ c | default: "x" }}@shop.example',
  },
  subject: 'News {{ a | default: "x" }}',
  headers: { 'X-Note': '{{ c | default: "x" }}' },
  list: { id: 'news.shop.example', name: 'News' },
  unsubscribe: { url: 'https://shop.example/u?x={{ a | default: "x" }}', mailto: 'leave@shop.example' },
  format: 'recipient',
};
const content = {
  html: '<p title="{{ a | default: "x" }}">Hello {{ a | default: "x" }} <a href="{{ unsubscribe_url }}">{{ b | default: "x" }}</a></p>\n',
  text: 'Hello [{{ a | default: "x" }}] [{{ b | default: "x" }}]\n',
};

/** Tags and attributes' names: what stands between them is text, whatever it says. */
function structureOf(html: string): string[] {
  const found: string[] = [];
  const parser = new Parser({
    onopentag: (name, attributes) => found.push(`<${[name, ...Object.keys(attributes)].join(' ')}>`),
    onclosetag: (name) => found.push(`</${name}>`),
    oncomment: () => found.push('<!-- -->'),
    onprocessinginstruction: (name) => found.push(`<${name}>`),
  });
  parser.end(html);
  return found;
}

/** Blanks and line breaks that mail cannot tell apart, and what has no form in UTF-8. */
const normal = (text: string) => text.toWellFormed().replace(/\r\n?/g, '\n').trimEnd();

const allowed = [
  'auto-submitted content-transfer-encoding content-type date feedback-id from list-id list-unsubscribe',
  'list-unsubscribe-post message-id mime-version precedence reply-to subject to x-note',
].flatMap((names) => names.split(' '));

async function expectHarmless(message: RenderedMessage): Promise<void> {
  const mail = await parsed(message);
  const names = mail.headers.map(({ key }) => key);
  expect(allowed).toEqual(expect.arrayContaining(names));
  expect(new Set(names).size).toBe(names.length);
  expect(mail.to).toEqual([{ name: '', address: 'reader@mail.example' }]);
  expect(mail.attachments).toEqual([]);
  for (const address of [mail.from?.address, message.envelope.sender])
    expect(address).toMatch(/^[^@\s<>]+@[a-z.]+\.example$/);
  expect(message.bytes.every((byte) => byte !== 0 && byte < 0x80)).toBe(true);
}

test.each([
  [
    'in texts',
    { ...settings, sender: { ...settings.sender, address: 'news@shop.example', errorAddress: 'b@shop.example' } },
    100,
  ],
  ['in addresses, too', settings, 1],
])(
  '%s, no value of a recipient is executed, read as markup, or makes a header or an address',
  async (_where, given, least) => {
    const render = rendering(given, content);
    const wanted = ['<p title>', '<a href>', '</a>', '</p>'];
    let made = 0;
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (a, b, c) => {
        let message;
        try {
          message = render({ fields: { a, b, c } });
        } catch (error) {
          if (!isRecipientFault(error)) throw error;
          for (const value of [a, b, c]) if (value.length > 3) expect(error.message).not.toContain(value);
          return;
        }
        made += 1;
        await expectHarmless(message);
        const { html = '', text = '' } = await parsed(message);
        expect(structureOf(html)).toEqual(wanted);
        expect(normal(text)).toBe(normal(`Hello [${a || 'x'}] [${b || 'x'}]\n`));
      }),
      { numRuns: 400 },
    );
    expect(made).toBeGreaterThanOrEqual(least);
  },
);

test('a value of a megabyte is carried in the body, and refused where a header would hold it', async () => {
  const long = 'ä{{ x }}<b>'.repeat(100_000);
  expect(() => rendering(settings, content)({ fields: { a: long } })).toThrow('longer than 998 characters');
  const { text = '', html = '' } = await parsed(
    rendering({ subject: 'News' }, { text: '{{ a }}\n', html: '<p>{{ a }}</p>' })({ fields: { a: long } }),
  );
  expect(text.trimEnd()).toBe(long);
  expect(structureOf(html)).toEqual(['<p>', '</p>']);
});

/** Settings that hold text of any kind; all others are of a narrow form. */
const texts = settingsOf(deliverySettingsSchema).filter((path) => path !== 'headers');

test('no parameter makes a header or an address of its own: it is refused, or harmless', async () => {
  const harmless = rendering({ unsubscribe: settings.unsubscribe })();
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts, 'headers.X-Note'), hostile, async (path, value) => {
      const given = withSetting(path, value);
      if (!deliverySettingsSchema.safeParse(given).success) return;
      if (templateFault(value)) return;
      let message;
      try {
        message = rendering(given)();
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      made += 1;
      await expectHarmless(message);
      const [before, after] = [await parsed(harmless), await parsed(message)];
      expect(after.text).toBe(before.text);
    }),
    { numRuns: 600 },
  );
  expect(made).toBeGreaterThan(20);
});

function withSetting(path: string, value: string): object {
  const whole: Record<string, unknown> = {
    name: 'News',
    subject: 'Hello',
    sender: { address: 'news@shop.example' },
    unsubscribe: settings.unsubscribe,
  };
  const keys = path.split('.');
  let place = whole;
  for (const key of keys.slice(0, -1)) {
    const inner: Record<string, unknown> = { ...(place[key] as object) };
    place[key] = inner;
    place = inner;
  }
  place[keys.at(-1) ?? ''] = value;
  if (path === 'list.name') Object.assign(place, { id: 'news.shop.example' });
  if (path === 'sender.replyTo.name') Object.assign(place, { address: 'care@shop.example' });
  return whole;
}
