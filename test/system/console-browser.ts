import { chromium, type Browser, type Page } from 'playwright-core';
import type { OperatorRole } from '../../src/client/index.js';
import { loopbackAddress } from '../../src/web/access/public-url.js';
import { beginSession } from '../../src/web/access/sessions.js';
import { givePassword } from '../../src/web/access/sign-in.js';
import { startConsole } from '../../src/web/console/server.js';
import type { TestEnvironment } from './environment.js';
import { sessionName } from './served-console.js';

export const desktop = { viewport: { width: 1_280, height: 900 } };
export const phone = {
  viewport: { width: 360, height: 780 },
  isMobile: true,
  hasTouch: true,
  colorScheme: 'dark',
} as const;

type Context = Parameters<Browser['newContext']>[0];

/** Chromium before a console of its own. */
export interface ConsoleBrowser {
  url: string;
  /** A browser in which somebody has signed in. */
  signedIn: (operator: string, context?: Context) => Promise<Page>;
  /** Makes a key of this browser's own, beginning with a page that offers to, and comes back there. */
  makeKey: (page: Page) => Promise<void>;
  close: () => Promise<void>;
}

const password = 'four words are enough';

/** @param people - operators by id, who get a password */
export async function openConsoleBrowser(
  { database, env, sealpost }: TestEnvironment,
  people: Readonly<Record<string, OperatorRole[]>>,
): Promise<ConsoleBrowser> {
  const access = { database, now: Date.now };
  for (const [id, roles] of Object.entries(people)) {
    await sealpost.operators.put({ id, name: id, roles }, 'author');
    await givePassword(access, { id }, password);
  }
  const databaseUrl = env['DATABASE_URL'] ?? '';
  const served = await startConsole({ env, databaseUrl, host: '127.0.0.1', port: 0, record: () => undefined });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const { url } = served;
  return {
    url,
    signedIn: async (operator, context = desktop) => {
      const value = await beginSession(access, operator, 'Chromium');
      const opened = await browser.newContext(context);
      await opened.addCookies([{ name: sessionName(loopbackAddress(Number(new URL(url).port))), value, url }]);
      return await opened.newPage();
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
