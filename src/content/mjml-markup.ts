import { Tokenizer } from 'htmlparser2';
import { blankLiquid } from './masked-liquid.js';

/** One mark in a text: an opening, closing or self-closing tag, a comment, or a run of text that is not white space. */
export interface Mark {
  kind: 'open' | 'close' | 'empty' | 'comment' | 'text';
  /** Name of the tag, in lower case; empty for comments and text. */
  name: string;
  /** Place of its first character and of the one after its last. */
  begin: number;
  end: number;
  attributes: Record<string, string>;
}

/** MJML components whose content is HTML, which MJML takes over unread. */
const htmlHolders = new Set(
  (
    'mj-accordion-text mj-accordion-title mj-breakpoint mj-button mj-carousel-image mj-html-attribute mj-navbar-link ' +
    'mj-preview mj-raw mj-social-element mj-style mj-table mj-text mj-title'
  ).split(' '),
);

/** Components that hold others; MJML drops text that stands in them. */
const containers = new Set(
  (
    'mjml mj-head mj-body mj-accordion mj-accordion-element mj-attributes mj-carousel mj-column mj-divider mj-group ' +
    'mj-hero mj-html-attributes mj-image mj-navbar mj-section mj-social mj-spacer mj-wrapper'
  ).split(' '),
);

const ignore = () => undefined;
const unread = {
  onattribend: ignore,
  onattribentity: ignore,
  oncdata: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onprocessinginstruction: ignore,
  ontextentity: ignore,
};

/**
 * @param text - MJML with Liquid in it
 * @returns its tags, comments and text, in order
 */
export function readMarks(text: string): Mark[] {
  const source = blankLiquid(text);
  const marks: Mark[] = [];
  let tag: Mark | undefined;
  let attribute = '';
  const close = (kind: 'open' | 'empty', end: number) => {
    if (tag) marks.push({ ...tag, kind, end: end + 1 });
    tag = undefined;
  };
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: false, recognizeSelfClosing: true },
    {
      ...unread,
      onopentagname(begin, end) {
        const name = source.slice(begin, end).toLowerCase();
        tag = { kind: 'open', name, begin: begin - 1, end, attributes: {} };
      },
      onattribname(begin, end) {
        attribute = source.slice(begin, end);
        if (tag) tag.attributes[attribute] = '';
      },
      onattribdata(begin, end) {
        // From the text itself, for a path must not show our filling.
        if (tag) tag.attributes[attribute] += text.slice(begin, end);
      },
      onopentagend: (end) => close('open', end),
      onselfclosingtag: (end) => close('empty', end),
      onclosetag(begin, end) {
        const name = source.slice(begin, end).toLowerCase();
        marks.push({
          kind: 'close',
          name,
          begin: begin - 2,
          end: source.indexOf('>', end) + 1 || source.length,
          attributes: {},
        });
      },
      oncomment(begin, end) {
        const start = source.lastIndexOf('<', begin);
        marks.push({ kind: 'comment', name: '', begin: start, end: Math.min(end + 1, source.length), attributes: {} });
      },
      ontext(begin, end) {
        const first = source.slice(begin, end).search(/\S/);
        if (first >= 0) marks.push({ kind: 'text', name: '', begin: begin + first, end, attributes: {} });
      },
    },
  );
  tokenizer.write(source);
  tokenizer.end();
  if (tag) marks.push(tag);
  return marks;
}

/** One slip can make many faults, of which the first ones tell. */
export const maxFaults = 50;

/** What {@link checkMarkup} finds; places count from 0. */
interface MarkupReport {
  faults: { offset: number; sentence: string }[];
  /** The author's comments; those within HTML are part of it. */
  comments: { begin: number; end: number }[];
}

/**
 * MJML mends what is not closed without a word and drops text that stands between its components; both are faults
 * here. HTML inside of `mj-text` and the like is laxer and left to its author.
 *
 * @param lineAt - line of a place as the author knows it
 */
export function checkMarkup(text: string, lineAt: (offset: number) => number): MarkupReport {
  const faults: MarkupReport['faults'] = [];
  const comments: Mark[] = [];
  const open: Mark[] = [];
  const fault = (offset: number, sentence: string) => faults.push({ offset, sentence });
  let roots = 0;
  for (const mark of readMarks(text)) {
    if (faults.length >= maxFaults) break;
    const inside = open.at(-1);
    const inHtml = inside && htmlHolders.has(inside.name);
    if (inHtml && !isMjml(mark)) continue;
    if (inHtml && mark.kind !== 'close') {
      fault(inside.begin, `<${inside.name}> is not closed before <${mark.name}> on line ${lineAt(mark.begin)}`);
      open.pop();
    }
    if (mark.kind === 'comment') comments.push(mark);
    else if (mark.kind === 'text') {
      if (!inside || containers.has(inside.name)) fault(mark.begin, strayText(inside?.name));
    } else if (mark.kind === 'close') closeTag(mark, open, fault, lineAt);
    else {
      if (!open.length && (roots += 1) > 1) fault(mark.begin, `a second <${mark.name}> stands after the end of <mjml>`);
      if (open.length && mark.name === 'mjml') fault(mark.begin, 'an <mjml> cannot stand inside another one');
      if (mark.kind === 'open') open.push(mark);
    }
  }
  for (const tag of open.slice(0, Math.max(0, maxFaults - faults.length)))
    fault(tag.begin, `<${tag.name}> is never closed; add </${tag.name}>`);
  return { faults: faults.sort((a, b) => a.offset - b.offset), comments };
}

function closeTag(
  mark: Mark,
  open: Mark[],
  fault: (offset: number, sentence: string) => void,
  lineAt: (offset: number) => number,
): void {
  const opened = open.findLastIndex((tag) => tag.name === mark.name);
  if (opened < 0) {
    fault(mark.begin, `</${mark.name}> closes nothing; remove it or add <${mark.name}> before it`);
    return;
  }
  for (const tag of open.splice(opened).slice(1, maxFaults)) {
    fault(tag.begin, `<${tag.name}> is not closed before </${mark.name}> on line ${lineAt(mark.begin)}`);
  }
}

const isMjml = (mark: Mark) => /^mj(ml$|-)/.test(mark.name);

const strayText = (name: string | undefined) =>
  name === undefined
    ? 'text stands outside of <mjml> and would be lost'
    : `text directly in <${name}> would be lost: put it in <mj-text>, and Liquid tags between components in <mj-raw>`;
