import type { IdentityProvider } from '../../access/identity-provider.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';

/**
 * The way to the organisation's provider.
 *
 * @param next - a path of ours, to come back to
 */
export function providerForm(
  { settings: { name } }: IdentityProvider,
  csrf: string,
  { action, next, again = false }: { action: string; next?: string; again?: boolean },
): Html {
  return html`<form class="fields" method="post" action="${action}">
    ${csrfInput(csrf)} ${next !== undefined && html`<input type="hidden" name="next" value="${next}" />`}
    <button class="primary">Sign in ${again && 'again '}with ${name}</button>
  </form>`;
}
