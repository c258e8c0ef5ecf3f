import {
  checkAnalysis,
  checkParameters,
  type AnalysisView,
  type ParametersView,
} from '../../src/delivery/control-rules.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { parseAddress } from '../../src/delivery/address.js';

function settings(own: Partial<DeliverySettingsInput> = {}) {
  return deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    unsubscribe: { mailto: 'leave@b.example' },
    ...own,
  });
}

const noContent = { links: [], imagesWithoutAlt: [], defaultImages: [], htmlBytes: 0, subjectLength: 1 };

function parameters(own: Partial<ParametersView> = {}): ParametersView {
  return {
    settings: settings(),
    requiredVariables: { html: ['first_name'] },
    optionalVariables: {},
    mentionsUnsubscription: { html: true, text: true },
    writesInLocale: false,
    knownVariables: new Set(['first_name']),
    relays: ['default'],
    dkim: { domains: ['b.example'], isSigned: () => true },
    content: noContent,
    files: [],
    mirror: { linkedFrom: [], hasHtml: true },
    charset: [],
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
    ...own,
  };
}

function analysis(own: Partial<AnalysisView> = {}): AnalysisView {
  return {
    settings: settings(),
    messages: 10,
    excluded: {},
    personalisationFaults: [],
    caseDoubles: { count: 0, rows: [] },
    ...own,
  };
}

const hosted = 'https://news.shop.example';

function mirrored(
  mirror: DeliverySettingsInput['mirror'],
  linkedFrom: string[] = [],
  hasHtml = true,
): Partial<ParametersView> {
  return { settings: settings({ mirror }), mirror: { linkedFrom, hasHtml } };
}

test('nothing is found in a delivery that is in order', () => {
  expect(checkParameters(parameters())).toEqual([]);
  expect(checkAnalysis(analysis())).toEqual([]);
});

const proofs = (own: DeliverySettingsInput['proofs']) => ({ settings: settings({ proofs: own }) });
const proofsWithHtml = (own: DeliverySettingsInput['proofs']) => ({
  ...proofs(own),
  content: { ...noContent, htmlBytes: 1 },
});
const drawn = (random: number, to = ['a@b.example']) => ({ profiles: { random }, to });
const many = Array.from({ length: 101 }, (_, index) => `proof${index}@b.example`);

