import {
  compileMessage,
  type ComposedMessage,
  type MessageFill,
  type MessageFrame,
} from '../../src/mime/compose-message.js';

/** A message that is alone: its texts have no places. */
export interface OneMessage
  extends Omit<MessageFrame, 'html' | 'text'>, Omit<MessageFill, 'html' | 'text' | 'unsubscribeUrl'> {
  html?: string | undefined;
  text: string;
  unsubscribeUrl?: string | undefined;
}

const whole = (text: string) => ({ source: text, strings: [text] });

export function composeMessage({ html, text, ...message }: OneMessage): ComposedMessage {
  const frame = { ...message, text: whole(text), html: html === undefined ? undefined : whole(html) };
  return compileMessage(frame)({ ...message, text: [], html: [] });
}
