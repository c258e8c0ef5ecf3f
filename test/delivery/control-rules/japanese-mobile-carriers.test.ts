import { mobileCarriers } from '../../../src/delivery/control-rules/japanese-mobile-carriers.js';
import { checkAnalysis } from '../../../src/delivery/control-rules/index.js';
import { analysis } from './views.js';

const carriers = Object.values(mobileCarriers);

test('no domain and no word is of two operators', () => {
  const domains = carriers.flatMap((carrier) => [...carrier.domains]);
  const within = (domain: string, other: string) => other.startsWith('*') && domain.endsWith(other.slice(1));
  const overlaps = domains.filter((domain, n) =>
    domains.some((other, m) => n !== m && (domain === other || within(domain, other))),
  );
  expect(overlaps).toEqual([]);
  const words = carriers.flatMap((carrier) => [...carrier.words]);
  expect(new Set(words).size).toBe(words.length);
});

test('words are as the count compares them, and tags as parsers name them', () => {
  for (const { words, tags, domains } of carriers) {
    for (const word of words) expect(word).toMatch(/^[a-z]+$/);
    for (const tag of tags) expect(tag).toMatch(/^[a-z]+$/);
    for (const domain of domains) expect(domain).toMatch(/^(?:\*\.)?(?:[a-z-]+\.)+(?:jp|com)$/);
  }
});

test('operators of whom different things are to be said have a sentence each', () => {
  const japaneseMobiles = {
    recipients: { docomo: 1, softbank: 2, au: 3 },
    bytes: { html: 0, text: 0 },
    images: [],
    linkedImages: 0,
    tags: ['table', 'a', 'object'],
  };
  const found = checkAnalysis(analysis({ japaneseMobiles })).filter(({ rule }) => rule === 'japanese-mobile-markup');
  expect(found.map(({ sentence }) => sentence.split(':')[0])).toEqual([
    'Mobiles of NTT DoCoMo (1 recipient) and SoftBank (2 recipients) do not know the tags table and object',
    'Mobiles of KDDI au (3 recipients) do not know the tags table and a',
  ]);
});
