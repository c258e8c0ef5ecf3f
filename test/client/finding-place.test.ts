import type { DefinitionFile } from '../../src/client/definition-file.js';
import { locate } from '../../src/client/finding-place.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';

const sources = {
  'content.html': 'a\n{% render "own" %}\n{% render "mirror" %}\n{{ x }}',
  'blocks/own.html': '\n<a href="https://a.example/?x={{ y }}">{{ y }}</a>',
  'sealpost:blocks/mirror.html': '<a href="{{ mirror_url }}">View</a>',
  'content.txt': '{% render "own" %}\n\n{{ x }}',
  'blocks/own.txt': '\n\n\n{{ y }}',
};
const definition: DefinitionFile = {
  id: 'd',
  settings: deliverySettingsSchema.parse({ name: 'N', subject: 's', sender: { address: 'n@shop.example' } }),
  content: { html: '', text: '', sources },
  recipients: { open: () => (async function* () {})() },
  origin: { file: 'd/delivery.yaml', text: '', lineOf: () => 7, show: (name) => `d/${name}` },
};

test.each([
  ['html', 'x', 'd/content.html', 4],
  ['html', 'y', 'd/blocks/own.html', 2],
  ['html', 'https://a.example/?x={{ y }}', 'd/blocks/own.html', 2],
  ['html', 'mirror_url', 'd/content.html', 3],
  ['text', 'x', 'd/content.txt', 3],
  ['text', 'y', 'd/blocks/own.txt', 4],
  ['text', 'z', 'd/delivery.yaml', 7],
  ['subject', undefined, 'd/delivery.yaml', 7],
])('what stands in %s as %s is found in its file', (place, quote, file, line) => {
  expect(locate(definition, place, quote)).toEqual({ file, line });
});
