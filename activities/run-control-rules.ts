import { variablesByPart } from '../src/content/personalise.js';
import { contentSent } from '../src/delivery/content-format.js';
import { checkAnalysis } from '../src/delivery/control-rules.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import { readFindings, storeFindings } from '../src/store/findings.js';
import { summariseAnalysis } from '../src/store/target.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Checks of the analysed target. @returns counts of all findings of the revision, those of step 1 included */
export async function runControlRules(
  { database }: Dependencies,
  revision: CompiledRevision,
  deliveryId: string,
): Promise<FindingCounts> {
  const { settings } = revision;
  const content = contentSent(settings, revision.content);
  const variables = variablesByPart(settings, content);
  const mentions = (part: 'html' | 'text'): boolean =>
    (variables[part] ?? []).some((variable) => variable.name === 'unsubscribe_url');
  const findings = checkAnalysis({
    settings,
    hasHtml: content.html !== undefined,
    mentionsUnsubscription: { html: mentions('html'), text: mentions('text') },
    ...(await summariseAnalysis(database, deliveryId)),
  });
  await storeFindings(database, revision.key, 'analysis', findings);
  return countFindings(await readFindings(database, revision.key));
}
