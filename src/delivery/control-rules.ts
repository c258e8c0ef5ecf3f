import { domainOf } from './address.js';
import type { DeliverySettings } from './definition.js';
import { bulkSenderRules } from './bulk-sender-rules.js';
import { charsetRules, type CharsetView } from './charset-rules.js';
import { contentRules, type ContentView } from './content-rules.js';
import { applyRules, type QuotedFinding, type Rule } from './control-rule.js';
import { isTemplate } from './definition-text.js';
import type { Finding } from './finding.js';
import { type FileView, formatRules } from './format-rules.js';
import type { Reason, ReasonCounts } from './message-status.js';
import { mirrorRules, type MirrorView } from './mirror-rules.js';
import { proofRules } from './proof-rules.js';
import { targetRules } from './target-rules.js';

/** What the rules of the parameters' check see of a revision. */
export interface ParametersView {
  settings: DeliverySettings;
  /** Variables that each part (subject, html, text, …) asks for without having a default. */
  requiredVariables: Partial<Record<string, readonly string[]>>;
  /** Those that each part asks for and can do without. */
  optionalVariables: Partial<Record<string, readonly string[]>>;
  /** Whether a part holds the unsubscription link; a part that is not there lacks none. */
  mentionsUnsubscription: { html: boolean; text: boolean };
  /** Whether something is written in the recipient's language. */
  writesInLocale: boolean;
  /** Fields that profiles of the target have, and those that every message has. */
  knownVariables: ReadonlySet<string>;
  content: ContentView;
  mirror: MirrorView['mirror'];
  files: readonly FileView[];
  charset: CharsetView;
  /** Places of the profiles that proofs are to show and the target lacks; not judged where absent. */
  missingProfiles?: readonly string[];
  /** Names of the relays that the worker knows; not judged where absent. */
  relays?: readonly string[];
  /** The DKIM keys that the worker has; not judged where absent. */
  dkim?: {
    domains: readonly string[];
    /** Whether one of the keys signs mail from an address. */
    isSigned: (address: string) => boolean;
  };
  /** Whether mail can be sent to an address. */
  isAddress: (address: string) => boolean;
  /** Whether mail can be sent from it: few systems can answer to a local part that is not ASCII. */
  isSender: (address: string) => boolean;
}

/** What the rules of the analysis see. */
export interface AnalysisView {
  settings: DeliverySettings;
  /** Messages that would be sent. */
  messages: number;
  excluded: ReasonCounts;
  /** Why messages could not be made, the most frequent faults first. */
  personalisationFaults: readonly PersonalisationFault[];
  /** Recipients whose address differs from an earlier one's by upper and lower case alone. */
  caseDoubles: CountedRows;
}

/** How many recipients, and the rows of the first of them. */
export interface CountedRows {
  count: number;
  /** With the file before it where there are several. */
  rows: readonly (number | string)[];
}

/** A fault that several recipients have in common; it names fields, never values. */
export interface PersonalisationFault extends CountedRows {
  fault: string;
}

/** Why the analysis leaves a recipient out, in words. */
export const exclusionWords: Partial<Record<Reason, string>> = {
  'address-missing': 'no address',
  'address-invalid': 'the address is not valid',
  denylisted: 'the address is on the denylist',
  quarantined: 'the address is in quarantine',
  'excluded-by-source': 'the address is in a source that excludes',
  double: 'the same address came before',
  'control-group': 'drawn for the control group, which gets nothing',
  'over-limit': 'the target is limited to fewer recipients',
  'personalisation-failed': 'a field that the content needs is missing or does not fit',
};

/** What is personalised before its @ is judged by its domain. */
const sampleAddress = (address: string): string => (isTemplate(address) ? `sample@${domainOf(address)}` : address);

function unknownFields(
  variables: ParametersView['requiredVariables'],
  known: ReadonlySet<string>,
  advice: string,
): { place: string; sentence: string; quote: string }[] {
  return Object.entries(variables).flatMap(([place, names = []]) =>
    names
      .filter((name) => !known.has(name))
      .map((name) => ({ place, sentence: `No recipient has a field "${name}"${advice}`, quote: name })),
  );
}

