import { z } from 'zod';
import { makeToken, revokeToken, tokensOf } from '../../access/api-tokens.js';
import { permissions, permissionWords, type Permission } from '../../access/permissions.js';
import { endSessionsOf, sessionsOf } from '../../access/sessions.js';
import { passwordsTaken } from '../../access/access.js';
import { givePassword, PasswordFault, passwordHolds } from '../../access/sign-in.js';
import { accessEvents, type AccessEvent } from '../../../store/access-events.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { newPassword } from './new-password.js';
import { notProven, ownProof, proofField, proves, signInAgain, type OwnProof } from './own-proof.js';
import { ownKeys, signingKeysSection, signingScript } from './signing-keys.js';

const section = '/account';

/** What of a token can still be entered once it was refused, and the token that was made just now. */
interface TokenState {
  made?: { token: string; label: string };
  fault?: string;
}

async function accountPage(visit: Visit, token: TokenState = {}): Promise<Answer> {
  const { access, operator, visitor, csrf } = visit;
  const [sessions, tokens, events] = [
    await sessionsOf(access, operator.id),
    await tokensOf(access, operator.id),
    await accessEvents(access.database, operator.id, 12),
  ];
  const own = visitor.session?.key;
  const proof = await ownProof(visit);
  const main = html`<h1>Account</h1>
    <dl class="facts">
      <div>
        <dt>Name</dt>
        <dd><bdi>${operator.name}</bdi></dd>
      </div>
      <div>
        <dt>Operator id</dt>
        <dd><code>${operator.id}</code></dd>
      </div>
      <div>
        <dt>Roles</dt>
        <dd>${operator.roles.join(', ') || 'none: an administrator can give you some'}</dd>
      </div>
      ${
        proof !== 'password' &&
        html`<div>
          <dt>Signs in with</dt>
          <dd>${access.provider?.settings.name}</dd>
        </div>`
      }
    </dl>
    ${signingKeysSection(visit, await ownKeys(visit))} ${sessionsSection(sessions, own, csrf)}
    ${tokensSection(tokens, visit, token, proof)}
    ${proof === 'password' && passwordsTaken(access) && passwordSection(operator.id, csrf)}
    <section aria-labelledby="events">
      <h2 id="events">Lately</h2>
      <ul class="plain log">
        ${events.map((event) => html`<li>${instant(event.at)} <span>${eventText(event, operator.id)}</span></li>`)}
      </ul>
    </section>`;
  return {
    page: { title: 'Account', main, section, scripts: [signingScript] },
    ...(token.fault !== undefined && { status: 422 }),
  };
}

function sessionsSection(
  sessions: Awaited<ReturnType<typeof sessionsOf>>,
  own: number | undefined,
  csrf: string,
): Html {
  return html`<section aria-labelledby="sessions">
    <h2 id="sessions">Sessions</h2>
    <p>Where you are signed in. A session ends after 8 hours without use, and after a day.</p>
    <ul class="plain rows">
      ${sessions.map(
        ({ key, browser, beganAt, seenAt }) =>
          html`<li>
            <div>
              <b>${browser}</b>${key === own && html` <span class="badge">this one</span>`}
              <small>since ${instant(beganAt)}, last used ${instant(seenAt)}</small>
            </div>
            ${
              key !== own &&
              html`<form method="post" action="/account/sessions/${key}/end">
                ${csrfInput(csrf)} <button aria-label="End the session of ${browser}">End</button>
              </form>`
            }
          </li>`,
      )}
    </ul>
    ${
      sessions.length > 1 &&
      html`<form method="post" action="/account/sessions/end-others">
        ${csrfInput(csrf)}<button>End all others</button>
      </form>`
    }
  </section>`;
}

/** Programs that keep passwords find by it whose this one is. */
const username = (id: string): Html => html`<input name="username" value="${id}" autocomplete="username" hidden />`;

const lifetimes = [7, 30, 90, 365];

