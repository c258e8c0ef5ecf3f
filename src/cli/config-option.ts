import { resolve } from 'node:path';
import type { Cli } from './command.js';

/** Of the option `--config`. */
export const configHelp =
  'typologies and own rules (or: SEALPOST_CONFIG; default: sealpost.config.ts, .mjs or .js in the working directory)';

/** @returns the absolute path of the configuration that is named; undefined where none is */
export function configFile({ env }: Cli, named: string | undefined): string | undefined {
  const file = named || env['SEALPOST_CONFIG'];
  return file ? resolve(file) : undefined;
}
