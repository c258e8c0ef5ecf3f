import { characterNames } from '../charset.js';
import { mobileCarriers, mobileImages, type MobileCarrier, type MobileCarrierId } from '../mobile-carriers.js';
import { ordinaryWord } from '../mobile-format.js';
import { charsetRemedy } from './charset-rules.js';
import { cut, type Found, type Rule } from './rule.js';
import { recipients } from './target-rules.js';
import type { AnalysisView, JapaneseMobilesView } from './views.js';

type MobileView = Pick<AnalysisView, 'settings' | 'japaneseMobiles'>;

/** What mobiles of an operator do, and what they get: the two halves of a sentence. */
interface Fault {
  place: string;
  /** After the operators' names. */
  what: string;
  remedy: string;
}

const maxNamed = 10;

/** A rule that asks of each operator who has recipients; those of whom the same is to be said stand in one sentence. */
const mobileRule = (
  rule: Pick<Rule<MobileView>, 'id' | 'explanation'>,
  faultsFor: (carrier: MobileCarrier & { id: MobileCarrierId }, view: JapaneseMobilesView) => Fault[],
): Rule<MobileView> => ({
  ...rule,
  level: 'warning',
  check({ settings, japaneseMobiles: view }) {
    if (!view) return [];
    const apart = `or give these recipients a delivery of their own, or the ordinary message by ${settings.mobileFormatField}: ${ordinaryWord}`;
    const told = new Map<string, Fault & { mobiles: string[] }>();
    for (const [id, count] of Object.entries(view.recipients)) {
      const carrierId = id as MobileCarrierId;
      const carrier = mobileCarriers[carrierId];
      for (const fault of faultsFor({ id: carrierId, ...carrier }, view)) {
        const key = `${fault.what}: ${fault.remedy}`;
        const one = told.get(key) ?? { ...fault, mobiles: [] };
        one.mobiles.push(`${carrier.name} (${recipients(count)})`);
        told.set(key, one);
      }
    }
    return [...told.values()].map(({ place, mobiles, what, remedy }): Found => ({
      place,
      sentence: `Mobiles of ${inWords(mobiles)} ${what}: ${remedy}, ${apart}.`,
    }));
  },
});

export const japaneseMobileRules: readonly Rule<MobileView>[] = [
  mobileRule(
    {
      id: 'japanese-mobile-charset',
      explanation:
        'Mobiles of Japanese operators get their messages in ISO-2022-JP; whose message holds what it does not have gets none.',
    },
    (_carrier, { unwritable }) =>
      unwritable.map(({ place, characters: [first = '', ...others], isFromHtml = false }) => ({
        place,
        what: `read ISO-2022-JP, which does not have ${characterNames([first, ...others])}, and get no message`,
        remedy: charsetRemedy(place, first, isFromHtml),
      })),
  ),
  mobileRule(
    {
      id: 'japanese-mobile-size',
      explanation:
        "NTT DoCoMo and KDDI au cut longer parts off or refuse the message. This is the largest one as it would be sent, with its recipient's values.",
    },
    ({ id, partBytes = Infinity }, { oversized }) =>
      oversized
        .filter(({ carrier }) => carrier === id)
        .map(({ part, bytes, row }) => ({
          place: part,
          what: `take ${partNames[part]} of less than ${inDigits(partBytes)} bytes, and the largest (row ${row}) has ${inDigits(bytes)}`,
          remedy: "shorten it, or what its recipient's values bring in",
        })),
  ),
  mobileRule(
    {
      id: 'japanese-mobile-images',
      explanation: `Mobiles of Japanese operators show JPEG and GIF images that come within the message, at most ${mobileImages.most} and less than ${mobileImages.kb} KB together.`,
    },
    (_carrier, view) => imageFaults(view),
  ),
  mobileRule(
    {
      id: 'japanese-mobile-markup',
      explanation:
        'Each operator has a small set of HTML tags; mobiles leave out what they do not know, or show it as text.',
    },
    ({ tags }, view) => {
      const unknown = view.tags.filter((tag) => !tags.includes(tag));
      return unknown.length === 0
        ? []
        : [
            {
              place: 'html',
              what: `do not know ${unknown.length === 1 ? 'the tag' : 'the tags'} ${inWords(firstOf(unknown))}`,
              remedy: `write the HTML with ${inWords(tags.toSorted())} alone`,
            },
          ];
    },
  ),
];

const partNames = { html: 'HTML', text: 'text' } as const;

function imageFaults({ images, linkedImages }: JapaneseMobilesView): Fault[] {
  const otherTypes = images.filter(({ type }) => !mobileImages.types.some((known) => known === type));
  const bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const outside = linkedImages + images.filter(({ inline }) => !inline).length;
  const kinds: [isFault: boolean, what: string, remedy: string][] = [
    [
      otherTypes.length > 0,
      `show JPEG and GIF images alone, and ${inWords(firstOf(otherTypes.map(({ name }) => `"${cut(name)}"`)))} ${otherTypes.length === 1 ? 'is' : 'are'} of another type`,
      'convert what is not',
    ],
    [
      images.length > mobileImages.most,
      `show at most ${mobileImages.most} images, and each message carries ${images.length}`,
      'leave some out',
    ],
    [
      bytes >= mobileImages.kb * 1024,
      `take images of less than ${mobileImages.kb} KB together, and these have ${inDigits(Math.ceil(bytes / 1024))} KB`,
      'make them smaller or leave some out',
    ],
    [
      outside > 0,
      `show images that come within the message alone, and ${outside} ${outside === 1 ? 'is' : 'are'} on the web or attached`,
      'name each by cid: and its path, such as src="cid:images/logo.gif"',
    ],
  ];
  return kinds.flatMap(([isFault, what, remedy]) => (isFault ? [{ place: 'html', what, remedy }] : []));
}

const inDigits = (count: number): string => count.toLocaleString('en-US');

function firstOf(names: readonly string[]): string[] {
  const more = names.length - maxNamed;
  return more > 1 ? [...names.slice(0, maxNamed), `${more} others`] : [...names];
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
