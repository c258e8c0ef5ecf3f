import { fileURLToPath } from 'node:url';
import { cacheFolder, dataFolder, sharedCacheFolder, type DataFolder } from '../local/data-folder.js';
import type { Stack, StackEvent } from '../local/stack.js';
import { configFile, mxRulesFile } from './config-option.js';
import type { Env } from './environment.js';
import { CliError } from './failures.js';
import { systemKeyOf, toldToPrograms } from './system-key.js';

/** The program beside this file; workers of the stack are started through it. */
const mainPath = fileURLToPath(new URL('./main.js', import.meta.url));

/** Errors of the stack that say all that there is to say. */
const clear = new Set([
  'CliError',
  'FolderError',
  'SealpostError',
  'StackRunningError',
  'TemporalUnavailableError',
  'RelayUrlError',
  'DkimKeysError',
  'NoticeSettingsError',
  'RuleConfigError',
  'MxRulesError',
  'ProviderSettingsError',
  'NameServersError',
]);

/**
 * Starts what the environment does not name, and a worker.
 *
 * @param signal - gives the start up
 * @throws CliError `STACK_FAILED`, `INTERRUPTED`; StackRunningError
 */
export async function startLocalStack(
  env: Env,
  report: (event: StackEvent) => void,
  signal: AbortSignal,
): Promise<{ stack: Stack; folder: DataFolder }> {
  const folder = dataFolder(env);
  const [
    { startStack },
    { prepareServers },
    { relaysFromEnvironment },
    { resolverFromEnvironment },
    { dkimKeysFromEnvironment },
    { startWebServer },
    { startConsole },
    { providerFromEnvironment },
    { workerNodeFlags },
    { loadConfig },
    { loadMxRules },
  ] = await Promise.all([
    import('../local/stack.js'),
    import('./prepare-servers.js'),
    import('../smtp/relay-url.js'),
    import('../dns/resolver.js'),
    import('../mime/dkim-environment.js'),
    import('../web/server.js'),
    import('../web/console/server.js'),
    import('../web/access/provider-settings.js'),
    import('../local/worker-process.js'),
    import('../checks/config-file.js'),
    import('../client/mx-rules-file.js'),
  ]);
  // The worker would find a wrong one after all servers have been started for it.
  relaysFromEnvironment(env);
  resolverFromEnvironment(env);
  dkimKeysFromEnvironment(env);
  const provider = providerFromEnvironment(env);
  const { file: config } = await loadConfig(configFile(env), process.cwd());
  const mxRules = mxRulesFile(env);
  if (mxRules !== undefined) await loadMxRules(mxRules);
  try {
    const stack = await startStack({
      // It runs in another working directory.
      env: {
        ...env,
        ...(config !== undefined && { SEALPOST_CONFIG: config }),
        ...(mxRules !== undefined && { SEALPOST_MX_RULES: mxRules }),
      },
      dataFolder: folder,
      cacheFolder: cacheFolder(env),
      sharedCacheFolder: sharedCacheFolder(env),
      report,
      workerCommand: [process.execPath, ...workerNodeFlags, mainPath, 'worker'],
      prepare: async (servers) => {
        await prepareServers(servers);
      },
      startWeb: ({ databaseUrl, port, report: tell }) =>
        startWebServer({
          databaseUrl,
          host: '127.0.0.1',
          port,
          record: ({ route, error }) => {
            if (error !== undefined) tell(`a request to ${route} failed: ${error}`);
          },
        }),
      startConsole: ({ databaseUrl, temporalAddress, inboxFolder, port, report: tell }) =>
        startConsole({
          env: { ...env, TEMPORAL_ADDRESS: temporalAddress },
          databaseUrl,
          systemKey: () => systemKeyOf(env).catch(toldToPrograms),
          inboxFolder,
          provider,
          host: '127.0.0.1',
          port,
          record: ({ route, error }) => {
            if (error !== undefined) tell(`a request to ${route} failed: ${error}`);
          },
        }),
      signal,
    });
    return { stack, folder };
  } catch (error) {
    if (signal.aborted) throw new CliError('INTERRUPTED', 'Stopped before the stack was ready.', { cause: error });
    if (!(error instanceof Error) || clear.has(error.name)) throw error;
    // The stack puts the part's name before the message of an error that has been made for people.
    const inner = error.cause instanceof Error && clear.has(error.cause.name) ? error.cause : undefined;
    if (inner) throw inner;
    throw new CliError('STACK_FAILED', `The stack did not start: ${error.message}`, { cause: error });
  }
}
