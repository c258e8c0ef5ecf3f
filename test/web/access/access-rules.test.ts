import fc from 'fast-check';
import { browserName } from '../../../src/web/access/browser-name.js';
import { csrfFault, csrfToken } from '../../../src/web/access/csrf.js';
import { networkOf } from '../../../src/web/access/guess-limit.js';
import { lockMs } from '../../../src/web/access/lock-out.js';
import { passwordFault } from '../../../src/web/access/password.js';
import { permissionsFor } from '../../../src/web/access/permissions.js';
import { loopbackAddress, ownPath, publicAddress } from '../../../src/web/access/public-url.js';
import { sameText } from '../../../src/web/access/secret.js';

test.each([
  [[], ''],
  [['engineer'], 'read recipients submit steer lists'],
  [['reviewer'], 'read review'],
  [['approver'], 'read recipients steer review decide'],
  [['auditor'], 'read recipients audit'],
  [['admin'], 'read recipients audit lists administer'],
  [['reviewer', 'auditor'], 'read recipients review audit'],
  [['owner', 'constructor', '__proto__'], ''],
])('roles %j may: %s', (roles, may) => {
  expect([...permissionsFor(roles)].join(' ')).toBe(may);
});

test('a token narrows what its operator may, and widens nothing', () => {
  expect([...permissionsFor(['reviewer'], ['read', 'decide', 'administer'])]).toEqual(['read']);
  expect([...permissionsFor(['admin'], [])]).toEqual([]);
});

test('an account is locked from the fifth failure on, for a quarter of an hour at most', () => {
  expect(lockMs.map((ms) => ms / 60_000)).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 15]);
});

test.each([
  ['four green garden gates', undefined],
  ['ひらがなのながいあいことば', undefined],
  ['short', 'at least 12'],
  ['x'.repeat(201), 'at most 200'],
  ['aaaaaaaaaaaaaaaa', 'over and over'],
  ['anna.berg-anna.berg', 'your own name'],
  ['Password1234', 'your own name'],
  ['sealpost-sealpost', 'your own name'],
])('the password %j is answered with %s', (password, fault) => {
  const told = passwordFault(password, { id: 'anna.berg', name: 'Anna Berg' });
  if (fault === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(fault);
});

test.each([
  ['/deliveries?status=open', '/deliveries?status=open'],
  ['/deliveries/a%2Fb', '/deliveries/a%2Fb'],
  [undefined, '/'],
  ['', '/'],
  ['deliveries', '/'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['/..//evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/x/..//evil.example', '/'],
  ['/%2e%2e//evil.example', '/'],
  ['/.\t//evil.example', '/'],
  ['/%2fevil.example', '/%2fevil.example'],
  ['/deliveries\r\nSet-Cookie: a=b', '/deliveriesSet-Cookie:%20a=b'],
])('after signing in, %j leads to %s', (next, path) => {
  expect(ownPath(next)).toBe(path);
});

test('whatever is asked for, the way after signing in stays on this site', () => {
  const evil = fc.stringMatching(/^\/[/\\.:@e\t\r\n?#%2]{0,12}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), evil), (next) => {
      const home = 'https://console.example';
      expect(new URL(ownPath(next), home).origin).toBe(home);
    }),
  );
});

test.each([
  ['https://console.example', 'https://console.example', true],
  ['https://Console.Example:8443/', 'https://console.example:8443', true],
  ['http://localhost:8090', 'http://localhost:8090', false],
  ['http://127.0.0.1:8090', 'http://127.0.0.1:8090', false],
])('the public address %s is %s', (given, url, secure) => {
  expect(publicAddress(given)).toMatchObject({ url, secure });
});

test.each([
  ['http://console.example', 'in the clear'],
  ['https://console.example/path', 'without a path'],
  ['https://user@console.example', 'without a path'],
  ['ftp://console.example', 'in the clear'],
  ['console.example', 'no address'],
])('%s is refused: %s', (given, why) => {
  expect(() => publicAddress(given)).toThrow(why);
});

const address = loopbackAddress(8090);
const secret = 'of this session';
const ours = { origin: 'http://127.0.0.1:8090', 'sec-fetch-site': 'same-origin' };

test.each<[string, Record<string, string>, unknown, boolean]>([
  ['our own page', ours, csrfToken(secret), true],
  ['our page under the machine’s other name', { ...ours, origin: 'http://localhost:8090' }, csrfToken(secret), true],
  ['a browser that names no origin', { 'sec-fetch-site': 'same-origin' }, csrfToken(secret), true],
  ['a browser that says nothing of sites', { origin: 'http://127.0.0.1:8090' }, csrfToken(secret), true],
  ['a form without a token', ours, undefined, false],
  ['a token of another session', ours, csrfToken('of another'), false],
  ['two tokens', ours, [csrfToken(secret), csrfToken(secret)], false],
  ['another origin', { origin: 'http://127.0.0.1:8091' }, csrfToken(secret), false],
  ['an origin that is kept back', { origin: 'null', 'sec-fetch-site': 'same-origin' }, csrfToken(secret), false],
  ['another site', { ...ours, 'sec-fetch-site': 'cross-site' }, csrfToken(secret), false],
  ['another port of this host', { ...ours, 'sec-fetch-site': 'same-site' }, csrfToken(secret), false],
  ['nothing that a browser says', {}, csrfToken(secret), false],
])('a form of %s', (_name, headers, given, taken) => {
  expect(csrfFault({ headers }, given, secret, address) === undefined).toBe(taken);
});

test('without a session or a visit no token is right', () => {
  expect(csrfFault({ headers: ours }, csrfToken(''), undefined, address)).toBeDefined();
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('guesses of %s count for %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge on Windows',
  ],
  ['curl/8.0', 'Another program'],
  [undefined, 'Another program'],
])('%s is told as %s', (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

test('texts of other lengths are not the same', () => {
  expect([sameText('a', 'a'), sameText('a', 'b'), sameText('a', 'aa'), sameText('', '')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
