// Small comforts. Every page does its work without them.

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Of what has just come. */
function comfort(root) {
  // Instants in the reader's own time; the one that was served stays for who points at it.
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
  }
  for (const field of root.querySelectorAll('[data-submit]'))
    field.addEventListener('change', () => field.form.requestSubmit());
  for (const field of root.querySelectorAll('[data-select]')) field.addEventListener('focus', () => field.select());
  for (const form of root.querySelectorAll('form[method="post"]')) form.addEventListener('submit', askOnce);
}

/** What is still being made is asked for again; whoever goes elsewhere meanwhile is not held up. */
if (document.querySelector('[data-again]')) {
  const again = setTimeout(() => location.reload(), 1_000);
  addEventListener('beforeunload', () => clearTimeout(again));
}

/** Whoever presses twice asks once. */
function askOnce(event) {
  const { currentTarget: form, submitter } = event;
  // A preview is asked for as often as somebody likes.
  if (submitter?.formTarget) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'yes';
}
comfort(document);
addEventListener('renewed', ({ target }) => comfort(target));
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/** A long ledger is looked through piece by piece: as long as nothing is found, the page goes on by itself. */
const lookOn = document.querySelector('a[data-look-on]');
if (lookOn) location.replace(lookOn.href);

/** A fault's line, in the text that it stands in. */
for (const link of document.querySelectorAll('a[data-line]'))
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const text = document.getElementById(link.hash.slice(1));
    const before = text.value.split('\n').slice(0, Number(link.dataset.line) - 1);
    const start = before.reduce((sum, line) => sum + line.length + 1, 0);
    const end = text.value.indexOf('\n', start);
    text.focus();
    text.setSelectionRange(start, end < 0 ? text.value.length : end);
    text.scrollTop = (text.scrollHeight / Math.max(1, text.value.split('\n').length)) * (before.length - 3);
  });

/** The preview of a draft as it is typed. Each one comes in a frame of its own: a frame that loads again adds to the history. */
const draft = document.querySelector('form[data-draft]');
if (draft) {
  const button = draft.querySelector('[data-preview]');
  const files = draft.querySelector('input[type=file]');
  // What is uploaded again with each word must be small.
  const mostBytes = 2_000_000;
  let timer;
  let count = 0;
  const preview = () => {
    // A form that is sent twice at once is sent the second way alone.
    if (draft.dataset.sent) return;
    if ([...files.files].reduce((sum, { size }) => sum + size, 0) > mostBytes) return;
    const old = draft.querySelector('iframe:not(.arriving)');
    const fresh = old.cloneNode();
    delete fresh.dataset.asked;
    // A name of its own: browsers go on finding the old frame under the one that it had.
    fresh.name = button.formTarget = `preview-${(count += 1)}`;
    fresh.classList.add('arriving');
    fresh.addEventListener('load', () => {
      // It is there once it was asked for; before that it is an empty page.
      if (!fresh.dataset.asked) return;
      old.remove();
      fresh.classList.remove('arriving');
    });
    old.after(fresh);
    for (const other of draft.querySelectorAll('iframe.arriving')) if (other !== fresh) other.remove();
    fresh.dataset.asked = 'yes';
    draft.requestSubmit(button);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(preview, 400);
  };
  draft.addEventListener('input', (event) => {
    if (event.target.matches('textarea, #row, input[type=radio], input[type=file]')) soon();
  });
  if (draft.querySelector('textarea').value.trim() !== '') soon();
}
