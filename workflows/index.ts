export { delivery } from './delivery.js';
export { keepHistories } from './keep-histories.js';
export { resend } from './resend.js';
export { resolveInDoubt } from './resolve-in-doubt.js';
export { sending } from './sending.js';
export { tellEnd } from './tell-end.js';
