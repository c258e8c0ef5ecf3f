import type { PartRow } from '../bundle-format.js';

/**
 * The messages that copies are of, read beside the copies: both stand in order of sequence, so that one message at a time
 * is kept.
 */
export class Originals {
  private rows: AsyncGenerator<PartRow<'messages'>> | undefined;
  private last: PartRow<'messages'> | undefined;

  constructor(private readonly messages: () => AsyncGenerator<PartRow<'messages'>>) {}

  /** @returns in words that follow its number */
  async whyNoCopy({ seq, leaf, address }: PartRow<'copies'>): Promise<string | undefined> {
    const original = await this.find(seq);
    if (!original) return 'is a copy of no message, or stands out of order';
    return original.leaf === leaf && original.address === address ? undefined : 'is a copy of another message';
  }

  private async find(seq: number): Promise<PartRow<'messages'> | undefined> {
    this.rows ??= this.messages();
    while ((this.last?.seq ?? -Infinity) < seq) {
      const { value, done } = await this.rows.next();
      if (done) return undefined;
      this.last = value;
    }
    return this.last?.seq === seq ? this.last : undefined;
  }

  async close(): Promise<void> {
    await this.rows?.return(undefined);
  }
}
