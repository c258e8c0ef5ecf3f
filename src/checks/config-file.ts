import { access } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { judgeConfig, noConfig, type RuleConfig } from '../delivery/control-rules/config.js';
import { ruleDescriptions } from '../delivery/control-rules/index.js';
import { describeConfig } from './own-rules.js';

/** A configuration that cannot be used, with all that is wrong with it. */
export class RuleConfigError extends Error {
  override readonly name = 'RuleConfigError';

  constructor(
    file: string,
    readonly faults: readonly { sentence: string }[],
  ) {
    super(faults.map(({ sentence }) => `${file}: ${sentence}`).join('\n'));
  }
}

const names = ['sealpost.config.ts', 'sealpost.config.mjs', 'sealpost.config.js'];

/**
 * Loads typologies and own rules.
 *
 * @param named - the file; without it the one in the folder, which need not be there
 * @param thread - see `ownFindings`
 * @throws RuleConfigError
 */
export async function loadConfig(named: string | undefined, folder: string, thread?: URL): Promise<RuleConfig> {
  const file = named === undefined ? await fileIn(folder) : resolve(folder, named);
  if (file === undefined) return noConfig;
  const refuse = (...sentences: string[]): never => {
    throw new RuleConfigError(
      file,
      sentences.map((sentence) => ({ sentence })),
    );
  };
  if (!(await isThere(file))) refuse('there is no such file');
  if (extname(file) === '.ts' && !readsTypeScript())
    refuse(
      `Node ${process.versions.node} reads no TypeScript: name it sealpost.config.mjs, or use Node 22.18 or newer`,
    );
  const described = await describeConfig(file, { ...(thread && { thread }) });
  if ('failure' in described) return refuse(described.failure);
  const judged = judgeConfig(JSON.parse(described.config), ruleDescriptions);
  return 'faults' in judged ? refuse(...judged.faults) : { ...judged.config, file };
}

async function fileIn(folder: string): Promise<string | undefined> {
  const files = names.map((name) => join(folder, name));
  const there = await Promise.all(files.map(isThere));
  const [file, other] = files.filter((_, index) => there[index]);
  if (file !== undefined && other !== undefined)
    throw new RuleConfigError(file, [{ sentence: `there is ${other} too: keep one of them` }]);
  return file;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

// Newer than the types of the oldest Node that we run on.
const readsTypeScript = (): boolean => 'typescript' in process.features && Boolean(process.features.typescript);
