import { isRecipientFault, type RenderedMessage, type RenderMessage } from '../src/mime/compile-revision.js';
import type { BatchKey, ClaimedMessage } from '../src/store/claims.js';
import { SealBrokenError } from './failures.js';

/** A claimed message that is what was sealed. */
export interface ReadyMessage {
  claimed: ClaimedMessage;
  message: RenderedMessage;
}

/**
 * Makes messages again, and compares them with what was sealed.
 *
 * @throws SealBrokenError naming the first that is another one
 */
export function renderClaimed(
  render: RenderMessage,
  batch: Pick<BatchKey, 'proof'>,
  messages: readonly ClaimedMessage[],
): ReadyMessage[] {
  return messages.map((claimed) => {
    const message = renderSealed(render, batch, claimed);
    if (!message) throw new SealBrokenError(claimed.seq);
    return { claimed, message };
  });
}

function renderSealed(
  render: RenderMessage,
  batch: Pick<BatchKey, 'proof'>,
  claimed: ClaimedMessage,
): RenderedMessage | undefined {
  try {
    // A copy is made as its original was.
    const proof = Math.max(0, batch.proof);
    const { seq, address, fields, profileAddress, firstClaimedAt: date } = claimed;
    // Not spread: of what the driver has spread already, V8 makes a hidden class for each copy.
    const message = render({ proof, seq, address, fields, profileAddress, date });
    return claimed.leaf?.equals(message.leaf) ? message : undefined;
  } catch (error) {
    // It was rendered when it was sealed: that it cannot be now means that something was changed since.
    if (isRecipientFault(error)) return undefined;
    throw error;
  }
}
