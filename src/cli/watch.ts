import type { Command } from 'commander';
import type { Delivery, DeliveryDescription, DeliveryProgress } from '../client/index.js';
import type { Phase } from '../delivery/phase.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { countLines } from '../wording/description-text.js';
import { CliError } from './failures.js';
import { follow } from './follow.js';
import { nextCommands, phaseText } from '../wording/phase-text.js';
import { ProgressDisplay } from './progress-display.js';
import { demand } from '../wording/decision-text.js';
import { standingWords } from '../wording/schedule-text.js';

/** Phases that last until a person does something. */
const advised: ReadonlySet<Phase> = new Set(['awaiting-decision', 'awaiting-revision', 'paused']);

export function registerWatch(program: Command, cli: Cli): void {
  addCommand(program, 'watch <delivery>', 'follow a delivery until it has ended; while it waits for a person, too', [
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

/** Phases of which `show` knows more than their name. */
const described: ReadonlySet<Phase> = new Set(['awaiting-decision', 'scheduled', 'paused']);

/** @returns how a delivery stands, when it enters a phase that asks something of people or of time; undefined otherwise */
async function standingAt(
  delivery: Delivery,
  { phase }: DeliveryProgress,
  before: DeliveryProgress | undefined,
): Promise<DeliveryDescription | undefined> {
  if (!described.has(phase) || before?.phase === phase) return undefined;
  const description = await delivery.show();
  return description.phase === phase ? description : undefined;
}

async function printAsJson({ terminal }: Cli, delivery: Delivery): Promise<DeliveryProgress | undefined> {
  let last: DeliveryProgress | undefined;
  let printed = '';
  for await (const progress of follow(delivery, 500)) {
    const asked = await standingAt(delivery, progress, last);
    last = progress;
    const line = JSON.stringify({ id: delivery.id, ...progress });
    if (line !== printed)
      terminal.json({
        at: new Date().toISOString(),
        id: delivery.id,
        ...progress,
        ...(asked && {
          ...(asked.pendingDecision && { pendingDecision: asked.pendingDecision }),
          ...(asked.heldFor !== undefined && { heldFor: asked.heldFor }),
          ...(asked.schedule?.startsAt !== undefined && { startsAt: asked.schedule.startsAt }),
          next: nextCommands(asked),
        }),
      });
    printed = line;
  }
  return last;
}

async function display({ terminal }: Cli, delivery: Delivery): Promise<DeliveryProgress | undefined> {
  let asked: DeliveryDescription | undefined;
  const shown = new ProgressDisplay(terminal, (phase) => {
    const who = asked?.pendingDecision ? `. ${demand(asked.pendingDecision).join(' ')} Next` : '';
    const advice = advised.has(phase) ? `: ${nextCommands(asked ?? { id: delivery.id, phase }).join(', or ')}` : '';
    return `${phaseText(phase, asked && standingWords(asked))}${who}${advice}`;
  });
  let last: DeliveryProgress | undefined;
  for await (const progress of follow(delivery, 300)) {
    asked = await standingAt(delivery, progress, last);
    last = progress;
    shown.update(progress, performance.now());
  }
  if (last === undefined) return last;
  shown.end(last);
  terminal.print(...countLines(last.counts));
  return last;
}
