import { readSealedIcu } from '../src/store/preparation.js';
import type { Dependencies } from './dependencies.js';
import { OtherLanguageDataError } from './failures.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Compares this worker's ICU with the one that sealed, where the messages are written with it. Comes before anything is
 * claimed: the seal would count as broken.
 *
 * @throws OtherLanguageDataError
 */
export async function requireSealedIcu(
  { database }: Pick<Dependencies, 'database'>,
  revision: Pick<CompiledRevision, 'key' | 'writesInLocale'>,
): Promise<void> {
  if (!revision.writesInLocale) return;
  const sealed = await readSealedIcu(database, revision);
  if (sealed !== undefined && sealed !== process.versions.icu) throw new OtherLanguageDataError();
}
