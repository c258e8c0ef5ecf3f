import { mobileCarriers, type MobileCarrier, type MobileCarrierId } from './mobile-carriers.js';

/** A part of one message. */
export interface LargePart {
  /** Octets before the transfer encoding. */
  bytes: number;
  /** Of the recipient. */
  row: number;
}

/** One that an operator's mobiles do not take. */
export interface OversizedPart extends LargePart {
  carrier: MobileCarrierId;
  part: 'html' | 'text';
}

/** Of many messages, the largest of the parts that are larger than what shows them takes. */
export interface LargeParts {
  /** The HTML, where Gmail cuts it off. */
  clipped?: LargePart;
  /** One of a kind for each operator. */
  oversized?: OversizedPart[];
}

/** @returns those parts of a mobile's message that its operator does not take */
export function oversizedParts(
  row: number,
  { carrier, bytes }: { carrier: MobileCarrierId; bytes: Record<'html' | 'text', number> },
): OversizedPart[] {
  const { partBytes = Infinity }: MobileCarrier = mobileCarriers[carrier];
  return (['html', 'text'] as const)
    .filter((part) => bytes[part] >= partBytes)
    .map((part) => ({ carrier, part, bytes: bytes[part], row }));
}

/** @returns the larger of each two; of the same size, the first */
export function largerParts(one: LargeParts, other: LargeParts): LargeParts {
  const clipped = larger(one.clipped, other.clipped);
  const oversized = [...(one.oversized ?? [])];
  for (const found of other.oversized ?? []) {
    const at = oversized.findIndex(({ carrier, part }) => carrier === found.carrier && part === found.part);
    oversized[at < 0 ? oversized.length : at] = larger(oversized[at], found);
  }
  return { ...(clipped && { clipped }), ...(oversized.length > 0 && { oversized }) };
}

function larger<Part extends LargePart>(one: Part | undefined, other: Part): Part;
function larger<Part extends LargePart>(one: Part | undefined, other: Part | undefined): Part | undefined;
function larger<Part extends LargePart>(one: Part | undefined, other: Part | undefined): Part | undefined {
  return other && other.bytes > (one?.bytes ?? 0) ? other : one;
}
