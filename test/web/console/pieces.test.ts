import fc from 'fast-check';
import { assetPath, findAsset } from '../../../src/web/console/assets.js';
import { errorPage } from '../../../src/web/console/error-page.js';
import { html } from '../../../src/web/console/html.js';
import { Recounted } from '../../../src/web/console/ledger-view.js';
import { openNotice, sealedNotice } from '../../../src/web/console/notice.js';
import { statusBar } from '../../../src/web/console/status-bar.js';

test('every value is escaped, pieces of ours are not, and nothing comes of nothing', () => {
  const piece = html`<b>${'<i>'}</b>`;
  const none = undefined;
  expect(html`${piece}${'&"\''}${[piece, 'x', 7]}${none}${null}${false}${0}`.text).toBe(
    '<b>&lt;i&gt;</b>&amp;&#34;&#39;<b>&lt;i&gt;</b>x70',
  );
});

test('no text leaves the attribute or the element that it stands in', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const [, attribute, element] =
        /^<a title="([^]*)">([^]*)<\/a>$/.exec(html`<a title="${text}">${text}</a>`.text) ?? [];
      expect([attribute, element].join('')).not.toMatch(/[<>"']/);
    }),
  );
});

test('what only looks like a piece of ours is text', () => {
  const lookalike = JSON.parse('{"text":"<script>"}') as string;
  expect(() => html`${lookalike}`.text).toThrow('map is not a function');
});

test('a notice opens with the secret that it was sealed by, and with no other', () => {
  const notice = { kind: 'refused', text: 'Refused: <because>.' } as const;
  const cookie = sealedNotice(notice, 'mine');
  expect(openNotice(cookie, 'mine')).toEqual(notice);
  const [written = '', proof = ''] = cookie.split('.');
  const forged = Buffer.from('done Call 555').toString('base64url');
  for (const other of [undefined, '', '.', written, `${forged}.${proof}`, `${written}.${proof}x`])
    expect(openNotice(other, 'mine')).toBeUndefined();
  expect([openNotice(cookie, 'another'), openNotice(cookie, undefined)]).toEqual([undefined, undefined]);
});

test('a notice of any length fits into a cookie', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('x', '"', '語', '😀', '\0').map((one) => one.repeat(3_000)),
      (text) => {
        const cookie = sealedNotice({ kind: 'done', text }, 'mine');
        expect(cookie.length).toBeLessThan(4_000);
        expect(openNotice(cookie, 'mine')?.kind).toBe('done');
      },
    ),
  );
});

test('an asset is found by a name that says what is in it', () => {
  const path = assetPath('console.css');
  expect(path).toMatch(/^\/assets\/console\.[0-9a-f]{12}\.css$/);
  expect(findAsset(path.replace('/assets/', ''))?.type).toBe('text/css; charset=utf-8');
  for (const other of ['console.css', '../html.ts', '%2e%2e/html.ts', '']) expect(findAsset(other)).toBeUndefined();
  expect(() => assetPath('missing.css')).toThrow('missing.css');
});

test.each([400, 403, 404, 409, 413, 415, 419, 421, 422, 429, 500, 503])(
  'an error %i has words for people',
  (status) => {
    expect(errorPage(status)).toMatchObject({ status, page: { title: expect.stringMatching(/^[A-Z].{5,}/) } });
  },
);

test('a bar says in words what it shows, and shows one of a million', () => {
  const { text } = statusBar({ counts: { sent: 999_998, failed: 1, pending: 1 }, total: 1_000_000, settled: 999_999 });
  expect(text).toContain('aria-label="99 % of 1,000,000 messages done: 999,998 sent, 1 failed"');
  expect(text).toMatch(/class="failed"[^>]* width="0.60"/);
  expect(statusBar({ counts: {}, total: 0, settled: 0 }).text).not.toContain('NaN');
});

function counted(answers: (() => Promise<number>)[]) {
  let clock = 0;
  let asked = 0;
  const counts = new Recounted<number>(
    () => answers[asked++]?.() ?? Promise.reject(new Error('asked too often')),
    () => clock,
  );
  return { of: (freshMs?: number) => counts.of('d', freshMs), pass: (ms: number) => (clock += ms), asked: () => asked };
}

const soon = (value: number) => () => Promise.resolve(value);

test('a count is made once for all who ask, and again when it is old', async () => {
  const { of, pass, asked } = counted([soon(1), soon(2)]);
  expect(await Promise.all([of(), of(), of()])).toEqual([1, 1, 1]);
  pass(999);
  expect([await of(), asked()]).toEqual([1, 1]);
  pass(1);
  expect([await of(), asked()]).toEqual([2, 2]);
});

test('counting takes a small part of the time, however long one takes', async () => {
  const taking = (ms: number, value: number) => () => Promise.resolve().then(() => (pass(ms), value));
  // The shorter of the last two is what it costs, once there are two.
  const { of, pass, asked } = counted([taking(9_000, 1), taking(2_000, 2), taking(9_000, 3), soon(4)]);
  await of();
  pass(1_000);
  expect([await of(), asked()]).toEqual([2, 2]);
  for (const value of [3, 4]) {
    pass(49_999);
    expect([await of(), asked()]).toEqual([value - 1, value - 1]);
    pass(1);
    expect([await of(), asked()]).toEqual([value, value]);
  }
});

test('a page goes without a count that takes long, and with the one before once there is one', async () => {
  const never = () => new Promise<number>(() => undefined);
  const first = counted([never]);
  expect(await first.of()).toBeUndefined();
  const second = counted([soon(1), never]);
  await second.of();
  second.pass(5_000);
  expect(await second.of()).toBe(1);
});

test('a count that fails is told, and made again', async () => {
  const { of } = counted([() => Promise.reject(new Error('away')), soon(1)]);
  await expect(of()).rejects.toThrow('away');
  expect(await of()).toBe(1);
});
