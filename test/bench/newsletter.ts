import { createWriteStream } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
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

/** KB a message on the wire, about: the smallest has no HTML. */
export const newsletterSizes = [1, 5, 40] as const;
export type NewsletterSize = (typeof newsletterSizes)[number];

export interface NewsletterOptions {
  recipients: number;
  size: NewsletterSize;
  /** Name of the worker's relay that takes it. */
  relay: string;
  /** With every parameter that makes a message dearer. */
  parameters?: boolean;
}

/** Writes the delivery that both sides send, personalised. */
export async function writeNewsletter(
  folder: string,
  { recipients, size, relay, parameters }: NewsletterOptions,
): Promise<void> {
  await cp(source, folder, { recursive: true });
  const more = size === 40 ? catalogue : [];
  const mark = /^ *<!-- more articles -->\n+/m;
  await replaceIn(join(folder, 'content.html'), mark, more.map(articleInHtml).join(''));
  await replaceIn(join(folder, 'content.txt'), mark, more.map(articleInText).join(''));
  await replaceIn(join(folder, 'delivery.yaml'), /^relay: default$/m, `relay: ${relay}`);
  // The text alone.
  if (size === 1) await replaceIn(join(folder, 'delivery.yaml'), /html: content\.html, /, '');
  if (parameters) await replaceIn(join(folder, 'delivery.yaml'), /^sender: .*\n/m, allParameters);
  if (parameters) await replaceIn(join(folder, 'delivery.yaml'), /^unsubscribe: .*url.*\n/m, '');
  await pipeline(Readable.from(csv(recipients)), createWriteStream(join(folder, 'recipients.csv')));
}

/** But for copies to an archive, each of which is a message more, and encodings, of which a message has one. */
const allParameters = `sender:
  name: Fernlea {{ city }}
  address: news-{{ points }}@fernlea.example
  replyTo: { name: '{{ city }} team', address: care@fernlea.example }
  errorAddress: bounces@fernlea.example
  verp: true
format: recipient
formatField: city
locale: de-AT
localeField: city
headers: { X-Campaign: winter, X-City: '{{ city }}' }
list: { id: news.fernlea.example, name: Garden news }
feedbackId: winter:news:fernlea
precedence: bulk
unsubscribe: { hosted: 'https://news.fernlea.example', mailto: leave@fernlea.example }
mirror: { mode: always, hosted: 'https://news.fernlea.example' }
`;

async function replaceIn(path: string, mark: RegExp, text: string): Promise<void> {
  const before = await readFile(path, 'utf8');
  if (!mark.test(before)) throw new Error(`${path} has nothing that matches ${mark}`);
  await writeFile(
    path,
    before.replace(mark, () => text),
  );
}

function* csv(recipients: number): Generator<string> {
  yield 'email,first_name,city,points\n';
  for (let i = 1; i <= recipients; i += 1) {
    const [name = '', city = ''] = [firstNames[i % firstNames.length], cities[i % cities.length]];
    yield `${addressOf(i)},${name},${city},${(i * 37) % 1_000}\n`;
  }
}

/** @param i - position among the recipients, from 1 */
export function addressOf(i: number): string {
  return `person${i}@shop.example`;
}

interface Article {
  title: string;
  slug: string;
  text: string;
  price: number;
}

const plants = [
  ['Hellebore', 'White or plum, and in flower when nothing else is. It wants half shade and to be left alone.'],
  ['Winter aconite', 'Yellow cups on frills of green, as soon as the snow has gone. Soak the tubers for a night.'],
  ['Snowdrop', 'In the green, which is how they like to move. Plant them the day they come, in loose clumps.'],
  ['Viburnum', 'Pink buds from November to March, on bare wood, with a scent that carries to the gate.'],
  ['Dogwood', 'Red stems for grey days. Cut a third of them to the ground in March, and they come back redder.'],
  ['Mahonia', 'Stands in deep shade and dry soil, flowers at Christmas and feeds the first bumblebees.'],
  ['Quince', 'Hard, golden and too sour to eat raw: jelly, paste and a bowl that scents the whole room.'],
  ['Crab apple', 'Fruit like small lanterns until the fieldfares come for it, and blossom that bees fly miles to.'],
  ['Medlar', 'Pick them after the first frost and wait until they look spoilt. Then they taste of apple cake.'],
] as const;

const forms = [
  ['a young plant', 9],
  ['three years old, potted', 24],
  ['five years old, with a root ball', 48],
  ['a pair for both sides of a door', 61],
] as const;

const catalogue: Article[] = plants.flatMap(([plant, text]) =>
  forms.map(([form, price], i) => ({
    title: `${plant}, ${form}`,
    slug: `${plant.toLowerCase().replaceAll(' ', '-')}-${i + 1}`,
    text,
    price,
  })),
);

const articleInHtml = ({ title, slug, text, price }: Article) => `            <tr>
              <td>
                <img
                  src="https://images.fernlea.example/2026/winter/${slug}.jpg"
                  alt="${title}"
                  width="552"
                />
                <h2>${title}</h2>
                <p>
                  ${text} <strong>${price} €</strong><br /><a
                    href="https://www.fernlea.example/plants/${slug}"
                    >${title}, in the shop</a
                  >
                </p>
              </td>
            </tr>
`;

const articleInText = ({ title, slug, text, price }: Article) =>
  `${title.toUpperCase()}\n${text} ${price} €.\nhttps://www.fernlea.example/plants/${slug}\n\n`;
