import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startLocalStack } from '../../src/cli/local-stack.js';
import { Sealpost, type Delivery } from '../../src/client/index.js';
import { packageFile } from '../../src/client/package-file.js';
import { addAuthor, author, reached, start, write, type Where } from './example-deliveries.js';

/** `npm run screenshots`: pictures of the console's main pages for docs/, from a stack of its own. */

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const target = packageFile('docs/screenshots');
const password = 'four words are enough';
const winter = '2026-11-winter-news';

interface Session {
  url: string;
  page: Page;
}

interface Shot {
  file: string;
  path: string;
  width: 1_280 | 360;
  height?: number;
  scheme?: 'light' | 'dark';
  /** What is done on the page before. */
  before?: (page: Page) => Promise<void>;
}

/** Sets up the first administrator by the stack's own link, who decides as well, and gives the browser a key. */
async function signIn(browser: Browser, url: string, link: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel('Operator id').fill('approver');
  await page.getByLabel('Name, as people read it').fill('Approver');
  for (const role of ['engineer', 'approver', 'auditor']) await page.locator(`input[value="${role}"]`).check();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('The same once more').fill(password);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForURL(`${url}/deliveries`);
  await page.goto(`${url}/account/keys/new`);
  await page.getByLabel('What the device is called').fill('Laptop');
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.waitForURL(`${url}/account`);
  return page;
}

async function confirm({ url, page }: Session, delivery: Delivery): Promise<void> {
  await reached(delivery, 'awaiting-decision');
  await page.goto(`${url}/deliveries/${delivery.id}/decision`);
  await page.getByLabel('the number of messages').fill(String((await delivery.show()).sealedCount));
  await page.getByRole('button', { name: 'Sign and confirm' }).click();
  await page.getByText('Confirmed: the delivery goes on.').waitFor();
}

/** One delivery in each state that is worth a picture. */
async function makeDeliveries(session: Session, where: Where): Promise<void> {
  const autumn = await start(where, '2026-10-autumn-news', { 'Winter news 2026': 'Autumn news 2026' });
  await confirm(session, autumn);
  await reached(autumn, 'finished');

  const faulty = {
    'Winter news 2026': 'Christmas hours',
    '{{ first_name | default': '{{ nickname | upcase }}{{ first_name | default',
  };
  await start(where, '2026-12-christmas-hours', faulty);

  const sale = {
    'Winter news 2026': 'Seed sale',
    '  batchSize: 100': '  batchSize: 100\n  rate: 5/s\n  waves: { size: 25%, every: 1h }',
  };
  const selling = await start(where, '2026-11-seed-sale', sale);
  await confirm(session, selling);

  const main = await start(where, winter, {});
  await reached(main, 'awaiting-decision');
  const { seal = '' } = await main.show();
  const { page, url } = session;
  await page.goto(`${url}/deliveries/${winter}/decision`);
  await page.getByText('Reject it…').click();
  await page.getByLabel('What must be mended').fill('The subject says nothing of the offer.');
  await page.getByRole('button', { name: 'Sign and reject' }).click();
  await page.getByText('Rejected: nothing leaves.').waitFor();
  const revised = join(where.folder, winter);
  write(join(revised, 'delivery.yaml'), { 'winter plan is here': 'winter plan is here, and 20 % off bulbs' });
  await main.revise(revised, { operator: author, comment: 'the offer is in the subject' });
  while ((await main.show()).seal === seal) await reached(main, 'awaiting-decision');
  await reached(main, 'awaiting-decision');
}

/** A draft with what is found in it, and its preview beside it. */
async function checkDraft(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.locator('.draft-faults li').first().waitFor();
  await page.frameLocator('iframe:not(.arriving)').getByText('garden').first().waitFor();
}

const shots: readonly Shot[] = [
  { file: 'new-delivery', path: '/new-delivery?begin=example', width: 1_280, height: 900, before: checkDraft },
  { file: 'deliveries', path: '/deliveries', width: 1_280, height: 640 },
  { file: 'delivery', path: `/deliveries/${winter}`, width: 1_280, height: 1_000 },
  { file: 'decision', path: `/deliveries/${winter}/decision`, width: 1_280, height: 1_000 },
  { file: 'decision-phone', path: `/deliveries/${winter}/decision`, width: 360 },
  { file: 'preview', path: `/deliveries/${winter}/preview`, width: 1_280, height: 900 },
  { file: 'report', path: `/deliveries/${winter}/report`, width: 1_280, height: 1_000 },
  { file: 'sending', path: '/deliveries/2026-11-seed-sale/sending', width: 1_280, height: 1_000, scheme: 'dark' },
  { file: 'sending-phone', path: '/deliveries/2026-11-seed-sale/sending', width: 360, scheme: 'dark' },
  { file: 'recipients', path: '/deliveries/2026-10-autumn-news/recipients', width: 1_280, height: 700 },
];

async function shoot(
  { url, page }: Session,
  { file, path, width, height = 780, scheme = 'light', before }: Shot,
): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.goto(`${url}${path}`);
  // What is counted or drawn meanwhile is worth the wait.
  await page.locator('[data-again]').waitFor({ state: 'detached' });
  await before?.(page);
  await page.screenshot({ path: join(target, `${file}.png`), animations: 'disabled' });
}

async function main(): Promise<void> {
  if (!existsSync(executablePath)) {
    process.stderr.write(
      `There is no ${executablePath}. Install it (apt-get install chromium), or name another one in CHROMIUM.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-screenshots-'));
  // Postgres runs as another user where this is run by root.
  chmodSync(folder, 0o711);
  // All of the stack is its own.
  const none = { DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined, SMTP_URL: undefined };
  const keys = join(folder, 'keys');
  const env = { ...process.env, ...none, SEALPOST_HOME: join(folder, 'home'), SEALPOST_KEYS: keys };
  const report = ({ part, text }: { part: string; text: string }) => process.stdout.write(`${part}: ${text}\n`);
  const { stack } = await startLocalStack(env, report, new AbortController().signal);
  const sealpost = Sealpost.connect({
    env: { ...env, DATABASE_URL: stack.databaseUrl, TEMPORAL_ADDRESS: stack.temporalAddress },
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const where = { sealpost, folder, keys };
    await addAuthor(where);
    const url = stack.consoleUrl ?? '';
    const session = { url, page: await signIn(browser, url, stack.firstLink ?? '') };
    await makeDeliveries(session, where);
    await mkdir(target, { recursive: true });
    for (const shot of shots) await shoot(session, shot);
    const sizes = readdirSync(target).map((name) => [name, statSync(join(target, name)).size] as const);
    for (const [name, size] of sizes) process.stdout.write(`${name}  ${Math.ceil(size / 1_000)} kB\n`);
  } finally {
    await browser.close();
    await sealpost.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
