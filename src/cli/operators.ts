import { join } from 'node:path';
import type { Command } from 'commander';
import type { OperatorRole, Sealpost } from '../client/index.js';
import { addCommand, by, byOperator, withSealpost, type Cli, type CommonOptions } from './command.js';
import { CliError } from './failures.js';
import { keysFolder } from './environment.js';
import { registerInvite } from './operator-invite.js';
import { passphraseFor } from './passphrase.js';
import { tableLines, timeText } from '../wording/terminal-text.js';

interface AddOptions extends CommonOptions {
  name?: string;
  email?: string;
  roles?: OperatorRole[];
  groups?: string[];
  publicKey?: string;
  key?: string;
  label?: string;
  withoutKey?: boolean;
  plain?: boolean;
}

type KeyOptions = Pick<AddOptions, keyof CommonOptions | 'publicKey' | 'key' | 'label' | 'plain'>;

const words = (text: string): string[] => text.split(',').map((word) => word.trim());

export function registerOperators(program: Command, cli: Cli): void {
  const group = program
    .command('operator')
    .usage('add|invite|list|history|disable|enable|rotate-key|revoke-key|delegate|undelegate …')
    .description('who acts: people and programs, their roles, and the keys that they sign decisions with')
    .addHelpText('after', '\nEach has its own help and an example: sealpost operator add --help');
  registerAdd(group, cli);
  registerInvite(group, cli);
  registerList(group, cli);
  registerHistory(group, cli);
  registerKeys(group, cli);
  registerDelegation(group, cli);
  for (const [name, active, summary] of [
    ['disable', false, 'let an operator decide nothing any more'],
    ['enable', true, 'let a disabled operator act again'],
  ] as const)
    byOperator(addCommand(group, `${name} <id>`, summary, [`sealpost operator ${name} anna`])).action(
      async (id: string, options: CommonOptions) => {
        const { operator } = await by(cli, options);
        await withSealpost(cli, (sealpost) => sealpost.operators.setActive(id, active, operator));
        tell(cli, options, { id, active }, `Operator "${id}" is ${name}d.`);
      },
    );
}

function registerAdd(group: Command, cli: Cli): void {
  const command = addCommand(group, 'add <id>', 'add an operator, or change one; makes a key to sign with', [
    'sealpost operator add anna --name "Anna Berg" --email anna@garden.example --roles approver',
    'sealpost operator add ben --name "Ben Okoro" --roles reviewer,approver --public-key ben.jwk',
    'sealpost operator add ci --roles engineer --without-key',
  ])
    .option('--name <text>', 'as people read it (default: the id)')
    .option('--email <address>', 'where requests for decisions go')
    .option(
      '--roles <names>',
      'of engineer, reviewer, approver, auditor, admin; with commas',
      words as (text: string) => OperatorRole[],
    )
    .option('--groups <names>', 'such as finance; with commas', words)
    .option('--without-key', 'the operator signs nothing');
  withKeyOptions(byOperator(command)).action(async (id: string, options: AddOptions) => {
    const { operator } = await by(cli, options);
    const { name = id, email, roles = [], groups = [] } = options;
    const result = await withSealpost(cli, async (sealpost) => {
      const { added } = await sealpost.operators.put(
        { id, name, ...(email !== undefined && { email }), roles, groups },
        operator,
      );
      const key = options.withoutKey ? undefined : await giveKey(cli, sealpost, id, options, operator);
      return { id, added, ...key };
    });
    tell(cli, options, result, `Operator "${id}" is ${result.added ? 'added' : 'changed'}.`, ...keyLines(result));
  });
}

/** Options of the key that an operator gets. */
function withKeyOptions(command: Command): Command {
  return command
    .option('--public-key <file>', 'a public key (JWK or PEM) whose private half the operator has already')
    .option('--key <file>', 'where to keep the new private key (default: ID.pem in SEALPOST_KEYS)')
    .option('--label <text>', 'of the device that has the key')
    .option('--plain', 'without a passphrase: whoever reads the file can decide');
}

function registerList(group: Command, cli: Cli): void {
  addCommand(group, 'list', 'all operators, with their keys', [
    'sealpost operator list',
    'sealpost operator list --json | jq ".[] | select(.active)"',
  ]).action(async (options: CommonOptions) => {
    const operators = await withSealpost(cli, (sealpost) => sealpost.operators.list());
    if (options.json) return cli.terminal.json(operators, 2);
    if (operators.length === 0) return cli.terminal.print('There are no operators yet: sealpost operator add --help');
    const titles = ['id', 'name', 'roles', 'groups', 'keys', 'active'].map((title) => ({ title }));
    cli.terminal.print(
      ...tableLines(
        titles,
        operators.map(({ id, name, roles, groups, keys, active }) => [
          id,
          name,
          roles.join(', '),
          groups.join(', '),
          keys.flatMap(({ kid, revokedAt }) => (revokedAt === undefined ? [kid.slice(0, 8)] : [])).join(', ') || 'none',
          active ? 'yes' : 'no',
        ]),
      ),
    );
  });
}