test.each<[string, string, string, Partial<ParametersView>]>([
  ['subject-empty', 'error', 'subject', { settings: settings({ subject: '  ' }) }],
  ['sender-domain', 'error', 'sender.address', { settings: settings({ sender: { address: 'a@localhost' } }) }],
  [
    'sender-domain',
    'error',
    'sender.replyTo.address',
    { settings: settings({ sender: { address: 'a@b.example', replyTo: { address: 'x@1.2.3.4' } } }) },
  ],
  ['sender-domain', 'error', 'sender.address', { settings: settings({ sender: { address: 'grüße@b.example' } }) }],
  ['bcc-address', 'error', 'bcc', { settings: settings({ bcc: 'archive@localhost' }) }],
  ['bcc-address', 'error', 'bcc', { settings: settings({ bcc: 'grüße@b.example' }) }],
  ['relay-unknown', 'error', 'relay', { relays: ['other'] }],
  ['dkim-left-to-relay', 'info', 'sender.address', { dkim: { domains: [], isSigned: () => false } }],
  ['dkim-missing', 'warning', 'sender.address', { dkim: { domains: ['b.example'], isSigned: () => false } }],
  ['proof-target-size', 'error', 'proofs.recipients', { settings: settings({ proofs: { recipients: many } }) }],
  ['proof-address', 'error', 'proofs.recipients[0]', { settings: settings({ proofs: { recipients: ['a@b'] } }) }],
  ['proof-target-size', 'error', 'proofs', proofs({ mode: 'substitution', substitution: drawn(101) })],
  [
    'proof-target-size',
    'error',
    'proofs',
    proofs({ mode: 'list-and-substitution', recipients: many.slice(50), substitution: drawn(50) }),
  ],
  [
    'proof-address',
    'error',
    'proofs.substitution.to[1]',
    proofs({ mode: 'substitution', substitution: drawn(2, ['a@b.example', 'a@b']) }),
  ],
  ['proof-substitution-missing', 'error', 'proofs.mode', proofs({ mode: 'substitution' })],
  [
    'proof-substitution-missing',
    'error',
    'proofs.substitution',
    proofs({ mode: 'substitution', substitution: drawn(2, []) }),
  ],
  ['proof-list-missing', 'error', 'proofs.mode', proofs({ mode: 'list-and-substitution', substitution: drawn(2) })],
  ['proof-setting-unused', 'warning', 'proofs.substitution', proofs({ substitution: drawn(2) })],
  [
    'proof-setting-unused',
    'warning',
    'proofs.recipients',
    proofs({ mode: 'substitution', recipients: ['a@b.example'], substitution: drawn(2) }),
  ],
  [
    'proof-address-idle',
    'warning',
    'proofs.substitution.to',
    proofs({ mode: 'substitution', substitution: drawn(1, ['a@b.example', 'c@b.example']) }),
  ],
  [
    'proof-target-size',
    'error',
    'proofs.recipients',
    proofsWithHtml({ recipients: many.slice(50), formats: ['html', 'text'] }),
  ],
  [
    'proof-required-of-nobody',
    'error',
    'approval.requireProof',
    { settings: settings({ approval: { requireProof: true } }) },
  ],
  [
    'proof-required-of-nobody',
    'error',
    'approval.contentApproval',
    { settings: settings({ approval: { contentApproval: { reviewers: ['rita'] } } }) },
  ],
  [
    'content-approval-quorum',
    'error',
    'approval.contentApproval.quorum',
    {
      settings: settings({
        proofs: { recipients: ['a@b.example'] },
        approval: { contentApproval: { reviewers: ['rita', 'rita'], quorum: 2 } },
      }),
    },
  ],
  [
    'proof-doubles-left-out',
    'warning',
    'proofs.keep.doubles',
    proofs({ mode: 'substitution', substitution: drawn(2), keep: { doubles: false } }),
  ],
  [
    'proof-format-without-html',
    'warning',
    'proofs.formats',
    proofs({ recipients: ['a@b.example'], formats: ['html'] }),
  ],
  [
    'proof-profile-missing',
    'error',
    'proofs.substitution.profiles.rows[0]',
    { missingProfiles: ['proofs.substitution.profiles.rows[0]'] },
  ],
  ['variable-unknown', 'warning', 'html', { knownVariables: new Set<string>() }],
  ['mirror-address-missing', 'error', 'html', { mirror: { linkedFrom: ['html'], hasHtml: true } }],
  ['mirror-address-missing', 'error', 'subject', { mirror: { linkedFrom: ['subject'], hasHtml: true } }],
  ['mirror-link-forbidden', 'error', 'html', mirrored({ mode: 'never' }, ['html'])],
  ['mirror-link-forbidden', 'error', 'text', mirrored({ mode: 'by-id', hosted }, ['text'])],
  ['mirror-without-html', 'error', 'mirror', mirrored({ mode: 'always', hosted }, [], false)],
  ['mirror-without-html', 'error', 'mirror', mirrored({ mode: 'by-id', hosted }, [], false)],
  ['mirror-without-html', 'error', 'text', mirrored({ hosted }, ['text'], false)],
  ['hosted-local', 'warning', 'mirror.hosted', mirrored({ hosted: 'http://localhost:8080' })],
  [
    'hosted-local',
    'warning',
    'unsubscribe.hosted',
    { settings: settings({ unsubscribe: { hosted: 'http://localhost:8080' } }) },
  ],
  ['sender-domain', 'error', 'sender.address', { settings: settings({ sender: { address: '{{ a }}@localhost' } }) }],
  ['unsubscription-link-html', 'warning', 'html', { mentionsUnsubscription: { html: false, text: true } }],
  ['unsubscription-link-text', 'warning', 'text', { mentionsUnsubscription: { html: true, text: false } }],
  ['variable-never-there', 'info', 'text', { optionalVariables: { text: ['first_nmae'], html: ['first_name'] } }],
  [
    'locale-field-unknown',
    'warning',
    'localeField',
    { settings: settings({ localeField: 'lnag' }), writesInLocale: true },
  ],
  ['unsubscription-header', 'warning', 'unsubscribe', { settings: settings({ unsubscribe: {} }) }],
  [
    'one-click-missing',
    'info',
    'unsubscribe.url',
    { settings: settings({ unsubscribe: { url: 'https://b.example' } }) },
  ],
  [
    'one-click-same-for-all',
    'error',
    'unsubscribe.url',
    { settings: settings({ unsubscribe: { url: 'https://b.example/u', oneClick: true } }) },
  ],
  [
    'auto-submitted-list',
    'warning',
    'autoSubmitted',
    { settings: settings({ autoSubmitted: 'auto-generated', list: { id: 'a.b' } }) },
  ],
  [
    'format-without-html',
    'warning',
    'format',
    { settings: settings({ format: 'recipient', formatField: 'first_name' }) },
  ],
  [
    'format-field-unknown',
    'warning',
    'formatField',
    { settings: settings({ format: 'recipient' }), content: { ...noContent, htmlBytes: 1 } },
  ],
  ['message-large', 'warning', 'attachments', { files: [{ name: 'a.pdf', inline: false, bytes: 2_000_000 }] }],
  ['attachment-blocked', 'warning', 'attachments', { files: [{ name: 'Setup.EXE', inline: false, bytes: 1 }] }],
])('%s is found as %s at %s', (rule, level, place, view) => {
  const findings = checkParameters(parameters(view));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ rule, level, place, sentence: expect.stringMatching(/[.]$/) });
});