const parameterRules: readonly Rule<ParametersView>[] = [
  {
    id: 'subject-empty',
    level: 'error',
    check: ({ settings }) =>
      settings.subject.trim() === '' ? [{ place: 'subject', sentence: 'The subject is empty: write one.' }] : [],
  },
  {
    id: 'sender-domain',
    level: 'error',
    check: ({ settings: { sender, unsubscribe }, isSender }) =>
      [
        { place: 'sender.address', address: sender.address },
        { place: 'sender.replyTo.address', address: sender.replyTo?.address },
        { place: 'sender.errorAddress', address: sender.errorAddress },
        { place: 'unsubscribe.mailto', address: unsubscribe.mailto },
      ]
        .filter(({ address }) => address !== undefined && !isSender(sampleAddress(address)))
        .map(({ place }) => ({
          place,
          sentence:
            'Nobody can answer to this address: use one in ASCII with a full domain, such as news@shop.example.',
        })),
  },
  {
    id: 'hosted-local',
    level: 'warning',
    check: ({ settings: { unsubscribe, mirror } }) =>
      [
        { place: 'unsubscribe.hosted', hosted: unsubscribe.hosted },
        { place: 'mirror.hosted', hosted: mirror.hosted },
      ]
        .filter(({ hosted }) => hosted?.startsWith('http:'))
        .map(({ place }) => ({
          place,
          sentence: 'Only this machine can open the pages that messages link to: name an https:// address for all.',
        })),
  },
  {
    id: 'relay-unknown',
    level: 'error',
    check: ({ settings: { relay }, relays }) =>
      relays === undefined || relays.includes(relay)
        ? []
        : [
            {
              place: 'relay',
              sentence: `No worker knows a relay "${relay}": configure it, or use one of ${relays.join(', ') || '(none)'}.`,
            },
          ],
  },
  {
    id: 'dkim-left-to-relay',
    level: 'info',
    check: ({ dkim }) =>
      dkim?.domains.length === 0
        ? [{ place: 'sender.address', sentence: 'Messages leave without a DKIM signature: let the relay sign them.' }]
        : [],
  },
  {
    id: 'dkim-missing',
    level: 'warning',
    check: ({ settings: { sender }, dkim }) =>
      dkim === undefined || dkim.domains.length === 0 || dkim.isSigned(sender.address)
        ? []
        : [
            {
              place: 'sender.address',
              sentence: `No DKIM key signs for this domain: configure one, or send from one of ${dkim.domains.join(', ')}.`,
            },
          ],
  },
  {
    id: 'bcc-address',
    level: 'error',
    // Copies of messages in ASCII must not need a relay that knows SMTPUTF8.
    check: ({ settings: { bcc }, isSender }) =>
      bcc === undefined || isSender(bcc)
        ? []
        : [
            {
              place: 'bcc',
              sentence:
                'No copy can be sent to this address: use one in ASCII with a full domain, such as archive@shop.example.',
            },
          ],
  },
  {
    id: 'unsubscription-link-html',
    level: 'warning',
    check: ({ mentionsUnsubscription }) =>
      !mentionsUnsubscription.html
        ? [{ place: 'html', sentence: 'The HTML has no unsubscription link: add {{ unsubscribe_url }}.' }]
        : [],
  },
  {
    id: 'unsubscription-link-text',
    level: 'warning',
    check: ({ mentionsUnsubscription }) =>
      mentionsUnsubscription.text
        ? []
        : [{ place: 'text', sentence: 'The text has no unsubscription link: add {{ unsubscribe_url }}.' }],
  },
  {
    id: 'variable-unknown',
    level: 'warning',
    check: ({ requiredVariables, knownVariables }) =>
      unknownFields(requiredVariables, knownVariables, ': correct the name, or give it a default.'),
  },
  {
    id: 'variable-never-there',
    level: 'info',
    check: ({ optionalVariables, knownVariables }) =>
      unknownFields(
        optionalVariables,
        knownVariables,
        ', so all get what stands there without it: see that the name is right.',
      ),
  },
];

const analysisRules: readonly Rule<AnalysisView>[] = [
  {
    id: 'target-empty',
    level: 'error',
    check: ({ messages }) =>
      messages === 0 ? [{ place: 'recipients', sentence: 'Nobody is left to send to: look at the exclusions.' }] : [],
  },
  {
    id: 'personalisation-failed',
    level: 'warning',
    check: ({ personalisationFaults }) =>
      personalisationFaults.map(({ fault, ...affected }) => ({
        place: 'recipients',
        sentence: `${recipients(affected.count)} ${affected.count === 1 ? 'gets' : 'get'} no message ${rowsOf(affected)}; ${fault}: fill or correct the column, or give a default.`,
      })),
  },
  {
    id: 'case-doubles',
    level: 'warning',
    // RFC 5321 §2.4: local parts are case-sensitive, and hardly any system makes two mailboxes of them.
    check: ({ caseDoubles }) =>
      caseDoubles.count === 0
        ? []
        : [
            {
              place: 'recipients',
              sentence: `${recipients(caseDoubles.count)} ${caseDoubles.count === 1 ? 'has the address of an earlier one' : 'have addresses of earlier ones'} but for upper and lower case ${rowsOf(caseDoubles)}, and would most likely get two copies: take one of each out.`,
            },
          ],
  },
  {
    id: 'recipients-excluded',
    level: 'info',
    check: ({ excluded }) =>
      Object.entries(excluded).map(([reason, count]) => ({
        place: 'recipients',
        sentence: `${recipients(count)} ${count === 1 ? 'is' : 'are'} left out: ${exclusionWords[reason as Reason] ?? reason}.`,
      })),
  },
];

function recipients(count: number): string {
  return `${count.toLocaleString('en-US')} recipient${count === 1 ? '' : 's'}`;
}

function rowsOf({ count, rows }: CountedRows): string {
  return `(row${count === 1 ? '' : 's'} ${rows.join(', ')}${count > rows.length ? ', …' : ''})`;
}

/** Checks of step 1, on the revision alone. */
export function checkParameters(view: ParametersView): QuotedFinding[] {
  return applyRules(
    [
      ...parameterRules,
      ...proofRules,
      ...formatRules,
      ...charsetRules,
      ...bulkSenderRules,
      ...contentRules,
      ...mirrorRules,
      ...targetRules,
    ],
    view,
  );
}

/** Checks of step 3, on the analysed target. */
export function checkAnalysis(view: AnalysisView): Finding[] {
  return applyRules(analysisRules, view);
}
