import type { Command } from 'commander';
import type { Delivery, DeliveryProgress } from '../client/index.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { countLines } from './description-text.js';
import { CliError } from './failures.js';
import { follow } from './follow.js';
import { ProgressDisplay } from './progress-display.js';

export function registerWatch(program: Command, cli: Cli): void {
  addCommand(program, 'watch <delivery>', 'follow a delivery until it has ended', [
    'sealpost watch 2026-11-winter-news',
    'sealpost watch 2026-11-winter-news --json     one JSON object per line',
  ])
    .addHelpText('after', '\nExits with 0 when the delivery is finished, with 1 when it is stopped, expired or failed.')
    .action((id: string, options: CommonOptions) => watch(cli, id, options));
}

async function watch(cli: Cli, id: string, options: CommonOptions): Promise<void> {
  const last = await withDelivery(cli, id, (delivery) =>
    options.json ? printAsJson(cli, delivery) : display(cli, delivery),
  );
  if (last === undefined || last.phase === 'finished') return;
  throw new CliError('REFUSED', `Delivery "${id}" is ${last.phase}; "sealpost show ${id}" tells why.`);
}

async function printAsJson({ terminal }: Cli, delivery: Delivery): Promise<DeliveryProgress | undefined> {
  let last: DeliveryProgress | undefined;
  let printed = '';
  for await (const progress of follow(delivery, 500)) {
    last = progress;
    const line = JSON.stringify({ id: delivery.id, ...progress });
    if (line !== printed) terminal.json({ at: new Date().toISOString(), id: delivery.id, ...progress });
    printed = line;
  }
  return last;
}

async function display({ terminal }: Cli, delivery: Delivery): Promise<DeliveryProgress | undefined> {
  const shown = new ProgressDisplay(terminal, (phase) => phaseLine(delivery.id, phase));
  let last: DeliveryProgress | undefined;
  for await (const progress of follow(delivery, 300)) {
    last = progress;
    shown.update(progress, performance.now());
  }
  if (last === undefined) return last;
  shown.end(last);
  terminal.print(...countLines(last.counts));
  return last;
}

/** What a phase means, and what a person can do in it. */
function phaseLine(id: string, phase: DeliveryProgress['phase']): string {
  const advice: Partial<Record<DeliveryProgress['phase'], string>> = {
    'awaiting-decision': `waits for a decision: sealpost confirm ${id}, or sealpost reject ${id}`,
    'awaiting-revision': `waits for a new revision: sealpost show ${id} tells why, sealpost revise ${id} <definition> submits one`,
    paused: `nothing leaves until: sealpost resume ${id}`,
  };
  const words = advice[phase];
  return words === undefined ? phase : `${phase}: ${words}`;
}
