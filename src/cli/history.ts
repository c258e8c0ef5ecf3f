import type { Command } from 'commander';
import { addCommand, withSealpost, type Cli, type CommonOptions } from './command.js';
import { oneLine } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  all?: boolean;
}

export function registerHistory(program: Command, cli: Cli): void {
  addCommand(program, 'history <delivery>', "what the delivery's workflows did, also when Temporal has forgotten it", [
    'sealpost history 2026-11-winter-news',
    'sealpost history 2026-11-winter-news --json > histories.json',
  ])
    .option('--all', 'the bookkeeping between server and workers too')
    .action((id: string, options: Options) => history(cli, id, options));
}

async function history(cli: Cli, id: string, options: Options): Promise<void> {
  const { terminal } = cli;
  const [{ historyTimeline }, histories] = await Promise.all([
    import('../audit/history-timeline.js'),
    withSealpost(cli, (sealpost) => sealpost.delivery(id).histories()),
  ]);
  if (options.json) return terminal.json(histories, 2);
  const runs = new Map<string, string>();
  for (const { workflowId, runId } of histories) {
    const nth = histories.filter((one) => one.workflowId === workflowId).findIndex((one) => one.runId === runId) + 1;
    runs.set(runId, nth > 1 ? `${workflowId} (run ${nth})` : workflowId);
  }
  const width = Math.max(...[...runs.values()].map((name) => name.length));
  for (const { at, runId, eventId, event, text } of historyTimeline(histories, options.all ?? false)) {
    const who = (runs.get(runId) ?? '').padEnd(width);
    terminal.print(oneLine(`${at}  ${who}  ${String(eventId).padStart(5)}  ${event.toLowerCase()}  ${text}`).trimEnd());
  }
}
