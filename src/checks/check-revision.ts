import { contentView } from '../content/links.js';
import { givenVariables, variablesByPart } from '../content/personalise.js';
import { domainOf, parseAddress } from '../delivery/address.js';
import { checkParameters } from '../delivery/control-rules.js';
import type { QuotedFinding } from '../delivery/control-rule.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
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
  { settings, content }: { settings: DeliverySettings; content: Content },
  { fields, relays, dkimKeys }: RevisionSurroundings,
): QuotedFinding[] {
  // A part of a field, such as `customer.name`, is the recipient's own matter.
  const isInField = (name: string) => fields.includes(/^[^.[]*/.exec(name)?.[0] ?? '');
  const required = Object.entries(variablesByPart(settings, content)).map(
    ([part, variables]) =>
      [part, variables.filter((one) => one.required && !isInField(one.name)).map((one) => one.name)] as const,
  );
  return checkParameters({
    settings,
    requiredVariables: Object.fromEntries(required),
    knownVariables: new Set([...givenVariables, ...fields]),
    content: contentView(settings.subject, content),
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
