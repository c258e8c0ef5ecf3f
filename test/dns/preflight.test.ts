import { preflight } from '../../src/dns/preflight.js';
import type { Answer, Resolver } from '../../src/dns/resolver.js';

const key = { domain: 'shop.example', name: 's1._domainkey.shop.example', record: 'v=DKIM1; k=rsa; p=AAAA' };
const good: Record<string, string[]> = {
  'txt shop.example': ['v=spf1 -all', 'other'],
  'txt s1._domainkey.shop.example': ['v=DKIM1; p=AA AA'],
  'txt _dmarc.shop.example': ['v=DMARC1; p=none'],
  'mx shop.example': ['mx.shop.example'],
};

/** A DNS that holds these records; names under "failing" time out. */
function dns(records: Record<string, string[]>, failing: string[] = []): Resolver {
  const ask = async (question: string): Promise<Answer<string>> =>
    failing.includes(question) ? { failed: 'ETIMEOUT' } : { found: records[question] ?? [] };
  return {
    txt: (n) => ask(`txt ${n}`),
    mx: async (n) => {
      const answer = await ask(`mx ${n}`);
      return 'failed' in answer ? answer : { found: answer.found.map((exchange) => ({ exchange, priority: 10 })) };
    },
    address: (n) => ask(`a ${n}`),
    isHeard: async () => true,
  };
}

const sender = { address: 'news@shop.example' };
const found = async (records: Record<string, string[]>, failing: string[] = [], from: object = sender, keys = [key]) =>
  (await preflight({ ...sender, ...from }, keys, dns({ ...good, ...records }, failing))).map(
    (f) => `${f.level} ${f.rule}`,
  );

test.each<[string[], Record<string, string[]>]>([
  [[], {}],
  [['warning spf-missing'], { 'txt shop.example': ['v=spf10'] }],
  [['error spf-twice'], { 'txt shop.example': ['v=spf1 -all', 'v=spf1 ~all'] }],
  [['error dkim-record-missing'], { 'txt s1._domainkey.shop.example': [] }],
  [['error dkim-record-other'], { 'txt s1._domainkey.shop.example': ['v=DKIM1; p=BBBB'] }],
  [['error dkim-record-other'], { 'txt s1._domainkey.shop.example': ['v=DKIM1; p='] }],
  [['error dkim-record-twice'], { 'txt s1._domainkey.shop.example': ['p=AAAA', 'p=BBBB'] }],
  [['warning dmarc-missing'], { 'txt _dmarc.shop.example': [] }],
  [['error dmarc-twice'], { 'txt _dmarc.shop.example': ['v=DMARC1', 'v=DMARC1; p=none'] }],
  [['error mail-host-missing'], { 'mx shop.example': [] }],
  [[], { 'mx shop.example': [], 'a shop.example': ['192.0.2.1'] }],
  [['error mail-refused'], { 'mx shop.example': [''] }],
])('%j', async (expected, records) => {
  expect(await found(records)).toEqual(expected);
});

test.each(Object.keys(good))('"%s" that cannot be looked up is a finding', async (question) => {
  expect(await found({}, [question])).toEqual(['warning dns-lookup']);
});

const other = { 'txt bounce.example': ['v=spf1 -all'], 'mx bounce.example': ['mx.bounce.example'] };
test('a return path of another domain leaves DMARC to DKIM, and to nothing without keys', async () => {
  const from = { errorAddress: 'b@bounce.example' };
  expect(await found(other, [], from)).toEqual(['info dmarc-spf-unaligned']);
  expect(await found(other, [], from, [])).toEqual(['warning dmarc-unaligned']);
});

test('strict alignment asks for the very domain', async () => {
  const records = { 'txt b.shop.example': ['v=spf1'], 'mx b.shop.example': ['mx'] };
  const from = { errorAddress: 'x@b.shop.example' };
  expect(await found(records, [], from, [])).toEqual([]);
  const strict = { ...records, 'txt _dmarc.shop.example': ['v=DMARC1; aspf=s'] };
  expect(await found(strict, [], from, [])).toEqual(['warning dmarc-unaligned']);
});
