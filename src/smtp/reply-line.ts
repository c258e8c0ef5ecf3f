const longest = 500;

/** Nothing in it that would be changed: nearly every reply, and each is kept. */
const inOrder = /^(?!\d{3}-)[!-~]+(?: [!-~]+)*$/;

/**
 * A relay's reply as the ledger keeps it and a page shows it: one line of at most 500 characters, whatever the other
 * side sent. The code of the first line stays, those of continuation lines go.
 */
export function oneLineReply(reply: string): string {
  if (reply.length <= longest && inOrder.test(reply)) return reply;
  const start = reply.slice(0, 4 * longest);
  const code = /^\d{3}[ -]?(\d\.\d{1,3}\.\d{1,3} )?/.exec(start);
  const lines = start.split(/\r?\n/).map((line, i) => {
    if (i === 0) return line.replace(/^(\d{3})-/, '$1 ');
    const rest = line.replace(/^\d{3}[ -]/, '');
    return code?.[1] !== undefined && rest.startsWith(code[1]) ? rest.slice(code[1].length) : rest;
  });
  // \p{C} covers controls, escape sequences' ESC, bidi overrides and lone surrogates; \p{Z} every kind of separator.
  const text = lines
    .join(' ')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
