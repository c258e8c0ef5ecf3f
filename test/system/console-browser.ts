import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { OperatorRole } from '../../src/client/index.js';
import { loopbackAddress } from '../../src/web/access/public-url.js';
import { beginSession } from '../../src/web/access/sessions.js';
import { givePassword } from '../../src/web/access/sign-in.js';
import { startConsole, type StartConsoleOptions } from '../../src/web/console/server.js';
import type { TestEnvironment } from './environment.js';
import { sessionName } from './served-console.js';

/** Of everybody who signs in. */
export const password = 'four words are enough';

export const desktop = { viewport: { width: 1_280, height: 900 } } as const;
export const phone = { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true } as const;

type Context = Parameters<Browser['newContext']>[0];

/** A console as it is served, and browsers that look at it. */
export interface BrowsedConsole {
  url: string;
  browser: Browser;
  /** A browser in which nobody has signed in. */
  stranger: (context?: Context) => Promise<Page>;
  /** A browser in which somebody has signed in. */
  signedIn: (operator: string, context?: Context) => Promise<Page>;
  /** Makes a key of this browser's own, on the page that offers to, and comes back to where that was asked for. */
  makeKey: (page: Page) => Promise<void>;
  close: () => Promise<void>;
}

type Own = Partial<Pick<StartConsoleOptions, 'inboxFolder' | 'systemKey'>>;

export async function browseConsole(
  { database, env, sealpost }: TestEnvironment,
  people: Readonly<Record<string, readonly OperatorRole[]>>,
  own: Own = {},
): Promise<BrowsedConsole> {
  const access = { database, now: Date.now };
  for (const [id, roles] of Object.entries(people)) {
    await sealpost.operators.put({ id, name: id, roles: [...roles] }, 'author');
    await givePassword(access, { id }, password);
  }
  const databaseUrl = env['DATABASE_URL'] ?? '';
  const served = await startConsole({ env, databaseUrl, host: '127.0.0.1', port: 0, record: () => undefined, ...own });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const stranger = async (context: Context = desktop) => await (await browser.newContext(context)).newPage();
  return {
    url: served.url,
    browser,
    stranger,
    signedIn: async (operator, context) => {
      const page = await stranger(context);
      const value = await beginSession(access, operator, 'Chromium');
      const name = sessionName(loopbackAddress(Number(new URL(served.url).port)));
      await page.context().addCookies([{ name, value, url: served.url }]);
      return page;
    },
    makeKey: async (page) => {
      await page.getByLabel('What the device is called').fill('Test browser');
      await page.getByLabel('Your password').fill(password);
      await page.getByRole('button', { name: 'Make the key' }).click();
      await page.getByText('This browser has a key of yours').waitFor();
    },
    close: async () => {
      await browser.close();
      await served.stop();
    },
  };
}

/** Waits for what the page says of what was asked. */
export const told = (page: Page, text: string): Promise<void> =>
  page.locator('.notice').filter({ hasText: text }).first().waitFor();

/** Loads the page again until it says so; the test's own time limit ends it. */
export async function reloadedUntil(page: Page, says: RegExp): Promise<void> {
  while (!says.test(await page.locator('main').innerText())) await page.reload();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What of a page shuts somebody out, in either scheme. */
export async function shutOut(page: Page): Promise<string[]> {
  // What is still being made loads itself again.
  await page.locator('[data-again]').waitFor({ state: 'detached' });
  const all: string[] = [];
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Only colours differ in the other one.
    const rules = colorScheme === 'light' ? {} : { runOnly: ['color-contrast', 'link-in-text-block'] };
    const found = await page.evaluate(async (options) => {
      const { axe: run } = globalThis as unknown as {
        axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await run.run(options);
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    }, rules);
    all.push(...found.map((one) => `${colorScheme}: ${one}`));
  }
  return all;
}

/** How much wider than the window a page is. */
export const overhang = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
