import { joinText } from '../content/cut-template.js';
import { contentSent } from '../delivery/content-format.js';
import type { AttachedFile } from '../delivery/definition.js';
import type { MessageSubject, RenderedRevision } from './compile-revision.js';
import type { Mailbox } from './header-value.js';
import { compileTexts } from './message-values.js';
import { compileSender } from './personalised-headers.js';
import { shownHtml } from './shown-html.js';

/** A message as its reader's program shows it. */
export interface ShownMessage {
  from: Mailbox;
  replyTo?: Mailbox;
  subject: string;
  /** With its own images in it; absent where the message is text alone. */
  html?: string;
  text: string;
}

/**
 * Prepares what a revision's readers see, of the same values as their messages: whoever shows it to others compares the
 * message with its leaf first. Throws as `compileRevision` does.
 */
export function compileShown(revision: RenderedRevision): (message: Omit<MessageSubject, 'date'>) => ShownMessage {
  const { sender } = revision.settings;
  const content = contentSent(revision.settings, revision.content);
  const texts = compileTexts(revision, content);
  const senderOf = compileSender(sender);
  const images = new Map((content.files ?? []).flatMap(imageUrl));
  return (message) => {
    const { subject, values } = texts.fill(message);
    const { lines, html, text } = values;
    const { from = sender, replyTo = sender.replyTo } = senderOf(lines);
    return {
      from: mailbox(from),
      ...(replyTo && { replyTo: mailbox(replyTo) }),
      subject,
      ...(texts.html && html && { html: shownHtml(joinText(texts.html, html), images) }),
      text: joinText(texts.text, text),
    };
  };
}

/** A sender has settings beside those of a mailbox. */
const mailbox = ({ name, address }: Mailbox): Mailbox => ({ ...(name === undefined ? {} : { name }), address });

/** Where an SVG is opened by itself, it is a document that may hold scripts. */
const pictureType = /^image\/(?!svg)[a-z0-9.+-]+$/i;

function imageUrl({ contentId, type, base64 }: AttachedFile): [string, string][] {
  if (contentId === undefined || !pictureType.test(type)) return [];
  return [[contentId, `data:${type};base64,${base64}`]];
}
