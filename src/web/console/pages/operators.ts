import { z } from 'zod';
import {
  operatorRoles,
  SealpostError,
  type OperatorEvent,
  type OperatorRecord,
  type OperatorRole,
} from '../../../client/index.js';
import { invite } from '../../access/invitations.js';
import { endSessionsOf } from '../../access/sessions.js';
import { errorPage } from '../error-page.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { roleWords } from '../role-words.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';

const section = '/operators';

/** Particulars as they were entered, and what is wrong with them. */
interface Entered {
  id: string;
  name: string;
  email: string;
  roles: readonly string[];
  groups: string;
  fault?: string;
}

const nobody: Entered = { id: '', name: '', email: '', roles: [], groups: '' };

async function operatorsPage({ sealpost, csrf }: Visit<'administer'>, entered = nobody): Promise<Answer> {
  const operators = await sealpost.operators.list();
  const main = html`<h1>Operators</h1>
    <ul class="plain rows">
      ${operators.map(
        ({ id, name, roles, groups, active }) =>
          html`<li>
            <div>
              <a href="${operatorPath(id)}"><bdi>${name}</bdi></a> <code>${id}</code>
              ${!active && html`<span class="badge">disabled</span>`}
              <small>${[...roles, ...groups.map((group) => `group ${group}`)].join(', ') || 'no roles'}</small>
            </div>
          </li>`,
      )}
    </ul>
    <section aria-labelledby="add">
      <h2 id="add">Add an operator</h2>
      <form class="stack" method="post" action="${section}">
        ${entered.fault !== undefined && html`<p class="fault" role="alert">${entered.fault}</p>`} ${csrfInput(csrf)}
        <label for="id">Id <small>(it stays for ever)</small></label>
        <input id="id" name="id" value="${entered.id}" maxlength="64" required autocapitalize="off" />
        ${particularsFields(entered)}
        <button class="primary">Add</button>
      </form>
    </section>`;
  return { page: { title: 'Operators', main, section }, ...(entered.fault !== undefined && { status: 422 }) };
}

const operatorPath = (id: string, act?: string): string =>
  `${section}/${encodeURIComponent(id)}${act === undefined ? '' : `/${act}`}`;

function particularsFields({ name, email, roles, groups }: Entered): Html {
  return html`<label for="name">Name</label>
    <input id="name" name="name" value="${name}" maxlength="200" required />
    <label for="email">E-mail <small>(where requests for decisions go)</small></label>
    <input id="email" name="email" type="email" value="${email}" maxlength="320" />
    <fieldset>
      <legend>Roles</legend>
      ${operatorRoles.map(
        (role) =>
          html`<label class="choice"
            ><input type="checkbox" name="roles" value="${role}" ${roles.includes(role) && html`checked`} /><span
              ><b>${role}</b> <small>${roleWords[role]}</small></span
            ></label
          >`,
      )}
    </fieldset>
    <label for="groups">Groups <small>(with commas, such as finance)</small></label>
    <input id="groups" name="groups" value="${groups}" maxlength="1000" />`;
}

const idParams = z.object({ id: z.string().min(1).max(100) });
type OneVisit<Form = unknown> = Visit<'administer', { id: string }, unknown, Form>;

/** What has just been made for an operator, or what is wrong with what was entered. */
interface OneState {
  link?: string;
  entered?: Entered;
}

async function operatorPage(visit: OneVisit, { link, entered }: OneState = {}): Promise<Answer> {
  const { sealpost, access, csrf, operator: own, params } = visit;
  const found = (await sealpost.operators.list()).find(({ id }) => id === params.id);
  if (!found) return errorPage(404, 'There is no such operator.');
  const { id, name, email, roles, groups, active } = found;
  const history = (await sealpost.operators.history()).filter(({ operator }) => operator === id).toReversed();
  const shown = entered ?? { id, name, email: email ?? '', roles, groups: groups.join(', ') };
  const main = html`<nav class="crumbs" aria-label="Where this is"><a href="${section}">Operators</a></nav>
    <div class="title-row">
      <h1><bdi>${name}</bdi></h1>
      ${!active && html`<span class="badge">disabled</span>`} ${own.id !== id && ableForm(id, active, csrf)}
    </div>
    <p class="meta"><code>${id}</code></p>
    ${invitation(found, csrf, link, access.provider?.settings.name)} ${keysSection(found, csrf)}
    <section aria-labelledby="particulars">
      <h2 id="particulars">Particulars</h2>
      <form class="stack" method="post" action="${operatorPath(id)}">
        ${shown.fault !== undefined && html`<p class="fault" role="alert">${shown.fault}</p>`} ${csrfInput(csrf)}
        ${particularsFields(shown)}
        <button class="primary">Save</button>
      </form>
    </section>
    <section aria-labelledby="history">
      <h2 id="history">Lately</h2>
      <ul class="plain log">
        ${history
          .slice(0, 20)
          .map((event) => html`<li>${instant(event.at)} <span dir="auto">${eventText(event)}</span></li>`)}
      </ul>
    </section>`;
  return { page: { title: name, main, section }, ...(entered?.fault !== undefined && { status: 422 }) };
}

