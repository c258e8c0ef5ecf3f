import {
  DefinitionError,
  SealpostError,
  type LocatedFinding,
  type Preview,
  type SubmissionToSign,
} from '../../../client/index.js';
import { describeFault, findingOfFault } from '../../../client/definition-faults.js';
import { framePage, mailAnswer } from '../frame-page.js';
import type { Answer, Visit } from '../route.js';
import { escapeHtml } from '../../../content/escape-html.js';
import { ownKeys } from './signing-keys.js';

/** Faults of a definition, and of its author's signature, as findings beside its texts. */
export function findingsOfError(error: unknown): LocatedFinding[] {
  if (error instanceof SealpostError && error.code === 'KEY_UNUSABLE')
    return [findingOfFault({ field: 'approval.fourEyes', sentence: signatureWanted })];
  if (error instanceof SealpostError && error.code === 'SIGNATURE_REFUSED')
    return [findingOfFault({ field: '', sentence: error.message })];
  if (!(error instanceof DefinitionError)) throw error;
  return error.faults.map(findingOfFault);
}

const signatureWanted =
  'under four eyes you sign for what you submit, and this came without your signature: give this browser a key on “Account” and submit it once more, with scripts on; or submit the files on the command line';

/**
 * What an author is to sign, for the script of the page, with the keys that count: nothing where there are faults, which the
 * page tells when it is submitted.
 */
export async function textAnswer(
  visit: Pick<Visit, 'sealpost' | 'operator'>,
  look: () => Promise<LocatedFinding[]>,
  toSign: () => Promise<SubmissionToSign>,
): Promise<Answer> {
  try {
    if ((await look()).some(({ level }) => level === 'error')) return { json: {} };
    const kids = (await ownKeys(visit)).map(({ kid }) => kid);
    return { json: { kids, ...(await toSign()) } };
  } catch (error) {
    if (error instanceof DefinitionError) return { json: {} };
    throw error;
  }
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
