import { isTextFromHtml } from '../content/content-blocks.js';
import { contentView } from '../content/content-view.js';
import {
  givenVariables,
  partsWith,
  variablesByPart,
  type VariablesByPart,
  writesInLocale,
} from '../content/personalise.js';
import { domainOf, parseAddress } from '../delivery/address.js';
import { noConfig, typologyOf, type ParametersRuleView, type RuleConfig } from '../delivery/control-rules/config.js';
import { checkParameters } from '../delivery/control-rules/index.js';
import type { QuotedFinding } from '../delivery/control-rules/rule.js';
import type { AuthorView, ParametersView } from '../delivery/control-rules/views.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { signingKeys, type DkimKey } from '../mime/dkim-key.js';
import { charsetView } from './charset-view.js';
import { fileViews } from './file-views.js';
import { ownFindings } from './own-rules.js';

/** What is known of a revision's surroundings. */
export interface RevisionSurroundings {
  /** Who submitted it; not judged where absent. */
  author?: AuthorView;
  /** Names of the fields that the target has. */
  fields: readonly string[];
  /** Places of the profiles that proofs are to show and the target lacks; not judged where absent. */
  missingProfiles?: readonly string[];
  /** Names of the sources that were to leave people out and name nobody; not judged where absent. */
  emptyExclusions?: readonly string[];
  /** Names of the relays that workers know; not judged where absent. */
  relays?: readonly string[];
  /** The relay has retries of its own. */
  enhancedRelay?: boolean;
  /** Milliseconds since the epoch; dates are not judged where absent. */
  now?: number;
  /** The keys that workers sign with; not judged where absent. */
  dkimKeys?: readonly DkimKey[];
  /** Typologies and own rules of the workers; not judged where absent. */
  config?: RuleConfig;
}

/** A revision, wherever it comes from. */
interface Revision {
  settings: DeliverySettings;
  content: Content;
}

/** Step 1 on a revision: every rule that needs neither a server nor the target's rows, and the user's own. */
export async function checkRevision(
  { settings, content: compiled }: Revision,
  surroundings: RevisionSurroundings,
): Promise<QuotedFinding[]> {
  const { config = noConfig, fields } = surroundings;
  const content = contentSent(settings, compiled);
  const view = parametersView({ settings, content }, surroundings);
  const typology = typologyOf(config, settings);
  const { html, text } = content;
  const ownView: ParametersRuleView = {
    settings,
    content: { text, ...(html !== undefined && { html }) },
    fields,
    links: view.content.links.map(({ part, line, url, label }) => ({
      part,
      line,
      url,
      ...(label !== undefined && { label }),
    })),
    files: view.files,
  };
  return [...checkParameters(view, typology), ...(await ownFindings(config, 'parameters', typology, ownView))];
}

function parametersView({ settings, content }: Revision, surroundings: RevisionSurroundings): ParametersView {
  const { author, fields, missingProfiles, emptyExclusions, relays, enhancedRelay, now, dkimKeys, config } =
    surroundings;
  const variables = variablesByPart(settings, content);
  const fromHtml = isTextFromHtml(content);
  const unknown = unknownVariables(variables, fields, fromHtml);
  return {
    settings,
    ...(author && { author }),
    ...(config && { typologies: [...config.typologies.keys()] }),
    requiredVariables: unknown(true),
    optionalVariables: unknown(false),
    writesInLocale: writesInLocale(settings, content),
    mentionsUnsubscription: mentionsUnsubscription(variables, fromHtml),
    knownVariables: new Set([...givenVariables, ...fields]),
    content: contentView(settings, content),
    mirror: {
      linkedFrom: partsWith('mirror_url', variables),
      hasHtml: content.html !== undefined,
    },
    files: fileViews(content),
    charset: charsetView(settings, content),
    ...(missingProfiles && { missingProfiles }),
    ...(emptyExclusions && { emptyExclusions }),
    ...(relays && { relays }),
    ...(enhancedRelay && { enhancedRelay }),
    ...(now !== undefined && { now }),
    ...(dkimKeys && {
      dkim: {
        domains: [...new Set(dkimKeys.map(({ domain }) => domain))],
        isSigned: (address) => signingKeys(dkimKeys, domainOf(address)).length > 0,
      },
    }),
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
  };
}

/** @returns what each part asks for, by whether a recipient who lacks it gets no message */
function unknownVariables(
  byPart: VariablesByPart,
  fields: readonly string[],
  textIsFromHtml: boolean,
): (required: boolean) => Record<string, string[]> {
  // What is missing in the HTML is told there, where it can be corrected.
  const { html = [], text = [] } = byPart;
  const inHtml = new Set(textIsFromHtml ? html.map(({ name }) => name) : []);
  const told = Object.entries({ ...byPart, text: text.filter(({ name }) => !inHtml.has(name)) });
  return (required) =>
    Object.fromEntries(
      told.map(([part, variables]) => [
        part,
        // A part of a field, such as `customer.name`, is each recipient's own matter.
        variables
          .filter((one) => one.required === required && !fields.includes(rootOf(one.name)))
          .map(({ name }) => name),
      ]),
    );
}

/** Whether the parts hold the unsubscription link's variable; without HTML, that part lacks nothing. */
function mentionsUnsubscription(byPart: VariablesByPart, textIsFromHtml: boolean): { html: boolean; text: boolean } {
  const parts = partsWith('unsubscribe_url', byPart);
  // What is made from HTML lacks what that lacks.
  return { html: byPart.html === undefined || parts.includes('html'), text: textIsFromHtml || parts.includes('text') };
}

const rootOf = (variable: string) => /^[^.[]*/.exec(variable)?.[0] ?? '';
