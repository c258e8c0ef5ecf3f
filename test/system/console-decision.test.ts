import type { Page } from 'playwright-core';
import { keyIdIn } from '../../src/audit/operator-signature.js';
import type { Delivery } from '../../src/client/index.js';
import { browseConsole, desktop, phone as light, shutOut, told, type BrowsedConsole } from './console-browser.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type SendingEnvironment } from './environment.js';

const phone = { ...light, colorScheme: 'dark' } as const;

let environment: SendingEnvironment;
let served: BrowsedConsole;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  served = await browseConsole(environment, { approver: ['approver'], author: ['engineer', 'approver'] });
});
afterAll(async () => {
  await served.close();
  await environment.close();
});

type Context = Parameters<BrowsedConsole['signedIn']>[1];

const signedIn: BrowsedConsole['signedIn'] = (operator, context) => served.signedIn(operator, context);

/** The same with a key, which is made on the way to a decision. */
async function withKey(operator: string, delivery: Delivery, context?: Context): Promise<Page> {
  const page = await signedIn(operator, context);
  await decide(page, delivery);
  await page.getByRole('link', { name: 'Give it one' }).click();
  await served.makeKey(page);
  return page;
}

const decide = (page: Page, { id }: Delivery) => page.goto(`${served.url}/deliveries/${id}/decision`);

