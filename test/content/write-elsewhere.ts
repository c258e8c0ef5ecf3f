import { text } from 'node:stream/consumers';
import { writtenText } from './written-text-of.js';

/** Writes texts in a process of its own, whose language and time zone are those of another machine. */
const jobs = JSON.parse(await text(process.stdin)) as Parameters<typeof writtenText>[];
process.stdout.write(JSON.stringify(jobs.map((job) => writtenText(...job))));
