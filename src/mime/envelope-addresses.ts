import { parseAddress } from '../delivery/address.js';
import type { DeliverySettings } from '../delivery/definition.js';
import { isTemplate } from '../delivery/definition-text.js';

/** @returns where bounces go, without a token; undefined where the address is a template */
export function sharedReturnPath({ errorAddress, address }: DeliverySettings['sender']): string | undefined {
  const written = errorAddress ?? address;
  return isTemplate(written) ? undefined : asStated(written);
}

/** @returns where a delivery's copies go; undefined without an archive */
export function archiveAddress({ bcc }: Pick<DeliverySettings, 'bcc'>): string | undefined {
  return bcc === undefined ? undefined : asStated(bcc);
}

/** As SMTP states it, with A-labels. Step 1 finds what is no address: nothing but messages must fail of it. */
function asStated(address: string): string {
  return parseAddress(address)?.address ?? address;
}
