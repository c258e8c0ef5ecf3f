import { checkRevision } from '../../src/checks/check-revision.js';
import { deliverySettingsSchema, type Content, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { compileRevision } from '../../src/mime/compile-revision.js';

const hosted = 'https://news.shop.example';
const linking = { html: '<a href="{{ mirror_url }}">in a browser</a>', text: 'text' };

const missing = ['mirror-address-missing', 'html'];
const forbidden = ['mirror-link-forbidden', 'html'];
const withoutHtml = ['mirror-without-html', 'text'];

test.each<[string, Partial<DeliverySettingsInput>, Pick<Content, 'html' | 'text'>, string[][], boolean]>([
  ['auto', { mirror: { hosted } }, linking, [], true],
  ['always', { mirror: { mode: 'always', hosted } }, linking, [], true],
  ['by-id', { mirror: { mode: 'by-id', hosted } }, linking, [forbidden], false],
  ['never', { mirror: { mode: 'never', hosted } }, linking, [forbidden], false],
  ['auto without an address', {}, linking, [missing], false],
  ['text alone', { mirror: { hosted } }, { text: '{{ mirror_url }}' }, [withoutHtml], true],
  [
    'text format',
    { mirror: { hosted }, format: 'text' },
    { ...linking, text: '{{ mirror_url }}' },
    [withoutHtml],
    true,
  ],
])('a link to the page with mirror %s', async (_name, own, parts, wanted, made) => {
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    unsubscribe: { mailto: 'leave@b.example' },
    ...own,
  });
  const content = { ...parts, sources: {} };
  const findings = await checkRevision({ settings, content }, { fields: [] });
  const aboutMirror = findings.filter(({ rule }) => rule.startsWith('mirror-'));
  expect(aboutMirror.map(({ rule, place }) => [rule, place])).toEqual(wanted);
  const render = compileRevision({
    deliveryId: 'd',
    deliveryKey: 1,
    hash: '0'.repeat(64),
    secret: Buffer.alloc(32),
    settings,
    content,
  });
  const subject = { proof: 0, seq: 1, address: 'a@b.example', fields: {}, date: new Date(0) };
  if (made) expect(render(subject).bytes.toString()).toContain(`${hosted}/m/AQ`);
  else expect(() => render(subject)).toThrow(/field "mirror_url" is missing/);
});

test.each<[string, Pick<Content, 'html' | 'text'>, string[]]>([
  ['in both', { html: '{{ unsubscribe_url }}', text: '{{ unsubscribe_url }}' }, []],
  ['in neither', { html: 'x', text: 'own' }, ['html', 'text']],
  ['in neither, and the text is made from the HTML', { html: 'x', text: 'x' }, ['html']],
  ['in the text that is all', { text: '{{ unsubscribe_url }}' }, []],
])('a link to unsubscribe %s', async (_name, parts, places) => {
  const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
  const sources: Record<string, string> = parts.text === 'own' ? { 'content.txt': 'own' } : {};
  const findings = await checkRevision({ settings, content: { ...parts, sources } }, { fields: [] });
  expect(findings.filter(({ rule }) => rule.startsWith('unsubscription-link-')).map(({ place }) => place)).toEqual(
    places,
  );
});
