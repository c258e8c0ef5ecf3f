import type { DeliverySettings } from '../definition.js';
import type { LargePart, OversizedPart } from '../large-parts.js';
import type { Reason, ReasonCounts } from '../message-status.js';
import type { MobileCarrierId } from '../mobile-carriers.js';
import type { Schedule } from '../waves.js';
import type { CharsetView } from './charset-rules.js';

/** A link that readers can follow, of one part. */
export interface ContentLink {
  part: 'html' | 'text';
  /** Line of the compiled part, from 1. */
  line: number;
  /** As it stands in the part, Liquid and all, but for HTML's entities. */
  url: string;
  /** The same with a word in place of each piece of Liquid. */
  judged: string;
  /** What comes out depends on the recipient from the first character on: scheme and host cannot be told. */
  variable: boolean;
  /** Where the URL's host holds Liquid. */
  variableHost: boolean;
  /** `data-label`, else the text of the link; empty where there is none, absent in the text part. */
  label?: string;
}

/** How an HTML part is built, as far as that shows without a browser. */
export interface HtmlOutline {
  /** Its `lang`; empty where the document names none, absent where the part is a piece without an `html` element. */
  lang?: string;
  /** Levels of the headings in order, 1–6. */
  headings: readonly number[];
  /** Tables without a role in which nothing marks a heading of data. */
  unmarkedTables: number;
  images: number;
  /** Images that are loaded from elsewhere, and do not come with the message. */
  linkedImages: number;
  /** Names of its elements in small letters, each once, in order. */
  tags: readonly string[];
  /** Characters that readers see, without white space. */
  letters: number;
}

/** Text that readers see, of a setting or a part. */
export interface WrittenText {
  place: string;
  /** Without its Liquid. */
  written: string;
}

/** What the rules of links, images, sizes and texts see of a revision. */
export interface ContentView {
  links: readonly ContentLink[];
  /** Sources of images without an `alt` attribute; an empty one says that the image is decoration. */
  imagesWithoutAlt: readonly string[];
  /** Sources of images that MJML brings, from servers of others. */
  defaultImages: readonly string[];
  /** Absent where there is no HTML. */
  outline?: HtmlOutline;
  /** Octets of the HTML before it is personalised; 0 where there is none. */
  htmlBytes: number;
  /** Characters of the subject without its Liquid. */
  subjectLength: number;
  /** Subject and names of the sender. */
  headings: readonly WrittenText[];
  /** What readers see of the parts; a text that is made from the HTML is not repeated. */
  bodies: readonly WrittenText[];
  /** Whether the text part says anything but addresses of links. */
  textHasWords: boolean;
}

/** A file that every message carries. */
export interface FileView {
  name: string;
  /** Media type. */
  type: string;
  /** An image that the HTML shows. */
  inline: boolean;
  bytes: number;
}

/** Who submitted a revision, and what is known of that. */
export interface AuthorView {
  /** Operator id, as it was given. */
  operator: string;
  /** The rules in force do not let a revision be confirmed whose author is only claimed. */
  demanded: boolean;
  /** By a signature that holds. */
  signed: boolean;
  /** Why the signature that came does not. */
  fault?: string;
}

