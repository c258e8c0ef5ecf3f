import { mobileCarriers, type MobileCarrier } from '../../src/delivery/mobile-carriers.js';
import { betweenLetters, ordinaryWord } from '../../src/delivery/mobile-format.js';

const carriers: MobileCarrier[] = Object.values(mobileCarriers);

test('no domain and no word is of two operators', () => {
  const domains = carriers.flatMap((carrier) => carrier.domains);
  const within = (domain: string, other: string) => other.startsWith('*') && domain.endsWith(other.slice(1));
  const overlaps = domains.filter((domain, n) =>
    domains.some((other, m) => n !== m && (domain === other || within(domain, other))),
  );
  expect(overlaps).toEqual([]);
  const words = [ordinaryWord, ...carriers.flatMap((carrier) => carrier.words)];
  expect(new Set(words).size).toBe(words.length);
});

test('words are as they are compared, and tags as parsers name them', () => {
  for (const { words, tags, domains } of carriers) {
    for (const word of [...words, ordinaryWord]) expect(word).toMatch(/^[a-z]+$/);
    for (const word of words) expect(word).not.toMatch(new RegExp(betweenLetters));
    for (const tag of tags) expect(tag).toMatch(/^[a-z]+$/);
    for (const domain of domains) expect(domain).toMatch(/^(?:\*\.)?(?:[a-z-]+\.)+(?:jp|com)$/);
  }
});

test('each structure holds text and HTML as alternatives, innermost, and has a place for images around them', () => {
  for (const { structure } of carriers) {
    const { multiparts } = structure;
    expect(multiparts.at(-1)).toBe('alternative');
    expect(new Set(multiparts).size).toBe(multiparts.length);
    expect(multiparts.length).toBeGreaterThan(1);
    // What is attached stands around all of it.
    expect(multiparts.indexOf('mixed')).toBeLessThanOrEqual(0);
  }
});
