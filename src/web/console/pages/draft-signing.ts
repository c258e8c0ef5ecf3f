import { html, type Html } from '../html.js';
import { cannotSign } from './signing-keys.js';

/** Whether this browser can sign for what is submitted, which four eyes demand, and what to do where it cannot. */
export const authorKeyStates: Html = html`<div class="key-state" data-when="none unknown" hidden>
    <p>
      This browser has no key of yours that counts. Where <code>approval.fourEyes</code> is on, you sign for what you
      submit: <a href="/account/keys/new" target="_blank" rel="noopener">give it one</a> in another window first. What
      is written here stays.
    </p>
  </div>
  <div class="key-state" data-when="insecure unsupported" hidden>
    ${cannotSign}
    <p>Without a signature a delivery with <code>approval.fourEyes</code> is not taken.</p>
  </div>
  <noscript
    ><p class="hint">
      Where <code>approval.fourEyes</code> is on, you sign for what you submit, by a script, which this browser does not
      run. Turn scripts on for this page, or submit the files on the command line: <code>sealpost start</code>,
      <code>sealpost revise</code>.
    </p></noscript
  >`;

/** What the author is about to sign: the script fills it in and shows it. @param submit - what the form's button says */
export const signingDialog = (submit: string): Html =>
  html`<dialog class="signing" aria-labelledby="signing-title">
    <h2 id="signing-title">You sign for this</h2>
    <p>That this revision is yours, word for word and row for row, once. It is what others then proof and confirm.</p>
    <dl class="facts" data-to-sign></dl>
    <div class="acts">
      <button type="button" class="primary" data-sign>Sign, and ${submit[0]?.toLowerCase()}${submit.slice(1)}</button>
      <button type="button" data-not>Back</button>
    </div>
  </dialog>`;
