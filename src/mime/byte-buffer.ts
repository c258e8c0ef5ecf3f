/** Bytes in the making. It grows as needed and serves for one message after the other. */
export class ByteBuffer {
  private bytes = Buffer.allocUnsafeSlow(32 * 1024);
  private end = 0;

  get length(): number {
    return this.end;
  }

  /** Bytes from `start` on, until the next change. */
  view(start = 0): Buffer {
    return this.bytes.subarray(start, this.end);
  }

  /** @param length - not more than now */
  truncate(length: number): void {
    this.end = length;
  }

  add(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Some bytes from `from` to before `to`: a loop of ours copies a few faster than a call of V8's. */
  addFew(bytes: Uint8Array, from: number, to: number): void {
    this.makeRoom(to - from);
    const { bytes: target } = this;
    let { end } = this;
    for (let i = from; i < to; i += 1) target[end++] = bytes[i] ?? 0;
    this.end = end;
  }

  addUtf8(text: string): void {
    this.makeRoom(text.length * 3);
    this.end += this.bytes.write(text, this.end, 'utf8');
  }

  private makeRoom(length: number): void {
    const needed = this.end + length;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.view());
    this.bytes = larger;
  }
}

/** A body as it is sent, and the same in DKIM's relaxed form (RFC 6376 §3.4.4). */
export interface BodyBuffers {
  wire: ByteBuffer;
  relaxed: ByteBuffer;
}

const slabBytes = 256 * 1024;
let slab = Buffer.alloc(0);
let used = 0;

/**
 * Node gives every Buffer of some kilobytes memory of its own, which costs more than to fill it. Here messages share
 * slabs; as long as one is kept, so is its slab, and messages are not kept for long.
 */
export function copyToSlab(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length > slabBytes / 4) return Buffer.from(bytes);
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const copy = slab.subarray(used, used + length);
  copy.set(bytes);
  used += length;
  return copy;
}
