import { z } from 'zod';

/** Operators appear by id everywhere, in workflow history too: an id, not a name and not an address. */
export const operatorIdSchema = z
  .string('an operator id must be text')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an operator id must be 1–64 letters, digits, ".", "_" or "-"');
