import { basename } from 'node:path/posix';
import type { LocatedFinding, OperatorKey } from '../../../client/index.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import { statementType } from '../../../delivery/signed-statement.js';
import { html, type Html, type Piece } from '../html.js';
import { csrfInput } from '../layout.js';
import { draftLimits, filesField, textField, type Draft } from './draft-input.js';
import { authorKeyStates, signingDialog } from './draft-signing.js';
import { keyHolder } from './signing-keys.js';

/** Who submits it. */
export interface DraftAuthor {
  operator: { id: string };
  /** Those that count. */
  keys: readonly OperatorKey[];
  /** The id of the delivery, where it has one already. */
  delivery?: string;
}

/** A draft as its page shows it. */
export interface ShownDraft {
  draft: Draft;
  /** Absent before anybody has looked. */
  findings?: readonly LocatedFinding[];
  /** Where the form is posted; its preview is `/preview` under it. */
  action: string;
  csrf: string;
  /** What the button that ends it says. */
  submit: string;
  author: DraftAuthor;
  /** Fields of its own. */
  more?: Piece;
}

const previewFrame = 'draft-preview';

/** The form in which a definition and its files are written or given. */
export function draftForm({ draft, findings, action, csrf, submit, author, more }: ShownDraft): Html {
  const places = [...draft.texts.keys()];
  const faultsAt = (name: string) => (findings ?? []).filter((one) => placeOf(one, places) === name);
  return html`<form
    class="draft"
    method="post"
    action="${action}"
    enctype="multipart/form-data"
    data-draft
    data-signs="${statementType('submission')}"
    data-text="${action}/text"
    data-delivery="${author.delivery}"
    ${keyHolder(author.operator, author.keys)}
  >
    ${csrfInput(csrf)}
    <input type="hidden" name="signature" />
    <div class="draft-texts">
      ${findings && outcome(findings)} ${findingsHtml('elsewhere', faultsAt(''))} ${filesChoice(draft)}
      ${textarea({ name: 'definition', label: 'delivery.yaml', text: draft.definition, rows: 22 }, faultsAt('delivery.yaml'))}
      ${places.map((name) =>
        textarea(
          { name: `${textField}${name}`, label: name, text: draft.texts.get(name) ?? '', rows: 18 },
          faultsAt(name),
        ),
      )}
      ${more} ${authorKeyStates}
      <p class="fault" role="alert" data-sign-fault hidden></p>
      <p class="hint" role="status" data-sign-busy></p>
      <div class="acts">
        <button class="primary" name="act" value="submit">${submit}</button>
        <button name="act" value="check">Check it</button>
      </div>
    </div>
    <aside class="draft-preview" aria-label="Preview">
      <div class="preview-acts">
        <button formaction="${action}/preview" formtarget="${previewFrame}" data-preview>Preview</button>
        <label for="row">of row</label>
        <input id="row" name="row" inputmode="numeric" pattern="[0-9]*" maxlength="9" placeholder="the first" />
      </div>
      <iframe name="${previewFrame}" title="The message as its recipient gets it" sandbox></iframe>
      <p class="hint">Pictures from elsewhere are not loaded here. Nothing is sent or kept by looking.</p>
    </aside>
    ${signingDialog(submit)}
  </form>`;
}

function outcome(findings: readonly LocatedFinding[]): Html {
  const errors = findings.filter(({ level }) => level === 'error').length;
  const text =
    errors > 0
      ? `${plural(errors, 'fault')} to correct: nothing was changed.`
      : findings.length > 0
        ? `It can be taken; ${plural(findings.length, 'remark')} below.`
        : 'Nothing was found: it can be taken.';
  const kind = errors > 0 ? 'refused' : 'done';
  return html`<div class="notice ${kind}" role="${errors > 0 ? 'alert' : 'status'}">
    <span class="mark" aria-hidden="true">${errors > 0 ? '!' : '✓'}</span>
    <p>${text}</p>
  </div>`;
}

/** Which of the texts a finding is about; empty where it is none of them. */
function placeOf({ file }: LocatedFinding, places: readonly string[]): string {
  if (file === undefined || file === 'delivery.yaml') return 'delivery.yaml';
  return places.find((name) => name === file) ?? places.find((name) => basename(name) === basename(file)) ?? '';
}

function filesChoice({ others }: Draft): Html {
  const again = [...others.keys()];
  return html`<label for="files">Files</label>
    <input id="files" type="file" name="${filesField}" multiple aria-describedby="files-hint" />
    <p class="hint" id="files-hint">
      The definition (<code>delivery.yaml</code>), its content, recipients, pictures and attachments: at most
      ${draftLimits.files} files, ${draftLimits.bytes / 1024 / 1024} MB together. What is text and not too long is shown
      below and can be edited.
    </p>
    ${
      again.length > 0 &&
      html`<p class="fault" role="alert">
        Browsers forget chosen files: choose once more <b>${again.join(', ')}</b>, or they are missing.
      </p>`
    }`;
}

function textarea(
  { name, label, text, rows }: { name: string; label: string; text: string; rows: number },
  findings: readonly LocatedFinding[],
): Html {
  const id = `field-${name.replaceAll(/[^\w-]/g, '_')}`;
  const wrong = findings.some(({ level }) => level === 'error');
  // A browser drops the first line break of a text.
  return html`<div class="draft-text">
    <label for="${id}"><code>${label}</code></label>
    ${findingsHtml(`${id}-faults`, findings, id)}
    <textarea
      id="${id}"
      name="${name}"
      rows="${rows}"
      spellcheck="false"
      autocapitalize="off"
      ${wrong && html`aria-invalid="true"`}
      ${findings.length > 0 && html`aria-describedby="${id}-faults"`}
    >
${text}</textarea>
  </div>`;
}

/** @param of - id of the text that they stand in: a script takes one there who presses */
function findingsHtml(id: string, findings: readonly LocatedFinding[], of?: string): Html | undefined {
  if (findings.length === 0) return undefined;
  return html`<ul class="plain draft-faults" id="${id}">
    ${findings.map(
      ({ level, file, line, place, sentence }) =>
        html`<li class="${level}">
          ${
            line === undefined || of === undefined
              ? html`<b>${of === undefined && file}</b>`
              : html`<a href="#${of}" data-line="${line}">line ${grouped(line)}</a>`
          }
          <span dir="auto">${place !== '' && html`<code>${place}</code> `}${sentence}</span>
        </li>`,
    )}
  </ul>`;
}
