import { createHash } from 'node:crypto';
import type { Content } from '../delivery/definition.js';
import { lineAt } from './line-at.js';
import { maskLiquid } from './masked-liquid.js';

/** Where HTML shows an image that comes with the message: an attribute, or a style. What stands before, and the image. */
export const imageReference =
  /((?:\b(?:src|background)\s*=\s*(?:["']\s*)?|\burl\(\s*(?:(?:["']|&quot;|&#34;|&#39;)\s*)?)cid:)([^"'\s)>&]*)/gi;
const plainPath = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;
/** What mail programs show within a message. */
const shown = /\.(?:png|jpe?g|gif|webp)$/i;

/** An image that the HTML names by `cid:` and the path of a file. */
export interface NamedImage {
  path: string;
  /** The file of the content that names it, and the line, from 1. */
  source: string;
  line: number;
  /** Why it cannot be had, where its name tells. */
  fault?: string;
}

/**
 * Finds the images that messages carry with them: `src="cid:images/logo.png"`.
 *
 * @returns them, each once, and the HTML with the Content-IDs (RFC 2392) in place of the paths
 */
export function inlineImages({ html, sources }: Content): {
  named: NamedImage[];
  contentIdOf: (path: string) => string;
  html?: string;
} {
  if (html === undefined) return { named: [], contentIdOf };
  const { masked, unmask } = maskLiquid(html);
  const paths = [...new Set([...masked.matchAll(imageReference)].map(([, , path = '']) => unmask(path)))];
  return {
    named: paths.map((path) => ({ path, ...placeOf(path, sources), ...faultOf(path) })),
    contentIdOf,
    html: unmask(masked.replace(imageReference, (_whole, before: string, path: string) => before + contentIdOf(path))),
  };
}

function faultOf(path: string): { fault?: string } {
  if (!plainPath.test(path))
    return {
      fault: `cid: stands before the path of an image in the delivery's folder, the same for all, such as cid:images/logo.png`,
    };
  return shown.test(path) ? {} : { fault: `"${path}" is not a PNG, JPEG, GIF or WebP image by its name` };
}

/** RFC 2392 §2 wants the form of an address; the same path has the same one in all deliveries, and is no secret. */
function contentIdOf(path: string): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 16)}@inline.sealpost`;
}

function placeOf(path: string, sources: Content['sources']): { source: string; line: number } {
  for (const [source, text] of Object.entries(sources)) {
    const at = text.indexOf(`cid:${path}`);
    if (at >= 0) return { source, line: lineAt(text, at) };
  }
  return { source: Object.keys(sources)[0] ?? '', line: 1 };
}
