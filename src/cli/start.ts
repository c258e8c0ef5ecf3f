import type { Command } from 'commander';
import type { GivenFile } from '../client/recipients-target.js';
import { addCommand, by, byOperator, withSealpost, type Cli, type CommonOptions } from './command.js';
import { findingLine } from './check.js';
import { CliError } from './failures.js';
import { withGivenRecipients, withRecipients } from './given-recipients.js';
import { temporalPage } from './temporal-page.js';

interface StartOptions extends CommonOptions {
  id?: string;
  recipients?: string;
}

export function registerStart(program: Command, cli: Cli): void {
  const command = addCommand(program, 'start <definition>', 'start a delivery from its file or folder', [
    'sealpost start examples/winter-news',
    'sealpost start news.yaml --id 2026-12-news --operator publisher',
    'zcat members.ndjson.gz | sealpost start news.yaml --recipients -',
  ]);
  withRecipients(byOperator(command))
    .option('--id <id>', "in place of the definition's own id")
    .action((definition: string, options: StartOptions) =>
      withGivenRecipients(options.recipients, (recipients) => start(cli, definition, options, recipients)),
    );
}

/** What step 1 would find costs the id of a delivery that has begun: better before. Relays, keys, typologies and own rules are the workers' matter. */
async function refuseErrors({ env }: Cli, definition: string, recipients: GivenFile | undefined): Promise<void> {
  const { findingsOf } = await import('../client/definition-findings.js');
  const errors = (await findingsOf({}, definition, { recipients, audiences: env })).filter(
    ({ level }) => level === 'error',
  );
  // A definition that cannot be read is told by whoever reads it.
  if (errors.length === 0 || errors.some(({ rule }) => rule === 'definition')) return;
  throw new CliError(
    'CHECK_FAILED',
    [...errors.map(findingLine), 'Nothing was started: correct what is found.'].join('\n'),
  );
}

async function start(
  cli: Cli,
  definition: string,
  options: StartOptions,
  recipients: GivenFile | undefined,
): Promise<void> {
  const { operator } = await by(cli, options);
  await refuseErrors(cli, definition, recipients);
  await withSealpost(cli, async (sealpost) => {
    const delivery = await sealpost.start(definition, {
      operator,
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(recipients && { recipients }),
    });
    const { id } = delivery;
    if (delivery.alreadyStarted) {
      const { phase } = await delivery.progress();
      const advice = `see it with "sealpost show ${id}", or start another one with --id`;
      throw new CliError(
        'REFUSED',
        `Delivery "${id}" exists already, from this same definition, and is ${phase}: ${advice}.`,
      );
    }
    const page = temporalPage(delivery, cli.env);
    if (options.json) return cli.terminal.json({ id, state: 'started', ...(page && { temporalPage: page }) });
    cli.terminal.print(
      `Delivery "${id}" is started: its parameters are checked, proofs go out, and the analysis seals what would be sent.`,
      `Nothing leaves for the main target before it is confirmed.`,
      '',
      `Follow it:    sealpost watch ${id}`,
      `Look at it:   sealpost show ${id}`,
      ...(page === undefined ? [] : [`In Temporal:  ${page}`]),
    );
  });
}
