import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { operatorRoles } from '../../../src/client/index.js';
import { rolesBy, textClaim } from '../../../src/web/access/provider-claims.js';
import { parseProvider, providerFromEnvironment } from '../../../src/web/access/provider-settings.js';

const least = 'issuer: https://login.garden.example/realms/staff\nclientId: sealpost\n';
const parse = (text: string, secret: string | undefined = 'shared') => parseProvider(text, 'oidc.yaml', secret);

test('what is not said has its default', () => {
  expect(parse(least)).toEqual({
    issuer: 'https://login.garden.example/realms/staff',
    name: 'your organisation',
    clientId: 'sealpost',
    clientSecret: 'shared',
    clientAuthentication: 'client_secret_basic',
    scopes: ['openid', 'profile', 'email'],
    claims: { operator: ['preferred_username'], name: ['name'], email: ['email'] },
    newOperators: 'refuse',
    passwords: true,
  });
});

test('claims stand under a name or in others, and values are mapped to one role or several', () => {
  const { claims, roles } = parse(`${least}
claims: { operator: sub }
roles:
  claim: [realm_access, roles]
  map: { editors: engineer, "mail approvers": [approver, reviewer] }`);
  expect(claims.operator).toEqual(['sub']);
  expect(roles?.claim).toEqual(['realm_access', 'roles']);
  expect([...(roles?.map ?? [])]).toEqual([
    ['editors', ['engineer']],
    ['mail approvers', ['approver', 'reviewer']],
  ]);
});

test('all faults are told at once, with their lines, and the secret in none', () => {
  const text = `issuer: http://login.garden.example
clientid: sealpost
secretFile: none.txt
scopes: [profile]
roles:
  claim: groups
  map: { staff: owner }
newOperators: maybe
passwords: "no"
`;
  const fault = (): unknown => {
    try {
      return parse(text, 'S3CRET');
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  expect(String(fault()).split('\n')).toEqual([
    'oidc.yaml: secretFile: SEALPOST_OIDC_SECRET gives a secret too: give one of them',
    expect.stringMatching(/^oidc\.yaml:1: issuer: .*https:\/\//),
    expect.stringMatching(/^oidc\.yaml:1: clientId: is missing/),
    expect.stringMatching(/^oidc\.yaml:2: clientid: there is no setting "clientid".*clientId/),
    'oidc.yaml:4: scopes: must hold openid',
    'oidc.yaml:7: roles.map.staff: must be one or more of engineer, reviewer, approver, auditor, admin',
    'oidc.yaml:8: newOperators: is one of "add", "refuse"',
    expect.stringMatching(/^oidc\.yaml:9: passwords: must be true or false/),
  ]);
});

test.each([
  ['https://login.example', true],
  ['http://localhost:8080/realms/x', true],
  ['http://127.0.0.1:8080', true],
  ['http://login.example', false],
  ['http://localhost.evil.example', false],
  ['https://user:word@login.example', false],
  ['https://login.example/?tenant=1', false],
  ['javascript:alert(1)', false],
  ['login.example', false],
])('the issuer %s is taken: %s', (issuer, taken) => {
  const text = `issuer: "${issuer}"\nclientId: sealpost\n`;
  if (taken) expect(parse(text).issuer).toBe(issuer);
  else expect(() => parse(text)).toThrow('the address by which the provider names itself');
});

test('the secret comes from the environment, or from a file beside this one that not everybody reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-oidc-'));
  const file = join(folder, 'oidc.yaml');
  const secret = join(folder, 'secret');
  writeFileSync(file, `${least}secretFile: secret\n`);
  const env = { SEALPOST_OIDC: file };
  expect(() => providerFromEnvironment(env)).toThrow('secret cannot be read (ENOENT)');
  writeFileSync(secret, 'from a file\n', { mode: 0o600 });
  expect(providerFromEnvironment(env)?.clientSecret).toBe('from a file');
  chmodSync(secret, 0o644);
  expect(() => providerFromEnvironment(env)).toThrow('read or written by everybody');
  writeFileSync(file, least);
  expect(() => providerFromEnvironment(env)).toThrow('or set SEALPOST_OIDC_SECRET');
  expect(providerFromEnvironment({ ...env, SEALPOST_OIDC_SECRET: 'x' })?.clientSecret).toBe('x');
  expect(() => providerFromEnvironment({ SEALPOST_OIDC: `${file}.not` })).toThrow('it cannot be read (ENOENT)');
  expect(providerFromEnvironment({ SEALPOST_OIDC: '' })).toBeUndefined();
});

describe('roles', () => {
  const mapping = (claim: string[]) => ({
    claim,
    map: new Map([
      ['editors', ['engineer' as const]],
      ['approvers', ['approver' as const, 'reviewer' as const]],
    ]),
  });

  test.each<[unknown, string]>([
    ['editors', 'engineer'],
    [['approvers', 'editors', 'staff', 'editors'], 'engineer reviewer approver'],
    [['staff'], ''],
    ['editors approvers', ''],
    [[['editors']], ''],
    [{ editors: true }, ''],
    [['__proto__', 'constructor', null, 7], ''],
    [undefined, ''],
  ])('of the claim %j are: %s', (groups, roles) => {
    expect(rolesBy(mapping(['groups']), { groups }).join(' ')).toBe(roles);
  });

  test('stand where the way leads, in what is said itself', () => {
    expect(rolesBy(mapping(['https://x.example/roles']), { 'https://x.example/roles': 'editors' })).toEqual([
      'engineer',
    ]);
    expect(rolesBy(mapping(['a', 'b']), { a: { b: ['editors'] } })).toEqual(['engineer']);
    expect(rolesBy(mapping(['a', '0']), { a: ['editors'] })).toEqual([]);
    expect(rolesBy(mapping(['constructor', 'name']), {})).toEqual([]);
  });

  test('are never others than those of the table, whatever is said', () => {
    fc.assert(
      fc.property(fc.anything(), (groups) => {
        const roles = rolesBy(mapping(['groups']), { groups });
        expect(operatorRoles).toEqual(expect.arrayContaining(roles));
        const texts = new Set([groups].flat());
        expect(roles.includes('engineer')).toBe(texts.has('editors'));
        expect(roles.includes('approver')).toBe(texts.has('approvers'));
      }),
    );
  });
});

test.each([
  [{ name: ' Anna\r\nBcc: x ' }, 'Anna Bcc: x'],
  [{ name: '' }, undefined],
  [{ name: ['Anna'] }, undefined],
  [{}, undefined],
])('the text of %j is %j', (claims, text) => {
  expect(textClaim(claims, ['name'])).toBe(text);
});
