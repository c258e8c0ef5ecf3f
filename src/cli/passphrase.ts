import type { Cli } from './command.js';
import { CliError } from './failures.js';

/**
 * The passphrase of a key that is about to be made: `SEALPOST_KEY_PASSPHRASE`, else what a person types twice.
 *
 * @throws CliError `USAGE` where nobody can be asked, `REFUSED` where the two differ
 */
export async function passphraseFor({ env, terminal }: Cli): Promise<string> {
  const given = env['SEALPOST_KEY_PASSPHRASE'];
  if (given) return given;
  if (!terminal.interactive)
    throw new CliError(
      'USAGE',
      'The key needs a passphrase: set SEALPOST_KEY_PASSPHRASE, or say --plain to have none.',
    );
  const first = await terminal.askSecret('Passphrase for the new key: ');
  if (first === undefined || first.length < 8)
    throw new CliError('REFUSED', 'No key was made: a passphrase has at least 8 characters.');
  if ((await terminal.askSecret('Once more: ')) !== first)
    throw new CliError('REFUSED', 'No key was made: the two passphrases differ.');
  return first;
}

/** The passphrase of a key that is there: `SEALPOST_KEY_PASSPHRASE`, else what a person types; undefined where nobody can be asked. */
export async function knownPassphrase({ env, terminal }: Cli): Promise<string | undefined> {
  const given = env['SEALPOST_KEY_PASSPHRASE'];
  if (given) return given;
  return terminal.interactive ? await terminal.askSecret('Passphrase of your key: ') : undefined;
}
