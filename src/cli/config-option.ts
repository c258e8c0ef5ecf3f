import { resolve } from 'node:path';
import type { Env } from './environment.js';

/** Of the option `--config`. */
export const configHelp =
  'typologies and own rules (or: SEALPOST_CONFIG; default: sealpost.config.ts, .mjs or .js in the working directory)';

/** @returns the absolute path of the configuration that is named; undefined where none is */
export function configFile(env: Env, named?: string): string | undefined {
  const file = named || env['SEALPOST_CONFIG'];
  return file ? resolve(file) : undefined;
}

/** @returns the absolute path of the MX rules that are named, or `shipped`; undefined where none are */
export function mxRulesFile(env: Env, named?: string): string | undefined {
  const file = named || env['SEALPOST_MX_RULES'];
  return file && file !== 'shipped' ? resolve(file) : file || undefined;
}
