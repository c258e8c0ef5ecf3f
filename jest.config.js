const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  testEnvironment: 'node',
};

/**
 * `unit` needs nothing but Node, and its files nothing of one another: they have all CPUs. `system` runs the real stack
 * (Temporal, Postgres, SMTP), which `test/system/` starts once for the run; `time` runs the workflows on a server that
 * skips time, which needs Java.
 */
export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/!(system|time)/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/crash/runs/'],
    },
    {
      ...shared,
      displayName: 'system',
      testMatch: ['<rootDir>/test/system/**/*.test.ts'],
      globalSetup: '<rootDir>/test/system/start-servers.js',
      globalTeardown: '<rootDir>/test/system/stop-servers.js',
    },
    {
      ...shared,
      displayName: 'crash',
      testMatch: ['<rootDir>/test/crash/runs/*.test.ts'],
      globalSetup: '<rootDir>/test/system/start-servers.js',
      globalTeardown: '<rootDir>/test/system/stop-servers.js',
    },
    {
      ...shared,
      displayName: 'time',
      testMatch: ['<rootDir>/test/time/**/*.test.ts'],
      globalSetup: '<rootDir>/test/time/obtain-server.js',
    },
  ],
  reporters: ['default', ...(process.env.TEST_RESULTS ? ['<rootDir>/test/results-reporter.js'] : [])],
  // A test that fails may leave a connection open: the run must end and say so.
  forceExit: true,
  // Ends what hangs; no test is meant to come near it on a slow machine.
  testTimeout: 300_000,
};