const ableForm = (id: string, active: boolean, csrf: string): Html =>
  html`<div class="acts">
    <form method="post" action="${operatorPath(id, active ? 'disable' : 'enable')}">
      ${csrfInput(csrf)}<button class="${active ? 'danger' : ''}">${active ? 'Disable' : 'Enable'}</button>
    </form>
  </div>`;

function invitation(
  { id, active }: OperatorRecord,
  csrf: string,
  link: string | undefined,
  provider: string | undefined,
): Html | false {
  return (
    active &&
    html`<section aria-labelledby="invite">
      <h2 id="invite">Sign-in</h2>
      ${
        link !== undefined &&
        html`<div class="notice done" role="status">
          <span class="mark" aria-hidden="true">✓</span>
          <div>
            <p>Give this link to its operator. It opens once, within an hour, and is shown now and never again:</p>
            <p><input class="secret" readonly value="${link}" aria-label="The link" data-select /></p>
          </div>
        </div>`
      }
      <p>
        A link by which this operator sets a password${provider !== undefined && `, or connects with ${provider}`}. What
        lets them in now holds until the link is used.
      </p>
      <form method="post" action="${operatorPath(id, 'invite')}">${csrfInput(csrf)}<button>Make a link</button></form>
    </section>`
  );
}

function keysSection({ id, keys }: OperatorRecord, csrf: string): Html {
  return html`<section aria-labelledby="keys">
    <h2 id="keys">Keys</h2>
    <p>Decisions that are signed with them count. What a key has signed before it is revoked keeps its worth.</p>
    ${keys.length === 0 && html`<p class="hint">There is none.</p>`}
    <ul class="plain rows">
      ${keys.map(
        ({ kid, label, addedAt, revokedAt }) =>
          html`<li>
            <div>
              <b><bdi>${label}</bdi></b> <code>${kid.slice(0, 16)}…</code>
              ${revokedAt !== undefined && html`<span class="badge">revoked</span>`}
              <small>since ${instant(addedAt)}${revokedAt !== undefined && html`, until ${instant(revokedAt)}`}</small>
            </div>
            ${
              revokedAt === undefined &&
              html`<form method="post" action="${operatorPath(id, 'revoke-key')}">
                ${csrfInput(csrf)}<input type="hidden" name="kid" value="${kid}" /><button
                  class="danger"
                  aria-label="Revoke the key ${label}"
                >
                  Revoke
                </button>
              </form>`
            }
          </li>`,
      )}
    </ul>
  </section>`;
}

const eventWords: Readonly<Record<OperatorEvent['kind'], string>> = {
  added: 'added',
  changed: 'changed',
  disabled: 'disabled',
  enabled: 'enabled',
  'key-added': 'a key was added',
  'key-revoked': 'a key was revoked',
  delegated: 'delegated decisions',
  'delegation-ended': 'a delegation was ended',
};

function eventText({ kind, by, data }: OperatorEvent): string {
  const roles = Array.isArray(data['roles']) && data['roles'].length > 0 ? `: ${data['roles'].join(', ')}` : '';
  return `${eventWords[kind]} by ${by}${roles}`;
}

const particulars = z.object({
  name: z.string().trim().max(200),
  email: z.string().trim().max(320),
  roles: z.union([z.string(), z.array(z.string())]).optional(),
  groups: z.string().max(1_000),
});
type Particulars = z.output<typeof particulars>;

function entryOf(id: string, { name, email, roles, groups }: Particulars): Entered {
  return { id, name, email, roles: [roles ?? []].flat(), groups };
}

