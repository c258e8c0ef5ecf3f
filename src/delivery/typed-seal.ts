/** How much of a seal a person must give: 32 bits are no chance hit, and nobody types 64 digits. */
export const shortestTyped = 8;

/** @returns whether what a person typed is the beginning of this seal */
export function typedSealMatches(typed: string, seal: string): boolean {
  return typed.length >= shortestTyped && seal.startsWith(typed.toLowerCase());
}
