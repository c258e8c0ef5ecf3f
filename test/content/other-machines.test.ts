import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { writtenText } from './written-text-of.js';

const here = (name: string) => new URL(name, import.meta.url);
const hooks = `import { register } from 'node:module'; register('${here('typescript-hooks.mjs').href}');`;

/** @returns what a machine with these settings writes */
async function writtenWith(env: NodeJS.ProcessEnv, jobs: Parameters<typeof writtenText>[]): Promise<string[]> {
  const arguments_ = [
    '--import',
    `data:text/javascript,${encodeURIComponent(hooks)}`,
    here('write-elsewhere.ts').pathname,
  ];
  const run = promisify(execFile)(process.execPath, arguments_, { env: { PATH: process.env['PATH'], ...env } });
  run.child.stdin?.end(JSON.stringify(jobs));
  return JSON.parse((await run).stdout) as string[];
}

const machines: NodeJS.ProcessEnv[] = [
  { LC_ALL: 'de_DE.UTF-8', TZ: 'Europe/Berlin' },
  { LC_ALL: 'ar_EG.UTF-8', TZ: 'America/St_Johns' },
  { LC_ALL: 'ja_JP.UTF-8', TZ: 'Pacific/Apia' },
];

const letters = 'aAbBhCdeHIjklLmMnNpPqsStuUwWyYzZ%fFDR'.split('');
const flags = ['', '-', '_', '0', '^', '#', ':', '3', '-3', '_5', '012', 'E', 'O'];
const format = letters.flatMap((letter) => flags.map((flag) => `%${flag}${letter}`)).join('|');
// Summer time begins in Berlin and in St. John's, a day is left out in Apia.
const dates = ['2026-03-29T02:30', '2026-03-08T02:30', '2011-12-30', '2026-12-31T23:59:59.999Z', '2026-01-01'];

test('dates are the same on every machine', async () => {
  const jobs = dates.map((v): Parameters<typeof writtenText> => [`{{ v | date: '${format}' }}{{ v | date }}`, { v }]);
  const expected = jobs.map((job) => writtenText(...job));
  for (const machine of machines) expect(await writtenWith(machine, jobs)).toEqual(expected);
});

test("a language without tables is English where the delivery's has none either, whatever the machine's", async () => {
  const jobs: Parameters<typeof writtenText>[] = [
    ['{{ 1234.5 | number }}, {{ "2026-11-03" | local_date: "full" }}', { locale: 'xx-YY' }, 'xx'],
    ['{{ 1234.5 | number }}, {{ "2026-11-03" | local_date: "full" }}', {}, 'xx'],
  ];
  for (const machine of machines)
    expect(await writtenWith(machine, jobs)).toEqual(jobs.map(() => '1,234.5, Tuesday, November 3, 2026'));
});

test.each([
  ['%H:%M on %A', '2026-03-29T02:30', '02:30 on Sunday'],
  ['%-d.%-m.%y', '2026-11-03', '3.11.26'],
  ['%B %e%q, %Y', '2026-11-03', 'November  3rd, 2026'],
  ['%j %U %W', '2026-12-31', '365 52 52'],
  ['%3N %L %^a %#p', '2026-11-03T13:00:00.05Z', '050 050 TUE pm'],
  ['%H %z %:z', '2026-11-03T01:00+02:00', '23 +0000 +00:00'],
])('%s of %s', (given, v, expected) => {
  expect(writtenText(`{{ v | date: "${given}" }}`, { v })).toBe(expected);
});

test("every date is written as Liquid's own filter does at UTC", () => {
  const liquid = new Liquid({ timezoneOffset: 0, locale: 'en' });
  // The library asks the machine for its zone: away from the days on which one changes, it is right.
  const day = fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const directive = fc.tuple(fc.constantFrom(...flags), fc.constantFrom(...letters)).map(([a, b]) => `%${a}${b}`);
  fc.assert(
    fc.property(day, fc.array(directive, { maxLength: 5 }), (date, directives) => {
      const template = `{{ v | date: '${directives.join(' ')}' }}`;
      const v = date.toISOString();
      expect(writtenText(template, { v })).toBe(liquid.parseAndRenderSync(template, { v }));
    }),
  );
});
