import type { ParametersView } from '../../../src/delivery/control-rules/views.js';
import type { DeliverySettingsInput } from '../../../src/delivery/definition.js';
import { html, set, shown, text, type CasesOf } from './views.js';

const many = Array.from({ length: 101 }, (_, index) => `proof${index}@b.example`);
const address = 'a@b.example';

const proofs = (own: DeliverySettingsInput['proofs']) => set({ proofs: own });
const until = (validUntil: string) => set({ sending: { validUntil } });
const drawn = (random: number, to = [address]) => ({ profiles: { random }, to });

/** Rules about sender, subject, proofs, unsubscription, formats and the typology. */
export const settingsCases: CasesOf<ParametersView> = {
  'typology-unknown': {
    finds: [
      ['typology', set({ typology: 'strickt' }), /did you mean "strict"\?$/],
      ['typology', { ...set({ typology: 'nowhere' }), typologies: [] }, /use one of \(none\)/],
    ],
    passes: [set({ typology: 'strict' }), { ...set({ typology: 'strict' }), typologies: undefined as never }],
  },
  'subject-empty': { finds: [['subject', set({ subject: '  ' })]], passes: [set({ subject: '{{ subject }}' })] },
  'subject-long': {
    finds: [
      ['subject', shown({ subject: 'x'.repeat(101) }), /has 101 characters/],
      ['subject', shown({ subject: `${'👨‍👩‍👧‍👦'.repeat(60)}${'é'.repeat(41)}` }), /has 101 characters/],
    ],
    passes: [shown({ subject: `${'x'.repeat(100)}{{ name }}` }), shown({ subject: '👨‍👩‍👧‍👦'.repeat(60) })],
  },
  'sender-name-empty': {
    finds: [
      ['sender.name', set({ sender: { address } })],
      ['sender.name', set({ sender: { address, name: ' ' } })],
    ],
    passes: [set({ sender: { address, name: '{{ shop }}' } })],
  },
  'sender-name-long': {
    finds: [
      ['sender.name', shown({ sender: { address, name: 'x'.repeat(61) } })],
      ['sender.replyTo.name', shown({ sender: { address, replyTo: { address, name: 'x'.repeat(61) } } })],
    ],
    passes: [shown({ sender: { address, name: 'x'.repeat(60) } }), shown({ subject: 'x'.repeat(61) })],
  },
  'denylist-off': {
    finds: [['target.exclude.denylisted', set({ target: { exclude: { denylisted: false } } })]],
    passes: [set({ target: { exclude: { quarantined: false } } }), set({})],
  },
  'quarantine-off': {
    finds: [['target.exclude.quarantined', set({ target: { exclude: { quarantined: false } } })]],
    passes: [set({ target: { exclude: { denylisted: false } } }), set({})],
  },
  'exclusion-empty': {
    finds: [['recipients', { emptyExclusions: ['left.csv'] }, /^The source "left\.csv" /]],
    passes: [{ emptyExclusions: [] }, {}],
  },
  'special-characters': {
    finds: [
      ['subject', shown({ subject: 'Free\u200b' }), /U\+200B/],
      ['subject', shown({ subject: 'Tab\there' }), /U\+0009/],
      ['subject', shown({ subject: 'Soft\u00adhyphen' })],
      ['subject', shown({ subject: '\u202egnp.exe' })],
      ['subject', shown({ subject: '{{ name | default: "\u2800" }}' })],
      ['sender.name', shown({ sender: { address, name: 'Gar\ufeffden' } })],
      ['sender.replyTo.name', shown({ sender: { address, replyTo: { address, name: '\ue000' } } })],
    ],
    passes: [
      shown({ subject: '👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 Größe – 50\u00a0% “off”' }),
      shown({ subject: 'می‌خواهم' }),
      shown({ subject: '{{ a }} and {{ b }}' }),
    ],
  },
  'all-capitals': {
    finds: [
      ['subject', shown({ subject: 'WINTER SALE' })],
      ['subject', shown({ subject: '{{ name }}, ГОТОВЬТЕСЬ К ЗИМЕ' })],
      ['sender.name', shown({ sender: { address, name: 'GARDEN SHOP 24' } })],
    ],
    passes: [
      shown({ subject: 'WWF & BMW' }),
      shown({ subject: 'WINTER SALE at Fernlea' }),
      shown({ subject: '冬の計画' }),
    ],
  },
  'exclamation-marks': {
    finds: [
      ['subject', shown({ subject: 'Sale!!' })],
      ['subject', shown({ subject: 'Now! New! Free!' })],
      ['sender.name', shown({ sender: { address, name: 'Garden！！' } })],
    ],
    passes: [shown({ subject: '¡Hola!' }), shown({ subject: 'Yes! No!' })],
  },
  'sender-domain': {
    finds: [
      ['sender.address', set({ sender: { address: 'a@localhost' } })],
      ['sender.address', set({ sender: { address: 'grüße@b.example' } })],
      ['sender.address', set({ sender: { address: '{{ a }}@localhost' } })],
      ['sender.replyTo.address', set({ sender: { address, replyTo: { address: 'x@1.2.3.4' } } })],
      ['sender.errorAddress', set({ sender: { address, errorAddress: 'x@localhost' } })],
      ['unsubscribe.mailto', set({ unsubscribe: { mailto: 'x@localhost' } })],
    ],
    passes: [set({ sender: { address: '{{ a }}@b.example' } })],
  },
  'bcc-address': {
    finds: [
      ['bcc', set({ bcc: 'archive@localhost' })],
      ['bcc', set({ bcc: 'grüße@b.example' })],
    ],
    passes: [{}, set({ bcc: 'archive@b.example' })],
  },
  'hosted-local': {
    finds: [
      ['mirror.hosted', set({ mirror: { hosted: 'http://localhost:8080' } })],
      ['unsubscribe.hosted', set({ unsubscribe: { hosted: 'http://localhost:8080' } })],
    ],
    passes: [set({ unsubscribe: { hosted: 'https://news.b.example' } })],
  },
  'validity-over': {
    finds: [
      ['sending.validUntil', { ...until('2026-12-05T18:00+01:00'), now: Date.UTC(2026, 11, 5, 17) }],
      ['sending.validUntil', { ...until('2026-12-05T18:00Z'), now: Date.UTC(2026, 11, 6), enhancedRelay: true }],
    ],
    passes: [{ ...until('2026-12-05T18:00+01:00'), now: Date.UTC(2026, 11, 5, 11) }, until('2026-12-05T18:00Z'), {}],
  },
  'validity-capped': {
    finds: [
      ['sending.validity', { enhancedRelay: true }, /^The relay "default" tries again by itself/],
      [
        'sending.validUntil',
        { ...until('2026-12-05T18:00Z'), enhancedRelay: true, now: Date.UTC(2026, 11, 2, 5, 59) },
        /84h/,
      ],
    ],
    passes: [
      { ...set({ sending: { validity: '84h' } }), enhancedRelay: true },
      { ...until('2026-12-05T18:00Z'), enhancedRelay: true, now: Date.UTC(2026, 11, 2, 6) },
      { ...until('2026-12-05T18:00Z'), enhancedRelay: true },
      set({ sending: { validity: '30d' } }),
    ],
  },
  'validity-short': {
    finds: [
      ['sending.validity', set({ sending: { validity: '299m' } }), /the first day, 5h after .* than 1h\.$/],
      [
        'sending.validity',
        { ...set({ sending: { retries: { interval: '23h', inFirstDay: 24 }, validity: '22h' } }) },
        /, 23h after/,
      ],
      ['sending.validUntil', { ...until('2026-12-05T18:00Z'), now: Date.UTC(2026, 11, 5, 14) }],
    ],
    passes: [
      set({ sending: { validity: '5h' } }),
      set({ sending: { validity: '1h', retries: { inFirstDay: 0 } } }),
      set({ sending: { validity: '1h', retries: { interval: '2d' } } }),
      { ...until('2026-12-05T18:00Z'), now: Date.UTC(2026, 11, 5, 13) },
      until('2026-12-05T18:00Z'),
    ],
  },
  'relay-unknown': {
    finds: [
      ['relay', { relays: ['other'] }, /one of other\./],
      ['relay', { relays: [] }, /\(none\)/],
    ],
    passes: [{ relays: undefined as never }, { relays: ['a', 'default'] }],
  },
  'dkim-left-to-relay': {
    finds: [['sender.address', { dkim: { domains: [], isSigned: () => false } }]],
    passes: [{ dkim: undefined as never }],
  },
  'dkim-missing': {
    finds: [['sender.address', { dkim: { domains: ['b.example'], isSigned: () => false } }]],
    passes: [{ dkim: undefined as never }, { dkim: { domains: [], isSigned: () => false } }],
  },
  'decisions-unsigned': {
    finds: [['approval.requireSignature', set({ approval: { requireSignature: false } })]],
    passes: [{}],
  },
  'author-unproven': {
    finds: [
      [
        'approval.fourEyes',
        { author: { operator: 'ann', demanded: true, signed: false } },
        /^Operator "ann" has not signed .*: give "ann" a key with "sealpost operator add", then submit the same revision again/,
      ],
      [
        'approval',
        { author: { operator: 'ann', demanded: true, signed: false, fault: 'it was given before: sign it again' } },
        /^The signature by which operator "ann" submitted .* does not hold, for it was given before: sign it again\. Mend that, then/,
      ],
      ['approval', { author: { operator: 'ann', demanded: false, signed: false, fault: 'it is forged' } }],
    ],
    passes: [
      {},
      { author: { operator: 'ann', demanded: false, signed: false } },
      { author: { operator: 'ann', demanded: true, signed: true } },
    ],
  },
  'approver-unprovable': {
    finds: [
      ['approval.approvers', set({ approval: { requireSignature: false, approvers: ['ann', 'role:approver'] } })],
      [
        'approval.gates[1].approvers',
        set({
          approval: {
            requireSignature: false,
            gates: [
              { name: 'a', approvers: ['ann'] },
              { name: 'b', approvers: ['group:legal'] },
            ],
          },
        }),
      ],
      ['approval.breakGlass', set({ approval: { requireSignature: false, breakGlass: ['role:admin'] } })],
    ],
    passes: [{}, set({ approval: { approvers: ['role:approver'] } }), set({ approval: { requireSignature: false } })],
  },
  'proof-target-size': {
    finds: [
      ['proofs.recipients', set({ proofs: { recipients: many } }), /101 messages/],
      ['proofs', proofs({ mode: 'substitution', substitution: drawn(101) })],
      ['proofs', proofs({ mode: 'list-and-substitution', recipients: many.slice(50), substitution: drawn(50) })],
      ['proofs.recipients', proofs({ recipients: many.slice(50), formats: ['html', 'text'] })],
    ],
    passes: [set({ proofs: { recipients: many.slice(1) } })],
  },
  'proof-address': {
    finds: [
      ['proofs.recipients[1]', set({ proofs: { recipients: [address, 'a@b'] } })],
      ['target.seeds[1]', set({ target: { seeds: [address, 'a@b'] } })],
      ['proofs.substitution.to[1]', proofs({ mode: 'substitution', substitution: drawn(2, [address, 'a@b']) })],
    ],
    passes: [set({ proofs: { recipients: [address] } })],
  },
  'proof-substitution-missing': {
    finds: [
      ['proofs.mode', proofs({ mode: 'substitution' })],
      ['proofs.substitution', proofs({ mode: 'substitution', substitution: drawn(2, []) })],
    ],
    passes: [{}, proofs({ mode: 'substitution', substitution: drawn(2) })],
  },
  'proof-list-missing': {
    finds: [
      ['proofs.mode', proofs({ mode: 'list-and-substitution', substitution: drawn(2) }), /proofs\.recipients/],
      ['proofs.mode', proofs({ mode: 'seeds' }), /target\.seeds/],
      ['proofs.mode', proofs({ mode: 'list-and-seeds', recipients: [address] }), /target\.seeds/],
    ],
    passes: [
      set({ proofs: { mode: 'seeds' }, target: { seeds: [address] } }),
      proofs({ mode: 'list-and-substitution', recipients: [address], substitution: drawn(2) }),
    ],
  },
  'proof-setting-unused': {
    finds: [
      ['proofs.recipients', set({ proofs: { mode: 'seeds', recipients: [address] }, target: { seeds: [address] } })],
      ['proofs.substitution', proofs({ substitution: drawn(2) })],
      ['proofs.recipients', proofs({ mode: 'substitution', recipients: [address], substitution: drawn(2) })],
    ],
    passes: [proofs({ recipients: [address] }), proofs({ mode: 'substitution', substitution: drawn(2) })],
  },
  'proof-address-idle': {
    finds: [
      ['proofs.substitution.to', proofs({ mode: 'substitution', substitution: drawn(1, [address, 'c@b.example']) })],
    ],
    passes: [proofs({ mode: 'substitution', substitution: drawn(2) })],
  },
  'proof-doubles-left-out': {
    finds: [
      ['proofs.keep.doubles', proofs({ mode: 'substitution', substitution: drawn(2), keep: { doubles: false } })],
    ],
    passes: [proofs({ mode: 'substitution', substitution: drawn(2) })],
  },
  'proof-format-without-html': {
    finds: [['proofs.formats', { ...proofs({ recipients: [address], formats: ['html'] }), ...text('Text') }]],
    passes: [proofs({ recipients: [address], formats: ['html'] })],
  },
  'proof-required-of-nobody': {
    finds: [
      ['approval.requireProof', set({ approval: { requireProof: true } })],
      ['approval.contentApproval', set({ approval: { contentApproval: { reviewers: ['rita'] } } })],
    ],
    passes: [set({ approval: { requireProof: true }, proofs: { recipients: [address] } })],
  },
  'content-approval-quorum': {
    finds: [
      [
        'approval.contentApproval.quorum',
        set({ approval: { contentApproval: { reviewers: ['rita', 'rita'], quorum: 2 } } }),
      ],
    ],
    passes: [set({ approval: { contentApproval: { reviewers: ['rita', 'ben'], quorum: 2 } } })],
  },
  'proof-profile-missing': {
    finds: [['proofs.substitution.profiles.rows[0]', { missingProfiles: ['proofs.substitution.profiles.rows[0]'] }]],
    passes: [{ missingProfiles: [] }],
  },
  'unsubscription-link-html': {
    finds: [['html', { mentionsUnsubscription: { html: false, text: true } }]],
    passes: [{ mentionsUnsubscription: { html: true, text: false } }],
  },
  'unsubscription-link-text': {
    finds: [['text', { mentionsUnsubscription: { html: true, text: false } }]],
    passes: [{ mentionsUnsubscription: { html: false, text: true } }],
  },
  'unsubscription-header': {
    finds: [['unsubscribe', set({ unsubscribe: {} })]],
    passes: [set({ unsubscribe: { hosted: 'https://news.b.example' } })],
  },
  'one-click-missing': {
    finds: [['unsubscribe.url', set({ unsubscribe: { url: 'https://b.example' } })]],
    passes: [set({ unsubscribe: { url: 'https://b.example/{{ email }}', oneClick: true } })],
  },
  'one-click-same-for-all': {
    finds: [['unsubscribe.url', set({ unsubscribe: { url: 'https://b.example/u', oneClick: true } })]],
    passes: [set({ unsubscribe: { url: 'https://b.example/{{ email }}', oneClick: true } })],
  },
  'auto-submitted-list': {
    finds: [['autoSubmitted', set({ autoSubmitted: 'auto-generated', list: { id: 'a.b' } })]],
    passes: [set({ autoSubmitted: 'auto-generated' }), set({ list: { id: 'a.b' } })],
  },
  'format-without-html': {
    finds: [['format', { ...set({ format: 'recipient' }), ...text('Text') }]],
    passes: [set({ format: 'recipient' }), text('Text')],
  },
  'format-field-unknown': {
    finds: [['formatField', set({ format: 'recipient' })]],
    passes: [set({ format: 'recipient', formatField: 'first_name' }), {}],
  },
  'locale-field-unknown': {
    finds: [['localeField', { ...set({ localeField: 'lnag' }), writesInLocale: true }]],
    passes: [set({ localeField: 'lnag' }), { writesInLocale: true }],
  },
  'text-empty': {
    finds: [
      ['text', text('\n')],
      ['text', html('<img src="x.png" alt="">', '(https://shop.example/plan)\n')],
    ],
    passes: [text('{{ body }}'), text('Plan: https://shop.example/plan')],
  },
};
