import { z } from 'zod';
import { html, type Html } from '../html.js';

/** As it is kept and signed: browsers send line breaks otherwise than they show them. */
export const commentSchema = z
  .string()
  .transform((text) => text.replaceAll('\r\n', '\n').trim())
  .pipe(z.string().max(1_000))
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const stays = 'It stays for ever: no names and no addresses of recipients.';

/** Where somebody says why. @param id - of the field; its name is `comment` */
export function commentField(
  id: string,
  { label, hint, required = false }: { label: string; hint?: string; required?: boolean },
): Html {
  return html`<label for="${id}">${label}${!required && html` <small>(if you like)</small>`}</label>
    <textarea
      id="${id}"
      name="comment"
      rows="2"
      maxlength="1000"
      data-says="comment"
      aria-describedby="${id}-hint"
      ${required && html`required`}
    ></textarea>
    <p class="hint" id="${id}-hint">${hint} ${stays}</p>`;
}

/** The same in a line, where nothing is signed. @param value - that was given before */
export function reasonField(value = ''): Html {
  return html`<label for="comment">Why <small>(for the journal, if you like)</small></label>
    <input
      id="comment"
      name="comment"
      maxlength="1000"
      autocomplete="off"
      value="${value}"
      aria-describedby="comment-hint"
    />
    <p class="hint" id="comment-hint">${stays}</p>`;
}
