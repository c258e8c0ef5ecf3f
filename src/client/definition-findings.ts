import { checkRevision } from '../checks/check-revision.js';
import { linkFindings } from '../checks/link-answers.js';
import { DefinitionError, findingOfFault, type LocatedFinding } from './definition-faults.js';
import { readDefinitionFile, type DefinitionFile } from './definition-file.js';
import type { FileTarget, GivenFile } from './recipients-target.js';
import type { DefinitionFiles } from './definition-files.js';
import type { Env } from './recipients-query.js';
import { locate } from './finding-place.js';
import { contentView } from '../content/content-view.js';
import { contentSent } from '../delivery/content-format.js';
import type { ContentLink } from '../delivery/control-rules/views.js';
import { domainOf } from '../delivery/address.js';
import type { RuleConfig } from '../delivery/control-rules/config.js';
import type { QuotedFinding } from '../delivery/control-rules/rule.js';
import type { Profile } from '../delivery/definition.js';
import type { Finding } from '../delivery/finding.js';
import { isChosenBy, namedProfiles, profilesMissing } from '../delivery/proof-settings.js';
import { preflight } from '../dns/preflight.js';
import { resolverFromEnvironment, type Resolver } from '../dns/resolver.js';
import { dkimKeysFromEnvironment } from '../mime/dkim-environment.js';
import { keyName, keyRecord, signingKeys, type DkimKey } from '../mime/dkim-key.js';
import { isEnhanced, relaysFromEnvironment } from '../smtp/relay-url.js';

interface FindingsOptions {
  config?: RuleConfig;
  withLinks?: boolean;
  withDns?: boolean;
  /** In place of the definition's own. */
  recipients?: GivenFile | undefined;
  /** The whole target in place of the definition's own. */
  target?: FileTarget | undefined;
  /** Where databases of recipients are named. @default the environment */
  audiences?: Env;
}

/**
 * All that step 1 finds in a definition in files; faults that keep it from being read are findings of the rule `definition`.
 *
 * @param source - a path, or files in memory
 * @param env - relays and keys are judged where it names some
 * @param config - typologies and own rules; not judged where absent
 * @throws RelayUrlError, DkimKeysError, NameServersError for what cannot be read there
 */
export async function findingsOf(
  env: Env,
  source: string | DefinitionFiles,
  { config, withDns = false, withLinks = false, recipients, target, audiences = env }: FindingsOptions = {},
): Promise<LocatedFinding[]> {
  const relays = relaysFromEnvironment(env);
  const dkimKeys = dkimKeysFromEnvironment(env);
  const resolver = resolverFromEnvironment(env);
  let definition: DefinitionFile;
  let fields: string[];
  let missingProfiles: string[];
  let emptyExclusions: string[];
  try {
    definition = await readDefinitionFile(source, {
      env: audiences,
      ...(recipients && { recipients }),
      ...(target && { target }),
    });
    fields = (await definition.recipients.fields?.()) ?? [];
    missingProfiles = await profilesNotThere(definition);
    emptyExclusions = await exclusionsOfNobody(definition);
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults.map(findingOfFault);
    throw error;
  }
  const findings: QuotedFinding[] = await checkRevision(definition, {
    fields,
    missingProfiles,
    emptyExclusions,
    ...(config && { config }),
    ...(relays.size > 0 && { relays: [...relays.keys()] }),
    enhancedRelay: isEnhanced(relays.get(definition.settings.relay)),
    now: Date.now(),
    ...(dkimKeys.length > 0 && { dkimKeys }),
  });
  if (withDns) findings.push(...(await dnsFindings(definition, dkimKeys, resolver)));
  if (withLinks) findings.push(...(await linkFindings(linksOf(definition))));
  return findings.map(({ quote, ...finding }) => ({ ...locate(definition, finding.place, quote), ...finding }));
}

/** Reads the whole target, where proofs are to show profiles that are named. */
async function profilesNotThere({ settings, recipients }: DefinitionFile): Promise<string[]> {
  const named = namedProfiles(settings);
  if (!named) return [];
  const isChosen = isChosenBy(named);
  const found: Pick<Profile, 'row' | 'address'>[] = [];
  for await (const { row, address } of recipients.open()) if (isChosen({ row, address })) found.push({ row, address });
  return profilesMissing(named, found);
}

async function exclusionsOfNobody({ recipients: { excluded = [] } }: DefinitionFile): Promise<string[]> {
  const empty = new Set(excluded);
  for (const source of excluded)
    for await (const _first of source.open()) {
      empty.delete(source);
      break;
    }
  return [...empty].map(({ name }) => name);
}

function linksOf({ settings, content }: DefinitionFile): readonly ContentLink[] {
  return contentView(settings, contentSent(settings, content)).links;
}

async function dnsFindings(
  { settings: { sender } }: DefinitionFile,
  keys: readonly DkimKey[],
  resolver: Resolver,
): Promise<Finding[]> {
  const expected = signingKeys(keys, domainOf(sender.address)).map((key) => ({
    domain: key.domain,
    name: keyName(key),
    record: keyRecord(key),
  }));
  return await preflight(sender, expected, resolver);
}
