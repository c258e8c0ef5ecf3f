import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';

export function registerDkim(program: Command, cli: Cli): void {
  addCommand(program, 'dkim', 'the DKIM keys of the environment, and the DNS records that they need', [
    'DKIM_KEY="domain=shop.example; selector=s1; key=/etc/sealpost/s1.pem" sealpost dkim',
  ])
    .addHelpText(
      'after',
      [
        '',
        'Workers read DKIM_KEY and any number of DKIM_KEY_<NAME>; all keys of a domain sign. A new key:',
        '  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out s1.pem',
        '  openssl genpkey -algorithm ed25519 -out s2.pem',
      ].join('\n'),
    )
    .action((options: CommonOptions) => listKeys(cli, options));
}

async function listKeys({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const [{ dkimKeysFromEnvironment }, { keyName, keyRecord }] = await Promise.all([
    import('../mime/dkim-environment.js'),
    import('../mime/dkim-key.js'),
  ]);
  const keys = dkimKeysFromEnvironment(env).map((key) => {
    const { domain, selector, algorithm } = key;
    return { domain, selector, algorithm, name: keyName(key), record: keyRecord(key) };
  });
  if (options.json) return terminal.json(keys, 2);
  if (keys.length === 0) return terminal.print('The environment gives no DKIM key: "sealpost dkim --help" shows how.');
  for (const [i, { name, domain, algorithm, record }] of keys.entries()) {
    terminal.print(...(i > 0 ? [''] : []), `; signs mail from ${domain} with ${algorithm}`);
    terminal.print(`${name}. IN TXT ${characterStrings(record)}`);
  }
}

/** As a zone file has it: a string in a TXT record holds 255 characters (RFC 1035 §3.3). */
function characterStrings(text: string): string {
  return text.replace(/.{1,255}/g, '"$&" ').trimEnd();
}
