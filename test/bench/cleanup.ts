/** What has to be undone at the end, however that comes; the last one first. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Stops a part at the end, also one whose start is still under way then. */
  async started<Part extends { stop(): Promise<unknown> }>(starting: Promise<Part>): Promise<Part> {
    this.add(async () => {
      const part = await starting.catch(() => undefined);
      await part?.stop();
    });
    return await starting;
  }

  /** One that fails does not keep the others from their turn. */
  async run(report: (text: string) => void): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed()) {
      await step().catch((error: unknown) => report(`cleaning up: ${String(error)}`));
    }
  }
}
