import type { Command } from 'commander';
import type { DeliveryDescription } from '../client/index.js';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import {
  authorText,
  envelopeFields,
  exclusionLines,
  findingLines,
  findingSummary,
} from '../wording/description-text.js';
import { addresseesText, targetFields } from '../wording/target-text.js';
import { confirmedText, confirmingSends, whyNotConfirm } from '../wording/decision-text.js';
import { CliError } from './failures.js';
import { typedSealMatches } from '../delivery/typed-seal.js';
import { currentSeal, sealFromPrefix } from './seal-prefix.js';
import { fieldLines, grouped, plural, wrapped } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  seal?: string;
  breakGlass?: boolean;
}

export function registerConfirm(program: Command, cli: Cli): void {
  const command = addCommand(program, 'confirm <delivery>', 'confirm the seal: the messages under it may leave', [
    'sealpost confirm 2026-11-winter-news --operator approver',
    'sealpost confirm 2026-11-winter-news --operator approver --seal 3f9c2a71 --comment "as proofed"',
  ]);
  byOperator(command)
    .option('--seal <seal>', 'the seal that was reviewed, or 8 or more of its first characters; asked for without it')
    .option('--comment <text>', 'why; it stays in the journal')
    .option('--break-glass', 'in an emergency, alone and for all gates, where the definition lets you; with --comment')
    .action((id: string, options: Options) => confirm(cli, id, options));
}

async function confirm(cli: Cli, id: string, options: Options): Promise<void> {
  if (options.seal === undefined && (options.json || !cli.terminal.interactive)) {
    const why = options.json ? 'with --json nobody is asked' : 'there is no terminal to ask on';
    throw new CliError('USAGE', `Name the seal that was reviewed with --seal: ${why}. "sealpost show ${id}" shows it.`);
  }
  const who = await by(cli, options);
  await withDelivery(cli, id, async (delivery) => {
    const description = await delivery.show();
    const seal = await chooseSeal(cli, description, who.operator, options.seal);
    const urgent = options.breakGlass ? { breakGlass: true } : {};
    const result = await delivery.decide({ ...who, ...urgent, verdict: 'confirm', seal });
    tellResult(cli, options, { id, ...result, seal }, confirmedText(description, who.operator, options.breakGlass));
  });
}

/** @returns the full seal that the operator means */
async function chooseSeal(
  { terminal }: Cli,
  description: DeliveryDescription,
  operator: string,
  given: string | undefined,
): Promise<string> {
  const seal = currentSeal(description);
  if (given !== undefined) return sealFromPrefix(given, seal);
  if (description.phase !== 'awaiting-decision') {
    throw new CliError('REFUSED', `Delivery "${description.id}" is ${description.phase}: there is nothing to confirm.`);
  }
  refuseStranger(description, operator);
  terminal.print(...reviewLines(description));
  terminal.print('');
  const answer = await terminal.ask(`Type the first 8 characters of the seal to confirm it: `);
  if (answer !== undefined && typedSealMatches(answer, seal)) return seal;
  throw new CliError('REFUSED', 'That is not the beginning of the seal: nothing was confirmed.');
}

/** Nobody reads through a review to be refused at its end. The delivery judges all the same. */
export function refuseStranger({ id, pendingDecision }: DeliveryDescription, operator: string): void {
  if (pendingDecision?.heldBy !== undefined)
    throw new CliError('REFUSED', `Nobody can confirm it yet: ${pendingDecision.heldBy}. See "sealpost show ${id}".`);
  if (!pendingDecision || whyNotConfirm(pendingDecision, operator) === undefined) return;
  const may = pendingDecision.mayConfirm.join(', ') || 'nobody';
  throw new CliError(
    'REFUSED',
    `It would be refused: ${whyNotConfirm(pendingDecision, operator)}. Those who may: ${may}. Name who decides with --operator. See "sealpost show ${id}".`,
  );
}

/** What would be sent, as the approver must see it. */
function reviewLines(description: DeliveryDescription): string[] {
  const { settings, findings, excluded, seal = '' } = description;
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  return [
    ...fieldLines([
      ['delivery', `${description.id}: ${description.name}`],
      ...envelopeFields(description),
      ['to', `${addresseesText(description)} of ${grouped(description.profiles)}`],
      ...targetFields(description),
      ['relay', settings.relay],
      ['revision', `${description.revision.slice(0, 12)} by ${authorText(description)}`],
      ['excluded', left === 0 ? 'nobody' : plural(left, 'recipient')],
    ]),
    ...exclusionLines(excluded),
    ...fieldLines([['findings', findingSummary(findings)]]),
    ...findingLines(findings),
    ...fieldLines([['seal    ', seal]]),
    '',
    ...wrapped(confirmingSends(description), 98),
  ];
}
