import { readFile } from 'node:fs/promises';
import { mxRulesSchema, type MxRules } from '../smtp/rules/mx-rules.js';
import { shippedRules } from '../smtp/rules/shipped-rules.js';
import { DefinitionError, pathText, schemaFaults, type DefinitionFault } from './definition-faults.js';
import { parseDefinitionYaml } from './definition-yaml.js';

/** A table of MX rules cannot be used, with all that is wrong with it. */
export class MxRulesError extends DefinitionError {
  override readonly name = 'MxRulesError';
}

/** @param named - a YAML or JSON file, or `shipped` @throws MxRulesError */
export async function loadMxRules(named: string): Promise<MxRules> {
  if (named === 'shipped') return parseMxRules('extends: shipped', named);
  const text = await readFile(named, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const sentence =
      error.code === 'ENOENT'
        ? 'there is no such file; "shipped" names the rules that come with Sealpost'
        : `it cannot be read (${error.code ?? error.message})`;
    throw new MxRulesError([{ file: named, field: '', sentence }]);
  });
  return parseMxRules(text, named);
}

/**
 * @param text - YAML, of which JSON is a part
 * @throws MxRulesError
 */
export function parseMxRules(text: string, file: string): MxRules {
  const refuse = (faults: Omit<DefinitionFault, 'file'>[]): never => {
    throw new MxRulesError(faults.map((fault) => ({ file, ...fault })));
  };
  const yaml = parseDefinitionYaml(text);
  if ('faults' in yaml) return refuse(yaml.faults);
  const parsed = mxRulesSchema.safeParse(yaml.values);
  if (!parsed.success)
    return refuse(
      schemaFaults(parsed.error, mxRulesSchema, yaml.values).map(({ path, sentence, atKey }) => ({
        line: yaml.lineOf(path, atKey),
        field: pathText(path),
        sentence,
      })),
    );
  const { rules, period, extends: shipped } = parsed.data;
  const own = new Set(rules.map(({ name }) => name));
  const behind = shippedRules.filter(({ name }) => !own.has(name)).map(({ source: _source, ...rule }) => rule);
  return { rules: shipped ? [...rules, ...mxRulesSchema.parse({ rules: behind }).rules] : rules, periodMs: period };
}