/** @returns what is wrong with it */
async function put({ sealpost, operator }: Visit<'administer'>, entered: Entered): Promise<string | undefined> {
  const roles = operatorRoles.filter((role): role is OperatorRole => entered.roles.includes(role));
  // Whoever did so by mistake could not take it back, and perhaps nobody else could.
  if (entered.id === operator.id && !roles.includes('admin'))
    return 'You cannot take the role "admin" from yourself: another administrator can.';
  const groups = entered.groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  const { id, name, email } = entered;
  try {
    await sealpost.operators.put({ id, name, roles, groups, ...(email !== '' && { email }) }, operator.id);
    return undefined;
  } catch (error) {
    if (error instanceof SealpostError && error.code === 'OPERATOR_INVALID') return error.message;
    throw error;
  }
}

const newFields = particulars.extend({ id: z.string().trim().max(100) });

async function add(visit: Visit<'administer', unknown, unknown, z.output<typeof newFields>>): Promise<Answer> {
  const entered = entryOf(visit.form.id, visit.form);
  const known = (await visit.sealpost.operators.list()).some(({ id }) => id === entered.id);
  const fault = known ? `There is an operator "${entered.id}" already: change that one.` : await put(visit, entered);
  if (fault !== undefined) return await operatorsPage(visit, { ...entered, fault });
  const text = 'Added. Make a link below by which this operator comes in.';
  return { to: operatorPath(entered.id), notice: { kind: 'done', text } };
}

async function change(visit: OneVisit<Particulars>): Promise<Answer> {
  const { id } = visit.params;
  if (!(await visit.sealpost.operators.list()).some((one) => one.id === id))
    return errorPage(404, 'There is no such operator.');
  const entered = entryOf(id, visit.form);
  const fault = await put(visit, entered);
  if (fault !== undefined) return await operatorPage(visit, { entered: { ...entered, fault } });
  return {
    to: operatorPath(id),
    notice: { kind: 'done', text: 'Saved. It holds from the next page and decision on.' },
  };
}

async function setActive({ sealpost, access, operator, params: { id } }: OneVisit, active: boolean): Promise<Answer> {
  if (id === operator.id)
    return { to: operatorPath(id), notice: { kind: 'refused', text: 'You cannot disable yourself.' } };
  await sealpost.operators.setActive(id, active, operator.id);
  if (!active) await endSessionsOf(access, id, { except: undefined }, { by: operator.id, kind: 'session-ended' });
  const text = active ? 'Enabled.' : 'Disabled: this operator decides nothing any more, and is signed out.';
  return { to: operatorPath(id), notice: { kind: 'done', text } };
}

const keyFields = z.object({ kid: z.string().max(100) });

async function revokeKey({
  sealpost,
  operator,
  params: { id },
  form: { kid },
}: OneVisit<{ kid: string }>): Promise<Answer> {
  const revoked = await sealpost.operators.revokeKeys(id, { kids: [kid] }, operator.id);
  const text = revoked.length > 0 ? 'The key counts no more.' : 'There is no such key that counts.';
  return { to: operatorPath(id), notice: { kind: revoked.length > 0 ? 'done' : 'refused', text } };
}

async function makeLink(visit: OneVisit): Promise<Answer> {
  const { sealpost, access, address, operator, params } = visit;
  const found = (await sealpost.operators.list()).find(({ id, active }) => id === params.id && active);
  if (!found) return errorPage(404, 'There is no such operator who may act.');
  const link = `${address.url}${await invite(access, found.id, operator.id)}`;
  return await operatorPage(visit, { link });
}

export const operatorRoutes: readonly ConsoleRoute[] = [
  page({ path: section, needs: 'administer', answer: (visit) => operatorsPage(visit) }),
  form({ path: section, needs: 'administer', form: newFields, answer: add }),
  page({ path: '/operators/:id', needs: 'administer', params: idParams, answer: (visit) => operatorPage(visit) }),
  form({ path: '/operators/:id', needs: 'administer', params: idParams, form: particulars, answer: change }),
  form({
    path: '/operators/:id/disable',
    needs: 'administer',
    params: idParams,
    answer: (visit) => setActive(visit, false),
  }),
  form({
    path: '/operators/:id/enable',
    needs: 'administer',
    params: idParams,
    answer: (visit) => setActive(visit, true),
  }),
  form({
    path: '/operators/:id/revoke-key',
    needs: 'administer',
    params: idParams,
    form: keyFields,
    answer: revokeKey,
  }),
  form({ path: '/operators/:id/invite', needs: 'administer', params: idParams, answer: makeLink }),
];
