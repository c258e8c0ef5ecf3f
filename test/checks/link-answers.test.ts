import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { linkFindings, type LinkNetwork } from '../../src/checks/link-answers.js';
import { isPublicAddress } from '../../src/checks/public-address.js';
import { htmlLinks } from '../../src/content/links.js';

let server: Server;
let port: number;
let asked: string[] = [];
/** How often a name was asked for that no server of names answers. */
let stuck = 0;

/** What the server answers by path: a status, or where it leads to. */
const answers: Record<string, RequestListener> = {
  '/fine': (_request, response) => void response.writeHead(200).end(),
  '/gone': (_request, response) => void response.writeHead(410).end(),
  '/no-head': ({ method }, response) => void response.writeHead(method === 'HEAD' ? 405 : 200).end('x'.repeat(100)),
  '/moved': (_request, response) => void response.writeHead(302, { location: '/fine' }).end(),
  '/circle': (_request, response) => void response.writeHead(302, { location: '/circle' }).end(),
  '/inside': (_request, response) => void response.writeHead(302, { location: `http://10.0.0.1:${port}/` }).end(),
  '/named-inside': (_request, response) =>
    void response.writeHead(302, { location: `http://inner.test:${port}/` }).end(),
  '/script': (_request, response) => void response.writeHead(302, { location: 'javascript:alert(1)' }).end(),
  '/nowhere': (_request, response) => void response.writeHead(302, { location: 'http://' }).end(),
  '/endless': ({ method }, response) => {
    if (method === 'HEAD') return void response.writeHead(500).end();
    response.writeHead(200);
    const more = (): void => void response.write('x'.repeat(65_536), (error) => error ?? more());
    more();
  },
  '/long-head': (_request, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end(),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answers[request.url ?? '']?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  stuck = 0;
});

const hosts: Record<string, string[]> = {
  'site.test': ['127.0.0.1'],
  'inner.test': ['10.0.0.1'],
  'both.test': ['127.0.0.1', '169.254.169.254'],
  'none.test': [],
};

/** The server of this test is a host of the internet here; everything else is as it is. */
const network: LinkNetwork = {
  resolve: (hostname, done) => {
    if (hostname === 'stuck.test') return void (stuck += 1);
    const addresses = hosts[hostname];
    if (addresses)
      return done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    return done(Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' }), []);
  },
  mayAsk: (address) => address === '127.0.0.1' || isPublicAddress(address),
};
const limits = { links: 100, atOnce: 3, redirects: 3, link: 60_000, all: 60_000 };

async function sentencesOf(urls: readonly string[], own: Partial<typeof limits> = {}): Promise<string[]> {
  const html = urls.map((url) => `<a href="${url.replace('PORT', String(port))}">x</a>`).join('');
  const findings = await linkFindings(htmlLinks(html).links, network, { ...limits, ...own });
  return findings.map(({ sentence }) => sentence);
}

test.each<[string, string | undefined, number]>([
  ['/fine', undefined, 1],
  ['/no-head', undefined, 2],
  ['/moved', undefined, 2],
  ['/gone', 'is answered with 410: ', 2],
  ['/endless', undefined, 2],
  ['/circle', 'is redirected more than 3 times: ', 4],
  ['/inside', 'is not on the public internet', 1],
  ['/named-inside', 'is not on the public internet', 1],
  ['/script', 'is redirected to javascript:, which is no page', 1],
  ['/nowhere', 'is redirected to something that is no address', 1],
  ['/long-head', 'cannot be opened (HPE_HEADER_OVERFLOW)', 1],
])('%s', async (path, sentence, requests) => {
  expect(await sentencesOf([`http://site.test:PORT${path}`])).toEqual(
    sentence === undefined ? [] : [expect.stringContaining(sentence)],
  );
  expect(asked).toHaveLength(requests);
});

test.each([
  ['http://inner.test:PORT/', 'is not on the public internet'],
  ['http://both.test:PORT/', 'is not on the public internet'],
  ['http://none.test:PORT/', 'is not on the public internet'],
  ['http://10.0.0.1:PORT/', 'is not on the public internet'],
  ['http://[::1]:PORT/', 'is not on the public internet'],
  ['http://[::ffff:10.0.0.1]:PORT/', 'is not on the public internet'],
  ['http://0x0a000001:PORT/', 'is not on the public internet'],
  ['http://missing.test:PORT/', 'leads to a host that is not there'],
  ['https://site.test:PORT/', 'cannot be opened ('],
])('%s asks nobody', async (url, sentence) => {
  expect(await sentencesOf([url])).toEqual([expect.stringContaining(sentence)]);
  expect(asked).toEqual([]);
});

test('a server that says nothing is given up, and a link that there was no time for is not told as unanswered', async () => {
  expect(await sentencesOf(['http://stuck.test/'], { link: 50 })).toEqual([
    expect.stringContaining('is not answered in time'),
  ]);
  stuck = 0;
  const urls = Array.from({ length: 6 }, (_, index) => `http://stuck.test/?${index}`);
  expect(await sentencesOf(urls, { all: 50, atOnce: 2, links: 5 })).toEqual([
    expect.stringContaining('?0" was still being asked when the time for all of them was over'),
    expect.stringContaining('?1" was still being asked when the time for all of them was over'),
    'Of 6 links the first 2 were asked, before the time for all of them was over; 4 were not: open those yourself.',
  ]);
  expect(stuck).toBe(2);
});

test('each link is asked for once, personal ones never, and no more than the limit', async () => {
  const urls = ['/fine', '/fine', '/fine?{{ email }}', '/fine?2', '/fine?3'].map(
    (path) => `http://site.test:PORT${path}`,
  );
  expect(await sentencesOf([...urls, 'mailto:a@b.example', '#top', '{{ unsubscribe_url }}'], { links: 1 })).toEqual([
    'Of 3 links the first 1 were asked, and no more are; 2 were not: open those yourself.',
  ]);
  expect(asked).toEqual(['HEAD /fine']);
});

const addresses = (all: string, isPublic: boolean) => all.split(' ').map((address) => [address, isPublic] as const);

test.each([
  ...addresses('93.184.216.34 8.8.8.8 2606:2800:220:1:248:1893:25c8:1946', true),
  ...addresses(
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.31.0.1 192.168.1.1 198.18.0.1 224.0.0.1',
    false,
  ),
  ...addresses('255.255.255.255 :: ::1 ::ffff:8.8.8.8 64:ff9b::a00:1 fe80::1 fe80::1%eth0 fc00::1 ff02::1', false),
  ...addresses('2002:a00:1:: 2001:db8::1 2001::1 localhost', false),
])('%s is on the public internet: %s', (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
