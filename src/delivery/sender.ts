import { z } from 'zod';
import { address, addressTemplate, singleLine } from './definition-text.js';

const mailbox = (what: string) =>
  z.strictObject({ name: singleLine(`${what}.name`, 200).optional(), address: addressTemplate(`${what}.address`) });

/** RFC 5321 §4.5.3.1.1 allows 64, of which the token and its "+" take 33. */
const longestVerpBase = 31;

/** Names and addresses are Liquid templates; the domain of an address is the same for all recipients. */
export const senderSchema = z
  .strictObject({
    name: singleLine('sender.name', 200).optional(),
    address: addressTemplate('sender.address'),
    replyTo: mailbox('sender.replyTo').optional(),
    /** Envelope sender (return path); the sender's address where it is not given. */
    errorAddress: addressTemplate('sender.errorAddress').optional(),
    /** Each message gets a return path of its own, `bounces+token@…`: the mail system there must take such addresses. */
    verp: z.boolean().optional(),
  })
  .refine(
    ({ verp, address: from, errorAddress = from }) => verp !== true || address('').safeParse(errorAddress).success,
    'sender.verp needs a return path that is the same for all recipients',
  )
  .refine(
    ({ verp, address: from, errorAddress = from }) => verp !== true || errorAddress.indexOf('@') <= longestVerpBase,
    `sender.verp needs a return path with at most ${longestVerpBase} characters before its @`,
  );
