import type { Charset } from './charset.js';

/** A multipart of a message with HTML. */
export type Multipart = 'mixed' | 'related' | 'alternative';

/** How the parts of a message with HTML stand in each other. */
export interface PartStructure {
  /**
   * The multiparts around the HTML, the outermost first: `alternative` holds the text too. Images of the HTML stand in
   * `related`, where there are any, or else in `mixed`.
   */
  readonly multiparts: readonly Multipart[];
  /** Those images have no Content-Disposition. */
  readonly bareImages?: true;
}

/** A Japanese mobile operator, and what its kind of HTML mail is and can be. */
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
  readonly structure: PartStructure;
}

/** What its mobiles read. */
export const mobileCharset: Charset = 'iso-2022-jp';

/**
 * What the mobiles of all three show: KDDI's list of supported tags (EZfactory, Decoration Mail), those of Deco-mail as
 * ITmedia told them on 28 January 2004, and a guide to all three formats (plusmb.jp, 11 September 2008) agree on these.
 */
const commonTags = 'blink body br div font head hr html img marquee meta'.split(' ');

/**
 * Domains: the operators' own, those of companies with addresses at KDDI (biz.ezweb.ne.jp and the like), and of SoftBank
 * those that it took over with Vodafone, J-Phone and Disney Mobile (Email::Address::JP::Mobile of CPAN). Sizes: Deco-mail
 * 3.0 and Decoration Mail for 100 KB, the versions that newer mobiles have.
 *
 * Structures: NTT DoCoMo's and KDDI's are those of the mails that their mobiles send (blog.cheki.net/archives/1516), and what
 * jpmobile (lib/jpmobile/mail.rb), Qdmail and Mail_Mobile (okonomi/mail-mobile on GitHub) compose for them; SoftBank's is that
 * of the last two and of cloud.comlog.jp/staff/856.html, for its own guide was not to be had. Those two leave DoCoMo's images
 * without a Content-Disposition.
 */
export const mobileCarriers = {
  docomo: {
    name: 'NTT DoCoMo',
    words: ['decomail', 'docomo', 'nttdocomo'],
    domains: ['docomo.ne.jp'],
    partBytes: 10_000,
    // Links, and the title that Deco-mail 3.0 shows for a template.
    tags: [...commonTags, 'a', 'title'],
    structure: { multiparts: ['mixed', 'related', 'alternative'], bareImages: true },
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
    structure: { multiparts: ['related', 'alternative'] },
  },
  au: {
    name: 'KDDI au',
    words: ['decorationmail', 'kddiau', 'kddi', 'au'],
    domains: ['ezweb.ne.jp', '*.ezweb.ne.jp', 'au.com', '*.au.com'],
    partBytes: 10_000,
    // KDDI's list has no links. "object" is for Flash.
    tags: [...commonTags, 'object'],
    structure: { multiparts: ['mixed', 'alternative'] },
  },
} as const satisfies Readonly<Record<string, MobileCarrier>>;

export type MobileCarrierId = keyof typeof mobileCarriers;

/** Of all images of a message together, before the transfer encoding. */
export const mobileImages = { types: ['image/jpeg', 'image/gif'], most: 20, kb: 100 } as const;
