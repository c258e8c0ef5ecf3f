import type { LineValues } from '../content/personalise.js';
import { domainOf, parseAddress } from '../delivery/address.js';
import type { DeliverySettings } from '../delivery/definition.js';
import { isTemplate } from '../delivery/definition-text.js';
import type { MessageKey } from '../delivery/message-key.js';
import type { Header } from './compose-message.js';
import { sharedReturnPath } from './envelope-addresses.js';
import type { Mailbox } from './header-value.js';
import { compileVerp } from './verp.js';

type Sender = DeliverySettings['sender'];

/** Whether what readers see of the sender differs from message to message. */
export function isPersonalised({ name, address, replyTo }: Sender): boolean {
  return [name, address, replyTo?.name, replyTo?.address].some((text) => text !== undefined && isTemplate(text));
}

/** @returns From and Reply-To of one message; nothing where they are the same in all. Throws RangeError for another domain */
export function compileSender(
  sender: Sender,
): (lines: LineValues) => { from?: Mailbox; replyTo?: Mailbox | undefined } {
  if (!isPersonalised(sender)) return () => ({});
  const { name, address, replyTo } = sender;
  return (lines) => ({
    from: { name: lines['sender.name'] ?? name, address: sameDomain('sender.address', address, lines) },
    replyTo: replyTo && {
      name: lines['sender.replyTo.name'] ?? replyTo.name,
      address: sameDomain('sender.replyTo.address', replyTo.address, lines),
    },
  });
}

/** A template that ends early (`break`) would leave the domain to the recipient's value. */
function sameDomain(part: `sender.${string}`, template: string, lines: LineValues): string {
  const filled = lines[part] ?? template;
  if (filled !== template && domainOf(filled) !== domainOf(template))
    throw new RangeError(`${part} is not an address of the domain that the definition names`);
  return filled;
}

/** @returns the extra headers of one message that differ from message to message; one that is empty is left out */
export function compileExtraHeaders(headers: DeliverySettings['headers']): (lines: LineValues) => Header[] | undefined {
  const names = Object.keys(headers).filter((name) => isTemplate(headers[name] ?? ''));
  if (names.length === 0) return () => undefined;
  return (lines) =>
    names.flatMap((name): Header[] => {
      const value = lines[`headers.${name}`] ?? '';
      return value === '' ? [] : [[name, value]];
    });
}

/**
 * @returns the envelope sender of one message
 * @throws RangeError where values make no address of it that others can answer to
 */
export function compileReturnPath(revision: {
  secret: Buffer;
  settings: Pick<DeliverySettings, 'sender'>;
}): (message: MessageKey, lines: LineValues) => string {
  const { sender } = revision.settings;
  const written = sender.errorAddress ?? sender.address;
  const part = sender.errorAddress === undefined ? 'sender.address' : 'sender.errorAddress';
  const returnPath = sharedReturnPath(sender);
  if (returnPath === undefined) return (_message, lines) => asciiAddress(part, sameDomain(part, written, lines));
  return sender.verp ? compileVerp(revision.secret, returnPath) : () => returnPath;
}

function asciiAddress(part: string, text: string): string {
  const parsed = parseAddress(text);
  if (!parsed || parsed.smtpUtf8) throw new RangeError(`${part} is not an address that bounces can come back to`);
  return parsed.address;
}
