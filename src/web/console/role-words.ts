import type { OperatorRole } from '../../client/index.js';

/** What a role is for, as its holder reads it. */
export const roleWords: Readonly<Record<OperatorRole, string>> = {
  engineer: 'makes and revises deliveries, and sends them on their way',
  reviewer: 'says a word on proofs',
  approver: 'confirms and rejects',
  auditor: 'sees everything, exports what proves it, changes nothing',
  admin: 'lets people in and out',
};
