import type { Command } from 'commander';
import { addCommand, withSealpost, type Cli, type CommonOptions } from './command.js';
import { countOption } from './option-values.js';
import { grouped, tableLines } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  limit: number;
}

export function registerList(program: Command, cli: Cli): void {
  addCommand(program, 'list', 'the deliveries, the newest first', ['sealpost list', 'sealpost list --json --limit 5'])
    .option('--limit <count>', 'at most so many', countOption, 100)
    .action((options: Options) => list(cli, options));
}

async function list({ terminal, ...cli }: Cli, options: Options): Promise<void> {
  const deliveries = await withSealpost({ terminal, ...cli }, (sealpost) => sealpost.list({ limit: options.limit }));
  if (options.json) return terminal.json(deliveries, 2);
  if (deliveries.length === 0) {
    return terminal.print('There are no deliveries yet. Start one: sealpost start examples/winter-news');
  }
  const columns = [
    { title: 'delivery' },
    { title: 'phase' },
    { title: 'recipients', align: 'right' as const },
    { title: 'created' },
    { title: 'revision' },
    { title: 'name' },
  ];
  const rows = deliveries.map(({ id, phase, profiles, createdAt, revision, name }) => {
    return [id, phase, grouped(profiles), timeText(createdAt), revision.slice(0, 12), name];
  });
  terminal.print(...tableLines(columns, rows));
}

const timeText = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
