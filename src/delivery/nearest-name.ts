import { closest, distance } from 'fastest-levenshtein';

/** @returns the one of the known names that was most likely meant; undefined where none is near */
function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(name, known);
  const allowed = name.length < 4 ? 1 : Math.max(2, name.length / 3);
  return distance(name.toLowerCase(), nearest.toLowerCase()) <= allowed ? nearest : undefined;
}

/** @returns `did you mean "…"?`; `otherwise` where no known name is near */
export function didYouMean(name: string, known: readonly string[], otherwise: string): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? otherwise : `did you mean "${nearest}"?`;
}
