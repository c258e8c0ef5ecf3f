import { Tokenizer, TokenKind } from 'liquidjs';

/** A template whose Liquid is hidden behind words that MJML and HTML tools leave alone. */
interface MaskedLiquid {
  masked: string;
  /** Puts the Liquid back. */
  unmask: (text: string) => string;
  /** The place in the template, from 0, of what stands first on a line, from 1, of `masked`. */
  placeOfLine: (line: number) => number;
  /** The pieces of Liquid of which `text` holds no trace, with their place in the template, from 0. */
  lostIn: (text: string) => { liquid: string; offset: number }[];
}

/** Rare enough to be in no content; a template that holds it all the same gets another one. */
const firstMark = 'LqMark';

/** A line that holds tags (`{% … %}`) alone, which leave no text of their own, with the line breaks after it. */
export const tagLine = /^[ \t]*((?:LqMarkX*T\d+E[ \t]*)+)\n+/gm;

/** @param template - Liquid that parses */
export function maskLiquid(template: string): MaskedLiquid {
  const mark = freeMark(template);
  const pieces = liquidPieces(template);
  let masked = '';
  let end = 0;
  for (const [index, piece] of pieces.entries()) {
    masked += `${template.slice(end, piece.begin)}${mark}${piece.kind}${index}E`;
    end = piece.end;
  }
  // Tools write names of tags in lower case.
  const word = new RegExp(`${mark}[TO](\\d+)E`, 'gi');
  return {
    masked: masked + template.slice(end),
    unmask: (text) => text.replace(word, (whole, index: string) => liquidAt(pieces, index) ?? whole),
    placeOfLine: (line) => {
      const blank = blankLiquid(template);
      let begin = 0;
      for (let at = 1; at < line; at += 1) begin = blank.indexOf('\n', begin) + 1 || blank.length;
      return begin + Math.max(0, blank.slice(begin).search(/\S/));
    },
    lostIn: (text) => {
      const kept = new Set([...text.matchAll(word)].map((match) => Number(match[1])));
      return pieces
        .filter((_, index) => !kept.has(index))
        .map((piece) => ({ liquid: piece.liquid, offset: piece.begin }));
    },
  };
}

/** The template with every piece of Liquid overwritten by letters, line breaks too, so that places stay as they are. */
export function blankLiquid(template: string): string {
  let blank = '';
  let end = 0;
  for (const piece of liquidPieces(template)) {
    blank += template.slice(end, piece.begin) + 'x'.repeat(piece.liquid.length);
    end = piece.end;
  }
  return blank + template.slice(end);
}

interface Piece {
  begin: number;
  end: number;
  liquid: string;
  kind: 'T' | 'O';
}

function liquidPieces(template: string): Piece[] {
  return new Tokenizer(template)
    .readTopLevelTokens()
    .filter((token) => token.kind === TokenKind.Tag || token.kind === TokenKind.Output)
    .map(({ begin, end, kind }) => ({
      begin,
      end,
      liquid: template.slice(begin, end),
      kind: kind === TokenKind.Tag ? 'T' : 'O',
    }));
}

function liquidAt(pieces: Piece[], index: string): string | undefined {
  return pieces[Number(index)]?.liquid;
}

function freeMark(template: string): string {
  const taken = new Set(Array.from(template.matchAll(/LqMark(X*)/gi), ([whole]) => whole.length));
  let mark = firstMark;
  while (taken.has(mark.length)) mark += 'X';
  return mark;
}
