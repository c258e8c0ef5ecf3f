import config from '../../jest.config.js';

const system = config.projects.find(({ displayName }) => displayName === 'system');

/** `npm run histories`: records the histories that the replay test reads, on the servers of the system tests. */
export default {
  ...system,
  displayName: 'histories',
  rootDir: '../..',
  testMatch: ['<rootDir>/test/histories/record-histories.ts'],
  testTimeout: config.testTimeout,
};
