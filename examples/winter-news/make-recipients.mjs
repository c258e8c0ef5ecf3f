// Makes recipients.csv: 1,000 invented people on reserved domains (RFC 2606), the same ones every time. A few rows are
// faulty on purpose, so that the analysis has something to exclude. Run: node examples/winter-news/make-recipients.mjs
import { writeFileSync } from 'node:fs';

const total = 1_000;
const columns = ['email', 'first_name', 'last_name', 'city', 'language', 'member_since'];

/** Names as written, and as they stand in addresses. */
const people = {
  en: {
    first: ['Alice', 'Benedict', 'Clara', 'Dylan', 'Esther', 'Fergus', 'Gwen', 'Harriet', 'Imogen', 'Jonah', 'Keziah'],
    last: ['Ashdown', 'Birchwood', 'Coldwell', 'Draycott', 'Elmhurst', 'Fernsby', 'Greenhalgh', "O'Brien", 'St. Clair'],
    cities: ['Fernlea', 'Ashby Moor', 'Little Orchard', 'Stonebridge', 'Harrow-on-Sea'],
  },
  de: {
    first: ['Änne', 'Björn', 'Carola', 'Dörte', 'Emil', 'Friederike', 'Götz', 'Hannelore', 'Jürgen', 'Käthe', 'Ludger'],
    last: ['Ackermann', 'Blümel', 'Drosselbart', 'Eßbach', 'Föhrenwald', 'Großgärtner', 'Hügel', 'Moosbrugger', 'Weiß'],
    cities: ['Lindenau', 'Moosbach', 'Weißenfeld', 'Görlbach'],
  },
  fr: {
    first: [
      'Aurélie',
      'Benoît',
      'Céleste',
      'Désiré',
      'Élodie',
      'François',
      'Gaëlle',
      'Hélène',
      'Jérôme',
      'Maëlys',
      'Noël',
    ],
    last: ['Aubépin', 'Bruyère', 'Châtaigner', "D'Érable", 'Fougère', 'Lebosquet', 'Noisetier', 'Prévert', 'Verger'],
    cities: ['Clairbois', 'Saint-Rémy-des-Prés', 'Fontvieille', 'Aubeterre'],
  },
  ja: {
    first: {
      花子: 'hanako',
      健太: 'kenta',
      美咲: 'misaki',
      直樹: 'naoki',
      さくら: 'sakura',
      雄一: 'yuichi',
      葵: 'aoi',
    },
    last: { 庭野: 'niwano', 青木: 'aoki', 松林: 'matsubayashi', 花岡: 'hanaoka', 竹内: 'takeuchi', 梅田: 'umeda' },
    cities: ['みどり市', '花畑', '北の森'],
  },
  el: {
    first: { Αλέξης: 'alexis', Δάφνη: 'dafni', Ελένη: 'eleni', Θάνος: 'thanos', Ίρις: 'iris', Νίκος: 'nikos' },
    last: { Ανθόπουλος: 'anthopoulos', Δενδρινός: 'dendrinos', Κηπουρός: 'kipouros', Φυλλίδης: 'fyllidis' },
    cities: ['Ανθούπολη', 'Μυρτιά'],
  },
  uk: {
    first: { Богдан: 'bohdan', Галина: 'halyna', Любов: 'liubov', Остап: 'ostap', Соломія: 'solomiia', Юрій: 'yurii' },
    last: { Садовий: 'sadovyi', Вишневецька: 'vyshnevetska', Калинюк: 'kalyniuk', Яворська: 'yavorska' },
    cities: ['Вишневе', 'Калинівка'],
  },
  ar: {
    first: { ليلى: 'layla', كريم: 'karim', ياسمين: 'yasmin', سامي: 'sami', نور: 'nour' },
    last: { البستاني: 'albustani', الزيتوني: 'alzaytouni', الورد: 'alward' },
    cities: ['البساتين'],
  },
};

/** How many of a hundred people write in which language. */
const shares = { en: 42, de: 22, fr: 18, ja: 6, el: 5, uk: 4, ar: 3 };
const domains = [
  'mail.example',
  'post.example',
  'gartenpost.example',
  'courriel.example',
  'inbox.example',
  'verde.example',
];

