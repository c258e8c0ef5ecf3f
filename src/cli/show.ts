import type { Command } from 'commander';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { describe } from './description-text.js';
import { temporalPage } from './temporal-page.js';

interface Options extends CommonOptions {
  journal?: boolean;
}

export function registerShow(program: Command, cli: Cli): void {
  addCommand(program, 'show <delivery>', 'everything that there is to know of a delivery', [
    'sealpost show 2026-11-winter-news',
    'sealpost show 2026-11-winter-news --json | jq .findings',
    'sealpost show 2026-11-winter-news --journal',
  ])
    .option('--journal', 'the whole journal: who did what, and what happened by itself')
    .action((id: string, options: Options) => show(cli, id, options));
}

async function show(cli: Cli, id: string, options: Options): Promise<void> {
  const { page, description } = await withDelivery(cli, id, async (delivery) => ({
    page: temporalPage(delivery, cli.env),
    description: await delivery.show(),
  }));
  if (options.json) return cli.terminal.json({ ...description, ...(page && { temporalPage: page }) }, 2);
  for (const { title, lines } of describe(description, {
    page,
    ...(options.journal && { journalEntries: Infinity }),
  })) {
    if (title === undefined) cli.terminal.print(...lines);
    else {
      cli.terminal.heading(title);
      cli.terminal.print(...lines);
    }
  }
}
