import { createWriteStream } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Read from the sources, for the build takes only code. */
const source = fileURLToPath(new URL('../../../test/bench/newsletter', import.meta.url));

const firstNames = ['Alice', 'Benedict', 'Käthe', 'Dylan', 'Élodie', 'Fergus', 'Gwen', 'Δάφνη', 'Imogen', 'Jonah'];
const cities = [
  'Fernlea',
  'Ashby Moor',
  'Weißenfeld',
  'Stonebridge',
  'Saint-Rémy-des-Prés',
  'Harrow-on-Sea',
  'Lindenau',
];

/** Writes the delivery that both sides send: messages of about 5 KB, personalised. */
export async function writeNewsletter(folder: string, recipients: number): Promise<void> {
  await cp(source, folder, { recursive: true });
  await pipeline(Readable.from(csv(recipients)), createWriteStream(join(folder, 'recipients.csv')));
}

function* csv(recipients: number): Generator<string> {
  yield 'email,first_name,city,points\n';
  for (let i = 1; i <= recipients; i += 1) {
    const [name = '', city = ''] = [firstNames[i % firstNames.length], cities[i % cities.length]];
    yield `person${i}@shop.example,${name},${city},${(i * 37) % 1_000}\n`;
  }
}
