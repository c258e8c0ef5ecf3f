import { definition, type Values } from './definition.js';

/** A delivery that trips rules. */
interface TrippingDelivery {
  /** What differs from a delivery that is in order. */
  own: Partial<Values>;
  /** Its definition's folder, where values in code cannot say it. */
  files?: Readonly<Record<string, string>>;
  /** Somebody with a key that nobody has added to the operators submits it. */
  hasUnknownAuthor?: true;
  /** The worker has a DKIM key, of a domain that is not the sender's. */
  hasForeignKey?: true;
}

/** What trips a rule, where it finds something, and how its sentence says what to do. */
type RuleCase = readonly [delivery: TrippingDelivery, place: string, remedy: RegExp];

const { approval, sender } = definition({ id: 'in-order' });

/** Nothing in it keeps it from being analysed. */
const careless: TrippingDelivery = {
  own: {
    subject: `WINTER SALE!!\u200b ${'GARDEN '.repeat(15)}`,
    sender: { address: sender.address, replyTo: { name: 'Garden '.repeat(10), address: sender.address } },
    unsubscribe: {},
    mirror: { hosted: 'http://localhost:8080' },
    format: 'recipient',
    localeField: 'lang',
    autoSubmitted: 'auto-generated',
    list: { id: 'news.garden.example' },
    target: { exclude: { denylisted: false, quarantined: false }, seeds: ['person1@shop.example'] },
    relay: 'provider',
    approval: { ...approval, requireSignature: false },
    proofs: {
      mode: 'substitution',
      recipients: ['editor@reviewers.example'],
      substitution: { profiles: { rows: [1] }, to: ['qa@reviewers.example', 'legal@reviewers.example'] },
    },
    attachments: [{ name: 'plan.exe', content: Buffer.alloc(1_100_000) }],
    content: {
      html: `<html><head><style>/* ${'x'.repeat(104 * 1024)} */</style></head><body><h1>TODO</h1><h3>{{ first_name }}</h3>
{% if first_name == 'Nobody' %}{{ nickname }}{% endif %}{{ city | default: 'there' }} {{ 5 | number }}
<table><tr><td><img src="https://www.mailjet.com/images/theme/v1/icons/ico-social/x.png"></td></tr></table>
<a href="www.garden.example">Click here</a> <a href="http://garden.example/a b"></a>
<a href="https://www.example.com/">Plan</a></body></html>`,
      text: 'Dear reader',
    },
    recipients: [
      { email: 'person1@shop.example', first_name: 'Ann' },
      { email: 'Person1@shop.example', first_name: 'Ann' },
      { email: 'person2@shop.example' },
      { email: 'nobody', first_name: 'Ben' },
      { email: 'yuki@docomo.ne.jp', first_name: 'Yuki' },
    ],
  },
};

/** Text alone, for nobody. */
const bare: TrippingDelivery = {
  hasForeignKey: true,
  own: {
    format: 'recipient',
    sending: { validity: '2h' },
    content: { text: 'https://garden.example/plan' },
    proofs: {
      mode: 'substitution',
      substitution: { profiles: { random: 2 }, to: ['qa@reviewers.example'] },
      formats: ['html'],
      keep: { doubles: false },
    },
    recipients: [{ email: 'nobody' }],
  },
};

/** As many errors as one definition can have. */
const impossible: TrippingDelivery = {
  hasUnknownAuthor: true,
  own: {
    subject: ' ',
    sender: { name: 'Garden', address: 'news@localhost' },
    bcc: 'archive@localhost',
    relay: 'nowhere',
    typology: 'nowhere',
    charset: 'iso-8859-1',
    unsubscribe: { url: 'https://garden.example/unsubscribe', oneClick: true },
    proofs: {
      mode: 'list-and-substitution',
      substitution: { profiles: { random: 101 }, to: ['qa@localhost'] },
    },
    approval: {
      ...approval,
      approvers: ['role:approver'],
      requireSignature: false,
      contentApproval: { reviewers: ['legal'], quorum: 2 },
    },
    content: { html: '<p>☃ <a href="ftp://garden.example/plan">The plan</a> <a href="{{ mirror_url }}">Page</a></p>' },
  },
};

