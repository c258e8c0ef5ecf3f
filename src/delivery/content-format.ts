import type { Content, DeliverySettings } from './definition.js';

/** @returns the content as the delivery's format sends it: of a text delivery the text alone */
export function contentSent({ format }: Pick<DeliverySettings, 'format'>, content: Content): Content {
  if (format !== 'text') return content;
  const { html: _html, files, ...rest } = content;
  return { ...rest, ...(files ? { files: files.filter(({ contentId }) => contentId === undefined) } : {}) };
}

/** What a profile's field says who wants text alone; whatever else it says, its message has both. */
export const textWords = ['text', 'txt', 'plain', 'text/plain'];

/** @returns whether a recipient with these fields gets text alone */
export function textPreference({
  format,
  formatField,
}: Pick<DeliverySettings, 'format' | 'formatField'>): (fields: Readonly<Record<string, unknown>>) => boolean {
  if (format !== 'recipient') return () => false;
  return (fields) => {
    const wanted = fields[formatField];
    return typeof wanted === 'string' && textWords.includes(wanted.trim().toLowerCase());
  };
}
