import { audienceFault } from '../../src/client/audience-fault.js';

const url = 'postgres://reader:s%2Fcret@db.internal:5432/crm?application_name=mailer';
const faultOf = (error: unknown) => audienceFault(error, 'the database at SEALPOST_AUDIENCE_CRM', url);

/** As drivers throw it. */
const thrown = (message: string, own: { code?: string; line?: number } = {}) => Object.assign(new Error(message), own);

test.each([
  [
    'canceling statement due to statement timeout',
    { code: '57014' },
    'ended the query (canceling statement due to statement timeout): make it faster, for each page of rows has ten minutes',
  ],
  ['cannot execute nextval()', { code: '25006' }, 'refuses the query, which would change something: it may only read'],
  [
    'permission denied for table person',
    { code: '42501' },
    'refuses the query (permission denied for table person): let its user read this, or name another user',
  ],
  [
    'syntax error at or near "selec"',
    { code: '42601', line: 2 },
    'refuses the query: syntax error at or near "selec" (line 2 of the query)',
  ],
  [
    'read ECONNRESET',
    { code: 'ECONNRESET' },
    'cannot be used: it closed the connection; see that it can be reached, and try again',
  ],
  [
    'Client has encountered a connection error and is not queryable',
    {},
    'cannot be used: the connection was lost; see that it can be reached, and try again',
  ],
  [
    'connection failure',
    { code: '08006' },
    'cannot be used: the connection was lost; see that it can be reached, and try again',
  ],
  [
    'invalid input syntax for type integer: "Ann"',
    { code: '22P02' },
    'gave the query up, with the code 22P02: run it there by hand, which tells why',
  ],
  [
    'write EPIPE',
    { code: 'EPIPE' },
    'cannot be used (write EPIPE, EPIPE): see that its URL is right and that it can be reached, and try again',
  ],
  [
    'self-signed certificate of db.internal',
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    'cannot be used (self-signed certificate of …, DEPTH_ZERO_SELF_SIGNED_CERT): see that its URL is right and that it can be reached, and try again',
  ],
])('%s', (message, own, sentence) => {
  expect(faultOf(thrown(message, own))).toBe(`the database at SEALPOST_AUDIENCE_CRM ${sentence}`);
});

test.each([
  ['no pg_hba.conf entry for user "reader", database "crm" at db.internal:5432', 'user "…", database "…" at …'],
  [`cannot read ${url}`, 'cannot read …'],
  ['refused s/cret, s%2Fcret and MAILER', 'refused …, … and …'],
  ['crm-archive, crms and readers', 'crm-archive, crms and readers'],
])('nothing of the URL is told: %s', (message, told) => {
  expect(faultOf(thrown(message))).toContain(told);
});

test.each([undefined, null, 'a text', {}])('what is no error is told too: %p', (error) => {
  expect(faultOf(error)).toContain('cannot be used (');
});
