import { CliError } from './failures.js';

/** @returns what to tell where a server could not listen */
export function portTaken(error: unknown, port: number): CliError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return undefined;
  return new CliError('USAGE', `Nothing can listen on port ${port} there (${code}): name another --port or --host.`, {
    cause: error,
  });
}
