import * as fc from 'fast-check';
import {
  connectionsOf,
  isDirect,
  isEnhanced,
  parseRelayUrl,
  relaysFromEnvironment,
  RelayUrlError,
} from '../../src/smtp/relay-url.js';

const plain = { host: 'relay.example', port: 587, secure: false, tls: 'opportunistic', connections: 20 };
const auth = { user: 'mailer', pass: 'sesame' };

describe('parseRelayUrl', () => {
  test.each([
    ['smtp://relay.example', plain],
    ['smtp://relay.example/', plain],
    ['smtp://relay.example:25', { ...plain, port: 25 }],
    ['smtps://relay.example', { ...plain, port: 465, secure: true, tls: 'required' }],
    ['smtps://relay.example:2465?tls=required', { ...plain, port: 2465, secure: true, tls: 'required' }],
    ['smtp://[::1]:1025?tls=none', { ...plain, host: '::1', port: 1025, tls: 'none' }],
    ['smtp://relay.example?connections=5&messages=100', { ...plain, connections: 5, messagesPerConnection: 100 }],
    ['smtp://relay.example?name=mail.shop.example', { ...plain, ehloName: 'mail.shop.example' }],
    ['smtp://relay.example?enhanced=true', { ...plain, enhanced: true }],
    ['smtp://relay.example?name=[192.0.2.1]', { ...plain, ehloName: '[192.0.2.1]' }],
    // A password never goes over plain text unless somebody says so.
    ['smtp://mailer:sesame@relay.example', { ...plain, auth, tls: 'required' }],
    ['smtp://mailer:sesame@relay.example?tls=none', { ...plain, auth, tls: 'none' }],
    [
      'smtp://m%40iler:ses%2Fame@relay.example',
      { ...plain, auth: { user: 'm@iler', pass: 'ses/ame' }, tls: 'required' },
    ],
  ])('%s', (url, options) => {
    expect(parseRelayUrl(url)).toEqual(options);
  });

  test.each([
    ['http://relay.example', 'smtp://host:port'],
    ['relay.example:25', 'smtp://host:port'],
    ['smtp://', 'smtp://host:port'],
    ['', 'smtp://host:port'],
    ['smtp://mailer@relay.example', 'both a user and a password'],
    ['smtp://:sesame@relay.example', 'both a user and a password'],
    ['smtp://mailer:ses%ame@relay.example', 'begins no escape'],
    ['smtp://mailer:ses/ame@relay.example', 'smtp://host:port'],
    ['smtp://relay.example/path', 'ends after host, port and ?options'],
    ['smtp://relay.example?connections=0', 'connections must be a whole number from 1'],
    ['smtp://relay.example?connections=1001', 'connections must be at most 1000'],
    ['smtp://relay.example?tls=yes', 'tls must be none, opportunistic or required'],
    [
      'smtp://relay.example?conections=2',
      'the options are connections, messages, tls, name, enhanced, weight and backup:',
    ],
    ['smtp://relay.example?enhanced=yes', 'enhanced is true, or left out'],
    ['smtp://relay.example?name=a%0D%0Ab', 'name must be a host name'],
    ['smtps://relay.example?tls=none', 'smtps: is TLS from the start'],
  ])('%j is refused: %s', (url, sentence) => {
    expect(() => parseRelayUrl(url)).toThrow(sentence);
    expect(() => parseRelayUrl(url)).toThrow(RelayUrlError);
  });

  test('no error has the password in it', () => {
    const noise = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(noise, noise, noise, (a, b, c) => {
        try {
          parseRelayUrl(`smtp://mailer:${a}sesame${b}@relay.example${c}`);
        } catch (error) {
          expect(error).toBeInstanceOf(RelayUrlError);
          expect(String(error)).not.toContain('sesame');
        }
      }),
    );
  });
});

