/** A message's media types: a multipart is a list of its own and of those that stand in it. */
export type Entities = string | Entities[];

/** Reads how the parts of a message, or of a part, stand in each other (RFC 2046 §5.1), by code that shares nothing with ours. */
export function entitiesOf(source: string): Entities {
  const [head = '', body = ''] = source.split(/\r\n\r\n([^]*)/);
  const [, type = '', parameters = ''] =
    /^Content-Type: ([a-z-]+\/[a-z0-9.-]+)((?:[^\r]|\r\n[ \t])*)/m.exec(head) ?? [];
  const [, boundary] = /boundary="([^"]+)"/.exec(parameters) ?? [];
  if (boundary === undefined) return type;
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  const end = parts.pop();
  if (!end?.startsWith('--')) throw new Error(`${type} has no end`);
  return [type, ...parts.map((part) => entitiesOf(part.replace(/^\r\n/, '')))];
}
