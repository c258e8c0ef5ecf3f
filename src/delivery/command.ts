import { z } from 'zod';
import { operatorIdSchema } from './operator-id.js';
import { rateSchema, unlimited } from './rate.js';

export const sha256Hex = (what: string) =>
  z.string(`${what} must be text`).regex(/^[0-9a-f]{64}$/, `${what} must be 64 hexadecimal digits`);

/** Comments end in workflow history: short, and never multi-megabyte. */
export const commentSchema = z
  .string('comment must be text')
  .max(1_000, 'comment is longer than 1000 characters')
  // Postgres keeps neither, and a journal that waits for an entry waits for ever.
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'comment must not contain NUL or half a character')
  .optional();

export const commandIdSchema = z.string().min(1).max(64);

const issued = {
  operator: operatorIdSchema,
  /** Names this very command, so that the same one sent twice (as Update and as signal) counts once. */
  id: commandIdSchema.optional(),
};

/** A compact JWS over a statement of the operator; see `statementSchemas`. */
const signature = z
  .string('signature must be text')
  .max(8_192, 'signature is longer than 8192 characters')
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, 'signature must be a compact JWS')
  .optional();

/**
 * The commands that a delivery takes, by the name that they have as a signal and as an Update. Adding one means adding
 * it here and in `applyCommand`.
 */
export const commandSchemas = {
  decide: z.object({
    ...issued,
    verdict: z.enum(['confirm', 'reject', 'withdraw']),
    seal: sha256Hex('seal'),
    comment: commentSchema,
    /** An emergency: it counts for all gates. */
    breakGlass: z.boolean().optional(),
    signature,
  }),
  pause: z.object({ ...issued, comment: commentSchema }),
  resume: z.object({ ...issued, comment: commentSchema }),
  stop: z.object({ ...issued, comment: commentSchema }),
  /** How fast messages leave from now on. */
  setRate: z.object({ ...issued, rate: z.literal(unlimited).or(rateSchema('rate')), comment: commentSchema }),
  revise: z.object({ ...issued, revision: sha256Hex('revision'), comment: commentSchema, signature }),
  sendProof: z.object({ ...issued, comment: commentSchema }),
  /** Asks the relay about each recipient, and sends nothing. */
  dryRun: z.object({ ...issued, comment: commentSchema }),
  stopAnalysis: z.object({ ...issued, comment: commentSchema }),
  startAnalysis: z.object({ ...issued, comment: commentSchema }),
  /** A reviewer's word on what a proof shows. */
  reviewProof: z.object({
    ...issued,
    proof: z.int().min(1),
    verdict: z.enum(['approve', 'reject']),
    comment: commentSchema,
    signature,
  }),
} as const;

export type CommandName = keyof typeof commandSchemas;
export type CommandInput<N extends CommandName> = z.output<(typeof commandSchemas)[N]>;
/** A command whose shape has been checked. */
export type Command = { [N in CommandName]: { name: N } & CommandInput<N> }[CommandName];

export const commandNames = Object.keys(commandSchemas) as CommandName[];

export interface Verdict {
  accepted: boolean;
  /** Why it was refused, for a person. */
  reason?: string;
}

/**
 * @param name - signal or Update name as it arrived
 * @param input - its first argument as it arrived, from anybody
 * @returns the command, or a sentence that says what is wrong with its shape
 */
export function parseCommand(name: string, input: unknown): { command: Command } | { malformed: string } {
  const schema = Object.hasOwn(commandSchemas, name) ? commandSchemas[name as CommandName] : undefined;
  if (!schema) return { malformed: `there is no such command; there are ${commandNames.join(', ')}` };
  const parsed = schema.safeParse(input);
  if (parsed.success) return { command: { name, ...parsed.data } as Command };
  return { malformed: faultsOfShape(parsed.error) };
}

/** What is wrong with an input that anybody may have sent, in a sentence of at most 500 characters. */
export function faultsOfShape({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
    .join('; ')
    .slice(0, 500);
}
