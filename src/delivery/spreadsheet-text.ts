/**
 * What a spreadsheet would run: it takes text for a formula that begins so, in Japanese settings with the wide
 * characters too. Apostrophes before it are part of this, so that taking one away is the way back.
 */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** @returns text that a spreadsheet takes for nothing but text: an apostrophe stands before what would be a formula */
export function asSpreadsheetText(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** @returns the text that {@link asSpreadsheetText} was given */
export function fromSpreadsheetText(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}
