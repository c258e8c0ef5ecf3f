// Small comforts. Every page does its work without them.

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Instants in the reader's own time; the one that was served stays for who points at it. */
for (const time of document.querySelectorAll('time[datetime]')) {
  time.title = time.textContent;
  time.textContent = format.format(new Date(time.dateTime));
}

for (const field of document.querySelectorAll('[data-submit]'))
  field.addEventListener('change', () => field.form.requestSubmit());

for (const field of document.querySelectorAll('[data-select]')) field.addEventListener('focus', () => field.select());

/** What is still being made is asked for again. */
if (document.querySelector('[data-again]')) setTimeout(() => location.reload(), 1_000);

/** Whoever presses twice asks once. */
for (const form of document.querySelectorAll('form[method="post"]'))
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
