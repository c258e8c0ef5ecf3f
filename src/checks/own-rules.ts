import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ownRulesOf, readFound, type RuleConfig } from '../delivery/control-rules/config.js';
import type { RuleDescription } from '../delivery/control-rules/index.js';
import {
  levelIn,
  maxPerRule,
  type QuotedFinding,
  type RuleStep,
  type Typology,
} from '../delivery/control-rules/rule.js';
import type { OwnRulesJob, OwnRulesMessage } from './own-rules-thread.js';

/** In ms. */
export interface OwnRulesLimits {
  /** For the file to be loaded. */
  load: number;
  /** For each rule. */
  rule: number;
  /** For all rules of a step together: the activity that waits for them has a minute. */
  all: number;
}

const defaultLimits: OwnRulesLimits = { load: 20_000, rule: 5_000, all: 40_000 };

/** Code of others runs in a thread of its own: it can be ended there, whatever it does, and takes no time from sending. */
const threadFile = new URL('./own-rules-thread.js', import.meta.url);

const noTime = 'got no time, for the own rules together took too long';

/** MB. A rule that wants more ends its thread, not the worker. */
const memory = 256;

type Outcome = { found: string } | { failure: string };

/**
 * Applies the own rules of a step.
 *
 * @param view - what they see; what structured clone can carry
 * @returns what they find; a rule that fails, does not end or returns something else is a finding of level error
 */
export async function ownFindings(
  { file, ...config }: RuleConfig,
  step: RuleStep,
  typology: Typology,
  view: object,
  { limits = defaultLimits, thread = threadFile }: { limits?: OwnRulesLimits; thread?: URL } = {},
): Promise<QuotedFinding[]> {
  const rules = ownRulesOf(config, step, typology);
  if (file === undefined) return [];
  const endsAt = performance.now() + limits.all;
  const outcomes: Outcome[] = [];
  while (outcomes.length < rules.length) {
    const ids = rules.slice(outcomes.length).map(({ id }) => id);
    outcomes.push(...(await runThread({ file, ids, view }, limits, endsAt, thread)).outcomes);
  }
  return rules.flatMap((rule, index) => findingsOf(rule, outcomes[index], typology, basename(file)));
}

/** @returns what a configuration holds, as JSON; or why it cannot be loaded */
export async function describeConfig(
  file: string,
  { limits = defaultLimits, thread = threadFile }: { limits?: OwnRulesLimits; thread?: URL } = {},
): Promise<{ config: string } | { failure: string }> {
  const { config, failure } = await runThread({ file, ids: [], view: {} }, limits, Infinity, thread);
  return config === undefined ? { failure: failure ?? 'nobody knows why' } : { config };
}

function findingsOf(
  rule: RuleDescription,
  outcome: Outcome | undefined,
  typology: Typology,
  file: string,
): QuotedFinding[] {
  const level = levelIn(typology, rule) ?? rule.level;
  const found = outcome && 'found' in outcome ? readFound(JSON.parse(outcome.found)) : undefined;
  if (found) return found.slice(0, maxPerRule).map((one) => ({ rule: rule.id, level, ...one }));
  const why =
    outcome && 'failure' in outcome ? oneLine(outcome.failure) : 'returned something else than a list of findings';
  // Nobody knows what it would have found: lowering its level must not lower this.
  return [{ rule: rule.id, level: 'error', place: file, sentence: `The own rule "${rule.id}" ${why}: correct it.` }];
}

const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, 300)
    .toWellFormed();

interface ThreadResult {
  config?: string;
  /** Why it ended before its last rule. */
  failure?: string;
  /** Of the first rules, in their order; of one at least. */
  outcomes: Outcome[];
}

/** Runs a thread until it has answered for all rules, or is stuck or gone with one of them. */
async function runThread(job: OwnRulesJob, limits: OwnRulesLimits, endsAt: number, thread: URL): Promise<ThreadResult> {
  // Neither what it prints nor our secrets are between it and us: stdout may be JSON, and the environment holds passwords.
  const options = {
    workerData: job,
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memory },
  };
  const worker = new Worker(thread, options);
  worker.stdout.resume();
  worker.stderr.resume();
  const result: ThreadResult = { outcomes: [] };
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let ended = false;
    const end = (failure?: string): void => {
      if (ended) return;
      ended = true;
      if (failure !== undefined) {
        result.failure ??= failure;
        // What keeps the file from being loaded does so for all.
        const stuck =
          result.config === undefined ? job.ids.length : Math.min(1, job.ids.length - result.outcomes.length);
        result.outcomes.push(...Array.from({ length: stuck }, () => ({ failure })));
      }
      resolve();
    };
    const allow = (limit: number, failure: string): void => {
      clearTimeout(timer);
      const left = Math.max(0, endsAt - performance.now());
      timer = setTimeout(() => end(left < limit ? noTime : failure), Math.min(limit, left));
    };
    allow(limits.load, 'cannot be loaded (the file does not end)');
    worker.on('message', (message: OwnRulesMessage) => {
      if (ended) return;
      if ('config' in message) result.config = message.config;
      else result.outcomes.push(message);
      if (result.outcomes.length === job.ids.length) end();
      else allow(limits.rule, 'does not end');
    });
    worker.on('error', ({ message }) =>
      end(`${result.config === undefined ? 'cannot be loaded' : 'failed'} (${message})`),
    );
    worker.on('exit', () => end('ended its thread'));
  });
  clearTimeout(timer);
  await worker.terminate();
  return result;
}
