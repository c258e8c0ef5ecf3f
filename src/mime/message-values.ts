import type { TemplateText } from '../content/cut-template.js';
import { compilePersonalisation, type MessageValues } from '../content/personalise.js';
import { textPreference } from '../delivery/content-format.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { mayLinkToMirror } from '../delivery/mirror-page.js';
import type { MessageKey } from '../delivery/message-key.js';
import { formatOf } from '../delivery/proof-settings.js';
import { substitutedFields } from '../content/substituted-fields.js';
import type { MessageSubject, RenderedRevision } from './compile-revision.js';
import { messageUrls } from './message-token.js';

/** What fills one message. */
export interface FilledMessage {
  key: MessageKey;
  /** With the prefix of a proof. */
  subject: string;
  values: Omit<MessageValues, 'subject'>;
  /** The recipient wants no HTML; there are no values for it. */
  textOnly: boolean;
}

/** The texts of a revision, and what fills them. */
export interface MessageTexts {
  html: TemplateText | undefined;
  text: TemplateText;
  /** @throws PersonalisationError */
  fill(message: Omit<MessageSubject, 'date'>): FilledMessage;
}

/** @param content - as it is sent; see `contentSent` */
export function compileTexts(revision: RenderedRevision, content: Content): MessageTexts {
  const { settings, deliveryKey } = revision;
  const personaliser = compilePersonalisation(settings, content);
  const urlsOf = hostedUrls(settings, revision.secret);
  const wantsText = textPreference(settings);
  const delivery = { id: revision.deliveryId, name: settings.name };
  return {
    html: personaliser.html,
    text: personaliser.text,
    fill({ proof, seq, address, fields: own, profileAddress }) {
      const key = { deliveryKey, proof, seq };
      const fields = proof > 0 ? substitutedFields(own, profileAddress ?? '', address) : own;
      const format = proof > 0 ? formatOf(settings.proofs, seq) : undefined;
      const textOnly = format === undefined ? wantsText(fields) : format === 'text';
      const { unsubscribeUrl, mirrorUrl } = urlsOf(key);
      const profile = { address, fields };
      const values = personaliser.valuesFor({ profile, delivery, unsubscribeUrl, mirrorUrl, textOnly });
      const prefix = proof > 0 ? settings.proofs.subjectPrefix.replace('{n}', String(proof)) : '';
      return { key, textOnly, subject: prefix + values.subject, values };
    },
  };
}

/** The pages of a message on our own web server, where the settings name it. */
function hostedUrls({ unsubscribe, mirror }: DeliverySettings, secret: Buffer) {
  const unsubscribeUrl =
    unsubscribe.hosted === undefined ? undefined : messageUrls(unsubscribe.hosted, secret, 'unsubscription');
  const mirrorUrl =
    mirror.hosted !== undefined && mayLinkToMirror(mirror) ? messageUrls(mirror.hosted, secret, 'mirror') : undefined;
  return (key: MessageKey) => ({ unsubscribeUrl: unsubscribeUrl?.(key), mirrorUrl: mirrorUrl?.(key) });
}
