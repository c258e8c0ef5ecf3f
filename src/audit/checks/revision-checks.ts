import type { PartRow } from '../bundle-format.js';
import { hexSha256, revisionHash } from '../revision-hash.js';
import { faultsOf, type Check } from './check.js';

export const revisionChecks: readonly Check[] = [
  {
    name: 'revisions',
    title: 'settings, content and recipients are those that each revision is named by',
    judge: ({ pseudonymised, revisions }) => {
      if (pseudonymised) return { faults: [], skipped: 'a pseudonymised bundle leaves out what it takes' };
      const open = revisions.filter(({ excludedAddresses }) => excludedAddresses > 0);
      const note =
        open.length === 0
          ? `${revisions.length} recomputed`
          : `${open.length} of ${revisions.length} leave out addresses in an order that is not stored, and were not recomputed`;
      return { faults: faultsOf('revisions', revisions.flatMap(faultsOfRevision)), note };
    },
  },
];

function faultsOfRevision(revision: PartRow<'revisions'>): string[] {
  const { hash, sources = {}, sourceHashes, files, excludedAddresses } = revision;
  const short = hash.slice(0, 12);
  const changed = Object.keys({ ...sources, ...sourceHashes })
    .filter((name) => sourceHashes[name] !== hexSha256(sources[name] ?? ''))
    .map((name) => `revision ${short}: the source "${name}" is not the one of its hash`);
  if (excludedAddresses > 0) return changed;
  const form = { ...revision, sources, files: files.length > 0 ? files : undefined };
  // Sources that could leave out somebody, and leave out nobody, are named otherwise than none.
  const names = [undefined, hexSha256('')].flatMap((excluded) => [
    revisionHash({ ...form, excluded }),
    revisionHash({ ...form, files, excluded }),
  ]);
  if (names.includes(hash)) return changed;
  return [...changed, `revision ${short}: settings, content or recipients are not those that it is named by`];
}
