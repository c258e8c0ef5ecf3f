import { z } from 'zod';
import { publicKeySchema, type PublicKey } from '../../../audit/public-key.js';
import { SealpostError, type OperatorKey } from '../../../client/index.js';
import { ownPath } from '../../access/public-url.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, shortHash } from '../shown-values.js';
import { notProven, ownProof, proofField, proves, signInAgain, type OwnProof } from './own-proof.js';

const address = '/account/keys';

export const signingScript = 'signing.js';

/** The operator's keys that count. */
export async function ownKeys({ sealpost, operator }: Pick<Visit, 'sealpost' | 'operator'>): Promise<OperatorKey[]> {
  const { keys } = await sealpost.operators.find(operator.id);
  return keys.filter(({ revokedAt }) => revokedAt === undefined);
}

/** Tells the script whose key it looks for, and which count. A page has one. */
export const keyHolder = (operator: { id: string }, keys: readonly OperatorKey[]): Html =>
  html`data-operator="${operator.id}" data-kids="${keys.map(({ kid }) => kid).join(' ')}"`;

/** Why this browser cannot sign, in each case; the script shows what applies. */
export const cannotSign = html`<p data-when="insecure" hidden>
    Browsers sign over HTTPS alone, and on the console’s own machine. This page came over plain HTTP: ask who runs the
    console for its HTTPS address.
  </p>
  <p data-when="unsupported" hidden>
    This browser cannot keep a key or sign with Ed25519, or is set to forget what pages keep (a private window does).
    Current versions of Chrome, Edge, Firefox and Safari can.
  </p>`;

/** On the account page: keys that sign in this operator's name. */
export function signingKeysSection({ operator, csrf }: Visit, keys: readonly OperatorKey[]): Html {
  return html`<section aria-labelledby="keys" ${keyHolder(operator, keys)}>
    <h2 id="keys">Signing keys</h2>
    <p>
      Decisions are signed with a key that only you have: a device has one in its browser, the command line has one in a
      file.
    </p>
    <ul class="plain rows">
      ${keys.map(
        ({ kid, label, addedAt }) =>
          html`<li data-kid="${kid}">
            <div>
              <b><bdi>${label}</bdi></b> <span class="badge" data-own hidden>this browser</span>
              <small>${shortHash(kid)}, since ${instant(addedAt)}</small>
            </div>
            <form method="post" action="${address}/${kid}/revoke">
              ${csrfInput(csrf)} <button aria-label="Revoke the key ${label}">Revoke</button>
            </form>
          </li>`,
      )}
    </ul>
    <p data-when="none unknown" hidden><a class="button" href="${address}/new">Give this browser a key</a></p>
    ${cannotSign}
    <noscript><p class="hint">A key is made by a script, which this browser does not run.</p></noscript>
  </section>`;
}

const newQuery = z.object({ next: z.string().max(2_000).optional() });
type NewVisit = Visit<'account', unknown, z.output<typeof newQuery>>;

async function newKeyPage(
  visit: Pick<NewVisit, 'sealpost' | 'operator' | 'csrf' | 'browser'> & Visit,
  next: string,
  fault?: string,
): Promise<Answer> {
  const { operator, csrf, browser } = visit;
  const keys = await ownKeys(visit);
  const proof = await ownProof(visit);
  const here = `${address}/new?${new URLSearchParams({ next }).toString()}`;
  const main = html`<div class="card" ${keyHolder(operator, keys)}>
    <h1>Give this browser a key</h1>
    <p>
      The key is made here and stays here: nobody can copy it, you neither. Whoever can use this browser as you can sign
      with it, so give a key to devices of your own alone. Lost the device? Revoke its key on “Account”.
    </p>
    <p data-when="ready" hidden>This browser has a key already. Revoke it on “Account” to make another one.</p>
    ${cannotSign}
    <noscript
      ><p class="fault">
        A key is made by a script, which this browser does not run. The command line has keys in files:
        <code>sealpost operator add-key</code>.
      </p></noscript
    >
    ${
      proof === 'provider'
        ? html`${fault !== undefined && html`<p class="fault" role="alert">${fault}</p>`} ${signInAgain(visit, here)}`
        : newKeyForm({ operator, csrf, browser }, next, proof, fault)
    }
  </div>`;
  const status = fault === undefined ? {} : { status: 422 };
  return { page: { title: 'Give this browser a key', main, section: '/account', scripts: [signingScript] }, ...status };
}

function newKeyForm(
  { operator, csrf, browser }: Pick<NewVisit, 'operator' | 'csrf' | 'browser'>,
  next: string,
  proof: OwnProof,
  fault: string | undefined,
): Html {
  return html`<form class="fields" method="post" action="${address}" data-makes-key>
    <p class="fault" role="alert" ${fault === undefined && html`hidden`}>${fault}</p>
    ${csrfInput(csrf)}
    <input type="hidden" name="key" />
    <input type="hidden" name="next" value="${next}" />
    <label for="label">What the device is called</label>
    <input id="label" name="label" value="${browser}" maxlength="100" required />
    ${proofField(proof, operator, 'key-password')}
    <div class="acts">
      <button class="primary" disabled>Make the key</button>
      <a class="button" href="${next}">Back</a>
    </div>
  </form>`;
}

const fields = z.object({
  key: z
    .string()
    .max(1_000)
    .transform((text, context): PublicKey => {
      const key = publicKeySchema.safeParse(parsed(text));
      if (key.success) return key.data;
      context.addIssue({ code: 'custom', message: 'it is no Ed25519 public key' });
      return z.NEVER;
    }),
  label: z.string().trim().max(100),
  password: z.string().max(1_000).default(''),
  next: z.string().max(2_000).optional(),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function addKey(visit: Visit<'account', unknown, unknown, z.output<typeof fields>>): Promise<Answer> {
  const { sealpost, operator, form: given } = visit;
  const next = leadsTo(given.next);
  // A session that somebody left open must not become a key that signs for its operator for ever.
  if (!(await proves(visit, given.password))) return await newKeyPage(visit, next, notProven);
  try {
    const label = given.label === '' ? visit.browser : given.label;
    await sealpost.operators.addKey(operator.id, { key: given.key, label }, operator.id);
  } catch (error) {
    if (error instanceof SealpostError && error.code === 'OPERATOR_INVALID')
      return await newKeyPage(visit, next, error.message);
    throw error;
  }
  return {
    to: next,
    notice: { kind: 'done', text: 'This browser has a key of yours: what you decide here is signed with it.' },
  };
}

const leadsTo = (next: string | undefined): string => (next === undefined ? '/account' : ownPath(next));

const keyParams = z.object({ kid: z.string().regex(/^[\w-]{43}$/) });

async function revokeKey({
  sealpost,
  operator,
  params: { kid },
}: Visit<'account', z.output<typeof keyParams>>): Promise<Answer> {
  const revoked = await sealpost.operators.revokeKeys(operator.id, { kids: [kid] }, operator.id);
  return revoked.length === 1
    ? {
        to: '/account',
        notice: { kind: 'done', text: 'The key signs for you no more. What it has signed before keeps its worth.' },
      }
    : { to: '/account', notice: { kind: 'refused', text: 'You have no such key.' } };
}

export const signingKeyRoutes: readonly ConsoleRoute[] = [
  page({
    path: `${address}/new`,
    needs: 'account',
    query: newQuery,
    answer: (visit) => newKeyPage(visit, leadsTo(visit.query.next)),
  }),
  form({ path: address, needs: 'account', guessable: true, form: fields, answer: addKey }),
  form({ path: `${address}/:kid/revoke`, needs: 'account', params: keyParams, answer: revokeKey }),
];
