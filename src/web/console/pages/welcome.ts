import { z } from 'zod';
import { operatorRoles } from '../../../client/index.js';
import { operatorIdSchema } from '../../../delivery/operator-id.js';
import type { Invitation } from '../../../store/invitations.js';
import { passwordsTaken } from '../../access/access.js';
import { acceptInvitation, invitationOf, invitationPath } from '../../access/invitations.js';
import { signInAs } from '../../access/sessions.js';
import { PasswordFault } from '../../access/sign-in.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { roleWords } from '../role-words.js';
import { newPassword } from './new-password.js';
import { providerForm } from './provider-form.js';

const params = z.object({ secret: z.string().regex(/^[\w-]{43}$/) });

const fields = z.object({
  id: z.string().trim().max(200).optional(),
  name: z.string().trim().max(200).optional(),
  roles: z.union([z.string(), z.array(z.string())]).optional(),
  password: z.string().max(1_000),
  again: z.string().max(1_000),
});
type Given = z.output<typeof fields>;

const closed: Answer = {
  status: 410,
  page: {
    title: 'This link opens no more',
    bare: true,
    main: html`<div class="card">
      <h1>This link opens no more</h1>
      <p>
        A link works once, and for an hour. Ask for another one: <code>sealpost operator invite</code> with your id
        makes it; for the first administrator the console makes one whenever it starts.
      </p>
      <p><a href="/sign-in">Sign in</a></p>
    </div>`,
  },
};

function firstFields({ id = '', name = '', roles }: Partial<Given>): Html {
  const chosen = roles === undefined ? ['engineer', 'approver'] : [roles].flat();
  return html`<label for="id">Operator id</label>
    <input
      id="id"
      name="id"
      value="${id}"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      required
      pattern="[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}"
      aria-describedby="id-hint"
      autofocus
    />
    <p class="hint" id="id-hint">
      Short and without blanks, such as <code>anna</code>. It stands in every journal, for ever.
    </p>
    <label for="name">Name, as people read it</label>
    <input id="name" name="name" value="${name}" autocomplete="name" maxlength="200" required />
    <fieldset>
      <legend>Beside letting others in, you are</legend>
      ${operatorRoles
        .filter((role) => role !== 'admin')
        .map(
          (role) =>
            html`<label class="choice"
              ><input type="checkbox" name="roles" value="${role}" ${chosen.includes(role) && html`checked`} /><span
                ><b>${role}</b> <small>${roleWords[role]}</small></span
              ></label
            >`,
        )}
    </fieldset>`;
}

function welcomePage(
  visit: Visit<'nothing', { secret: string }>,
  invitation: Invitation,
  given: Partial<Given>,
  fault?: string,
) {
  const {
    access,
    csrf,
    params: { secret },
  } = visit;
  const { operator } = invitation;
  const provider = operator === undefined ? undefined : access.provider;
  const byPassword = passwordsTaken(access);
  const main = html`<div class="card">
    <h1>${operator === undefined ? 'Set up the first administrator' : 'Welcome'}</h1>
    ${
      operator !== undefined &&
      html`<p>
        You are operator <b><bdi>${operator}</bdi></b
        >.
      </p>`
    }
    ${fault !== undefined && html`<p class="fault" role="alert">${fault}</p>`}
    ${provider && providerForm(provider, csrf, { action: `${invitationPath(secret)}/provider` })}
    ${provider && byPassword && html`<p class="or">or by a password instead</p>`}
    ${byPassword && passwordForm(csrf, secret, operator, given, provider === undefined)}
  </div>`;
  return { page: { title: 'Welcome', main, bare: true }, ...(fault !== undefined && { status: 422 }) };
}

function passwordForm(
  csrf: string,
  secret: string,
  operator: string | undefined,
  given: Partial<Given>,
  alone: boolean,
): Html {
  return html`<form class="fields" method="post" action="${invitationPath(secret)}">
    ${csrfInput(csrf)}
    ${
      operator === undefined
        ? firstFields(given)
        : html`<input type="hidden" name="id" value="${operator}" autocomplete="username" />`
    }
    ${newPassword({ label: 'Password', again: 'The same once more', hint: 'A few words that you remember will do.' })}
    <button class="${alone ? 'primary' : ''}">${operator === undefined ? 'Set up' : 'Set the password'}</button>
  </form>`;
}

/** @returns why it cannot be taken */
function faultOf({ id, name, password, again }: Given, { operator }: Invitation): string | undefined {
  if (password !== again) return 'The two passwords are not the same.';
  if (operator !== undefined) return undefined;
  const known = operatorIdSchema.safeParse(id);
  if (!known.success) return `${known.error.issues[0]?.message ?? 'The id cannot be taken'}.`;
  return name === undefined || name === '' ? 'A name is missing.' : undefined;
}

async function accept(visit: Visit<'nothing', { secret: string }, unknown, Given>): Promise<Answer> {
  const {
    access,
    params: { secret },
    form: given,
    browser,
    visitor,
  } = visit;
  const invitation = await invitationOf(access, secret);
  if (!invitation) return closed;
  const fault = faultOf(given, invitation);
  if (fault !== undefined) return welcomePage(visit, invitation, given, fault);
  const roles = operatorRoles.filter((role) => [given.roles].flat().includes(role));
  try {
    const first = { id: given.id ?? '', name: given.name ?? '', roles };
    const operator = await acceptInvitation(access, secret, given.password, first);
    if (operator === undefined) return closed;
    const session = await signInAs(access, operator, { browser, before: visitor.session });
    return { to: '/', session, notice: { kind: 'done', text: `You are signed in as "${operator}".` } };
  } catch (error) {
    if (error instanceof PasswordFault) return welcomePage(visit, invitation, given, error.message);
    throw error;
  }
}

export const welcomeRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/welcome/:secret',
    needs: 'nothing',
    params,
    answer: async (visit) => {
      // Programs that look at links before people do must not use one up.
      const invitation = await invitationOf(visit.access, visit.params.secret);
      return invitation ? welcomePage(visit, invitation, {}) : closed;
    },
  }),
  form({ path: '/welcome/:secret', needs: 'nothing', guessable: true, params, form: fields, answer: accept }),
];
