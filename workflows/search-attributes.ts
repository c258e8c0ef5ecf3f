import { defineSearchAttributeKey } from '@temporalio/common';

/** By which auditors find deliveries in Temporal's own pages. Registered by `sealpost up` and `sealpost migrate`. */
export const searchAttributes = {
  status: defineSearchAttributeKey('DeliveryStatus', 'KEYWORD'),
  owner: defineSearchAttributeKey('Owner', 'KEYWORD'),
  /** Who confirmed, the last of them. */
  approver: defineSearchAttributeKey('Approver', 'KEYWORD'),
  seal: defineSearchAttributeKey('Seal', 'KEYWORD'),
} as const;
