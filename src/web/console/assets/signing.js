// Signs what an operator decides or submits with a key of this browser's own. The private half cannot leave it: not even this script can
// read it. What is signed is made by the server, and is signed only where it says nothing but what the page shows.

const database = 'sealpost';
const store = 'operator-keys';

/** @returns {Promise<IDBObjectStore>} */
function opened(mode) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(store));
    request.addEventListener('success', () => resolve(request.result.transaction(store, mode).objectStore(store)));
    request.addEventListener('error', () => reject(request.error));
  });
}

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });

const utf8 = (text) => new TextEncoder().encode(text);
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** RFC 7638. */
async function thumbprint({ crv, kty, x }) {
  return base64url(await crypto.subtle.digest('SHA-256', utf8(JSON.stringify({ crv, kty, x }))));
}

/** This browser's key of an operator; it takes the place of one that was there. @returns its public half */
async function makeKey(operator) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const kid = await thumbprint(jwk);
  await answered((await opened('readwrite')).put({ privateKey, kid }, operator));
  return jwk;
}

/** @returns {Promise<{ privateKey: CryptoKey, kid: string } | undefined>} */
const keyOf = async (operator) => await answered((await opened('readonly')).get(operator));

/** @returns a compact JWS (RFC 7515) of the text. @param type - its `typ`: what it can pass for */
async function signText({ privateKey, kid }, type, text) {
  const header = base64url(utf8(JSON.stringify({ alg: 'EdDSA', kid, typ: type })));
  const signed = `${header}.${base64url(utf8(text))}`;
  return `${signed}.${base64url(await crypto.subtle.sign('Ed25519', privateKey, utf8(signed)))}`;
}

/** Clocks of a browser and a server may differ by so much. */
const clocksMs = 5 * 60_000;

/** What only makes a signature count once. */
const once = {
  nonce: (value) => /^[0-9a-f]{32}$/.test(value),
  signedAt: (value) => Math.abs(Date.parse(value) - Date.now()) < clocksMs,
};

/** What the page says: in elements that are marked, and in the form's own fields. @returns values by name, each with all of them */
function shownBy(form, submitter) {
  const shown = new Map();
  const marked = [...document.querySelectorAll('[data-says]:not(form *)'), ...form.querySelectorAll('[data-says]')];
  for (const element of marked) {
    if (element instanceof HTMLButtonElement && element !== submitter) continue;
    const text = (element.matches('input, textarea, button') ? element.value : element.textContent).trim();
    if (text !== '') shown.set(element.dataset.says, [...(shown.get(element.dataset.says) ?? []), text]);
  }
  return shown;
}

/** @returns why the text is not what the page shows; undefined where it is */
function faultOf(text, shown) {
  const said = JSON.parse(text);
  for (const [name, value] of Object.entries(said)) {
    const isShown = Object.hasOwn(once, name)
      ? once[name](value)
      : shown.get(name)?.every((one) => one === String(value));
    if (!isShown) return `it says another "${name}" than this page`;
  }
  const missing = [...shown.keys()].find((name) => !Object.hasOwn(said, name));
  return missing === undefined ? undefined : `it does not say the "${missing}" of this page`;
}

/** Asks the server for the text. */
async function textFor(form, shown) {
  const asked = Object.fromEntries([...shown].map(([name, [value]]) => [name, value === 'true' ? true : value]));
  const answer = await fetch(form.dataset.text, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': form.elements._csrf.value },
    body: JSON.stringify(asked),
  });
  if (answer.status === 401) throw new Error('you are signed out; sign in, and come back');
  const { text, detail } = await answer.json();
  if (!answer.ok) throw new Error(detail ?? 'the server gave nothing to sign');
  return text;
}

async function sign(form, submitter, operator) {
  const key = await keyOf(operator);
  const shown = shownBy(form, submitter);
  const text = await textFor(form, shown);
  const fault = faultOf(text, shown);
  if (fault !== undefined) throw new Error(`what the server gave to sign is not what you see: ${fault}`);
  form.elements.signature.value = await signText(key, form.dataset.signs, text);
}

/** How it stands with this browser's key of the operator whom the page is for. */
async function stateOf({ operator, kids }) {
  if (!isSecureContext || !crypto.subtle) return 'insecure';
  try {
    const key = await keyOf(operator);
    if (!key) {
      await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
      return 'none';
    }
    return kids.split(' ').includes(key.kid) ? 'ready' : 'unknown';
  } catch {
    return 'unsupported';
  }
}

/** Shows what is meant for this state. */
function show(around, state) {
  for (const part of around.querySelectorAll('[data-when]'))
    part.hidden = !part.dataset.when.split(' ').includes(state);
}

function tell(form, error) {
  const fault = form.querySelector('[data-sign-fault]') ?? form.querySelector('.fault');
  fault.textContent = `Nothing was sent: ${error.message.replace(/\.$/, '')}.`;
  fault.hidden = false;
  delete form.dataset.sent;
}

/** Asks for what the author of a draft signs, with all that would be submitted. @returns nothing to sign where it has faults */
async function submissionText(form, submitter) {
  const answer = await fetch(form.dataset.text, { method: 'POST', body: new FormData(form, submitter) });
  if (answer.status === 429) throw new Error('others are uploading just now; wait a moment, and submit once more');
  if (answer.redirected || answer.status === 401)
    throw new Error('you are signed out; sign in in another window first');
  if (!answer.ok) throw new Error(`the server gave nothing to sign (${answer.status})`);
  return await answer.json();
}

