import PostalMime, { decodeWords, type Email } from 'postal-mime';
import { type Content, deliverySettingsSchema } from '../../src/delivery/definition.js';
import {
  compileRevision,
  type MessageSubject,
  type RenderedMessage,
  type RenderedRevision,
} from '../../src/mime/compile-revision.js';

/** A revision with these settings and this content. */
export function revisionWith(settings: object, content: Partial<Content> = {}): RenderedRevision {
  return {
    deliveryId: 'news',
    deliveryKey: 1,
    hash: '0'.repeat(64),
    secret: Buffer.alloc(32, 7),
    settings: deliverySettingsSchema.parse({
      name: 'News',
      sender: { address: 'news@shop.example' },
      subject: 'Hello',
      ...settings,
    }),
    content: { text: 'Hello\n', sources: {}, ...content },
  };
}

/** Renders messages of it. */
export function rendering(
  settings: object,
  content: Partial<Content> = {},
): (subject?: Partial<MessageSubject>) => RenderedMessage {
  const render = compileRevision(revisionWith(settings, content));
  return (subject) =>
    render({ proof: 0, seq: 1, address: 'reader@mail.example', fields: {}, date: new Date(0), ...subject });
}

/** As an independent parser reads it. */
export const parsed = async ({ bytes }: RenderedMessage): Promise<Email> => new PostalMime().parse(bytes);

export const headersOf = async (message: RenderedMessage): Promise<Record<string, string>> =>
  Object.fromEntries((await parsed(message)).headers.map(({ key, value }) => [key, decodeWords(value)]));
