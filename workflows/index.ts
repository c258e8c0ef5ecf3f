export { delivery } from './delivery.js';
export { keepHistories } from './keep-histories.js';
export { sending } from './sending.js';
