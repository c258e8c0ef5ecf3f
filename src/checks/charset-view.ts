import { isTextFromHtml } from '../content/content-blocks.js';
import { writtenText } from '../content/written-text.js';
import type { CharsetView } from '../delivery/control-rules/charset-rules.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { charsetEncoder } from '../mime/charset-encoder.js';

/** What a forced encoding lacks of the texts that every message has. Templates are Liquid that parses. */
export function charsetView(settings: DeliverySettings, content: Content): CharsetView {
  const encoder = charsetEncoder(settings.charset);
  if (!encoder) return [];
  const { subject, sender, list, headers, proofs } = settings;
  const templates: [place: string, template: string | undefined][] = [
    ['subject', subject],
    ['sender.name', sender.name],
    ['sender.replyTo.name', sender.replyTo?.name],
    ...Object.entries(headers).map(([name, value]): [string, string] => [`headers.${name}`, value]),
    ['html', content.html],
    ['text', content.text],
  ];
  const texts = [
    ...templates.map(([place, template]) => [place, template && writtenText(template)] as const),
    ['list.name', list?.name] as const,
    ['proofs.subjectPrefix', proofs.subjectPrefix] as const,
  ];
  return texts
    .map(([place, written = '']) => ({
      place,
      characters: encoder.unwritable(written),
      isFromHtml: place === 'text' && isTextFromHtml(content),
    }))
    .filter(({ characters }) => characters.length > 0);
}
