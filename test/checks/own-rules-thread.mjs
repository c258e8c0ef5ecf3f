import { register } from 'node:module';

// The thread of own rules from its source, as Node would run it compiled.
register(new URL('../content/typescript-hooks.mjs', import.meta.url));
await import('../../src/checks/own-rules-thread.ts');
