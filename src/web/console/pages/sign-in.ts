import { z } from 'zod';
import { operatorIdSchema } from '../../../delivery/operator-id.js';
import { passwordsTaken } from '../../access/access.js';
import { ownPath } from '../../access/public-url.js';
import { endSessionsOf, signInAs } from '../../access/sessions.js';
import { passwordHolds } from '../../access/sign-in.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type ConsoleRoute, type Page, type Visit } from '../route.js';
import { providerForm } from './provider-form.js';

const refusal =
  'This name and password do not let you in. After some attempts in a row an account takes none for up to 15 minutes.';

function signInPage(
  { access, csrf }: Pick<Visit, 'access' | 'csrf'>,
  next: string,
  { id = '', refused, signedOut }: { id?: string; refused?: string; signedOut?: Html | undefined } = {},
): Page {
  const { provider } = access;
  const byPassword = passwordsTaken(access);
  const main = html`<div class="card">
    <h1>Sign in</h1>
    ${signedOut} ${refused !== undefined && html`<p class="fault" role="alert">${refused}</p>`}
    ${provider && providerForm(provider, csrf, { action: '/sign-in/provider', next })}
    ${provider && byPassword && html`<p class="or">or, without an account there</p>`}
    ${byPassword && passwordForm(csrf, next, id, provider === undefined)}
  </div>`;
  return { title: 'Sign in', main, bare: true };
}

function passwordForm(csrf: string, next: string, id: string, focus: boolean): Html {
  return html`<form class="fields" method="post" action="/sign-in">
    ${csrfInput(csrf)}
    <input type="hidden" name="next" value="${next}" />
    <label for="operator">Operator id</label>
    <input
      id="operator"
      name="operator"
      value="${id}"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      required
      ${focus && id === '' && html`autofocus`}
    />
    <label for="password">Password</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="current-password"
      required
      ${id !== '' && html`autofocus`}
    />
    <button class="${focus ? 'primary' : ''}">Sign in</button>
    <p class="hint">
      No password yet? An administrator makes you a link: <code>sealpost operator invite</code> with your id.
    </p>
  </form>`;
}

/** Whoever takes the next seat would come in by a session that is open at the provider. */
async function signedOutHere(provider: Visit['access']['provider']): Promise<Html> {
  const elsewhere = await provider?.signOutAddress();
  return html`<p class="hint" role="status">
    You have signed out
    here.${
      provider &&
      elsewhere !== undefined &&
      html` At ${provider.settings.name} you may be signed in yet:
        <a href="${elsewhere}" rel="noreferrer">sign out there, too</a>.`
    }
  </p>`;
}

const fields = z.object({
  operator: z.string().trim().max(200),
  password: z.string().max(1_000),
  next: z.string().max(2_000).optional(),
});

async function signIn(visit: Visit<'nothing', unknown, unknown, z.output<typeof fields>>) {
  const { access, visitor, browser } = visit;
  const { operator: given, password, next } = visit.form;
  const id = operatorIdSchema.safeParse(given);
  if (!(await passwordHolds(access, id.data ?? '', password))) {
    return { page: signInPage(visit, ownPath(next), { id: given, refused: refusal }), status: 401 };
  }
  const operator = id.data ?? '';
  const session = await signInAs(access, operator, { browser, before: visitor.session });
  return { to: ownPath(next), session };
}

export const signInRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/',
    needs: 'account',
    answer: async ({ visitor }) => await Promise.resolve({ to: visitor.may.has('read') ? '/deliveries' : '/account' }),
  }),
  page({
    path: '/sign-in',
    needs: 'nothing',
    query: z.object({ next: z.string().max(2_000).optional(), out: z.literal('1').optional().catch(undefined) }),
    answer: async (visit) => {
      const next = ownPath(visit.query.next);
      if (visit.operator) return { to: next };
      const signedOut = visit.query.out && (await signedOutHere(visit.access.provider));
      return { page: signInPage(visit, next, { signedOut }) };
    },
  }),
  form({ path: '/sign-in', needs: 'nothing', guessable: true, form: fields, answer: signIn }),
  form({
    path: '/sign-out',
    needs: 'account',
    answer: async ({ access, operator, visitor: { session } }) => {
      if (session) await endSessionsOf(access, operator.id, session, { by: operator.id, kind: 'signed-out' });
      return { to: '/sign-in?out=1', session: null };
    },
  }),
];
