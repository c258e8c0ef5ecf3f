/** A Japanese mobile operator, and what its kind of HTML mail can be. */
export interface MobileCarrier {
  readonly name: string;
  /** What a profile's field names it by: the format or the operator, in small letters without spaces and hyphens. */
  readonly words: readonly string[];
  /** Of its customers' addresses, none of them another operator's too; "*" stands for labels. */
  readonly domains: readonly string[];
  /** A text or HTML part has fewer octets, before the transfer encoding. */
  readonly partBytes?: number;
  /** Elements of HTML that its mobiles know. */
  readonly tags: readonly string[];
}

/**
 * What the mobiles of all three show: KDDI's list of supported tags (EZfactory, Decoration Mail), those of Deco-mail as
 * ITmedia told them on 28 January 2004, and a guide to all three formats (plusmb.jp, 11 September 2008) agree on these.
 */
const commonTags = 'blink body br div font head hr html img marquee meta'.split(' ');

/**
 * Domains: the operators' own, those of companies with addresses at KDDI (biz.ezweb.ne.jp and the like), and of SoftBank
 * those that it took over with Vodafone, J-Phone and Disney Mobile (Email::Address::JP::Mobile of CPAN). Sizes: Deco-mail
 * 3.0 and Decoration Mail for 100 KB, the versions that newer mobiles have.
 */
export const mobileCarriers = {
  docomo: {
    name: 'NTT DoCoMo',
    words: ['decomail', 'docomo', 'nttdocomo'],
    domains: ['docomo.ne.jp'],
    partBytes: 10_000,
    // Links, and the title that Deco-mail 3.0 shows for a template.
    tags: [...commonTags, 'a', 'title'],
  },
  softbank: {
    name: 'SoftBank',
    words: ['decoremail', 'softbank'],
    domains: [
      'softbank.ne.jp',
      'i.softbank.jp',
      '*.vodafone.ne.jp',
      'disney.ne.jp',
      ...'d h t c r k n s q'.split(' ').map((region) => `jp-${region}.ne.jp`),
    ],
    // No full list of its tags was to be had: links and titles are added as with Deco-mail.
    tags: [...commonTags, 'a', 'title'],
  },
  au: {
    name: 'KDDI au',
    words: ['decorationmail', 'kddiau', 'kddi', 'au'],
    domains: ['ezweb.ne.jp', '*.ezweb.ne.jp', 'au.com', '*.au.com'],
    partBytes: 10_000,
    // KDDI's list has no links. "object" is for Flash.
    tags: [...commonTags, 'object'],
  },
} as const satisfies Readonly<Record<string, MobileCarrier>>;

export type MobileCarrierId = keyof typeof mobileCarriers;

/** Of all images of a message together, before the transfer encoding. */
export const mobileImages = { types: ['image/jpeg', 'image/gif'], most: 20, kb: 100 } as const;