/** Proofs that go to nobody, and a page that is none. */
const unseen: TrippingDelivery = {
  own: {
    mirror: { mode: 'never' },
    sending: { validUntil: '2026-01-01T00:00Z' },
    approval: { ...approval, requireProof: true },
    proofs: { mode: 'substitution', substitution: { profiles: { rows: [99] }, to: [] } },
    content: { text: 'Dear {{ first_name }}: {{ mirror_url }}' },
  },
};

const zoned = (...zones: string[]) =>
  zones.map((zone, i) => ({ email: `zone${i}@shop.example`, first_name: 'Ann', zone }));
const berlin = { timeZone: 'Europe/Berlin' };
const unhurried = { wait: '1h', goOn: 'by-operator' } as const;

/** Sends at once, and what it has planned for the days after never leaves. */
const hurried: TrippingDelivery = {
  own: { sending: { at: '2020-01-01T09:00', ...berlin, waves: { size: 3, every: '7d' } } },
};

/** Leaves in the next century, its canary is one person, and one zone is mistyped. */
const distant: TrippingDelivery = {
  own: {
    sending: { at: '2099-12-01T09:00', ...berlin, recipientTimeZoneField: 'zone', canary: { size: 3, ...unhurried } },
    recipients: zoned('Asia/Tokyo', 'Europe/Berlin', 'Europe/Berlim'),
  },
};

/** A ramp-up for more people than there are, whose end leaves hardly any time. */
const steep: TrippingDelivery = {
  own: {
    sending: {
      at: '2099-12-01T09:00',
      ...berlin,
      validity: '2d',
      waves: { calendar: ['0h', '47h', '50h'].map((after) => ({ after, size: 3 })) },
    },
  },
};

/** A column that is not there, and a mobile that does not take so much. */
const zoneless: TrippingDelivery = {
  own: {
    subject: 'Hello',
    sending: { at: '2099-12-01T09:00', ...berlin, recipientTimeZoneField: 'zone' },
    recipients: [{ email: 'yuki@docomo.ne.jp', first_name: 'Yuki '.repeat(2_000) }],
  },
};

/** Each by itself, and slowly. */
const single: TrippingDelivery = {
  own: {
    sending: { waves: { size: 1, every: '1m' }, rate: '1/h' },
    recipients: zoned(...Array.from({ length: 201 }, () => 'UTC')),
  },
};

/** From files, one of which should leave people out. */
const forgotten: TrippingDelivery = {
  own: {},
  files: {
    'delivery.yaml': `name: Forgotten
sender: { address: news@garden.example }
subject: Plan
unsubscribe: { mailto: leave@garden.example }
content: content.txt
recipients: [people.csv, { file: left.csv, exclude: true }]
`,
    'content.txt': 'The plan. {{ unsubscribe_url }}\n',
    'people.csv': 'email\nann@shop.example\n',
    'left.csv': 'email\n',
  },
};

