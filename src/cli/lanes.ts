import type { Command } from 'commander';
import type { LaneDescription } from '../client/index.js';
import { addCommand, withSealpost, type Cli, type CommonOptions } from './command.js';
import { grouped, tableLines, timeText, type Column } from '../wording/terminal-text.js';

export function registerLanes(program: Command, cli: Cli): void {
  addCommand(program, 'lanes', 'how mail leaves now where MX rules hold: pace, holds, permits and connections', [
    'sealpost lanes',
    'sealpost lanes --json',
  ])
    .addHelpText(
      'after',
      `
A line for each rule of "sealpost worker --mx-rules" that was used within a day, over all workers together. A pace below 100 % is
that of a destination which asked us to be slower; one that is held failed 20 times in a row. Permits are those leased in the
period that is under way. A worker with 0 connections waits for one.`,
    )
    .action((options: CommonOptions) => lanes(cli, options));
}

async function lanes({ terminal, ...cli }: Cli, { json }: CommonOptions): Promise<void> {
  const all = await withSealpost({ terminal, ...cli }, (sealpost) => sealpost.lanes());
  if (json) return terminal.json(all, 2);
  if (all.length === 0) return terminal.print('No mail has left under an MX rule today. See "sealpost worker --help".');
  terminal.print(...tableLines(laneColumns, all.map(laneRow)));
}

const laneColumns: readonly Column[] = [
  { title: 'rule' },
  { title: 'pace', align: 'right' },
  { title: 'held until' },
  { title: 'last refusal' },
  { title: 'permits', align: 'right' },
  { title: 'period ends' },
  { title: 'connections', align: 'right' },
  { title: 'workers', width: 100 },
];

export function laneRow({ rule, limits, pace, heldUntil, lastReply, permits, workers }: LaneDescription): string[] {
  const leased = workers.reduce((sum, { connections }) => sum + connections, 0);
  const most = limits.connections === undefined ? '' : ` of ${grouped(limits.connections)}`;
  return [
    rule,
    `${Math.round(pace * 100)} %`,
    heldUntil === undefined ? '' : timeText(heldUntil),
    lastReply ?? '',
    permits ? `${grouped(permits.used)} of ${grouped(permits.of)}` : '',
    permits ? timeText(permits.periodEndsAt) : '',
    `${grouped(leased)}${most}`,
    workers.map(({ worker, connections }) => `${worker} (${connections})`).join(', '),
  ];
}
