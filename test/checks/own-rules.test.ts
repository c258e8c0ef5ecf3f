import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/checks/config-file.js';
import { ownFindings } from '../../src/checks/own-rules.js';
import { unchanged } from '../../src/delivery/control-rules/rule.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const thread = new URL('./own-rules-thread.mjs', import.meta.url);
const limits = { load: 60_000, rule: 60_000, all: 240_000 };

/** The finding about a rule that failed. */
const failed = (rule: string, why: string): unknown => [
  rule,
  'error',
  expect.stringMatching(new RegExp(`^The own rule "${rule}" ${why}.*: correct it\\.$`)),
];

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A configuration with a rule for each body of a function. */
const withRules = (bodies: Record<string, string>, more = ''): string =>
  `export default { ${more} rules: [${Object.entries(bodies)
    .map(([id, body]) => `{ id: '${id}', level: 'warning', explanation: 'It matters.', check(view) { ${body} } }`)
    .join(',\n')}] };`;

async function play(bodies: Record<string, string>, own: Partial<typeof limits> = {}, typology = unchanged) {
  const config = await loadConfig(undefined, folderWith({ 'sealpost.config.mjs': withRules(bodies) }), thread);
  const view = { settings: { name: 'N' }, fields: ['first_name'] };
  const findings = await ownFindings(config, 'parameters', typology, view, { limits: { ...limits, ...own }, thread });
  return { view, findings: findings.map(({ rule, level, sentence }) => [rule, level, sentence]) };
}

test('rules find what they see, at their own level or that of the typology', async () => {
  const bodies = {
    'sees-name': `return [{ place: 'name', sentence: view.settings.name + view.fields[0] + '.' }];`,
    'is-fine': 'return [];',
    'takes-time': `return Promise.resolve([{ place: 'name', sentence: 'Later.' }]);`,
    'is-off': `return [{ place: 'name', sentence: 'Never.' }];`,
  };
  const typology = { levels: new Map([['takes-time', 'info'] as const]), off: new Set(['is-off']) };
  expect((await play(bodies, {}, typology)).findings).toEqual([
    ['sees-name', 'warning', 'Nfirst_name.'],
    ['takes-time', 'info', 'Later.'],
  ]);
});

test('a rule that fails in any way is an error that names it, and the others are applied', async () => {
  const bodies = {
    throws: `throw new Error('no\\nplant');`,
    'is-fine': `return [{ place: 'name', sentence: 'Found.' }];`,
    'says-nothing': '',
    'says-nonsense': `return [{ place: 'name' }];`,
    'hands-out-functions': 'return () => [];',
    'ends-its-thread': 'process.exit(0);',
    'takes-all-memory': 'const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));',
    'changes-the-view': `view.settings.name = 'other'; return [];`,
    'changes-deeply': `view.fields.push('x'); return [];`,
    'reads-secrets': `return [{ place: 'name', sentence: 'Found ' + Object.keys(process.env).length + '.' }];`,
    'prints-much': `console.log('{}'); console.error('x'); return [{ place: 'name', sentence: 'Printed.' }];`,
  };
  const { view, findings } = await play(bodies);
  expect(findings).toEqual([
    failed('throws', 'failed .no plant.'),
    ['is-fine', 'warning', 'Found.'],
    failed('says-nothing', 'returned something else'),
    failed('says-nonsense', 'returned something else'),
    failed('hands-out-functions', 'returned something else'),
    failed('ends-its-thread', 'ended its thread'),
    failed('takes-all-memory', 'failed .*memory'),
    failed('changes-the-view', 'failed .*read only'),
    failed('changes-deeply', 'failed .*not extensible'),
    ['reads-secrets', 'warning', 'Found 0.'],
    ['prints-much', 'warning', 'Printed.'],
  ]);
  expect(view).toEqual({ settings: { name: 'N' }, fields: ['first_name'] });
});

test('a rule that does not end is ended, and the others are applied', async () => {
  const bodies = {
    'loops-for-ever': 'for (;;);',
    'is-fine': `return [{ place: 'name', sentence: 'Found.' }];`,
    'waits-for-ever': 'return new Promise(() => setInterval(() => {}, 1000));',
  };
  expect((await play(bodies, { rule: 2_000 })).findings).toEqual([
    failed('loops-for-ever', 'does not end'),
    ['is-fine', 'warning', 'Found.'],
    failed('waits-for-ever', 'does not end'),
  ]);
});