/** By the rule's id. A delivery that several rules name is sent once. */
export const ruleCases: Readonly<Record<string, RuleCase>> = {
  'typology-unknown': [impossible, 'typology', /: use one of .*, or define it\.$/],
  'decisions-unsigned': [careless, 'approval.requireSignature', /: take this out, and add operators with /],
  'approver-unprovable': [impossible, 'approval.approvers', /: name people, or take requireSignature out\.$/],
  'author-unproven': [
    impossible,
    'approval',
    /no operator has\. Mend that, then submit the same revision again, with /,
  ],
  'subject-empty': [impossible, 'subject', /: write one\.$/],
  'subject-long': [careless, 'subject', /: use at most 100\.$/],
  'sender-name-empty': [careless, 'sender.name', /: write the one that recipients know as sender\.name\.$/],
  'sender-name-long': [careless, 'sender.replyTo.name', /: use at most 60\.$/],
  'special-characters': [careless, 'subject', /U\+200B.*: take them out\.$/],
  'all-capitals': [careless, 'subject', /: write it in lower case too\.$/],
  'exclamation-marks': [careless, 'subject', /: leave one at the most\.$/],
  'sender-domain': [impossible, 'sender.address', /: use one in ASCII with a full domain, such as /],
  'bcc-address': [impossible, 'bcc', /: use one in ASCII with a full domain, such as /],
  'hosted-local': [careless, 'mirror.hosted', /: name an https:\/\/ address for all\.$/],
  'relay-unknown': [impossible, 'relay', /: configure it, or use one of default, provider\.$/],
  'validity-over': [unseen, 'sending.validUntil', /: name a later end\.$/],
  'validity-capped': [careless, 'sending.validity', /: let validity end by then\.$/],
  'validity-short': [bare, 'sending.validity', /5h after the first attempt: let it end later, or /],
  'dkim-left-to-relay': [careless, 'sender.address', /: let the relay sign them\.$/],
  'dkim-missing': [bare, 'sender.address', /: configure one, or send from one of elsewhere\.example\.$/],
  'denylist-off': [careless, 'target.exclude.denylisted', /: take the setting out, unless /],
  'quarantine-off': [careless, 'target.exclude.quarantined', /: take the setting out, unless /],
  'proof-target-size': [impossible, 'proofs', /: name fewer, for 100 is the most\.$/],
  'proof-address': [impossible, 'proofs.substitution.to[0]', /: correct it\.$/],
  'proof-substitution-missing': [unseen, 'proofs.substitution', /: name some in "to"\.$/],
  'proof-list-missing': [impossible, 'proofs.mode', /: name some, or choose another mode\.$/],
  'proof-setting-unused': [careless, 'proofs.recipients', /: choose another proofs\.mode, or take it out\.$/],
  'proof-address-idle': [careless, 'proofs.substitution.to', /: choose more profiles\.$/],
  'proof-doubles-left-out': [bare, 'proofs.keep.doubles', /: keep doubles, or name as many addresses as profiles\.$/],
  'proof-format-without-html': [bare, 'proofs.formats', /: take html out\.$/],
  'proof-required-of-nobody': [unseen, 'approval.requireProof', /: name proofs\.recipients\.$/],
  'content-approval-quorum': [impossible, 'approval.contentApproval.quorum', /: name more, or lower it\.$/],
  'proof-profile-missing': [unseen, 'proofs.substitution.profiles.rows[0]', /: name one that is there\.$/],
  'unsubscription-link-html': [careless, 'html', /: add {{ unsubscribe_url }}\.$/],
  'unsubscription-link-text': [careless, 'text', /: add {{ unsubscribe_url }}\.$/],
  'unsubscription-header': [careless, 'unsubscribe', /: set unsubscribe\.$/],
  'one-click-missing': [bare, 'unsubscribe.url', /: set unsubscribe\.oneClick where .*, or use unsubscribe\.hosted\.$/],
  'one-click-same-for-all': [impossible, 'unsubscribe.url', /: put {{ email }} or an id of the recipient into it\.$/],
  'auto-submitted-list': [careless, 'autoSubmitted', /: leave autoSubmitted or list out\.$/],
  'format-without-html': [bare, 'format', /Add HTML, or say format: text\.$/],
  'format-field-unknown': [careless, 'formatField', /: name the column as formatField\.$/],
  'locale-field-unknown': [careless, 'localeField', /: name the column as localeField\.$/],
  'text-empty': [bare, 'text', /: write text into the HTML, or give the text a file of its own\.$/],
  'charset-unfit': [impossible, 'html', /: write another character or a reference .*, or set charset to utf-8\.$/],
  'mirror-address-missing': [impossible, 'html', /: name the address of the web server as mirror\.hosted\.$/],
  'mirror-link-forbidden': [unseen, 'text', /: take {{ mirror_url }} out, or set mirror\.mode to auto\.$/],
  'mirror-without-html': [unseen, 'text', /: add HTML content, or take {{ mirror_url }} out\.$/],
  'variable-unknown': [careless, 'html', /"nickname": correct the name, or give it a default/],
  'variable-never-there': [careless, 'html', /"city".*: see that the name is right/],
  'placeholder-text': [careless, 'html', /: write what belongs there\.$/],
  'placeholder-link': [careless, 'html', /: write the right address\.$/],
  'link-scheme': [impossible, 'html', /: use https:, mailto: or tel:\.$/],
  'link-malformed': [careless, 'html', /: write the whole address, such as /],
  'link-insecure': [careless, 'html', /: write https:\/\/ in place of http:\/\/\.$/],
  'link-stray-characters': [careless, 'html', /: write %20 for a space, /],
  'link-without-label': [careless, 'html', /: give it text, an image with alt, or data-label\.$/],
  'image-without-alt': [careless, 'html', /: give it alt /],
  'image-third-party-default': [careless, 'html', /: name one of yours /],
  'image-only': [careless, 'html', /: write what the images say as text too\.$/],
  'html-clipped': [careless, 'html', /: shorten it\.$/],
  'message-large': [careless, 'attachments', /: link to what need not come along\.$/],
  'attachment-blocked': [careless, 'attachments', /"plan\.exe": link to it\.$/],
  'html-without-lang': [careless, 'html', /: write lang on the html element /],
  'heading-order': [careless, 'html', /: use h2 there, and style for its size\.$/],
  'link-text-vague': [careless, 'html', /: name what is behind it\.$/],
  'table-without-role': [careless, 'html', /: write role="presentation" where /],
  'target-empty': [bare, 'recipients', /: look at the exclusions\.$/],
  'personalisation-failed': [
    careless,
    'recipients',
    /\(row 3\); html: .*: fill or correct the column, or give a default\.$/,
  ],
  'case-doubles': [careless, 'recipients', /\(row 2\).*: take one of each out\.$/],
  'exclusion-empty': [forgotten, 'recipients', /: see that it is the right one and whole, or take it out\.$/],
  'seed-left-out': [careless, 'target.seeds[0]', /; take it out, for it gets a message already\.$/],
  'japanese-mobile-charset': [careless, 'subject', /NTT DoCoMo.*: /],
  'japanese-mobile-size': [zoneless, 'html', /NTT DoCoMo.*row 1.*: /],
  'japanese-mobile-images': [careless, 'html', /NTT DoCoMo.*: /],
  'japanese-mobile-markup': [careless, 'html', /NTT DoCoMo.*: /],
  'time-zone-field-unknown': [zoneless, 'sending.recipientTimeZoneField', /: name the column as /],
  'contact-date-near': [hurried, 'sending.at', /has passed, .*: give a later one if that is not meant\.$/],
  'contact-date-far': [distant, 'sending.at', /: see that it is the right one\.$/],
  'time-zone-unknown': [distant, 'sending.recipientTimeZoneField', /^1 recipient has .*: correct the column "zone"\.$/],
  'waves-too-many': [single, 'sending.waves', /would be 201, .*: make them larger\.$/],
  'waves-unfilled': [steep, 'sending.waves', /which fill 2 waves .*: make the waves smaller\.$/],
  'canary-small': [distant, 'sending.canary.size', /has 1 message in place of 3, .*: make it smaller, /],
  'wave-after-validity': [hurried, 'sending.validity', /168 hours .*: let sending\.validity end later, or /],
  'wave-without-retries': [steep, 'sending.validity', /so that 1 hour .*: let sending\.validity end later\.$/],
  'rate-too-slow': [single, 'sending.rate', /^201 messages take 201 hours .*: raise sending\.rate, or /],
  'recipients-excluded': [careless, 'recipients', /\(the address is not valid\): correct the address\.$/],
  'message-clipped': [careless, 'html', /\(row [125]\).*: shorten what its recipient's values bring in\.$/],
};
