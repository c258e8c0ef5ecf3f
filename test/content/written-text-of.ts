import { compilePersonalisation } from '../../src/content/personalise.js';
import type { FieldValue } from '../../src/delivery/definition.js';

/** A text part as one recipient gets it. */
export function writtenText(text: string, fields: Record<string, FieldValue> = {}, locale = 'en'): string {
  const settings = {
    subject: '',
    unsubscribe: {},
    sender: { address: 'news@shop.example' },
    headers: {},
    locale,
    localeField: 'locale',
  };
  const personaliser = compilePersonalisation(settings, { text, sources: {} });
  const profile = { address: 'ada@mail.example', fields };
  return personaliser.render({ profile, delivery: { id: 'd', name: 'D' } }).text;
}
