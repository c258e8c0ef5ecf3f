/** What a match leaves open, for whoever reads it. */
export const leftOpen =
  'Runs of spaces and tabs, white space at the ends of lines, empty lines at the end of the body and how headers are folded may differ from what was confirmed: the seal does not cover them. Neither does it cover Date, DKIM-Signature, Received and Return-Path, nor headers that servers have added.';
