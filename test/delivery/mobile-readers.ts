import type { FieldValue, Profile } from '../../src/delivery/definition.js';
import type { MobileCarrierId } from '../../src/delivery/mobile-carriers.js';

const named = (mobile_format: FieldValue): Profile['fields'] => ({ mobile_format });

/** Who reads mail on whose mobile. TypeScript decides for a message, and SQL counts: both by this. */
export const mobileReaders: [address: string, fields: Profile['fields'], carrier: MobileCarrierId | undefined][] = [
  ['a@docomo.ne.jp', {}, 'docomo'],
  ['b@DoCoMo.ne.jp', {}, 'docomo'],
  ['c@shop.example', named('Deco-mail'), 'docomo'],
  ['d@ezweb.ne.jp', named('NTT\u3000DoCoMo'), 'docomo'],
  ['a@softbank.ne.jp', {}, 'softbank'],
  ['b@i.softbank.jp', {}, 'softbank'],
  ['c@t.vodafone.ne.jp', {}, 'softbank'],
  ['d@jp-q.ne.jp', {}, 'softbank'],
  ['e@disney.ne.jp', {}, 'softbank'],
  ['f@docomo.ne.jp', named(' decore_MAIL '), 'softbank'],
  ['g@ezweb.ne.jp', named('SoftBank'), 'softbank'],
  ['a@ezweb.ne.jp', {}, 'au'],
  ['b@shop.biz.ezweb.ne.jp', {}, 'au'],
  ['c@au.com', {}, 'au'],
  ['d@biz.au.com', {}, 'au'],
  ['e@shop.example', named('Decoration Mail'), 'au'],
  ['f@shop.example', named('KDDI\tAU\n'), 'au'],
  ['g@ezweb.ne.jp', named('html'), 'au'],
  ['h@ezweb.ne.jp', named(7), 'au'],
  ['i@au.com', named('\u212addi'), 'au'],
  ['j@shop.example', named('\u212addi'), undefined],
  ['a@shop.example', {}, undefined],
  ['b@docomo.co.jp', {}, undefined],
  ['c@xdocomo.ne.jp', {}, undefined],
  ['d@sub.docomo.ne.jp', {}, undefined],
  ['e@vodafone.ne.jp', {}, undefined],
  ['f@xau.com', {}, undefined],
  ['docomo.ne.jp@shop.example', {}, undefined],
  ['g@shop.example', named('text'), undefined],
  ['h@shop.example', { phone: 'docomo' }, undefined],
  ['k@docomo.ne.jp', named(' None'), undefined],
  ['l@au.com', named('none'), undefined],
  ['m@shop.example', named(['au']), undefined],
];
