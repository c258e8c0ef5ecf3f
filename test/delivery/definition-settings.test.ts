import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { settingsOf } from './settings-of.js';

const base = { name: 'News', sender: { address: 'news@shop.example' }, subject: 'Hello' };

/** What is wrong with settings, as `path: sentence`. */
function faultsOf(settings: object): string[] {
  const { error } = deliverySettingsSchema.safeParse({ ...base, ...settings });
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}

test.each([
  [
    { headers: { From: 'a@b.example' } },
    'headers.From: is a header of the system and cannot be overridden: use the setting sender',
  ],
  [
    { headers: { 'DKIM-Signature': 'x' } },
    'headers.DKIM-Signature: is a header of the system and cannot be overridden',
  ],
  [{ headers: { date: 'x' } }, 'headers.date: is a header of the system and cannot be overridden'],
  [{ headers: { 'MESSAGE-ID': 'x' } }, 'headers.MESSAGE-ID: is a header of the system and cannot be overridden'],
  [{ headers: { 'List-Help': 'x' } }, 'headers.List-Help: is a header of the system and cannot be overridden'],
  [{ headers: { 'Content-Type': 'x' } }, 'headers.Content-Type: is a header of the system and cannot be overridden'],
  [{ headers: { Bcc: 'x' } }, 'headers.Bcc: is a header of the system and cannot be overridden: use the setting bcc'],
  [{ headers: { 'X A': 'x' } }, 'headers.X A: is no name of a header: 1–40 ASCII characters without a space or ":"'],
  [{ headers: { 'X:A': 'x' } }, 'headers.X:A: is no name of a header: 1–40 ASCII characters without a space or ":"'],
  [
    { headers: { 'X\r\nBcc': 'x' } },
    'headers.X\r\nBcc: is no name of a header: 1–40 ASCII characters without a space or ":"',
  ],
  [{ headers: { 'X-A': 'x\r\nBcc: y' } }, 'headers.X-A: a header must not contain line breaks or NUL'],
  [
    { sender: { address: '{{ a }}@{{ b }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: '{{ a }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: '{{ a | append: "@x.example" }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: 'nobody' } },
    'sender.address: sender.address must be a bare address such as news@shop.example',
  ],
  [
    { sender: { address: '{{ a }}@shop.example', verp: true } },
    'sender: sender.verp needs a return path that is the same for all recipients',
  ],
  [{ target: { seeds: [{ fields: {} }] } }, 'target.seeds.0.address: target.seeds must be text'],
  [
    { target: { seeds: [{ address: 'a@b.example', fields: { 'a b': 'x' } }] } },
    'target.seeds.0.fields.a b: a field of target.seeds must be the name of a column: letters, digits and "_"',
  ],
  [
    { target: { seeds: [{ address: 'a@b.example', fields: { a: ['x'] } }] } },
    'target.seeds.0.fields.a: a field of target.seeds must be text, a number, true or false',
  ],
  [
    { target: { seeds: Array.from({ length: 101 }, (_, i) => `s${i}@b.example`) } },
    'target.seeds: target.seeds names more than 100 addresses',
  ],
  [{ format: 'html' }, 'format: format must be multipart, recipient or text'],
  [{ locale: 'x_y' }, 'locale: locale must be a language such as de or pt-BR'],
  [
    { mirror: { mode: 'always' } },
    'mirror: mirror needs mirror.hosted: the address of the web server, such as https://news.shop.example',
  ],
  [
    { mirror: { hosted: 'http://shop.example' } },
    'mirror.hosted: mirror.hosted must be the https:// address of the web server, without "/" at its end, such as https://news.shop.example',
  ],
  [
    { proofs: { substitution: { profiles: { random: 1, rows: [2] } } } },
    'proofs.substitution.profiles: proofs.substitution.profiles must name one of random, rows and addresses',
  ],
  [
    { proofs: { substitution: { profiles: { rows: [2], seed: 7 } } } },
    'proofs.substitution.profiles: proofs.substitution.profiles has a seed and draws nothing: set random',
  ],
  [{ proofs: { formats: ['text', 'text'] } }, 'proofs.formats: proofs.formats names a format twice'],
  [{ bcc: 'a@b.example\r\nRCPT TO:<c@d.example>' }, 'bcc: bcc must not contain line breaks or NUL'],
  [{ target: { control: {} } }, 'target.control: target.control needs either a count or a percent'],
  [
    { target: { control: { count: 1, percent: 1 } } },
    'target.control: target.control needs either a count or a percent',
  ],
  [
    { target: { control: { percent: 0.125 } } },
    'target.control.percent: target.control.percent has at most two decimals',
  ],
  [
    { approval: { requests: { escalateAfter: '2d' } } },
    'approval.requests: approval.requests needs both escalateAfter and escalateTo, or none of them',
  ],
  [
    { approval: { requests: { remindEvery: '1m' } } },
    'approval.requests.remindEvery: approval.requests.remindEvery would remind more than 200 times before the request expires',
  ],
  [
    {
      approval: {
        requests: { workingHours: { timeZone: 'Europe/Berlin', from: '09:00', to: '09:00', days: ['mon'] } },
      },
    },
    'approval.requests.workingHours: approval.requests.workingHours must not end when they begin',
  ],
  [
    {
      approval: { requests: { workingHours: { timeZone: '+02:00', from: '09:00', to: '17:00', days: ['mon'] } } },
    },
    'approval.requests.workingHours.timeZone: approval.requests.workingHours.timeZone must be a time zone such as Europe/Berlin',
  ],
  [
    { sending: { at: '2026-12-01T09:00' } },
    'sending.timeZone: sending.at needs the time zone that it is meant in: add sending.timeZone, such as Europe/Berlin',
  ],
  [
    { sending: { timeZone: 'Europe/Berlin' } },
    'sending.timeZone: sending.timeZone is for sending.at: add that, or take it out',
  ],
  [
    { sending: { recipientTimeZoneField: 'zone' } },
    'sending.recipientTimeZoneField: sending.recipientTimeZoneField is for sending.at: add that, or take it out',
  ],
  [
    {
      sending: {
        at: '2026-12-01T09:00',
        timeZone: 'Europe/Berlin',
        recipientTimeZoneField: 'zone',
        waves: { size: 100, every: '1h' },
      },
    },
    "sending.waves: waves in the recipients' own time zones and waves by size exclude each other: take sending.waves or sending.recipientTimeZoneField out",
  ],
  [
    {
      sending: {
        waves: {
          calendar: [
            { after: '0h', size: 1 },
            { after: '0m', size: 1 },
          ],
        },
      },
    },
    'sending.waves.calendar: sending.waves.calendar must name its waves in their order, each later than the one before',
  ],
  [{ sending: { waves: { calendar: [] } } }, 'sending.waves.calendar: sending.waves.calendar must name a wave'],
  [
    { sending: { waves: { calendar: [{ after: 'soon', size: 5 }] } } },
    'sending.waves.calendar.0.after: sending.waves.calendar.after must be a duration such as 24h, or 0h',
  ],
  [
    { sending: { canary: { size: 1, wait: '1h' } } },
    'sending.canary: sending.canary needs either limits or goOn: by-operator',
  ],
  [
    { sending: { canary: { size: 1, wait: '1h', goOn: 'by-operator', limits: { failed: '1%' } } } },
    'sending.canary: sending.canary needs either limits or goOn: by-operator',
  ],
  [
    { sending: { canary: { size: 1, wait: '1h', limits: {} } } },
    'sending.canary.limits: sending.canary.limits must name a limit',
  ],
  [{ target: { limit: { count: 5, seed: 'x' } } }, 'target.limit: target.limit.seed is for order: random'],
])('%j is refused', (settings, sentence) => {
  expect(faultsOf(settings)).toContain(sentence);
});

/** One value for each setting that it cannot be, and what is said of it. */
const wrong: [setting: string, value: unknown, sentence: string][] = [
  ['approval.approvers', ['a b'], 'an approver must be an operator id'],
  ['approval.breakGlass', ['a b'], 'an approver must be an operator id'],
  ['approval.confirmationValidFor', 'a day', 'must be a duration such as'],
  ['approval.contentApproval.quorum', 0, 'expected number to be >=1'],
  ['approval.contentApproval.reviewers', [], 'expected array to have >=1 items'],
  ['approval.expiresAfter', '7 days', 'must be a duration such as'],
  ['approval.fourEyes', 'yes', 'expected boolean'],
  ['approval.gates', [{ name: 'legal', approvers: [] }], 'expected array to have >=1 items'],
  ['approval.mode', 'later', 'expected one of'],
  ['approval.quorum', 0, 'expected number to be >=1'],
  ['approval.requests.escalateAfter', 'soon', 'must be a duration such as'],
  ['approval.requests.escalateTo', ['a b'], 'an approver must be an operator id'],
  ['approval.requests.remindEvery', 'daily', 'must be a duration such as'],
  ['approval.requests.workingHours.days', ['friday'], 'approval.requests.workingHours.days are mon, tue, wed'],
  ['approval.requests.workingHours.from', '9', 'must be a time of day such as 09:00'],
  ['approval.requests.workingHours.timeZone', 'Europe/Nowhere', 'must be a time zone such as Europe/Berlin'],
  ['approval.requests.workingHours.to', '24:00', 'must be a time of day such as 09:00'],
  ['approval.requireProof', 'always', 'expected boolean'],
  ['approval.requireSignature', 'no', 'approval.requireSignature must be true or false'],
  ['approval.thresholds', [{ over: 0, quorum: 2 }], 'expected number to be >=1'],
  ['autoSubmitted', 'no', 'autoSubmitted must be auto-generated'],
  ['bcc', 'archive', 'bcc must be a bare address'],
  ['charset', 'utf-7', 'charset must be one of'],
  ['feedbackId', 'a:b:c:d:e', 'feedbackId must be up to four fields'],
  ['format', 'html', 'format must be multipart, recipient or text'],
  ['formatField', 'a b', 'formatField must be the name of a column'],
  ['headers', { Subject: 'x' }, 'is a header of the system'],
  ['list.id', 'news', 'list.id must be like a domain'],
  ['list.name', 'a\nb', 'list.name must not contain line breaks'],
  ['locale', 'deutsch!', 'locale must be a language'],
  ['localeField', '1st', 'localeField must be the name of a column'],
  ['mirror.expiresAfter', '2 months', 'must be a duration such as'],
  ['mirror.hosted', 'https://shop.example/', 'must be the https:// address of the web server'],
  ['mirror.mode', 'yes', 'mirror.mode must be auto, always, by-id or never'],
  ['mobileFormatField', 'a b', 'mobileFormatField must be the name of a column'],
  ['name', '', 'name must not be empty'],
  ['owner', 'a@b.example', 'an operator id must be'],
  ['precedence', 'list', 'precedence must be bulk'],
  ['proofs.formats', ['pdf'], 'proofs.formats are html and text'],
  ['proofs.keep.denylisted', 'yes', 'expected boolean'],
  ['proofs.keep.doubles', 1, 'expected boolean'],
  ['proofs.keep.quarantined', 'no', 'expected boolean'],
  [
    'proofs.mode',
    'both',
    'proofs.mode must be one of list, seeds, list-and-seeds, substitution, list-and-substitution',
  ],
  ['proofs.recipients', ['nobody'], 'must be a bare address'],
  ['proofs.subjectPrefix', 'x'.repeat(101), 'is longer than 100 characters'],
  ['proofs.substitution.profiles.addresses', ['nobody'], 'must be a bare address'],
  ['proofs.substitution.profiles.random', 0, 'expected number to be >=1'],
  ['proofs.substitution.profiles.rows', [2 ** 31], 'expected number to be <=2147483647'],
  ['proofs.substitution.profiles.seed', 1.5, 'expected int'],
  ['proofs.substitution.to', ['a@b@c'], 'must be a bare address'],
  ['relay', 'Bulk Relay', 'relay must be a relay name'],
  ['sender.address', 'shop.example', 'sender.address must be a bare address'],
  ['sender.errorAddress', 'a@b@c', 'sender.errorAddress must be a bare address'],
  ['sender.name', 'a\0b', 'sender.name must not contain line breaks or NUL'],
  ['sender.replyTo.address', '<a@b.example>', 'sender.replyTo.address must be a bare address'],
  ['sender.replyTo.name', 'x'.repeat(201), 'is longer than 200 characters'],
  ['sender.verp', 'on', 'expected boolean'],
  ['sending.at', '2026-12-01T09:00Z', 'sending.at must be a local date and time without an offset'],
  ['sending.batchSize', 50_000, 'expected number to be <=20000'],
  ['sending.breaker', 'on', 'sending.breaker must be off, or have last, atLeast and limits'],
  ['sending.canary.goOn', 'by-hand', 'sending.canary.goOn must be by-operator'],
  ['sending.canary.limits.failed', 2, 'sending.canary.limits.failed must be a share such as 2%'],
  ['sending.canary.limits.inDoubt', '101%', 'must be a share from 0% to 100%'],
  ['sending.canary.limits.retrying', '-1%', 'must be a share from 0% to 100%'],
  ['sending.canary.size', '0%', 'sending.canary.size must be a whole number from 1 on, or a share'],
  ['sending.canary.wait', 'a while', 'must be a duration such as'],
  ['sending.inDoubt', 'skip', 'expected one of'],
  ['sending.lateness', '0h', 'must be a duration such as'],
  ['sending.priority', 'urgent', 'must be high, normal or low'],
  ['sending.rate', '100 a minute', 'sending.rate must be messages a second, a minute or an hour'],
  ['sending.recipientTimeZoneField', 'a b', 'must be the name of a column'],
  ['sending.retries.greylistedAfter', 'soon', 'must be a duration such as'],
  ['sending.retries.inFirstDay', 25, 'expected number to be <=24'],
  ['sending.retries.interval', '60', 'must be a duration such as'],
  ['sending.retries.policyAfter', '1w', 'must be a duration such as'],
  ['sending.timeZone', '+01:00', 'sending.timeZone must be a time zone such as Europe/Berlin'],
  ['sending.validUntil', '2026-12-05T18:00', 'must be a date and a time with its offset, such as'],
  ['sending.validity', '0d', 'must be a duration such as'],
  ['sending.waves', { size: 100 }, 'sending.waves needs size and every, or a calendar of after and size'],
  ['subject', 'a\r\nBcc: x', 'subject must not contain line breaks or NUL'],
  ['target.control.count', 0, 'target.control.count must be at least 1'],
  ['target.control.percent', 100, 'target.control.percent must be less than 100'],
  ['target.control.seed', '', 'target.control.seed must not be empty'],
  ['target.exclude.denylisted', 'no', 'target.exclude.denylisted must be true or false'],
  ['target.exclude.doubles', 0, 'target.exclude.doubles must be true or false'],
  ['target.exclude.quarantined', null, 'target.exclude.quarantined must be true or false'],
  ['target.limit.count', 3_000_000_000, 'target.limit.count is too large'],
  ['target.limit.order', 'last', 'target.limit.order must be first or random'],
  ['target.limit.seed', 'a\nb', 'target.limit.seed must not contain line breaks'],
  ['target.seeds', ['nobody'], 'target.seeds must be a bare address'],
  ['typology', 'My rules', 'typology must be 1–40 of'],
  ['unsubscribe.hosted', 'shop.example', 'must be the https:// address of the web server'],
  ['unsubscribe.mailto', 'mailto:a@b.example', 'must be a bare address'],
  ['unsubscribe.oneClick', 'yes', 'expected boolean'],
  ['unsubscribe.url', 'http://shop.example', 'unsubscribe.url must begin with https://'],
];

test.each(wrong)('%s cannot be %j', (setting, value, sentence) => {
  const [top = '', ...rest] = setting.split('.');
  const nested = rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  expect(faultsOf({ [top]: nested })).toContainEqual(expect.stringContaining(sentence));
});

test('there is a value above for each setting', () => {
  expect(wrong.map(([setting]) => setting)).toEqual(settingsOf(deliverySettingsSchema).toSorted());
});

test('a definition without a schedule has no new setting, so that its revision keeps its name', () => {
  expect(Object.keys(deliverySettingsSchema.parse(base).sending)).toEqual([
    'batchSize',
    'validity',
    'retries',
    'inDoubt',
  ]);
});

test('two headers that differ in their case are one', () => {
  expect(faultsOf({ headers: { 'X-A': '1', 'x-a': '2' } })).toEqual([
    'headers.X-A: stands there twice',
    'headers.x-a: stands there twice',
  ]);
});

test('an encoding that mail programs do not know is refused with those that they do', () => {
  expect(faultsOf({ charset: 'utf-16' })).toEqual([expect.stringMatching(/^charset: charset must be one of utf-8, /)]);
});

test.each([
  { headers: { 'X-Campaign': '{{ segment }}', Organization: 'Shop' } },
  { sender: { name: '{{ a }}', address: 'x-{{ a }}@shop.example', errorAddress: 'b@shop.example', verp: true } },
  { format: 'recipient', formatField: 'wants' },
  { charset: 'iso-2022-jp', locale: 'ja-JP', localeField: 'language' },
  {
    target: {
      control: { percent: 0.29 },
      limit: { count: 5, order: 'random', seed: 'x' },
      exclude: { doubles: false },
    },
  },
  { mirror: { mode: 'by-id', hosted: 'https://news.shop.example', expiresAfter: '30d' } },
  {
    approval: {
      requests: {
        remindEvery: '1d',
        escalateAfter: '3d',
        escalateTo: ['boss', 'role:admin'],
        workingHours: { timeZone: 'Europe/Berlin', from: '22:00', to: '06:00', days: ['fri', 'sat'] },
      },
    },
  },
  { sending: { at: '2026-12-01T09:00', timeZone: 'Europe/Berlin', recipientTimeZoneField: 'zone', lateness: '30m' } },
  { sending: { waves: { size: '10%', every: '1h' }, canary: { size: 50, wait: '2h', limits: { failed: '2%' } } } },
  {
    sending: {
      waves: {
        calendar: [
          { after: '0h', size: 500 },
          { after: '24h', size: '12.5%' },
        ],
      },
    },
  },
])('%j is accepted', (settings) => {
  expect(faultsOf(settings)).toEqual([]);
});

test('what is left out of sending takes no part in the name of a revision, and a date has its offset', () => {
  expect(deliverySettingsSchema.parse(base).sending).toStrictEqual({
    batchSize: 2_000,
    validity: '5d',
    retries: { inFirstDay: 5, interval: '1h' },
    inDoubt: 'hold',
  });
  const sending = { validUntil: '2026-12-05T18:00+01:00' };
  expect(deliverySettingsSchema.parse({ ...base, sending }).sending).toMatchObject(sending);
});
