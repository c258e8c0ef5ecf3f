import { canonicalJson } from './canonical-json.js';

/** One setting that two revisions have differently. */
export interface SettingChange {
  /** As in the definition: `approval.quorum`. */
  path: string;
  /** JSON; absent where the earlier revision has no such setting. */
  before?: string;
  /** JSON; absent where the later revision has no such setting. */
  after?: string;
}

/** @returns the settings that differ in their canonical form, by path; a list is one setting */
export function settingsDifference(before: unknown, after: unknown): SettingChange[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    if (old === now) return [];
    return [{ path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
}

/** A map: a header may be named as a member of every object is. */
function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value !== undefined) into.set(path, canonicalJson(value));
    return into;
  }
  for (const [name, member] of Object.entries(value)) flat(member, path === '' ? name : `${path}.${name}`, into);
  return into;
}
