import { z } from 'zod';
import {
  ListInputError,
  type AddressList,
  type ListEntry,
  type ListName,
  type OfSender,
  type Sealpost,
} from '../../../client/index.js';
import { grouped } from '../../../delivery/plain-words.js';
import type { UploadLimits } from '../../access/route-rule.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';

const perPage = 50;
const listLimits: UploadLimits = { bytes: 64 * 1024 * 1024, files: 1 };

/** The list as the client has it. The denylist is the wider one: entries of the quarantine are for all senders. */
const listOf = (sealpost: Sealpost, name: ListName): AddressList<OfSender> =>
  name === 'denylist' ? sealpost.denylist : sealpost.quarantine;

const words: Readonly<Record<ListName, readonly [title: string, text: string, searched: string]>> = {
  denylist: [
    'Denylist',
    'People who want no mail, of one sender or of all. Who is on it gets nothing, from the next message on.',
    'Search the denylist',
  ],
  quarantine: [
    'Quarantine',
    'Addresses that take no mail. Nothing is sent to them, whoever sends.',
    'Search the quarantine',
  ],
};

const query = z.object({
  search: z.string().trim().max(320).optional().catch(undefined),
  after: z.string().max(320).optional().catch(undefined),
  sender: z.string().max(320).optional().catch(undefined),
});
type Query = z.output<typeof query>;

/** What was entered, to be shown once more, and what is wrong with it. */
interface Entered {
  addresses?: string | undefined;
  sender?: string | undefined;
  reason?: string | undefined;
  faults?: string;
}

async function listPage(visit: Visit<'lists', unknown, Query>, name: ListName, entered: Entered = {}): Promise<Answer> {
  const { sealpost, query: asked, csrf } = visit;
  const { search, after, sender } = asked;
  const entries: ListEntry[] = [];
  const filter = {
    limit: perPage + 1,
    ...(search && { search }),
    ...(after !== undefined && { after: { address: after, sender: sender ?? '' } }),
  };
  for await (const entry of listOf(sealpost, name).list(filter)) entries.push(entry);
  const shown = entries.slice(0, perPage);
  const last = entries.length > perPage ? shown.at(-1) : undefined;
  const [title, text] = words[name];
  const main = html`${switcher(name)}
    <h1>${title}</h1>
    <p>${text}</p>
    ${searchForm(name, search)} ${shown.length === 0 ? nothing(asked) : entriesHtml(shown, name, csrf)}
    ${pager(name, asked, last)} ${addForm(name, csrf, entered)} ${importForm(name, csrf)}`;
  return { page: { title, main, section: '/denylist' }, ...(entered.faults !== undefined && { status: 422 }) };
}

function switcher(name: ListName): Html {
  const entry = (one: ListName) =>
    html`<li><a href="/${one}" ${one === name && html`aria-current="page"`}>${words[one][0]}</a></li>`;
  return html`<nav aria-label="Lists">
    <ul class="tabs">
      ${entry('denylist')} ${entry('quarantine')}
    </ul>
  </nav>`;
}

const searchForm = (name: ListName, search: string | undefined): Html =>
  html`<form class="search list-search" method="get" action="/${name}" role="search">
    <label class="unseen" for="search">${words[name][2]}</label>
    <input id="search" type="search" name="search" value="${search ?? ''}" placeholder="a part of an address" />
    <button>Search</button>
  </form>`;

const sources: Readonly<Record<ListEntry['source'], string>> = {
  operator: 'entered',
  import: 'imported',
  unsubscribed: 'unsubscribed',
};

function entriesHtml(entries: readonly ListEntry[], name: ListName, csrf: string): Html {
  return html`<ul class="plain rows list-entries">
    ${entries.map(
      ({ address, sender, addedAt, source, operator, reason }) =>
        html`<li>
          <div>
            <b><bdi>${address}</bdi></b>
            ${name === 'denylist' && html`<span class="badge">${sender === '' ? 'all senders' : html`<bdi>${sender}</bdi>`}</span>`}
            <small
              >${sources[source]}
              ${instant(addedAt)}${operator !== null && html` by <bdi>${operator}</bdi>`}${
                reason !== null && html`: <span dir="auto">${reason}</span>`
              }</small
            >
          </div>
          <form method="post" action="/${name}/remove">
            ${csrfInput(csrf)}<input type="hidden" name="address" value="${address}" /><input
              type="hidden"
              name="sender"
              value="${sender}"
            /><button aria-label="Remove ${address}${sender !== '' && ` for ${sender}`}">Remove</button>
          </form>
        </li>`,
    )}
  </ul>`;
}

const nothing = ({ search }: Query): Html =>
  html`<div class="empty"><p>${search ? 'No entry holds that.' : 'There are no entries.'}</p></div>`;

function pager(name: ListName, { search, after }: Query, last: ListEntry | undefined): Html | undefined {
  if (after === undefined && !last) return undefined;
  const address = (from?: ListEntry) => {
    const wanted = new URLSearchParams({
      ...(search && { search }),
      ...(from && { after: from.address, sender: from.sender }),
    });
    return `/${name}?${wanted.toString()}`;
  };
  return html`<nav class="pager" aria-label="Pages">
    ${after === undefined ? html`<span></span>` : html`<a href="${address()}">⇤ From the beginning</a>`}
    ${last && html`<a rel="next" href="${address(last)}">More →</a>`}
  </nav>`;
}

