import { type TagToken, Tokenizer, TokenKind, type TopLevelToken } from 'liquidjs';
import type { Content } from '../delivery/definition.js';

/** What a file of content is. */
export type ContentKind = 'mjml' | 'html' | 'text';

/** A `{% render "name" %}`, in whose place a block's text is put. */
export interface BlockTag {
  /** Place of its first character and of the one after its last, with the white space that its "-" takes away. */
  begin: number;
  end: number;
  /** The block's name, or what is wrong with the tag. */
  asked: { name: string } | { fault: string };
}

/** @returns the block tags of a template in order; none where its Liquid cannot be read */
export function blockTags(template: string): BlockTag[] {
  let inComment = false;
  return tokensOf(template).flatMap((token) => {
    if (token.kind !== TokenKind.Tag) return [];
    const tag = token as TagToken;
    if (tag.name === 'comment' || tag.name === 'endcomment') inComment = tag.name === 'comment';
    if (inComment || tag.name !== 'render') return [];
    const begin = tag.trimLeft ? template.slice(0, tag.begin).trimEnd().length : tag.begin;
    const after = tag.trimRight ? (/^\s*/.exec(template.slice(tag.end))?.[0].length ?? 0) : 0;
    return [{ begin, end: tag.end + after, asked: askedBy(tag.args) }];
  });
}

/** @returns the template with white space where its block tags were, so that places stay as they are */
export function withoutBlocks(template: string): string {
  let done = 0;
  const pieces = blockTags(template).map(({ begin, end }) => {
    const piece = template.slice(done, begin) + template.slice(Math.max(done, begin), end).replace(/\S/g, ' ');
    done = end;
    return piece;
  });
  return pieces.join('') + template.slice(done);
}

function tokensOf(template: string): TopLevelToken[] {
  try {
    return new Tokenizer(template).readTopLevelTokens();
  } catch {
    // Whoever parses the template tells why.
    return [];
  }
}

function askedBy(args: string): BlockTag['asked'] {
  const [, quoted, more] = /^\s*("[^"]*"|'[^']*')(.*)$/s.exec(args) ?? [];
  const name = quoted?.slice(1, -1) ?? '';
  if (!/^[a-z0-9-]{1,60}$/.test(name))
    return { fault: 'a block is named in quotes by 1–60 of a–z, 0–9 and "-": {% render "greeting" %}' };
  if (more?.trim())
    return { fault: `a block takes no arguments, for it sees all variables: write {% render "${name}" %}` };
  return { name };
}

const fileKinds = { mjml: '.mjml', html: '.html', text: '.txt' } as const;
const kindsFor: Readonly<Record<ContentKind, readonly ContentKind[]>> = {
  mjml: ['mjml', 'html'],
  html: ['html'],
  text: ['text'],
};

/** @returns where a block for a place of this kind may stand in the delivery's folder, the first one preferred */
export function blockFiles(name: string, place: ContentKind): { path: string; kind: ContentKind }[] {
  return kindsFor[place].map((kind) => ({ path: `blocks/${name}${fileKinds[kind]}`, kind }));
}

/**
 * Whether the text part was made from the HTML: else its file is one of the sources, as it stands there or with blocks,
 * which no other part takes as text.
 */
export function isTextFromHtml({ html, text, sources }: Content): boolean {
  const isOwn = Object.entries(sources).some(
    ([name, source]) => source === text || /blocks\/[a-z0-9-]+\.txt$/.test(name),
  );
  return html !== undefined && !isOwn;
}

const shippedForms = new Map<string, { html: string; text: string }>([
  [
    'greeting',
    {
      html: 'Hello{% if first_name %} {{ first_name }}{% endif %},',
      text: 'Hello{% if first_name %} {{ first_name }}{% endif %},',
    },
  ],
  ['mirror', { html: '<a href="{{ mirror_url }}">View in browser</a>', text: 'View in browser: {{ mirror_url }}' }],
  [
    'unsubscription',
    { html: '<a href="{{ unsubscribe_url }}">Unsubscribe</a>', text: 'Unsubscribe: {{ unsubscribe_url }}' },
  ],
]);

export const shippedNames: readonly string[] = [...shippedForms.keys()];

/** The scheme keeps them apart from the author's files. */
const shippedScheme = 'sealpost:';

/** @returns a block that Sealpost brings, as a source of the content */
export function shippedBlock(name: string, place: ContentKind): { name: string; text: string } | undefined {
  const form = place === 'text' ? 'text' : 'html';
  const text = shippedForms.get(name)?.[form];
  return text === undefined ? undefined : { name: `${shippedScheme}blocks/${name}${fileKinds[form]}`, text };
}

/** @returns the name of the block whose source this is, where Sealpost brought it */
export function shippedNameOf(source: string): string | undefined {
  return shippedNames.find((name) => source.startsWith(`${shippedScheme}blocks/${name}.`));
}
