import { operatorRoles, type OperatorRole } from '../../client/index.js';
import type { RoleMapping } from './provider-settings.js';

/** What a provider says of somebody. */
export type Claims = Readonly<Record<string, unknown>>;

/** @param path - names on the way to it; of objects alone, and of what they hold themselves */
export function claimAt(claims: Claims, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        ? (value as Claims)[name]
        : undefined,
    claims,
  );
}

/** A claim that is one line of text. @returns undefined for another, and for one that is empty */
export function textClaim(claims: Claims, path: readonly string[]): string | undefined {
  const value = claimAt(claims, path);
  if (typeof value !== 'string') return undefined;
  const text = value.replaceAll(/[\r\n\0]+/g, ' ').trim();
  return text === '' ? undefined : text;
}

/** Roles by what the provider says: a text, or a list of them. Values that stand in no row of the table give nothing. */
export function rolesBy({ claim, map }: RoleMapping, claims: Claims): OperatorRole[] {
  const given = new Set(
    [claimAt(claims, claim)].flat().flatMap((value) => (typeof value === 'string' ? (map.get(value) ?? []) : [])),
  );
  return operatorRoles.filter((role) => given.has(role));
}
