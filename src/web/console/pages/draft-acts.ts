import { DefinitionError, SealpostError, type LocatedFinding, type Preview } from '../../../client/index.js';
import { describeFault, findingOfFault } from '../../../client/definition-faults.js';
import { framePage, mailAnswer } from '../frame-page.js';
import type { Answer } from '../route.js';
import { escapeHtml } from '../../../content/escape-html.js';

/** Faults of a definition, or an author's signature that is wanted and cannot be given here, as findings beside its texts. */
export function findingsOfError(error: unknown): LocatedFinding[] {
  if (error instanceof SealpostError && error.code === 'KEY_UNUSABLE')
    return [findingOfFault({ field: '', sentence: error.message })];
  if (!(error instanceof DefinitionError)) throw error;
  return error.faults.map(findingOfFault);
}

/** A message before it is anybody's, or why there is none, for a frame. */
export async function previewAnswer(make: (row: number | undefined) => Promise<Preview>, row: string): Promise<Answer> {
  try {
    const { html, text } = await make(/^[1-9]\d*$/.test(row) ? Number(row) : undefined);
    return mailAnswer(html, text);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const faults = error.faults.map((fault) => `<li>${escapeHtml(describeFault(fault))}</li>`).join('');
    return { frame: { html: framePage('No preview yet', `<h1>No preview yet</h1><ul>${faults}</ul>`), images: false } };
  }
}