describe('relaysFromEnvironment', () => {
  test('names relays by their variables', () => {
    const relays = relaysFromEnvironment({
      SMTP_URL: 'smtp://relay.example',
      SMTP_URL_BULK_EU: 'smtps://mailer:sesame@bulk.example',
      SMTP_URL_UNUSED: '',
      SMTP_URLS: 'no relay',
      PATH: '/bin',
    });
    expect([...relays.keys()]).toEqual(['default', 'bulk-eu']);
    expect(relays.get('bulk-eu')).toMatchObject([{ host: 'bulk.example', auth }]);
  });

  test('a relay has several addresses, with spaces between them', () => {
    const SMTP_URL = ' smtp://a.example?weight=3\n smtp://b.example?connections=5  smtp://c.example?backup=true ';
    expect(relaysFromEnvironment({ SMTP_URL }).get('default')).toEqual([
      { ...plain, host: 'a.example', weight: 3 },
      { ...plain, host: 'b.example', connections: 5 },
      { ...plain, host: 'c.example', backup: true },
    ]);
  });

  test('a relay may be the hosts that take recipients’ mail', () => {
    const direct = {
      ehloName: 'mail.shop.example',
      tls: 'opportunistic',
      connections: 100,
      perHost: 10,
      messagesPerConnection: 100,
      port: 25,
      mayBePrivate: false,
    };
    const relays = relaysFromEnvironment({
      SMTP_URL: 'mx://?name=mail.shop.example',
      SMTP_URL_X: 'mx://?name=mail.shop.example&connections=7&perhost=2&messages=5&tls=required&port=2525&private=true',
    });
    expect(relays.get('default')).toEqual(direct);
    expect(relays.get('x')).toEqual({
      ...direct,
      connections: 7,
      perHost: 2,
      messagesPerConnection: 5,
      tls: 'required',
      port: 2525,
      mayBePrivate: true,
    });
    expect([...relays.values()].map((route) => [isDirect(route), isEnhanced(route), connectionsOf(route)])).toEqual([
      [true, false, 100],
      [true, false, 7],
    ]);
  });

  test('what a process opens for a relay leaves its backups out; one address that tries again makes it one', () => {
    const SMTP_URL =
      'smtp://a.example?connections=3 smtp://b.example?connections=4&enhanced=true smtp://c.example?backup=true';
    const [route = []] = relaysFromEnvironment({ SMTP_URL }).values();
    expect([isDirect(route), isEnhanced(route), connectionsOf(route)]).toEqual([false, true, 7]);
  });

  test.each([
    [{ SMTP_URL: 'mx://?tls=none' }, 'SMTP_URL: name is missing: give the host name'],
    [{ SMTP_URL: 'mx://?name=localhost' }, 'name must be a host name in DNS'],
    [{ SMTP_URL: 'mx://?name=a%0D%0Ab.example' }, 'name must be a host name in DNS'],
    [{ SMTP_URL: 'mx://mx.example?name=mail.shop.example' }, 'without a host'],
    [{ SMTP_URL: 'mx:///path?name=mail.shop.example' }, 'without a host'],
    [{ SMTP_URL: 'mx://user:sesame@?name=mail.shop.example' }, 'without a host'],
    [{ SMTP_URL: 'mx://?name=mail.shop.example&port=65536' }, 'port must be at most 65535'],
    [
      { SMTP_URL: 'mx://?name=mail.shop.example&weight=2' },
      'the options are name, connections, perhost, messages, tls, port and private: one given is none of them',
    ],
    [{ SMTP_URL: 'smtp://a.example mx://?name=mail.shop.example' }, 'mx: stands alone'],
    [{ SMTP_URL_X: 'nonsense' }, 'SMTP_URL_X: a relay is given as'],
    [{ SMTP_URL__X: 'smtp://relay.example' }, 'SMTP_URL__X: what follows'],
    [{ SMTP_URL: 'smtp://a.example smtp://b.example?weight=0' }, 'SMTP_URL: weight must be a whole number from 1'],
    [{ SMTP_URL: 'smtp://a.example?backup=true' }, 'SMTP_URL: backup=true is for an address beside others'],
    [
      { SMTP_URL: 'smtp://a.example', SMTP_URL_DEFAULT: 'smtp://b.example' },
      'SMTP_URL_DEFAULT: another variable names',
    ],
  ])('%j is refused', (env, sentence) => {
    expect(() => relaysFromEnvironment(env)).toThrow(sentence);
  });
});
