import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';

const commands = [
  {
    name: 'pause',
    summary: 'let nothing more leave until resume',
    done: (id: string) =>
      `Delivery "${id}" is paused: what a relay is taking right now is seen through, then nothing leaves.`,
  },
  {
    name: 'resume',
    summary: 'go on after a pause',
    done: (id: string) => `Delivery "${id}" goes on.`,
  },
  {
    name: 'stop',
    summary: 'end a delivery for good; what has not left is canceled',
    done: (id: string) => `Delivery "${id}" is stopped for good: what has not left is canceled.`,
  },
] as const;

/** `pause`, `resume` and `stop`: the same act with another word. */
export function registerSteering(program: Command, cli: Cli): void {
  for (const { name, summary, done } of commands) {
    const command = addCommand(program, `${name} <delivery>`, summary, [
      `sealpost ${name} 2026-11-winter-news --operator publisher`,
    ]);
    byOperator(command)
      .option('--comment <text>', 'why; it stays in the journal')
      .action(async (id: string, options: CommonOptions) => {
        const who = await by(cli, options);
        const result = await withDelivery(cli, id, (delivery) => delivery[name](who));
        tellResult(cli, options, { id, ...result }, done(id));
      });
  }
}