/** The definition that is submitted: a chosen file takes the place of what is written. */
async function definitionOf(form) {
  const chosen = [...form.querySelector('input[type=file]').files].findLast(({ name }) => /\.ya?ml$/i.test(name));
  return chosen ? await chosen.text() : form.elements.definition.value;
}

/** @returns why the text is not one for what this page submits; undefined where it is */
async function faultOfSubmission(form, { text, type }, operator) {
  const { delivery, revision } = JSON.parse(text);
  if (type !== form.dataset.signs) return 'it is another kind of statement';
  if (!/^[0-9a-f]{64}$/.test(revision)) return 'it names no revision';
  const known = form.dataset.delivery || delivery;
  if (form.dataset.delivery === '' && !(await definitionOf(form)).includes(delivery))
    return `the definition does not name "${delivery}"`;
  return faultOf(text, new Map(Object.entries({ delivery: [known], revision: [revision], author: [operator] })));
}

/** Shows what is signed. @returns whether its author wants to */
function asked(form, { text, profiles }) {
  const { delivery, author, revision } = JSON.parse(text);
  const dialog = form.querySelector('dialog');
  const facts = { delivery, author, revision, recipients: profiles.toLocaleString('en-US') };
  dialog.querySelector('[data-to-sign]').replaceChildren(
    ...Object.entries(facts).map(([name, value]) => {
      const [row, term, told] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
      [term.textContent, told.textContent] = [name, value];
      row.append(term, told);
      return row;
    }),
  );
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'sign'), { once: true });
    dialog.returnValue = '';
  });
}

/** @returns the signature; empty where none can be given, undefined where its author does not want to */
async function submissionSignature(form, submitter, operator) {
  const key = isSecureContext && (await keyOf(operator).catch(() => undefined));
  if (!key) return '';
  const given = await submissionText(form, submitter);
  // What is wrong with it, and that a key counts no more, the page tells in its own way.
  if (given.text === undefined || !given.kids.includes(key.kid)) return '';
  show(form, 'ready');
  const fault = await faultOfSubmission(form, given, operator);
  if (fault !== undefined) throw new Error(`what the server gave to sign is not what you submit: ${fault}`);
  return (await asked(form, given)) ? await signText(key, form.dataset.signs, given.text) : undefined;
}

function submits(form, operator) {
  const busy = form.querySelector('[data-sign-busy]');
  const dialog = form.querySelector('dialog');
  dialog.querySelector('[data-sign]').addEventListener('click', () => dialog.close('sign'));
  dialog.querySelector('[data-not]').addEventListener('click', () => dialog.close(''));
  let ready = false;
  // Back from another page: what was signed before is signed anew.
  addEventListener('pageshow', () => (ready = false));
  form.addEventListener('submit', async (event) => {
    if (event.defaultPrevented || event.submitter?.value !== 'submit' || ready) return;
    event.preventDefault();
    form.querySelector('[data-sign-fault]').hidden = true;
    busy.textContent = 'Reading what you are about to sign…';
    try {
      const signature = await submissionSignature(form, event.submitter, operator);
      delete form.dataset.sent;
      if (signature === undefined) return;
      form.elements.signature.value = signature;
      ready = true;
      form.requestSubmit(event.submitter);
    } catch (error) {
      tell(form, error);
    } finally {
      busy.textContent = '';
    }
  });
}

const ownKeys = document.querySelector('[data-operator]');
if (ownKeys) {
  const { operator } = ownKeys.dataset;
  const state = await stateOf(ownKeys.dataset);
  show(document, state);
  if (state === 'ready') {
    const { kid } = await keyOf(operator);
    for (const row of document.querySelectorAll(`[data-kid="${kid}"] [data-own]`)) row.hidden = false;
    for (const form of document.querySelectorAll('form[data-signs]:not([data-draft])')) signs(form, operator);
  }
  for (const form of document.querySelectorAll('form[data-makes-key]')) makes(form, operator, state);
  for (const form of document.querySelectorAll('form[data-draft]')) submits(form, operator);
}

function signs(form, operator) {
  for (const button of form.querySelectorAll('button')) button.disabled = false;
  form.addEventListener('submit', async (event) => {
    if (event.defaultPrevented || form.elements.signature.value !== '') return;
    event.preventDefault();
    const { submitter } = event;
    try {
      await sign(form, submitter, operator);
      delete form.dataset.sent;
      form.requestSubmit(submitter);
    } catch (error) {
      tell(form, error);
    }
  });
}

function makes(form, operator, state) {
  for (const button of form.querySelectorAll('button')) button.disabled = state !== 'none' && state !== 'unknown';
  form.addEventListener('submit', async (event) => {
    if (event.defaultPrevented || form.elements.key.value !== '') return;
    event.preventDefault();
    try {
      form.elements.key.value = JSON.stringify(await makeKey(operator));
      delete form.dataset.sent;
      form.requestSubmit();
    } catch (error) {
      tell(form, error);
    }
  });
}

// Back from another page: what was signed before is signed anew.
addEventListener('pageshow', () => {
  for (const field of document.querySelectorAll('input[name="signature"], input[name="key"]')) field.value = '';
});