/** Rows that stand in the place of an ordinary one, by row number. Missing cells are left empty. */
const special = {
  40: { email: 'grüße@bücher.example', first_name: 'Käthe', last_name: 'Großgärtner', language: 'de' },
  41: { email: 'ユーザー@例え.example', first_name: '花子', last_name: '庭野', language: 'ja' },
  120: { email: 'δάφνη@κήπος.example', first_name: 'Δάφνη', last_name: 'Κηπουρός', language: 'el' },
  121: { email: 'anna@gärten.example', first_name: 'Anna', last_name: 'Blümel', language: 'de' },
  250: { email: 'josé@mail.example', first_name: 'José', last_name: 'Fernsby', language: 'en' },
  251: { email: '花园@花园.example', first_name: '小梅', last_name: '花', language: 'zh' },
  300: { email: 'not-an-address.example', first_name: 'Clara', last_name: 'Coldwell', language: 'en' },
  301: { email: 'two@@mail.example', first_name: 'Emil', last_name: 'Hügel', language: 'de' },
  302: { email: 'with space@mail.example', first_name: 'Noël', last_name: 'Verger', language: 'fr' },
  303: { email: 'nobody@', first_name: 'Gwen', last_name: 'Elmhurst', language: 'en' },
  400: { email: '', first_name: 'Ludger', last_name: 'Ackermann', language: 'de' },
  401: { email: '', first_name: 'Hélène', last_name: 'Bruyère', language: 'fr' },
  402: { email: '', first_name: 'Jonah', last_name: 'Draycott', language: 'en' },
  500: { email: 'smith-and-sons@mail.example', first_name: 'Robert "Bob"', last_name: 'Smith, Senior', language: 'en' },
  501: {
    email: 'roses@verde.example',
    first_name: 'Rose, Violet & Daisy',
    last_name: '"The Florists"',
    language: 'en',
  },
  502: { email: 'less.than@post.example', first_name: 'Zoë <3', last_name: 'Ashdown & Daughters', language: 'en' },
};
/** Rows that repeat the address of an earlier one, some with the domain in other letters. */
const doubles = { 600: [10], 601: [11], 700: [12, 'upper'], 701: [13, 'title'], 960: [40, 'upper'] };
const withoutFirstName = new Set([75, 176, 277, 378, 479, 580, 681, 782]);

/** Mulberry32: a small generator with a seed, so that the file is the same on every machine. */
let state = 20_261_103;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];

function pickLanguage() {
  let share = random() * 100;
  return Object.keys(shares).find((language) => (share -= shares[language]) < 0) ?? 'en';
}

/** @returns a name with its form in addresses */
function pickName(names) {
  if (!Array.isArray(names)) return pick(Object.entries(names));
  const name = pick(names);
  return [
    name,
    name
      .replace(/ß/g, 'ss')
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase(),
  ];
}

const used = new Set();
function freeAddress(local) {
  for (let number = 1; ; number += 1) {
    const address = `${local}${number > 1 ? number : ''}@${pick(domains)}`;
    if (!used.has(address) && used.add(address)) return address;
  }
}

function person(row) {
  const language = pickLanguage();
  const { first, last, cities } = people[language];
  const [firstName, firstLocal] = pickName(first);
  const [lastName, lastLocal] = pickName(last);
  const day = new Date(
    Date.UTC(2008 + Math.floor(random() * 18), Math.floor(random() * 12), 1 + Math.floor(random() * 28)),
  );
  return {
    email: freeAddress(`${firstLocal}.${lastLocal}`),
    first_name: withoutFirstName.has(row) ? '' : firstName,
    last_name: lastName,
    city: random() < 0.8 ? pick(cities) : '',
    language,
    member_since: random() < 0.6 ? day.toISOString().slice(0, 10) : '',
  };
}

function recased(address, how) {
  const [local, domain] = address.split('@');
  if (how === 'upper') return `${local}@${domain.toUpperCase()}`;
  return how === 'title' ? `${local}@${domain[0].toUpperCase()}${domain.slice(1)}` : address;
}

const cell = (value = '') => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const rows = new Map();
for (let row = 2; row <= total + 1; row += 1) {
  const ordinary = person(row);
  const [of, how] = doubles[row] ?? [];
  rows.set(row, special[row] ?? (of ? { ...rows.get(of), email: recased(rows.get(of).email, how) } : ordinary));
}
const lines = [...rows.values()].map((values) => columns.map((column) => cell(values[column])).join());
writeFileSync(new URL('recipients.csv', import.meta.url), `${[columns.join(), ...lines].join('\n')}\n`);