test('rules that take all the time together are told, each of them', async () => {
  const { findings } = await play({ first: 'for (;;);', second: 'return [];' }, { all: 3_000 });
  expect(findings).toEqual([
    ['first', 'error', expect.stringContaining('got no time')],
    ['second', 'error', expect.stringContaining('got no time')],
  ]);
});

test('a file that is broken after it was loaded is an error of each rule', async () => {
  const folder = folderWith({ 'sealpost.config.mjs': withRules({ one: 'return [];', two: 'return [];' }) });
  const config = await loadConfig(undefined, folder, thread);
  writeFileSync(join(folder, 'sealpost.config.mjs'), 'export default {');
  const findings = await ownFindings(config, 'parameters', unchanged, {}, { limits, thread });
  expect(findings).toMatchObject([
    {
      rule: 'one',
      level: 'error',
      place: 'sealpost.config.mjs',
      sentence: expect.stringContaining('cannot be loaded'),
    },
    { rule: 'two', level: 'error' },
  ]);
  writeFileSync(join(folder, 'sealpost.config.mjs'), withRules({ two: 'return [];' }));
  expect(await ownFindings(config, 'parameters', unchanged, {}, { limits, thread })).toMatchObject([
    { rule: 'one', level: 'error', sentence: expect.stringContaining('is not there any more') },
  ]);
});

test('without a file there are no rules; a folder’s own and CommonJS are read', async () => {
  expect((await loadConfig(undefined, temporaryFolder(), thread)).file).toBeUndefined();
  const folder = folderWith({ 'sealpost.config.js': 'module.exports = { typologies: { strict: {} } };' });
  const config = await loadConfig(undefined, folder, thread);
  expect([...config.typologies.keys()]).toEqual(['strict']);
  expect(await ownFindings(config, 'parameters', unchanged, {}, { limits, thread })).toEqual([]);
});

test.each<[string, Record<string, string>, string | undefined, RegExp]>([
  ['that is not there', {}, 'other.mjs', /other\.mjs: there is no such file$/],
  ['that does not parse', { 'sealpost.config.mjs': 'export default {' }, undefined, /cannot be loaded \(/],
  [
    'that throws',
    { 'sealpost.config.mjs': `throw new Error('not today')` },
    undefined,
    /cannot be loaded \(not today\)$/,
  ],
  ['that exports nothing', { 'sealpost.config.mjs': '' }, undefined, /must export a configuration by default$/],
  [
    'that goes in circles',
    { 'sealpost.config.mjs': 'const a = {}; a.a = a; export default a;' },
    undefined,
    /circular/,
  ],
  [
    'with faults',
    { 'sealpost.config.mjs': withRules({ one: '', two: '' }, `typologies: { a: { off: ['target-empty', 'thre'] } },`) },
    undefined,
    /"target-empty" keeps.*\n.*there is no rule "thre"/,
  ],
  [
    'beside another',
    { 'sealpost.config.mjs': 'export default {}', 'sealpost.config.js': '' },
    undefined,
    /sealpost\.config\.mjs: there is .*sealpost\.config\.js too/,
  ],
])('a file %s is refused', async (_name, files, named, sentence) => {
  await expect(loadConfig(named, folderWith(files), thread)).rejects.toThrow(sentence);
});

test('TypeScript is read where Node reads it, and else refused with a remedy', async () => {
  const config = loadConfig(
    undefined,
    folderWith({
      'sealpost.config.ts': 'const off: string[] = []; export default { typologies: { strict: { off } } };',
    }),
    thread,
  );
  const reads = 'typescript' in process.features && Boolean(process.features.typescript);
  const read = config.then(({ typologies }) => [...typologies.keys()]);
  if (reads) await expect(read).resolves.toEqual(['strict']);
  else
    await expect(read).rejects.toThrow('reads no TypeScript: name it sealpost.config.mjs, or use Node 22.18 or newer');
});
