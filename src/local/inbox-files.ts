import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './process-identity.js';

/** A message as the inbox got it. */
export interface InboxMessage {
  /** Counts from 1 in the order of arrival. */
  readonly number: number;
  /** The envelope sender; empty for a bounce. */
  readonly returnPath: string;
  /** The envelope recipients; a domain in punycode appears in Unicode. */
  readonly deliveredTo: readonly string[];
  /** The file: envelope lines, then the message. */
  readonly raw: Buffer;
  /** The bytes between DATA and the final dot, unstuffed. */
  readonly message: Buffer;
}

/** Where messages are put, under numbers that only grow. */
export interface InboxWriter {
  /** @returns the message's number; it stands as a file, whole, by then */
  keep(envelope: { from: string; to: readonly string[] }, message: readonly Buffer[]): number;
}

const unfinished = 'unfinished';
const fileName = (number: number): string => `${String(number).padStart(9, '0')}.eml`;
const numberOf = (name: string): number | undefined =>
  /^\d{9,12}\.eml$/.test(name) ? Number.parseInt(name, 10) : undefined;

/**
 * Opens a folder for the only process that writes there; numbers go on behind the last message.
 *
 * @param folder - made when missing
 */
export function openInboxFolder(folder: string): InboxWriter {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = readdirSync(folder);
  let last = names.reduce((highest, name) => Math.max(highest, numberOf(name) ?? 0), 0);
  return {
    // Synchronous: for small files it takes a fraction of the asynchronous way's CPU, and no two messages mix. Killed
    // before the rename, nobody was answered 250; a power cut may take messages of the last seconds from this inbox.
    keep: (envelope, message) => {
      const path = join(folder, unfinished);
      writeFileSync(path, Buffer.concat([envelopeLines(envelope), ...message]), { mode: 0o600 });
      renameSync(path, join(folder, fileName(last + 1)));
      return ++last;
    },
  };
}

/** @returns the numbers of all messages, in the order of arrival; none when there is no such folder */
export async function listInbox(folder: string): Promise<number[]> {
  try {
    const numbers = (await readdir(folder)).map(numberOf).filter((number) => number !== undefined);
    return numbers.sort((a, b) => a - b);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** @returns undefined when there is no such message */
export async function readInboxMessage(folder: string, number: number): Promise<InboxMessage | undefined> {
  try {
    return parseInboxMessage(number, await readFile(join(folder, fileName(number))));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Reads all messages in the order of arrival, a group at a time, so that any number of them needs little memory. What
 * arrives after the call is left out.
 */
export async function* inboxMessages(folder: string): AsyncGenerator<InboxMessage, void, undefined> {
  const numbers = await listInbox(folder);
  const groupSize = 64;
  for (let start = 0; start < numbers.length; start += groupSize) {
    const group = numbers.slice(start, start + groupSize);
    for (const message of await Promise.all(group.map((number) => readInboxMessage(folder, number)))) {
      if (message) yield message;
    }
  }
}

// Return-Path comes last: it ends the envelope, whatever the message's own first lines say.
function envelopeLines({ from, to }: { from: string; to: readonly string[] }): Buffer {
  const lines = [...to.map((address) => `Delivered-To: ${printable(address)}`), `Return-Path: <${printable(from)}>`];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

// eslint-disable-next-line no-control-regex -- control characters are what it is about
const printable = (address: string): string => address.replaceAll(/[\0-\x1f\x7f]/g, '?');

export function parseInboxMessage(number: number, raw: Buffer): InboxMessage {
  const deliveredTo: string[] = [];
  for (let at = 0; ;) {
    const end = raw.indexOf('\r\n', at);
    const line = end < 0 ? '' : raw.toString('utf8', at, end);
    at = end + 2;
    if (line.startsWith('Delivered-To: ')) deliveredTo.push(line.slice('Delivered-To: '.length));
    else if (/^Return-Path: <.*>$/.test(line)) {
      const returnPath = line.slice('Return-Path: <'.length, -1);
      return { number, returnPath, deliveredTo, raw, message: raw.subarray(at) };
    } else
      throw new Error(`message ${number} of the inbox has no envelope lines; remove its file from the inbox folder`);
  }
}
