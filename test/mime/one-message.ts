import {
  compileMessage,
  type ComposedMessage,
  type MessageFill,
  type MessageFrame,
} from '../../src/mime/compose-message.js';
import type { Mailbox } from '../../src/mime/header-value.js';

/** A message that is alone: its texts have no places. */
export interface OneMessage
  extends
    Omit<MessageFrame, 'html' | 'text' | 'from'>,
    Omit<MessageFill, 'html' | 'text' | 'unsubscribeUrl' | 'from' | 'replyTo' | 'extra'> {
  from: Mailbox;
  html?: string | undefined;
  text: string;
  unsubscribeUrl?: string | undefined;
}

const whole = (text: string) => ({ source: text, strings: [text] });

export function composeMessage({ html, text, ...message }: OneMessage): ComposedMessage {
  const frame = { ...message, text: whole(text), html: html === undefined ? undefined : whole(html) };
  const { from: _from, replyTo: _replyTo, extra: _extra, ...fill } = message;
  return compileMessage(frame)({ ...fill, text: [], html: [] });
}
