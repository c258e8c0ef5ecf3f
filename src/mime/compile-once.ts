/**
 * @returns what compiles something when it is first asked for. A failure is remembered like a result: it would be the same
 *   for each of a million messages
 */
export function compileOnce<T>(compile: () => T): () => T {
  let made: { value: T } | { error: unknown } | undefined;
  const attempt = (): typeof made => {
    try {
      return { value: compile() };
    } catch (error) {
      return { error };
    }
  };
  return () => {
    made ??= attempt();
    if (made && 'value' in made) return made.value;
    throw made?.error;
  };
}
