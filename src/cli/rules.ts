import type { Command } from 'commander';
import type { RuleDescription } from '../delivery/control-rules/index.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { configFile, configHelp } from './config-option.js';
import { CliError } from './failures.js';
import { fieldLines, tableLines, wrapped } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  config?: string;
}

export function registerRules(program: Command, cli: Cli): void {
  addCommand(program, 'rules [rule]', 'the control rules, or one of them with why it matters', [
    'sealpost rules',
    'sealpost rules image-without-alt',
    'sealpost rules --json --config house/sealpost.config.mjs',
  ])
    .option('--config <file>', configHelp)
    .addHelpText('after', '\nRules marked * can be neither switched off nor lowered by a typology.')
    .action((rule: string | undefined, options: Options) => rules(cli, rule, options));
}

async function rules(cli: Cli, id: string | undefined, options: Options): Promise<void> {
  const [{ loadConfig }, { ruleDescriptions }] = await Promise.all([
    import('../checks/config-file.js'),
    import('../delivery/control-rules/index.js'),
  ]);
  const config = await loadConfig(configFile(cli.env, options.config), process.cwd());
  const all = [...ruleDescriptions, ...config.rules];
  if (id !== undefined) return await explain(cli, all, id, options);
  if (options.json) return cli.terminal.json(all, 2);
  const rows = all.map(({ id: name, level, step, fixed }) => [`${name}${fixed ? ' *' : ''}`, level, step]);
  cli.terminal.print(
    ...tableLines([{ title: 'rule' }, { title: 'level' }, { title: 'step' }], rows),
    '',
    'Why one matters: sealpost rules RULE. Marked *: no typology switches it off or lowers it.',
  );
}

async function explain(
  { terminal }: Cli,
  all: readonly RuleDescription[],
  id: string,
  options: Options,
): Promise<void> {
  const rule = all.find((one) => one.id === id);
  if (!rule) {
    const { didYouMean } = await import('../delivery/nearest-name.js');
    const ids = all.map((one) => one.id);
    throw new CliError('USAGE', `There is no rule "${id}"; ${didYouMean(id, ids, '"sealpost rules" lists them')}`);
  }
  if (options.json) return terminal.json(rule, 2);
  terminal.print(
    ...fieldLines([
      ['rule', rule.id],
      ['level', rule.fixed ? `${rule.level}; no typology switches it off or lowers it` : rule.level],
      ['step', rule.step],
    ]),
    '',
    ...wrapped(rule.explanation, 80),
  );
}
