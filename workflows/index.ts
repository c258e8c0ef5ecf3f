export { delivery } from './delivery.js';
export { sending } from './sending.js';
