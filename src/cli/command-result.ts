import type { CommandResult } from '../client/index.js';
import type { Cli, CommonOptions } from './command.js';

/** Tells what became of a command that was not refused. */
export function tellResult(
  { terminal }: Cli,
  options: CommonOptions,
  result: CommandResult & { id: string; [detail: string]: string | number },
  accepted: string,
): void {
  if (options.json) return terminal.json(result);
  const queued = `Delivery "${result.id}": queued: it takes effect as soon as a worker runs.`;
  terminal.print(result.state === 'queued' ? queued : accepted);
}
