import { z } from 'zod';

/** @returns the paths of all settings of a schema: those that hold no others */
export function settingsOf(schema: unknown, path = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return settingsOf(schema.def.innerType, path);
  if (!(schema instanceof z.ZodObject) || path === 'content') return [path];
  return Object.entries(schema.shape).flatMap(([key, value]) => settingsOf(value, path ? `${path}.${key}` : key));
}
