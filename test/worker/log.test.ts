import { makeLog, sdkLogger } from '../../worker/log.js';

test('what the SDK says is in the log, but for what is as we mean it', () => {
  const lines: { msg: string; level: number; workflow?: string }[] = [];
  const logger = sdkLogger(makeLog({ write: (line) => lines.push(JSON.parse(line) as (typeof lines)[number]) }));
  logger.warn('No workflows registered, not polling for workflow tasks');
  logger.info('Worker state changed');
  logger.warn('Failing workflow task', { workflowId: 'delivery:news', stack: '/home/x.js' });
  logger.error('Worker failed');
  expect(lines).toMatchObject([
    { msg: 'Failing workflow task', level: 40, workflow: 'delivery:news' },
    { msg: 'Worker failed', level: 50 },
  ]);
  expect(JSON.stringify(lines)).not.toContain('/home');
});
