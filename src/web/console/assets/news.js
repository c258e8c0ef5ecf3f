// Renews a page while it is looked at, from what the server tells. Without it a page is as it was when it was loaded.

const marker = document.querySelector('[data-watch]');
const main = document.querySelector('main');

const region = (className) => {
  const element = document.createElement('p');
  element.className = className;
  element.setAttribute('role', 'status');
  return element;
};
/** What has changed, for who does not see it. */
const status = region('unseen');
/** For everybody: what the page cannot show by itself. */
const hint = region('notice queued changed');
hint.hidden = true;

function tellAll(text) {
  hint.hidden = false;
  hint.textContent = text;
}

/** Whether somebody is in the middle of something there. */
const isBusy = () =>
  document.activeElement?.matches('main :is(input, textarea, select)') ||
  document.querySelector('dialog[open]') !== null ||
  [...main.querySelectorAll('input:not([type=hidden]), textarea')].some(
    ({ value, defaultValue, checked, defaultChecked }) => value !== defaultValue || checked !== defaultChecked,
  );

const labelOf = (element) => `${element.tagName} ${element.textContent.trim()}`;

let renewals = 0;

/** Puts the page as it is now in the place of what is shown; what was open stays open, and the focus where it was. */
async function renew(label) {
  const own = (renewals += 1);
  const answer = await fetch(location.href, { headers: { 'x-renews-itself': 'yes' } });
  if (!answer.ok || answer.redirected || own !== renewals) return;
  if (isBusy()) return tellAll(`It has changed, and is ${label} now. Load the page again to see all of it.`);
  hint.hidden = true;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const open = new Set([...main.querySelectorAll('details[open] > summary')].map(labelOf));
  const focused = main.contains(document.activeElement) ? labelOf(document.activeElement) : undefined;
  document.title = fresh.title;
  // What a form was answered with is served once, and stays until its reader goes on.
  main.replaceChildren(...main.querySelectorAll(':scope > [data-told]'), ...fresh.querySelector('main').childNodes);
  for (const summary of main.querySelectorAll('summary'))
    if (open.has(labelOf(summary))) summary.parentElement.open = true;
  if (focused !== undefined)
    ([...main.querySelectorAll('a, button, summary')].find((one) => labelOf(one) === focused) ?? main).focus({
      preventScroll: true,
    });
  main.dispatchEvent(new Event('renewed', { bubbles: true }));
}

const seen = new Map();

/** Tens of percent are told, and no more: a voice that never ends helps nobody. */
function tell({ delivery, label, percent }, around) {
  const said = `${label}${percent >= 10 ? `, ${Math.floor(percent / 10) * 10} %` : ''}`;
  const before = seen.get(delivery);
  seen.set(delivery, said);
  const name = around === document ? '' : `${around.querySelector('.name')?.textContent ?? delivery}: `;
  if (before !== undefined && before !== said) status.textContent = `${name}${said}`;
}

let known = { ...marker?.dataset };

function take(event) {
  const { delivery, phase, entries, parts, ...told } = JSON.parse(event.data);
  const around = document.querySelector(`li[data-delivery="${CSS.escape(delivery)}"]`) ?? document;
  for (const [name, text] of Object.entries(parts))
    for (const place of around.querySelectorAll(`[data-live="${name}"]`)) place.innerHTML = text;
  tell({ delivery, ...told }, around);
  if (known.phase === undefined || (known.phase === phase && known.entries === String(entries))) return;
  known = { phase, entries: String(entries) };
  void renew(told.label);
}

let source;

function watch() {
  source?.close();
  // Browsers open six connections to a server at most: one that nobody looks at has none.
  if (document.hidden) return;
  source = new EventSource(marker.dataset.watch);
  source.addEventListener('news', take);
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED)
      tellAll('This page is not renewed any more. Load it again to see how it stands.');
  });
}

if (marker) {
  main.before(status, hint);
  document.addEventListener('visibilitychange', watch);
  addEventListener('pagehide', () => source?.close());
  watch();
}