/** What the rules of the parameters' check see of a revision. */
export interface ParametersView {
  settings: DeliverySettings;
  /** Not judged where absent. */
  author?: AuthorView;
  /** Names of the typologies that the worker knows; not judged where absent. */
  typologies?: readonly string[];
  /** Variables that each part (subject, html, text, …) asks for without having a default. */
  requiredVariables: Partial<Record<string, readonly string[]>>;
  /** Those that each part asks for and can do without. */
  optionalVariables: Partial<Record<string, readonly string[]>>;
  /** Whether a part holds the unsubscription link; a part that is not there lacks none. */
  mentionsUnsubscription: { html: boolean; text: boolean };
  /** Whether something is written in the recipient's language. */
  writesInLocale: boolean;
  /** Fields that profiles of the target have, and those that every message has. */
  knownVariables: ReadonlySet<string>;
  content: ContentView;
  mirror: {
    /** Parts that hold `mirror_url`. */
    linkedFrom: readonly string[];
    /** Whether messages have an HTML part. */
    hasHtml: boolean;
  };
  files: readonly FileView[];
  charset: CharsetView;
  /** Places of the profiles that proofs are to show and the target lacks; not judged where absent. */
  missingProfiles?: readonly string[];
  /** Names of the sources that were to leave people out and name nobody; not judged where absent. */
  emptyExclusions?: readonly string[];
  /** Names of the relays that the worker knows; not judged where absent. */
  relays?: readonly string[];
  /** The relay has retries of its own. */
  enhancedRelay?: boolean;
  /** Milliseconds since the epoch; dates are not judged where absent. */
  now?: number;
  /** The DKIM keys that the worker has; not judged where absent. */
  dkim?: {
    domains: readonly string[];
    /** Whether one of the keys signs mail from an address. */
    isSigned: (address: string) => boolean;
  };
  /** Whether mail can be sent to an address. */
  isAddress: (address: string) => boolean;
  /** Whether mail can be sent from it: few systems can answer to a local part that is not ASCII. */
  isSender: (address: string) => boolean;
}

/** What the rules of the analysis see. */
export interface AnalysisView {
  settings: DeliverySettings;
  /** Names of the typologies that the worker knows. */
  typologies: readonly string[];
  /** Messages that would be sent. */
  messages: number;
  excluded: ReasonCounts;
  /** Why messages could not be made, the most frequent faults first. */
  personalisationFaults: readonly PersonalisationFault[];
  /** Recipients whose address differs from an earlier one's by upper and lower case alone. */
  caseDoubles: CountedRows;
  /** Seeds that get no message. */
  seedsLeftOut: readonly SeedLeftOut[];
  /** The filled HTML that is the largest, where Gmail cuts it off. */
  clipped?: Placed<LargePart>;
  /** There only where the definition names one. */
  schedule?: ScheduleView;
  /** There only where some of the recipients read mail on Japanese mobiles. */
  japaneseMobiles?: JapaneseMobilesView;
}

/** When messages would leave. */
export interface ScheduleView {
  planned: Schedule;
  /** Recipients with a time zone that nobody knows. */
  unknownZones: number;
  /** When the analysis looks, in milliseconds since the epoch. */
  now: number;
}

/** What the rules for Japanese mobiles see: whom they concern, and what each of them gets. */
export interface JapaneseMobilesView {
  /** How many have each operator; those that nobody has are left out. */
  recipients: Readonly<Partial<Record<MobileCarrierId, number>>>;
  /** The largest parts that an operator's mobiles do not take, filled and encoded as they are sent. */
  oversized: readonly Placed<OversizedPart>[];
  /** What is the same in every message and cannot be written in the encoding that mobiles read. */
  unwritable: CharsetView;
  /** That each message carries. */
  images: readonly FileView[];
  /** See {@link HtmlOutline}. */
  linkedImages: number;
  /** See {@link HtmlOutline}. */
  tags: readonly string[];
}

/** What is of one recipient, with the row as people find it: after its file where there are several. */
type Placed<Part extends { row: number }> = Omit<Part, 'row'> & { row: number | string };

/** A seed that the analysis left out. */
export interface SeedLeftOut {
  /** From 1, as the definition names them. */
  n: number;
  reason: Reason;
  /** Of `personalisation-failed`; names fields, never values. */
  fault?: string;
}

/** How many recipients, and the rows of the first of them. */
export interface CountedRows {
  count: number;
  /** With the file before it where there are several. */
  rows: readonly (number | string)[];
}

/** A fault that several recipients have in common; it names fields, never values. */
export interface PersonalisationFault extends CountedRows {
  fault: string;
}