function tokensSection(
  tokens: Awaited<ReturnType<typeof tokensOf>>,
  visit: Visit,
  { made, fault }: TokenState,
  proof: OwnProof,
): Html {
  const { csrf } = visit;
  return html`<section aria-labelledby="tokens">
    <h2 id="tokens">API tokens</h2>
    <p>For programs that use the API in your name. A token may at most what you may, as long as you may it.</p>
    ${
      made &&
      html`<div class="notice done" role="status">
        <span class="mark" aria-hidden="true">✓</span>
        <div>
          <p>The token “<bdi>${made.label}</bdi>”. It is shown now and never again:</p>
          <p><input class="secret" readonly value="${made.token}" aria-label="The new token" data-select /></p>
        </div>
      </div>`
    }
    <ul class="plain rows">
      ${tokens.map(
        ({ key, label, scopes, expiresAt, seenAt }) =>
          html`<li>
            <div>
              <b><bdi>${label}</bdi></b>
              <small
                >${scopes.join(', ')}; until ${instant(expiresAt)};
                ${seenAt === undefined ? 'not used yet' : html`last used ${instant(seenAt)}`}</small
              >
            </div>
            <form method="post" action="/account/tokens/${key}/revoke">
              ${csrfInput(csrf)} <button aria-label="Revoke the token ${label}">Revoke</button>
            </form>
          </li>`,
      )}
    </ul>
    <details ${(fault !== undefined || proof === 'given') && html`open`}>
      <summary>Make a token</summary>
      ${fault !== undefined && html`<p class="fault" role="alert">${fault}</p>`}
      ${proof === 'provider' ? signInAgain(visit, section) : newTokenForm(visit, proof)}
    </details>
  </section>`;
}

function newTokenForm({ csrf, operator, visitor }: Visit, proof: OwnProof): Html {
  return html`<form class="stack" method="post" action="/account/tokens">
    ${csrfInput(csrf)}
    <label for="label">What it is for</label>
    <input id="label" name="label" maxlength="100" required />
    <fieldset>
      <legend>It may</legend>
      ${permissions
        .filter((permission) => visitor.may.has(permission))
        .map(
          (permission) =>
            html`<label class="choice"
              ><input
                type="checkbox"
                name="scopes"
                value="${permission}"
                ${permission === 'read' && html`checked`}
              /><span><b>${permission}</b> <small>${permissionWords[permission]}</small></span></label
            >`,
        )}
    </fieldset>
    <label for="days">It works for</label>
    <select id="days" name="days">
      ${lifetimes.map((days) => html`<option value="${days}" ${days === 90 && html`selected`}>${days} days</option>`)}
    </select>
    ${proofField(proof, operator, 'token-password')}
    <button class="primary">Make the token</button>
  </form>`;
}

const passwordSection = (id: string, csrf: string): Html =>
  html`<section aria-labelledby="password-title">
    <h2 id="password-title">Password</h2>
    <details>
      <summary>Change it</summary>
      <form class="stack" method="post" action="/account/password">
        ${csrfInput(csrf)} ${username(id)}
        <label for="current">Your password now</label>
        <input id="current" name="current" type="password" autocomplete="current-password" required />
        ${newPassword({ label: 'The new one', again: 'The new one once more', hint: 'All other sessions end with the change.' })}
        <button class="primary">Change the password</button>
      </form>
    </details>
  </section>`;

const eventWords: Readonly<Record<AccessEvent['kind'], string>> = {
  'signed-in': 'signed in',
  'sign-in-failed': 'somebody failed to sign in',
  locked: 'the account took no password for a while',
  'signed-out': 'signed out',
  'session-ended': 'a session was ended',
  invited: 'a link to set a password was made',
  'password-set': 'the password was set',
  'identity-bound': 'connected with an account at the provider',
  'token-made': 'a token was made',
  'token-revoked': 'a token was revoked',
};

function eventText({ kind, by, data }: AccessEvent, own: string): string {
  const browser = typeof data['browser'] === 'string' ? ` with ${data['browser']}` : '';
  const through = typeof data['provider'] === 'string' && kind === 'signed-in' ? ` by ${data['provider']}` : '';
  return `${eventWords[kind]}${browser}${through}${by === undefined || by === own ? '' : ` by ${by}`}`;
}

