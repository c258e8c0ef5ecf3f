import { html, type Html } from '../html.js';
import { deliveryPath } from './delivery-address.js';

/** How a message is looked at. */
export interface MailView {
  row?: number | undefined;
  view?: 'desktop' | 'phone' | 'text' | 'source' | undefined;
  images?: 'off' | undefined;
  scheme?: 'dark' | undefined;
}

const asked = (view: MailView): string => {
  const given = Object.entries(view).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
};

export const previewPath = (id: string, view: MailView): string => `${deliveryPath(id, 'preview')}${asked(view)}`;

/** A message's HTML: a page of its own without rights, see `frameHeaders`. */
export function mailFrame(
  id: string,
  { row, images, scheme, view, title, lazy = false }: MailView & { title: string; lazy?: boolean },
): Html {
  const shape = [view === 'phone' && 'phone', scheme === 'dark' && 'dark'].filter(Boolean).join(' ');
  return html`<iframe
    class="mail ${shape}"
    sandbox=""
    ${lazy && html`loading="lazy"`}
    title="${title}"
    src="${deliveryPath(id, 'preview/frame')}${asked({ row, images, scheme })}"
  ></iframe>`;
}
