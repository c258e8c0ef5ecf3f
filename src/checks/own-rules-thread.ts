import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { maxPerRule } from '../delivery/control-rules/rule.js';

/** What this thread is started with. */
export interface OwnRulesJob {
  /** Absolute path of the configuration. */
  file: string;
  /** Rules to apply, in this order. */
  ids: readonly string[];
  /** What they see. */
  view: object;
}

/** What it tells: the configuration first, then a result for each rule. JSON, for functions cannot be handed over. */
export type OwnRulesMessage = { config: string } | { found: string } | { failure: string };

const { file, ids, view } = workerData as OwnRulesJob;
const { default: config } = (await import(pathToFileURL(file).href)) as { default?: unknown };
tell({ config: json(config) ?? 'null' });
freeze(view);
for (const id of ids) tell(await apply(id));

async function apply(id: string): Promise<OwnRulesMessage> {
  try {
    const check = checkOf(id);
    if (!check) return { failure: 'is not there any more' };
    const found = await check(view);
    return { found: json(Array.isArray(found) ? found.slice(0, maxPerRule) : found) ?? 'null' };
  } catch (error) {
    return { failure: `failed (${error instanceof Error ? error.message : String(error)})` };
  }
}

/** The configuration was judged when it was loaded; its file may be another by now. */
function checkOf(id: string): ((view: object) => unknown) | undefined {
  const { rules } = config as { rules?: readonly { id: string; check: (view: object) => unknown }[] };
  const rule = rules?.find((one) => one.id === id);
  return rule && ((seen) => rule.check(seen));
}

function json(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'function' ? 'function' : part));
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

function tell(message: OwnRulesMessage): void {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message);
}