function addForm(name: ListName, csrf: string, { addresses, sender, reason, faults }: Entered): Html {
  return html`<section aria-labelledby="add">
    <h2 id="add">Add</h2>
    <form class="stack" method="post" action="/${name}/add">
      ${faults !== undefined && html`<pre class="fault" role="alert" dir="auto">${faults}</pre>`} ${csrfInput(csrf)}
      <label for="addresses">Addresses, one a line</label>
      <textarea id="addresses" name="addresses" rows="4" required spellcheck="false">${addresses ?? ''}</textarea>
      ${originFields(name, 'add', { sender, reason })}
      <button class="primary">Add</button>
    </form>
  </section>`;
}

function importForm(name: ListName, csrf: string): Html {
  return html`<section aria-labelledby="import">
    <h2 id="import">Import a file</h2>
    <form class="stack" method="post" action="/${name}/import" enctype="multipart/form-data">
      ${csrfInput(csrf)}
      <label for="file">CSV or one address a line, gzip too</label>
      <input id="file" type="file" name="file" required aria-describedby="file-hint" />
      <p class="hint" id="file-hint">
        A header may name <code>address</code> or
        <code>email</code>${name === 'denylist' && html`, <code>sender</code>`} and <code>reason</code>. All entries are
        added or, where one is wrong, none. At most 64 MB.
      </p>
      ${originFields(name, 'import', {})}
      <button class="primary">Import</button>
    </form>
  </section>`;
}

function originFields(name: ListName, of: string, { sender, reason }: Pick<Entered, 'sender' | 'reason'>): Html {
  return html`${
      name === 'denylist' &&
      html`<label for="${of}-sender">Of which sender <small>(all, if it is empty)</small></label>
        <input
          id="${of}-sender"
          name="sender"
          maxlength="320"
          value="${sender ?? ''}"
          placeholder="news@shop.example or @shop.example"
        />`
    }
    <label for="${of}-reason">Why <small>(it stays with the entry)</small></label>
    <input id="${of}-reason" name="reason" maxlength="1000" value="${reason ?? ''}" />`;
}

const originOf = (
  operator: string,
  { sender, reason }: { sender?: string | undefined; reason?: string | undefined },
) => ({
  operator,
  ...(sender && { sender }),
  ...(reason && { reason }),
});

const addFields = z.object({
  addresses: z.string().max(30_000),
  sender: z.string().trim().max(320).optional(),
  reason: z.string().trim().max(1_000).optional(),
});

async function add(
  visit: Visit<'lists', unknown, unknown, z.output<typeof addFields>>,
  name: ListName,
): Promise<Answer> {
  const { sealpost, operator, form: given } = visit;
  const addresses = given.addresses
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  try {
    const { added, present } = await listOf(sealpost, name).add(addresses, originOf(operator.id, given));
    const text = `${grouped(added.length)} new, ${grouped(present.length)} there already.`;
    return { to: `/${name}`, notice: { kind: 'done', text } };
  } catch (error) {
    if (!(error instanceof ListInputError)) throw error;
    return await listPage({ ...visit, query: {} }, name, { ...given, faults: error.message });
  }
}

const removeFields = z.object({ address: z.string().max(320), sender: z.string().max(320) });

async function remove(
  { sealpost, form: { address, sender } }: Visit<'lists', unknown, unknown, z.output<typeof removeFields>>,
  name: ListName,
): Promise<Answer> {
  const { removed } = await listOf(sealpost, name).remove([address], sender === '' ? {} : { sender });
  const text = removed.length === 1 ? `${address} is taken off it.` : `${address} was not on it any more.`;
  return { to: `/${name}`, notice: { kind: removed.length === 1 ? 'done' : 'refused', text } };
}

const importFields = addFields.omit({ addresses: true });

async function importFile(
  visit: Visit<'lists', unknown, unknown, z.output<typeof importFields>>,
  name: ListName,
): Promise<Answer> {
  const { sealpost, operator, form: given, files } = visit;
  const file = files.find(({ field }) => field === 'file');
  if (!file) return { to: `/${name}`, notice: { kind: 'refused', text: 'No file was chosen.' } };
  try {
    const bytes = (async function* () {
      yield await Promise.resolve(file.bytes);
    })();
    const { added, present, doubles } = await listOf(sealpost, name).import(
      { name: file.name, bytes },
      originOf(operator.id, given),
    );
    const text = `${grouped(added)} new, ${grouped(present)} there already, ${grouped(doubles)} doubles.`;
    return { to: `/${name}`, notice: { kind: 'done', text } };
  } catch (error) {
    if (!(error instanceof ListInputError)) throw error;
    const faults = `Nothing of ${file.name} was imported.\n${error.message}`;
    return await listPage({ ...visit, query: {} }, name, { faults });
  }
}

export const addressListRoutes: readonly ConsoleRoute[] = (['denylist', 'quarantine'] as const).flatMap((name) => [
  page({ path: `/${name}`, needs: 'lists', query, answer: (visit) => listPage(visit, name) }),
  form({ path: `/${name}/add`, needs: 'lists', form: addFields, answer: (visit) => add(visit, name) }),
  form({ path: `/${name}/remove`, needs: 'lists', form: removeFields, answer: (visit) => remove(visit, name) }),
  form({
    path: `/${name}/import`,
    needs: 'lists',
    form: importFields,
    uploads: listLimits,
    answer: (visit) => importFile(visit, name),
  }),
]);
