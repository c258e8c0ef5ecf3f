import { contentView } from '../../../src/content/content-view.js';
import { parseAddress } from '../../../src/delivery/address.js';
import type { AnalysisView, ParametersView } from '../../../src/delivery/control-rules/views.js';
import {
  deliverySettingsSchema,
  type DeliverySettings,
  type DeliverySettingsInput,
} from '../../../src/delivery/definition.js';

/** What a rule finds, and what it lets pass. */
export interface RuleCases<View> {
  /** Place, what differs from a delivery that is in order, and the sentence where it matters. */
  finds: readonly (readonly [place: string, own: Partial<View>, sentence?: RegExp])[];
  passes: readonly Partial<View>[];
}

/** By the rule's id. */
export type CasesOf<View> = Readonly<Record<string, RuleCases<View>>>;

export function settings(own: Partial<DeliverySettingsInput> = {}): DeliverySettings {
  return deliverySettingsSchema.parse({
    name: 'N',
    sender: { name: 'Garden', address: 'a@b.example' },
    subject: 'S',
    unsubscribe: { mailto: 'leave@b.example' },
    ...own,
  });
}

/** The view of settings alone. */
export const set = (own: Partial<DeliverySettingsInput>): { settings: DeliverySettings } => ({
  settings: settings(own),
});

/** The view of settings with what they show to readers. */
export function shown(own: Partial<DeliverySettingsInput>): Pick<ParametersView, 'settings' | 'content'> {
  const all = settings(own);
  return { settings: all, content: contentView(all, { text: 'Text', sources: {} }) };
}

/** The view of an HTML part, and of a text part of its own where one is given. */
export function html(part: string, text?: string): Pick<ParametersView, 'content'> {
  const sources: Record<string, string> = text === undefined ? {} : { 'content.txt': text };
  return { content: contentView(settings(), { html: part, text: text ?? 'Text', sources }) };
}

/** The view of a text part alone. */
export const text = (part: string): Pick<ParametersView, 'content'> => ({
  content: contentView(settings(), { text: part, sources: { 'content.txt': part } }),
});

/** A link of the HTML. */
export const link = (href: string, label = 'The plan'): Pick<ParametersView, 'content'> =>
  html(`<a href="${href}">${label}</a>`);

/** A delivery in order, but for what is given. */
export function parameters(own: Partial<ParametersView> = {}): ParametersView {
  return {
    settings: settings(),
    typologies: ['strict'],
    requiredVariables: { html: ['first_name'] },
    optionalVariables: {},
    mentionsUnsubscription: { html: true, text: true },
    writesInLocale: false,
    knownVariables: new Set(['first_name']),
    relays: ['default'],
    dkim: { domains: ['b.example'], isSigned: () => true },
    ...html('<p>Text</p>'),
    files: [],
    mirror: { linkedFrom: [], hasHtml: true },
    charset: [],
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
    ...own,
  };
}

/** An analysis in order, but for what is given. */
export function analysis(own: Partial<AnalysisView> = {}): AnalysisView {
  return {
    settings: settings(),
    typologies: ['strict'],
    messages: 10,
    excluded: {},
    personalisationFaults: [],
    caseDoubles: { count: 0, rows: [] },
    seedsLeftOut: [],
    ...own,
  };
}
