import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { operatorRoles } from '../../client/index.js';
import { DefinitionError, pathText, schemaFaults, type DefinitionFault } from '../../client/definition-faults.js';
import { parseDefinitionYaml } from '../../client/definition-yaml.js';
import { singleLine } from '../../delivery/definition-text.js';
import { isLoopback } from './public-url.js';

/** The identity provider cannot be used as it is described, with all that is wrong with it. */
export class ProviderSettingsError extends DefinitionError {
  override readonly name = 'ProviderSettingsError';
}

/** Where a claim stands: its name, or the names on the way to it. Names may hold dots, so a path is a list. */
const claim = z
  .union(
    [z.string().min(1), z.array(z.string().min(1)).min(1)],
    'must be the name of a claim, or a list of names where it stands in others: [realm_access, roles]',
  )
  .transform((path) => [path].flat());

const role = z.enum(operatorRoles);
const roles = z
  .union([role, z.array(role).min(1)], `must be one or more of ${operatorRoles.join(', ')}`)
  .transform((given) => [given].flat());

const rolesSchema = z.strictObject({
  claim,
  map: z
    .record(z.string().min(1), roles)
    .refine((map) => Object.keys(map).length > 0, 'must map one value at least')
    .transform((map) => new Map(Object.entries(map))),
});

const settingsSchema = z.strictObject({
  /** As the provider names itself. */
  issuer: singleLine('issuer', 500).refine(
    isIssuer,
    'issuer must be the address by which the provider names itself, with https:// (http:// on this machine alone)',
  ),
  /** What people call it. */
  name: singleLine('name', 60).min(1, 'name must not be empty').default('your organisation'),
  clientId: singleLine('clientId', 500).min(1, 'clientId must not be empty'),
  /** Beside this file, or with its whole path. */
  secretFile: singleLine('secretFile', 4_096).min(1, 'secretFile must not be empty').optional(),
  /** How the console shows the secret; see OpenID Connect Core §9. */
  clientAuthentication: z.enum(['client_secret_basic', 'client_secret_post']).default('client_secret_basic'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope, without blanks'))
    .refine((scopes) => scopes.includes('openid'), 'must hold openid')
    .default(['openid', 'profile', 'email']),
  claims: z
    .strictObject({
      /** Gives a new operator the id. */
      operator: claim.default(['preferred_username']),
      name: claim.default(['name']),
      email: claim.default(['email']),
    })
    .prefault({}),
  roles: rolesSchema.optional(),
  /** What becomes of people whom nobody has added. */
  newOperators: z.enum(['add', 'refuse']).default('refuse'),
  /** Whether operators without an account at the provider come in by their password. */
  passwords: z.boolean().default(true),
});

/** The organisation's identity provider, and what it says of people. */
export interface ProviderSettings extends Omit<z.output<typeof settingsSchema>, 'secretFile'> {
  clientSecret: string;
}
export type RoleMapping = z.output<typeof rolesSchema>;

function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.search || url.hash || url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The provider of the file that `SEALPOST_OIDC` names; its secret comes from `SEALPOST_OIDC_SECRET`, or from a file that it
 * names in turn.
 *
 * @returns undefined where none is named
 * @throws ProviderSettingsError with all faults, none of which quotes the secret
 */
export function providerFromEnvironment(env: Env): ProviderSettings | undefined {
  const { SEALPOST_OIDC: file, SEALPOST_OIDC_SECRET: secret } = env;
  if (!file) return undefined;
  try {
    return parseProvider(readFileSync(file, 'utf8'), file, secret);
  } catch (error) {
    if (error instanceof ProviderSettingsError) throw error;
    throw new ProviderSettingsError([
      { file, field: '', sentence: `SEALPOST_OIDC names it, and it cannot be read${codeOf(error)}` },
    ]);
  }
}

/** @param text - YAML @throws ProviderSettingsError */
export function parseProvider(text: string, file: string, secret: string | undefined): ProviderSettings {
  const yaml = parseDefinitionYaml(text);
  if ('faults' in yaml) throw new ProviderSettingsError(yaml.faults.map((fault) => ({ file, ...fault })));
  const parsed = settingsSchema.safeParse(yaml.values);
  const faults: DefinitionFault[] = parsed.success
    ? []
    : schemaFaults(parsed.error, settingsSchema, yaml.values).map(({ path, sentence, atKey }) => ({
        file,
        line: yaml.lineOf(path, atKey),
        field: pathText(path),
        sentence,
      }));
  const named = yaml.values['secretFile'];
  const given = secretOf(secret || undefined, typeof named === 'string' ? resolve(dirname(file), named) : undefined);
  if ('fault' in given) faults.push({ file, field: 'secretFile', sentence: given.fault });
  if (!parsed.success || 'fault' in given) throw new ProviderSettingsError(faults);
  const { secretFile: _secretFile, ...settings } = parsed.data;
  return { ...settings, clientSecret: given.secret };
}

function secretOf(secret: string | undefined, file: string | undefined): { secret: string } | { fault: string } {
  if (secret !== undefined && file !== undefined)
    return { fault: 'SEALPOST_OIDC_SECRET gives a secret too: give one of them' };
  if (secret !== undefined) return { secret };
  if (file === undefined)
    return { fault: 'is missing: name a file that holds the secret, or set SEALPOST_OIDC_SECRET' };
  try {
    // Windows has no such modes: every file has all of them.
    if (process.platform !== 'win32' && (statSync(file).mode & 0o006) !== 0)
      return { fault: `${file} can be read or written by everybody on this machine: chmod 640 it, or stricter` };
    const read = readFileSync(file, 'utf8').trim();
    return read === '' ? { fault: `${file} is empty` } : { secret: read };
  } catch (error) {
    return { fault: `${file} cannot be read${codeOf(error)}` };
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : '';