function registerHistory(group: Command, cli: Cli): void {
  addCommand(group, 'history', 'what was done to operators, their keys and delegations, by whom', [
    'sealpost operator history --json',
  ]).action(async (options: CommonOptions) => {
    const events = await withSealpost(cli, (sealpost) => sealpost.operators.history());
    if (options.json) return cli.terminal.json(events, 2);
    if (events.length === 0) return cli.terminal.print('There are no operators yet: sealpost operator add --help');
    const titles = ['at', 'operator', 'what', 'by', 'particulars'].map((title) => ({ title, width: 60 }));
    cli.terminal.print(
      ...tableLines(
        titles,
        events.map(({ at, operator, kind, by: who, data }) => [
          timeText(at),
          operator,
          kind,
          who,
          JSON.stringify(data),
        ]),
      ),
    );
  });
}

function registerKeys(group: Command, cli: Cli): void {
  const rotating = addCommand(group, 'rotate-key <id>', 'give an operator a new key; the others count no more', [
    'sealpost operator rotate-key anna --key anna-2027.pem',
  ]);
  withKeyOptions(byOperator(rotating)).action(async (id: string, options: KeyOptions) => {
    const { operator } = await by(cli, options);
    const result = await withSealpost(cli, async (sealpost) => {
      const made = await giveKey(cli, sealpost, id, options, operator);
      return { id, ...made, revoked: await sealpost.operators.revokeKeys(id, { except: made.kid }, operator) };
    });
    const revoked = result.revoked.map((kid) => `  counts no more: ${kid}`);
    tell(cli, options, result, `Operator "${id}" has a new key.`, ...keyLines(result), ...revoked);
  });
  byOperator(
    addCommand(group, 'revoke-key <id> [kid...]', 'let keys count no more; without a key, all of them', [
      'sealpost operator revoke-key anna',
    ]),
  ).action(async (id: string, kids: string[], options: CommonOptions) => {
    const { operator } = await by(cli, options);
    const which = kids.length > 0 ? { kids } : {};
    const revoked = await withSealpost(cli, (sealpost) => sealpost.operators.revokeKeys(id, which, operator));
    tell(cli, options, { id, revoked }, `${revoked.length} of the keys of "${id}" count no more.`);
  });
}

function registerDelegation(group: Command, cli: Cli): void {
  interface Options extends CommonOptions {
    to: string;
    until: Date;
    reason: string;
  }
  byOperator(
    addCommand(group, 'delegate <id>', "let somebody else take an operator's decisions for a while", [
      'sealpost operator delegate anna --to ben --until 2026-12-24 --reason "on leave"',
    ]),
  )
    .requiredOption('--to <id>', 'who decides instead')
    .requiredOption('--until <time>', 'ISO 8601, such as 2026-12-24 or 2026-12-24T18:00:00+01:00', timeOption)
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, { to, until, reason, ...options }: Options) => {
      const { operator } = await by(cli, options);
      await withSealpost(cli, (sealpost) => sealpost.operators.delegate(id, { to, until, reason }, operator));
      const result = { id, to, until: until.toISOString() };
      tell(cli, options, result, `Until ${result.until} "${to}" may decide for "${id}".`);
    });
  byOperator(
    addCommand(group, 'undelegate <id>', 'end what an operator has delegated', ['sealpost operator undelegate anna']),
  ).action(async (id: string, options: CommonOptions) => {
    const { operator } = await by(cli, options);
    const ended = await withSealpost(cli, (sealpost) => sealpost.operators.endDelegations(id, operator));
    tell(cli, options, { id, ended }, `${ended} delegations of "${id}" have ended.`);
  });
}

function timeOption(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new CliError('USAGE', `"${text}" is no time: write 2026-12-24 or 2026-12-24T18:00:00Z.`);
  return time;
}

/** Makes known the key that was named, or a new one whose private half stays on this machine. */
async function giveKey(
  cli: Cli,
  sealpost: Sealpost,
  id: string,
  { publicKey, key: path = join(keysFolder(cli.env), `${id}.pem`), label, plain }: KeyOptions,
  operator: string,
): Promise<{ kid: string; keyFile?: string }> {
  const { makeOperatorKey, readPublicKey } = await import('../client/operator-keys.js');
  const own = { ...(label !== undefined && { label }) };
  if (publicKey !== undefined)
    return await sealpost.operators.addKey(id, { key: await readPublicKey(publicKey), ...own }, operator);
  const key = await makeOperatorKey(path, plain ? undefined : await passphraseFor(cli));
  const { kid } = await sealpost.operators.addKey(id, { key, ...own }, operator);
  return { kid, keyFile: path };
}

function keyLines({ kid, keyFile }: { kid?: string; keyFile?: string }): string[] {
  return [
    ...(kid === undefined ? [] : [`  key      ${kid}`]),
    ...(keyFile === undefined
      ? []
      : [`  private  ${keyFile}: it never leaves this machine, and nothing can bring it back`]),
  ];
}

function tell(cli: Cli, { json }: CommonOptions, result: object, ...lines: string[]): void {
  if (json) cli.terminal.json(result, 2);
  else cli.terminal.print(...lines);
}
