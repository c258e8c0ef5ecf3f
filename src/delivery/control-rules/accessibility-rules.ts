import { linkRule } from './link-rules.js';
import type { Rule } from './rule.js';
import type { ContentView } from './views.js';

/** Labels that say nothing without what stands around them, in the languages that most newsletters are written in. */
const vague = new Set(
  [
    'click here|click|here|read more|more|link|this link|learn more|see more',
    'hier|hier klicken|klicken sie hier|klick hier|mehr|weiterlesen|mehr lesen',
    'ici|cliquez ici|cliquer ici|en savoir plus|lire la suite|plus',
    'aquí|haga clic aquí|haz clic aquí|clic aquí|leer más|más',
    'qui|clicca qui|leggi di più|clique aqui|aqui|saiba mais|klik hier|lees meer',
    'こちら|ここをクリック|点击这里',
  ].flatMap((words) => words.split('|')),
);

const isVague = (label: string): boolean =>
  vague.has(
    label
      .toLowerCase()
      .replace(/[^\p{L}\p{N} ]/gu, '')
      .trim(),
  );

/** What people with other senses or programs need; `image-without-alt` and `link-without-label` stand with their kin. */
export const accessibilityRules: readonly Rule<{ content: ContentView }>[] = [
  {
    id: 'html-without-lang',
    level: 'info',
    explanation: 'A screen reader pronounces a mail by the language that the html element names.',
    check: ({ content: { outline } }) =>
      outline?.lang === '' || outline?.lang === 'und'
        ? [
            {
              place: 'html',
              sentence:
                'The HTML does not name its language: write lang on the html element (on mjml in MJML), such as lang="en".',
            },
          ]
        : [],
  },
  {
    id: 'heading-order',
    level: 'info',
    explanation:
      'Who listens to a mail goes from heading to heading; a level that is left out looks like a part that is missing.',
    check: ({ content: { outline } }) => {
      const headings = outline?.headings ?? [];
      const at = headings.findIndex((level, index) => index > 0 && level > (headings[index - 1] ?? level) + 1);
      return at < 0
        ? []
        : [
            {
              place: 'html',
              sentence: `A heading h${headings[at]} follows an h${headings[at - 1]}: use h${(headings[at - 1] ?? 0) + 1} there, and style for its size.`,
            },
          ];
    },
  },
  linkRule(
    {
      id: 'link-text-vague',
      level: 'info',
      explanation: 'Screen readers list the links of a mail by their words alone: "click here" tells nothing there.',
    },
    ({ label }) =>
      label !== undefined && isVague(label)
        ? `is called "${label}", which says nothing by itself: name what is behind it.`
        : undefined,
  ),
  {
    id: 'table-without-role',
    level: 'info',
    explanation: 'Screen readers announce rows and columns of each table, unless its role says that it only arranges.',
    check: ({ content: { outline } }) =>
      outline === undefined || outline.unmarkedTables === 0
        ? []
        : [
            {
              place: 'html',
              sentence: `${outline.unmarkedTables === 1 ? 'A table has' : `${outline.unmarkedTables} tables have`} neither role nor headings: write role="presentation" where a table only arranges, th where it holds data.`,
            },
          ],
  },
];
