import { z } from 'zod';
import { ProviderAwayError, type IdentityProvider } from '../../access/identity-provider.js';
import { invitationOf } from '../../access/invitations.js';
import { beginAtProvider, callbackPath, finishAtProvider, SignInRefused } from '../../access/provider-sign-in.js';
import { ownPath } from '../../access/public-url.js';
import { secretHash } from '../../access/secret.js';
import { errorPage } from '../error-page.js';
import { html } from '../html.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';

type Begun = Pick<Visit, 'access' | 'address' | 'visitor'>;

/**
 * Goes to the provider by a page of our own: browsers hold what a form leads to against the policy `form-action`, on every
 * step of a way that we do not know.
 */
async function begin(visit: Begun, wish: Parameters<typeof beginAtProvider>[4]): Promise<Answer> {
  const { access, address, visitor } = visit;
  const { provider } = access;
  if (!provider || visitor.secret === undefined) return errorPage(404);
  try {
    const goesOnTo = await beginAtProvider(access, provider, address, visitor.secret, wish);
    const main = html`<div class="card">
      <h1>Going on to ${provider.settings.name}</h1>
      <p>If nothing happens: <a href="${goesOnTo}">go on</a>.</p>
    </div>`;
    return { page: { title: 'Signing in', main, bare: true, goesOnTo } };
  } catch (error) {
    return refusedPage(provider, error);
  }
}

/** @throws whatever is none of a sign-in's */
function refusedPage({ settings }: IdentityProvider, error: unknown): Answer {
  const away = error instanceof ProviderAwayError;
  if (!away && !(error instanceof SignInRefused)) throw error;
  const code = away ? undefined : error.about.code;
  const main = html`<div class="card">
    <h1>${away ? 'This sign-in does not work now' : 'This sign-in was refused'}</h1>
    <p class="fault" role="alert">${error.message}${code !== undefined && html` <code>${code}</code>`}</p>
    ${
      away &&
      html`<p>
        Try again in a few minutes.
        ${settings.passwords && 'Who has a password here comes in by it, and sessions that are open go on.'}
      </p>`
    }
    <p><a href="/sign-in">To the sign-in</a></p>
  </div>`;
  return { page: { title: 'Not signed in', main, bare: true }, status: away ? 503 : 403 };
}

async function comeBack(visit: Visit<'nothing'>): Promise<Answer> {
  const { access, address, visitor, browser, path } = visit;
  const { provider } = access;
  if (!provider || visitor.secret === undefined) return errorPage(404);
  const { search } = new URL(path, address.url);
  try {
    const returning = { search, browserSecret: visitor.secret, browser, session: visitor.session };
    const { secret, next } = await finishAtProvider(access, provider, address, returning);
    return { to: next, session: secret };
  } catch (error) {
    return refusedPage(provider, error);
  }
}

const fields = z.object({ next: z.string().max(2_000).optional() });
const linkParams = z.object({ secret: z.string().regex(/^[\w-]{43}$/) });

export const providerSignInRoutes: readonly ConsoleRoute[] = [
  form({
    path: '/sign-in/provider',
    needs: 'nothing',
    kept: true,
    form: fields,
    answer: (visit) => begin(visit, { next: ownPath(visit.form.next) }),
  }),
  // The one GET that changes something: the protocol comes back by it. Only the browser that went can use it, and once.
  page({ path: callbackPath, needs: 'nothing', answer: comeBack }),
  form({
    path: '/account/confirm',
    needs: 'account',
    form: fields,
    answer: (visit) => begin(visit, { next: ownPath(visit.form.next), operator: visit.operator.id }),
  }),
  form({
    path: '/welcome/:secret/provider',
    needs: 'nothing',
    kept: true,
    params: linkParams,
    answer: async (visit) => {
      const { secret } = visit.params;
      const { operator } = (await invitationOf(visit.access, secret)) ?? {};
      // The page of the link says that it opens no more.
      if (operator === undefined) return { to: `/welcome/${secret}` };
      return await begin(visit, { next: '/', invitation: secretHash(secret) });
    },
  }),
];
