import {
  checkAnalysis,
  checkParameters,
  type AnalysisView,
  type ParametersView,
} from '../../src/delivery/control-rules.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { parseAddress } from '../../src/delivery/address.js';

function settings(own: Partial<DeliverySettingsInput> = {}) {
  return deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S', ...own });
}

function parameters(own: Partial<ParametersView> = {}): ParametersView {
  return {
    settings: settings(),
    requiredVariables: { html: ['first_name'] },
    knownVariables: new Set(['first_name']),
    relays: ['default'],
    dkim: { domains: ['b.example'], isSigned: () => true },
    content: { links: [], imagesWithoutAlt: [], htmlBytes: 0, subjectLength: 1 },
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
    ...own,
  };
}

function analysis(own: Partial<AnalysisView> = {}): AnalysisView {
  return {
    settings: settings(),
    hasHtml: true,
    mentionsUnsubscription: { html: true, text: true },
    messages: 10,
    excluded: {},
    personalisationFaults: [],
    caseDoubles: { count: 0, rows: [] },
    ...own,
  };
}

test('nothing is found in a delivery that is in order', () => {
  expect(checkParameters(parameters())).toEqual([]);
  expect(checkAnalysis(analysis())).toEqual([]);
});

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
  ['variable-unknown', 'warning', 'html', { knownVariables: new Set<string>() }],
])('%s is found as %s at %s', (rule, level, place, view) => {
  const findings = checkParameters(parameters(view));
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ rule, level, place, sentence: expect.stringMatching(/[.]$/) });
});

test('a hundred proof recipients are not too many', () => {
  expect(checkParameters(parameters({ settings: settings({ proofs: { recipients: many.slice(1) } }) }))).toEqual([]);
});

test.each<[string, string, string, Partial<AnalysisView>]>([
  ['target-empty', 'error', 'recipients', { messages: 0 }],
  ['unsubscription-link-html', 'warning', 'html', { mentionsUnsubscription: { html: false, text: true } }],
  ['unsubscription-link-text', 'warning', 'text', { mentionsUnsubscription: { html: true, text: false } }],
])('%s is found as %s at %s', (rule, level, place, view) => {
  expect(checkAnalysis(analysis(view))).toMatchObject([{ rule, level, place }]);
});

test('a text-only delivery needs no link in an HTML part that it does not have', () => {
  expect(checkAnalysis(analysis({ hasHtml: false, mentionsUnsubscription: { html: false, text: true } }))).toEqual([]);
});

test.each<[string, string, Partial<AnalysisView>]>([
  [
    'warning',
    '3 recipients get no message (rows 7, 9, …); html: field "plant" is missing: fill the column, or give a default.',
    { personalisationFaults: [{ fault: 'html: field "plant" is missing', count: 3, rows: [7, 9] }] },
  ],
  [
    'warning',
    '1 recipient gets no message (row 7); subject: field "city" is missing: fill the column, or give a default.',
    { personalisationFaults: [{ fault: 'subject: field "city" is missing', count: 1, rows: [7] }] },
  ],
  ['info', '1,200 recipients are left out: the same address came before.', { excluded: { double: 1_200 } }],
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
