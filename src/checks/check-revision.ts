import { isTextFromHtml } from '../content/content-blocks.js';
import { contentView } from '../content/links.js';
import { givenVariables, type Part, partsWithMirror, variablesByPart, writesInLocale } from '../content/personalise.js';
import { domainOf, parseAddress } from '../delivery/address.js';
import { checkParameters } from '../delivery/control-rules.js';
import type { QuotedFinding } from '../delivery/control-rule.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { charsetView } from './charset-view.js';
import { signingKeys, type DkimKey } from '../mime/dkim-key.js';

/** What is known of a revision's surroundings. */
export interface RevisionSurroundings {
  /** Names of the fields that the target has. */
  fields: readonly string[];
  /** Names of the relays that workers know; not judged where absent. */
  relays?: readonly string[];
  /** The keys that workers sign with; not judged where absent. */
  dkimKeys?: readonly DkimKey[];
}

/** Step 1 on a revision, wherever it comes from: every rule that needs neither a server nor the target's rows. */
export function checkRevision(
  { settings, content: compiled }: { settings: DeliverySettings; content: Content },
  { fields, relays, dkimKeys }: RevisionSurroundings,
): QuotedFinding[] {
  const content = contentSent(settings, compiled);
  return checkParameters({
    settings,
    requiredVariables: unknownVariables(settings, content, fields, true),
    optionalVariables: unknownVariables(settings, content, fields, false),
    writesInLocale: writesInLocale(settings, content),
    mentionsUnsubscription: mentionsUnsubscription(settings, content),
    knownVariables: new Set([...givenVariables, ...fields]),
    content: contentView(settings.subject, content),
    mirror: {
      linkedFrom: partsWithMirror(settings, content),
      hasHtml: content.html !== undefined,
    },
    files: (content.files ?? []).map(({ name, contentId, base64 }) => ({
      name,
      inline: contentId !== undefined,
      bytes: Buffer.byteLength(base64, 'base64'),
    })),
    charset: charsetView(settings, content),
    ...(relays && { relays }),
    ...(dkimKeys && {
      dkim: {
        domains: [...new Set(dkimKeys.map(({ domain }) => domain))],
        isSigned: (address) => signingKeys(dkimKeys, domainOf(address)).length > 0,
      },
    }),
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
  });
}

/** @param required - whether a recipient who lacks them gets no message */
function unknownVariables(
  settings: DeliverySettings,
  content: Content,
  fields: readonly string[],
  required: boolean,
): Partial<Record<Part, string[]>> {
  const byPart = variablesByPart(settings, content);
  // What is missing in the HTML is told there, where it can be corrected.
  const { html = [], text = [] } = byPart;
  const inHtml = new Set(isTextFromHtml(content) ? html.map(({ name }) => name) : []);
  const wanted = Object.entries({ ...byPart, text: text.filter(({ name }) => !inHtml.has(name)) }).map(
    // A part of a field, such as `customer.name`, is each recipient's own matter.
    ([part, variables]) =>
      [part, variables.filter((one) => one.required === required && !fields.includes(rootOf(one.name)))] as const,
  );
  return Object.fromEntries(wanted.map(([part, variables]) => [part, variables.map(({ name }) => name)]));
}

/** Whether the parts hold the unsubscription link's variable; without HTML, that part lacks nothing. */
function mentionsUnsubscription(settings: DeliverySettings, content: Content): { html: boolean; text: boolean } {
  const { html, text = [] } = variablesByPart(settings, content);
  const mentions = (variables: readonly { name: string }[]) => variables.some(({ name }) => name === 'unsubscribe_url');
  // What is made from HTML lacks what that lacks.
  return { html: html === undefined || mentions(html), text: isTextFromHtml(content) || mentions(text) };
}

const rootOf = (variable: string) => /^[^.[]*/.exec(variable)?.[0] ?? '';
