import { Option, type Command } from 'commander';
import type { DeliveryReport } from '../client/index.js';
import { writeNamed } from '../local/whole-file.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { describe, type Section } from '../wording/description-text.js';
import { CliError, inBrackets } from './failures.js';
import { reportHtml } from './report-html.js';
import { reportState } from '../wording/report-state.js';
import { reportText } from '../wording/report-text.js';
import { temporalPage } from './temporal-page.js';

interface Options extends CommonOptions {
  journal?: boolean;
  report?: boolean;
  html?: string;
  against?: string;
  addresses?: boolean;
}

export function registerShow(program: Command, cli: Cli): void {
  const ofReport = (flags: string, description: string) => new Option(flags, description).implies({ report: true });
  addCommand(program, 'show <delivery>', 'everything that there is to know of a delivery', [
    'sealpost show 2026-11-winter-news',
    'sealpost show 2026-11-winter-news --json | jq .findings',
    'sealpost show 2026-11-winter-news --journal',
    'sealpost show 2026-11-winter-news --report --html report.html',
  ])
    .option('--journal', 'the whole journal: who did what, and what happened by itself')
    .addOption(
      new Option(
        '--report',
        'what a decision is made by: findings, counts, sizes, samples, and what has changed since the revision before',
      ).conflicts('journal'),
    )
    .addOption(ofReport('--html <file>', 'the report as one HTML file, which loads and runs nothing'))
    .addOption(ofReport('--against <hash>', 'the revision that the report compares with (default: the one before)'))
    .addOption(ofReport('--addresses', 'recipients’ addresses in full in the report; they are masked without it'))
    .action((id: string, options: Options) => (options.report ? report(cli, id, options) : show(cli, id, options)));
}

async function show(cli: Cli, id: string, options: Options): Promise<void> {
  const { page, description } = await withDelivery(cli, id, async (delivery) => ({
    page: temporalPage(delivery, cli.env),
    description: await delivery.show(),
  }));
  if (options.json) return cli.terminal.json({ ...description, ...(page && { temporalPage: page }) }, 2);
  printSections(cli, describe(description, { page, ...(options.journal && { journalEntries: Infinity }) }));
}

async function report(cli: Cli, id: string, { against, addresses, html, json }: Options): Promise<void> {
  const made = await withDelivery(cli, id, (delivery) =>
    delivery.report({ ...(against !== undefined && { against }), ...(addresses && { addresses }) }),
  );
  if (html !== undefined) writeReport(html, made);
  if (json) return cli.terminal.json({ ...reportState(made), ...made, ...(html !== undefined && { file: html }) }, 2);
  if (html === undefined) return printSections(cli, reportText(made));
  cli.terminal.print(reportState(made).sentences.join(' '), `The report is in ${html}; open it in a browser.`);
}

function writeReport(file: string, made: DeliveryReport): void {
  try {
    writeNamed(file, reportHtml(made, new Date().toISOString()));
  } catch (error) {
    throw new CliError('REFUSED', `Cannot write "${file}"${inBrackets(error)}; name another file with --html.`);
  }
}

function printSections(cli: Cli, sections: readonly Section[]): void {
  for (const { title, lines } of sections) {
    if (title !== undefined) cli.terminal.heading(title);
    cli.terminal.print(...lines);
  }
}