async function held(own: Partial<Values> & { id: string }): Promise<Delivery> {
  const delivery = await environment.sealpost.start(definition(own), { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  return delivery;
}

/** Pages as they are in either scheme hold nothing that shuts somebody out. */
const expectAccessible = async (page: Page) => expect([page.url(), ...(await shutOut(page))]).toEqual([page.url()]);

test('a key is made in the browser, signs a decision, and the delivery is sent', async () => {
  const delivery = await held({ id: 'signed' });
  const page = await withKey('approver', delivery);
  await page.getByText('What you sign').click();
  expect(await page.locator('[data-says="seal"]').last().innerText()).toBe((await delivery.show()).seal);
  await page.getByLabel('the number of messages').fill('4');
  await page.getByRole('button', { name: 'Sign and confirm' }).click();
  await page.getByText('That is not 5, the number of messages').waitFor();
  await page.getByLabel('the number of messages').fill('5');
  await page.getByRole('textbox', { name: 'Comment' }).fill('as proofed\nprices, too ');
  await page.getByRole('button', { name: 'Sign and confirm' }).click();
  await told(page, 'Confirmed: the delivery goes on.');
  expect((await delivery.outcome()).outcome).toBe('finished');
  const [entry] = (await delivery.journal()).filter(({ kind }) => kind === 'decide');
  expect(entry?.data).toMatchObject({ accepted: true, signed: true, comment: 'as proofed\nprices, too' });
  const { keys } = await environment.sealpost.operators.find('approver');
  const kid = keyIdIn('decision', String(entry?.data['signature']));
  expect(keys.find((key) => key.kid === kid)?.label).toBe('Test browser');
  await page.goto(`${served.url}/account`);
  expect(await page.locator('[data-own]:visible').count()).toBe(1);
  await page.context().close();
});

test('the author under four eyes is told why not, and may reject on a phone; the next revision tells what has changed', async () => {
  const delivery = await held({ id: 'rejected', approval: { approvers: ['approver', 'author'], fourEyes: true } });
  const page = await withKey('author', delivery, phone);
  await page.getByText('You cannot confirm: four-eyes: operator "author" submitted this revision').waitFor();
  await page.getByText('Reject it…').click();
  await page.getByLabel('What must be mended').fill('the second price');
  await page.getByRole('button', { name: 'Sign and reject' }).click();
  await told(page, 'Rejected: nothing leaves.');
  await delivery.revise(definition({ id: 'rejected', subject: 'Mended', recipients: recipients(6) }), {
    operator: 'author',
  });
  await eventually(
    () => delivery.show(),
    ({ phase, sealedCount }) => phase === 'awaiting-decision' && sealedCount === 6,
  );
  await eventually(
    async () => {
      await decide(page, delivery);
      return await page.locator('[aria-labelledby="changes"]').innerText();
    },
    (changes) =>
      /since you last decided[^]*5 messages then, 6 now\.[^]*subject: .*→ "Mended"[^]*Recipients: 1 new/.test(changes),
  );
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.context().close();
});

test('the delivery’s refusal is shown with its reason', async () => {
  const delivery = await held({ id: 'revoked' });
  const page = await withKey('approver', delivery);
  await page.getByLabel('the number of messages').fill('5');
  await environment.sealpost.operators.revokeKeys('approver', {}, 'author');
  await page.getByRole('button', { name: 'Sign and confirm' }).click();
  await told(page, 'Refused: it is signed with a key that was revoked.');
  await page.getByText('This browser has no key of yours that counts.').waitFor();
  await page.context().close();
});

test('a server that would have something else signed gets no signature', async () => {
  const delivery = await held({ id: 'tricked' });
  const page = await withKey('approver', delivery);
  let changed: Record<string, unknown> = {};
  await page.route('**/decision-text', async (route) => {
    const told = (await (await route.fetch()).json()) as { text: string };
    await route.fulfill({
      json: { ...told, text: JSON.stringify({ ...(JSON.parse(told.text) as object), ...changed }) },
    });
  });
  await page.getByLabel('the number of messages').fill('5');
  for (const [member, value] of [
    ['verdict', 'withdraw'],
    ['seal', 'ab'.repeat(32)],
    ['delivery', 'another'],
    ['comment', 'never typed'],
    ['breakGlass', true],
    ['signedAt', '2030-01-01T00:00:00.000Z'],
  ] as const) {
    changed = { [member]: value };
    await page.getByRole('button', { name: 'Sign and confirm' }).click();
    await page.getByText(`is not what you see: it says another "${member}"`).waitFor();
  }
  expect((await delivery.show()).decisions).toEqual([]);
  await page.context().close();
});

test('a confirmation that waits for others says so and is taken back; in an emergency one person confirms alone', async () => {
  const delivery = await held({
    id: 'emergency',
    approval: { approvers: ['approver', 'second'], quorum: 2, breakGlass: ['approver'] },
  });
  const page = await withKey('approver', delivery, phone);
  await page.getByLabel('the number of messages').first().fill('5');
  await page.getByRole('button', { name: 'Sign and confirm', exact: true }).click();
  await told(page, '1 more confirmation must come; those who may: owner, second.');
  await page.getByText('You cannot confirm: operator "approver" has confirmed this seal already').waitFor();
  await page.getByRole('button', { name: 'Sign, and take it back' }).click();
  await told(page, 'Your confirmation counts no more.');
  await page.getByText('Confirm alone, in an emergency…').click();
  await page.getByLabel('the number of messages').last().fill('5');
  await page.getByLabel('The emergency').fill('recall of a product');
  await page.getByRole('button', { name: 'Sign and confirm alone' }).click();
  await told(page, 'Confirmed: the delivery goes on.');
  const { decisions } = await delivery.show();
  expect(decisions.at(-1)).toMatchObject({ accepted: true, signed: true, breakGlass: true });
  await page.context().close();
});

test('where nothing must be signed, a browser without scripts and without a key decides, and it is marked', async () => {
  const delivery = await held({ id: 'unsigned', approval: { approvers: ['approver'], requireSignature: false } });
  const page = await signedIn('approver', { ...desktop, javaScriptEnabled: false });
  await decide(page, delivery);
  await page.getByLabel('the number of messages').fill('5');
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await told(page, 'Confirmed: the delivery goes on.');
  expect((await delivery.show()).decisions).toMatchObject([{ operator: 'approver', accepted: true, signed: false }]);
  await page.context().close();
});

const hostile = `<p>Dear {{ first_name }}<script>document.title = 'run'</script><img src="x" onerror="document.title = 'run'">
<img src="https://elsewhere.example/pixel.png"><meta http-equiv="refresh" content="0;url=/account"></p>`;

test('what a mail holds runs nowhere and loads nothing, and no page shuts anybody out', async () => {
  const delivery = await held({
    id: 'looked-at',
    content: { html: hostile, text: 'Dear {{ first_name }} </pre><script>document.title = "run"</script>' },
    proofs: { recipients: ['proof@garden.example'] },
    approval: { approvers: ['approver'], contentApproval: { reviewers: ['approver'] } },
  });
  const page = await signedIn('approver');
  const left: string[] = [];
  page.on('requestfinished', (request) => {
    if (!request.url().startsWith(served.url)) left.push(request.url());
  });
  const at = `${served.url}/deliveries/${delivery.id}`;
  for (const path of [
    '',
    '/report',
    '/preview?view=phone',
    '/preview?view=text',
    '/preview?view=source',
    '/preview?scheme=dark',
    '/proofs',
    '/decision',
  ]) {
    await page.goto(`${at}${path}`);
    await expectAccessible(page);
  }
  for (const path of ['/account', '/account/keys/new']) {
    await page.goto(`${served.url}${path}`);
    await expectAccessible(page);
  }
  // Opened by itself it has no rights either.
  await page.goto(`${at}/preview/frame`);
  expect(await page.locator('p').innerText()).toContain('Dear Name1');
  expect([await page.title(), page.url(), await page.evaluate('origin')]).toEqual(['', `${at}/preview/frame`, 'null']);
  // What the policy of the page refuses is told as a request that failed.
  expect(left).toEqual([]);
  await page.context().close();
});

test('a reviewer signs a word on a proof; without a script the pages name the commands', async () => {
  const delivery = await held({
    id: 'reviewed',
    proofs: { recipients: ['proof@garden.example'] },
    approval: { approvers: ['approver'], contentApproval: { reviewers: ['approver'] } },
  });
  const bare = await signedIn('approver', { ...phone, javaScriptEnabled: false });
  await decide(bare, delivery);
  expect(await bare.locator('.decide').innerText()).toContain(
    'You cannot confirm: nobody can yet: 1 more reviewer must approve',
  );
  expect(await bare.locator('main').innerText()).toContain('sealpost confirm reviewed --operator approver --seal');
  await bare.getByRole('link', { name: 'Proofs' }).click();
  expect(await bare.locator('main').innerText()).toContain('sealpost proof approve reviewed 1 --operator approver');
  await bare.context().close();

  const page = await withKey('approver', delivery, phone);
  await page.getByRole('link', { name: 'Proofs' }).click();
  expect(await page.locator('.list').innerText()).toMatch(/proof@garden\.example\s+sent\s+250/);
  await page.getByRole('button', { name: 'Reject' }).click();
  await told(page, 'Say what must be mended');
  await page.getByRole('button', { name: 'Approve' }).click();
  await told(page, 'You approved it.');
  await decide(page, delivery);
  await page.getByRole('button', { name: 'Sign and confirm' }).waitFor();
  await page.context().close();
});
