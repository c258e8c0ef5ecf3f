import { passwordLength } from '../../access/password.js';
import { html, type Html, type Piece } from '../html.js';

/** Where somebody chooses a password: fields `password` and `again`. @param hint - beside the least length */
export function newPassword({ label, again, hint }: { label: string; again: string; hint: Piece }): Html {
  return html`<label for="password">${label}</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="new-password"
      minlength="${passwordLength.least}"
      required
      aria-describedby="password-hint"
    />
    <p class="hint" id="password-hint">At least ${passwordLength.least} characters. ${hint}</p>
    <label for="again">${again}</label>
    <input id="again" name="again" type="password" autocomplete="new-password" required />`;
}
