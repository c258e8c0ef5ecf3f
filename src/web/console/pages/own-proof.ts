import { useConfirmation } from '../../access/sessions.js';
import { signsInAtProvider } from '../../access/provider-sign-in.js';
import { passwordHolds } from '../../access/sign-in.js';
import { html, type Html } from '../html.js';
import type { Visit } from '../route.js';
import { providerForm } from './provider-form.js';

/** What keeps a session that somebody left open from what would outlive it. */
export type OwnProof =
  /** The password, once more. */
  | 'password'
  /** A fresh sign-in at the provider, which is still to come. */
  | 'provider'
  /** The same, which was just now. */
  | 'given';

type Asking = Pick<Visit, 'access' | 'operator' | 'visitor' | 'csrf'>;

/** How an operator shows that it is still them. */
export async function ownProof({ access, operator, visitor }: Asking): Promise<OwnProof> {
  if (!(await signsInAtProvider(access, operator.id))) return 'password';
  return visitor.session?.confirmed === true ? 'given' : 'provider';
}

/** Whether they have shown it; a fresh sign-in counts for one act. */
export async function proves({ access, operator, visitor }: Asking, password: string): Promise<boolean> {
  if (!(await signsInAtProvider(access, operator.id))) return await passwordHolds(access, operator.id, password);
  return visitor.session !== undefined && (await useConfirmation(access, visitor.session));
}

export const notProven = 'That is not your password, it was tried too often just now, or your fresh sign-in is over.';

/** In a form that wants it. @param id - of the field */
export function proofField(proof: OwnProof, operator: { id: string }, id: string): Html {
  if (proof !== 'password') return html`<p class="hint">You have signed in again just now: that counts once.</p>`;
  return html`<input name="username" value="${operator.id}" autocomplete="username" hidden />
    <label for="${id}">Your password</label>
    <input id="${id}" name="password" type="password" autocomplete="current-password" required />`;
}

/** In place of a form, as long as the fresh sign-in is to come. @param next - where the form is */
export function signInAgain({ access, csrf }: Asking, next: string): Html {
  return html`<p>Show first that it is you. You come back here.</p>
    ${access.provider && providerForm(access.provider, csrf, { action: '/account/confirm', next, again: true })}`;
}
