import type { Command } from 'commander';
import type { ProofDescription } from '../client/index.js';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { proofOutcome } from '../wording/description-text.js';
import { countOption } from './option-values.js';
import { grouped, tableLines, timeText } from '../wording/terminal-text.js';

export function registerProof(program: Command, cli: Cli): void {
  const command = addCommand(program, 'proof <delivery>', 'send one more numbered proof of the current revision', [
    'sealpost proof 2026-11-winter-news --comment "for the legal department"',
    'sealpost proof list 2026-11-winter-news',
    'sealpost proof approve 2026-11-winter-news 2 --operator legal',
  ]);
  byOperator(command)
    .enablePositionalOptions()
    .option('--comment <text>', 'why; it stays in the journal')
    .action(async (id: string, options: CommonOptions) => {
      const who = await by(cli, options);
      const result = await withDelivery(cli, id, (delivery) => delivery.sendProof(who));
      tellResult(cli, options, { id, ...result }, `Delivery "${id}" sends another proof to its proof recipients.`);
    });
  addCommand(command, 'list <delivery>', 'the proofs so far: of which revision, who asked, what became of them', [
    'sealpost proof list 2026-11-winter-news',
    'sealpost proof list 2026-11-winter-news --json | jq ".[] | select(.stale | not)"',
  ]).action((id: string, options: CommonOptions) => list(cli, id, options));
  const review = (verdict: 'approve' | 'reject', summary: string, example: string): Command =>
    byOperator(addCommand(command, `${verdict} <delivery>`, summary, [example]))
      .argument('<number>', 'of the proof', countOption)
      .action((id: string, proof: number, options: CommonOptions) => reviewed(cli, id, { verdict, proof }, options));
  review(
    'approve',
    'say, as a reviewer, that what a proof shows is right',
    'sealpost proof approve 2026-11-winter-news 2 --operator legal --comment "prices checked"',
  ).option('--comment <text>', 'why; it stays in the journal');
  review(
    'reject',
    'say, as a reviewer, that what a proof shows is wrong',
    'sealpost proof reject 2026-11-winter-news 2 --operator legal --comment "the second price is that of last year"',
  ).requiredOption('--comment <text>', 'why (required): what must be mended; it stays in the journal');
}

const effects = {
  approve: 'approved. The last word of each reviewer counts, until a new revision comes.',
  reject: 'rejected. Nobody can confirm the revision until this reviewer approves it, or a new one comes.',
};

async function reviewed(
  cli: Cli,
  id: string,
  review: { verdict: 'approve' | 'reject'; proof: number },
  options: CommonOptions,
): Promise<void> {
  const who = await by(cli, options);
  const result = await withDelivery(cli, id, (delivery) => delivery.reviewProof({ ...who, ...review }));
  tellResult(
    cli,
    options,
    { id, ...review, ...result },
    `Proof ${review.proof} of "${id}" is ${effects[review.verdict]}`,
  );
}

async function list(cli: Cli, id: string, options: CommonOptions): Promise<void> {
  const { proofs } = await withDelivery(cli, id, (delivery) => delivery.show());
  if (options.json) return cli.terminal.json(proofs, 2);
  if (proofs.length === 0) return cli.terminal.print(`Delivery "${id}" has sent no proof yet.`);
  cli.terminal.print(...proofTable(proofs));
}

const columns = [
  { title: 'proof', align: 'right' as const },
  { title: 'sent at' },
  { title: 'revision' },
  { title: 'is' },
  { title: 'asked for by' },
  { title: 'messages', align: 'right' as const },
  { title: 'outcome', width: 100 },
];

/** A line a proof, the first one first. */
export function proofTable(proofs: readonly ProofDescription[]): string[] {
  return tableLines(
    columns,
    proofs.map((one) => [
      one.proof,
      timeText(one.at),
      one.revision.slice(0, 12),
      one.stale ? 'stale' : 'current',
      one.askedBy ?? '(with the revision)',
      grouped(Object.values(one.counts).reduce((sum, count) => sum + count, 0)),
      proofOutcome(one),
    ]),
  );
}
