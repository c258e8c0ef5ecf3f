import type { DeliverySettings } from './definition.js';
import type { Finding, FindingLevel } from './finding.js';
import type { ReasonCounts } from './message-status.js';

/** What the rules of the parameters' check see of a revision. */
export interface ParametersView {
  settings: DeliverySettings;
  /** Variables that each part (subject, html, text, …) asks for without having a default. */
  requiredVariables: Partial<Record<string, readonly string[]>>;
  /** Fields that profiles of the target have, and those that every message has. */
  knownVariables: ReadonlySet<string>;
  /** Names of the relays that the worker knows. */
  relays: readonly string[];
  /** Domains that the worker has DKIM keys of. */
  dkimDomains: readonly string[];
  /** Whether one of its keys signs mail from an address. */
  isSigned: (address: string) => boolean;
  /** Whether mail can be sent to an address. */
  isAddress: (address: string) => boolean;
  /** Whether mail can be sent from it: few systems can answer to a local part that is not ASCII. */
  isSender: (address: string) => boolean;
}

/** What the rules of the analysis see. */
export interface AnalysisView {
  settings: DeliverySettings;
  hasHtml: boolean;
  /** Whether a part holds the unsubscription link or the variable for it. */
  mentionsUnsubscription: { html: boolean; text: boolean };
  /** Messages that would be sent. */
  messages: number;
  excluded: ReasonCounts;
  /** Rows of the first recipients whose personalisation failed. */
  failedRows: readonly number[];
}

interface Rule<View> {
  id: string;
  level: FindingLevel;
  /** Where the rule found something, with the sentence for the operator; nothing where all is well. */
  check: (view: View) => { place: string; sentence: string }[];
}

const maxProofRecipients = 100;

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
        .filter(({ address }) => address !== undefined && !isSender(address))
        .map(({ place }) => ({
          place,
          sentence:
            'Nobody can answer to this address: use one in ASCII with a full domain, such as news@shop.example.',
        })),
  },
  {
    id: 'relay-unknown',
    level: 'error',
    check: ({ settings: { relay }, relays }) =>
      relays.includes(relay)
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
    check: ({ dkimDomains }) =>
      dkimDomains.length === 0
        ? [{ place: 'sender.address', sentence: 'Messages leave without a DKIM signature: let the relay sign them.' }]
        : [],
  },
  {
    id: 'dkim-missing',
    level: 'warning',
    check: ({ settings: { sender }, dkimDomains, isSigned }) =>
      dkimDomains.length === 0 || isSigned(sender.address)
        ? []
        : [
            {
              place: 'sender.address',
              sentence: `No DKIM key signs for this domain: configure one, or send from one of ${dkimDomains.join(', ')}.`,
            },
          ],
  },
  {
    id: 'proof-target-size',
    level: 'error',
    check: ({ settings: { proofs } }) =>
      proofs.recipients.length > maxProofRecipients
        ? [
            {
              place: 'proofs.recipients',
              sentence: `Proofs would go to ${proofs.recipients.length} addresses: name at most ${maxProofRecipients}.`,
            },
          ]
        : [],
  },
  {
    id: 'proof-address',
    level: 'error',
    check: ({ settings: { proofs }, isAddress }) =>
      proofs.recipients.flatMap((address, index) =>
        isAddress(address)
          ? []
          : [{ place: `proofs.recipients[${index}]`, sentence: 'No mail can be sent to this address: correct it.' }],
      ),
  },
  {
    id: 'variable-unknown',
    level: 'warning',
    check: ({ requiredVariables, knownVariables }) =>
      Object.entries(requiredVariables).flatMap(([place, variables]) =>
        (variables ?? [])
          .filter((variable) => !knownVariables.has(variable))
          .map((variable) => ({
            place,
            sentence: `No recipient has a field "${variable}": correct the name, or give it a default.`,
          })),
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
    id: 'unsubscription-link-html',
    level: 'warning',
    check: ({ hasHtml, mentionsUnsubscription }) =>
      hasHtml && !mentionsUnsubscription.html
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
    id: 'personalisation-failed',
    level: 'warning',
    check: ({ excluded, failedRows }) => {
      const count = excluded['personalisation-failed'] ?? 0;
      if (count === 0) return [];
      const rows = `${failedRows.join(', ')}${count > failedRows.length ? ', …' : ''}`;
      return [
        {
          place: 'recipients',
          sentence: `${count} recipients lack what the content asks for and get nothing (rows ${rows}): give defaults.`,
        },
      ];
    },
  },
  {
    id: 'recipients-excluded',
    level: 'info',
    check: ({ excluded }) =>
      Object.entries(excluded).map(([reason, count]) => ({
        place: 'recipients',
        sentence: `${count} recipients are left out: ${reason}.`,
      })),
  },
];

/** Checks of step 1, on the revision alone. */
export function checkParameters(view: ParametersView): Finding[] {
  return apply(parameterRules, view);
}

/** Checks of step 3, on the analysed target. */
export function checkAnalysis(view: AnalysisView): Finding[] {
  return apply(analysisRules, view);
}

function apply<View>(rules: readonly Rule<View>[], view: View): Finding[] {
  return rules.flatMap(({ id, level, check }) => check(view).map((found) => ({ rule: id, level, ...found })));
}