test.each<[string, Partial<ParametersView>]>([
  ['linked to by an `auto` delivery', mirrored({ hosted }, ['html', 'text'])],
  ['linked to by an `always` delivery', mirrored({ mode: 'always', hosted }, ['html'])],
  ['of each message', mirrored({ mode: 'always', hosted })],
  ['reached by id', mirrored({ mode: 'by-id', hosted })],
  ['that there is none of', mirrored({ mode: 'never' }, [], false)],
  ['that nobody asked for', mirrored({}, [], false)],
])('nothing is wrong with a page %s', (_name, view) => {
  expect(checkParameters(parameters(view))).toEqual([]);
});

test.each([
  ['html', false, 'write another character or a reference such as &#9731;, or set charset to utf-8.'],
  [
    'text',
    true,
    'write another character in the HTML, for a reference becomes the character in the text, or give the text a file of its own, or set charset to utf-8.',
  ],
  ['text', false, 'write another character, or set charset to utf-8.'],
  ['sender.name', false, 'write another character, or set charset to utf-8.'],
])('what a forced encoding lacks in %s is found, and what to do', (place, isFromHtml, remedy) => {
  const view = parameters({
    settings: settings({ charset: 'iso-8859-1' }),
    charset: [{ place, characters: ['☃', '★'], isFromHtml }],
  });
  expect(checkParameters(view)).toEqual([
    {
      rule: 'charset-unfit',
      level: 'error',
      place,
      sentence: `"☃" (U+2603), "★" (U+2605) cannot be written in iso-8859-1: ${remedy}`,
      quote: '☃',
    },
  ]);
});

test('a hundred proof recipients are not too many', () => {
  expect(checkParameters(parameters({ settings: settings({ proofs: { recipients: many.slice(1) } }) }))).toEqual([]);
});

test.each<[string, string, string, Partial<AnalysisView>]>([['target-empty', 'error', 'recipients', { messages: 0 }]])(
  '%s is found as %s at %s',
  (rule, level, place, view) => {
    expect(checkAnalysis(analysis(view))).toMatchObject([{ rule, level, place }]);
  },
);

test.each<[string, string, Partial<AnalysisView>]>([
  [
    'warning',
    '3 recipients get no message (rows 7, 9, …); html: field "plant" is missing: fill or correct the column, or give a default.',
    { personalisationFaults: [{ fault: 'html: field "plant" is missing', count: 3, rows: [7, 9] }] },
  ],
  [
    'warning',
    '1 recipient gets no message (row 7); subject: field "city" is missing: fill or correct the column, or give a default.',
    { personalisationFaults: [{ fault: 'subject: field "city" is missing', count: 1, rows: [7] }] },
  ],
  ['info', '1,200 recipients are left out: the same address came before.', { excluded: { double: 1_200 } }],
  [
    'info',
    '9 recipients are left out: drawn for the control group, which gets nothing.',
    { excluded: { 'control-group': 9 } },
  ],
  ['info', '7 recipients are left out: the target is limited to fewer recipients.', { excluded: { 'over-limit': 7 } }],
  ['info', '1 recipient is left out: no address.', { excluded: { 'address-missing': 1 } }],
  ['info', '2 recipients are left out: unreachable.', { excluded: { unreachable: 2 } }],
  [
    'warning',
    '1 recipient has the address of an earlier one but for upper and lower case (row 12), and would most likely get two copies: take one of each out.',
    { caseDoubles: { count: 1, rows: [12] } },
  ],
])('%s: %s', (level, sentence, view) => {
  expect(checkAnalysis(analysis(view))).toMatchObject([{ level, sentence, place: 'recipients' }]);
});

test.each([
  ['denylisted', 'denylist-off'],
  ['quarantined', 'quarantine-off'],
] as const)('a delivery that lets in who is %s warns of it', (which, rule) => {
  expect(checkParameters(parameters())).toEqual([]);
  const view = parameters({ settings: settings({ target: { exclude: { [which]: false } } }) });
  expect(checkParameters(view)).toMatchObject([{ rule, level: 'warning', place: `target.exclude.${which}` }]);
});
