import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';

export function registerText(program: Command, cli: Cli): void {
  addCommand(program, 'text <definition>', 'write the text part that is made from the HTML, to be edited by hand', [
    'sealpost text examples/winter-news > content.txt',
  ])
    .addHelpText(
      'after',
      [
        '',
        'Liquid stays as it is. A text part that the definition names already is not looked at.',
        'To use the edited file, name it: content: { mjml: content.mjml, text: content.txt }',
      ].join('\n'),
    )
    .action((definition: string, options: CommonOptions) => text(cli, definition, options));
}

async function text({ terminal }: Cli, definition: string, { json }: CommonOptions): Promise<void> {
  const { generatedText } = await import('../client/generated-text.js');
  const made = await generatedText(definition);
  if (json) return terminal.json({ text: made });
  // Byte for byte into a file; a person's terminal takes no commands from it.
  if (terminal.animated) terminal.print(...made.trimEnd().split('\n'));
  else await terminal.write(made);
}