const keyed = z.object({ key: z.coerce.number().int().min(1).max(2_147_483_647) });

async function endSession({ access, operator, params }: Visit<'account', { key: number }>): Promise<Answer> {
  const ended = await endSessionsOf(access, operator.id, params, { by: operator.id, kind: 'session-ended' });
  const text = ended === 1 ? 'The session has ended.' : 'You have no such session; it may have ended by itself.';
  return { to: section, notice: { kind: ended === 1 ? 'done' : 'refused', text } };
}

async function endOthers({ access, operator, visitor }: Visit): Promise<Answer> {
  const ended = await endSessionsOf(
    access,
    operator.id,
    { except: visitor.session?.key },
    { by: operator.id, kind: 'session-ended' },
  );
  return {
    to: section,
    notice: { kind: 'done', text: `${ended} other session${ended === 1 ? ' has' : 's have'} ended.` },
  };
}

const tokenFields = z.object({
  label: z.string().trim().max(100),
  scopes: z.union([z.string(), z.array(z.string())]).optional(),
  days: z.coerce.number().int().min(1).max(365),
  password: z.string().max(1_000).default(''),
});

async function newToken(visit: Visit<'account', unknown, unknown, z.output<typeof tokenFields>>): Promise<Answer> {
  const { access, operator, visitor, form: given } = visit;
  const scopes = permissions.filter(
    (one): one is Permission => [given.scopes].flat().includes(one) && visitor.may.has(one),
  );
  if (given.label === '') return await accountPage(visit, { fault: 'Say what the token is for.' });
  if (scopes.length === 0) return await accountPage(visit, { fault: 'Choose something that the token may do.' });
  // A session that somebody left open must not become a token that outlives it.
  if (!(await proves(visit, given.password))) return await accountPage(visit, { fault: notProven });
  const { label, days } = given;
  const token = await makeToken(access, operator.id, { label, scopes, days });
  return await accountPage(visit, { made: { token, label } });
}

async function revoke({ access, operator, params: { key } }: Visit<'account', { key: number }>): Promise<Answer> {
  const revoked = await revokeToken(access, operator.id, key);
  const text = revoked ? 'The token works no more.' : 'You have no such token.';
  return { to: section, notice: { kind: revoked ? 'done' : 'refused', text } };
}

const passwordFields = z.object({
  current: z.string().max(1_000),
  password: z.string().max(1_000),
  again: z.string().max(1_000),
});

async function changePassword({
  access,
  operator,
  visitor,
  form: { current, password, again },
}: Visit<'account', unknown, unknown, z.output<typeof passwordFields>>): Promise<Answer> {
  const refused = (text: string): Answer => ({ to: section, notice: { kind: 'refused', text } });
  if (password !== again) return refused('The two new passwords are not the same: nothing was changed.');
  if (!(await passwordHolds(access, operator.id, current)))
    return refused('That is not your password, or it was tried too often just now: nothing was changed.');
  try {
    await givePassword(access, operator, password, visitor.session?.key);
  } catch (error) {
    if (error instanceof PasswordFault) return refused(error.message);
    throw error;
  }
  return { to: section, notice: { kind: 'done', text: 'The password is changed, and all other sessions have ended.' } };
}

export const accountRoutes: readonly ConsoleRoute[] = [
  page({ path: section, needs: 'account', answer: (visit) => accountPage(visit) }),
  form({ path: '/account/sessions/:key/end', needs: 'account', params: keyed, answer: endSession }),
  form({ path: '/account/sessions/end-others', needs: 'account', answer: endOthers }),
  form({ path: '/account/tokens', needs: 'account', guessable: true, form: tokenFields, answer: newToken }),
  form({ path: '/account/tokens/:key/revoke', needs: 'account', params: keyed, answer: revoke }),
  form({ path: '/account/password', needs: 'account', guessable: true, form: passwordFields, answer: changePassword }),
];
