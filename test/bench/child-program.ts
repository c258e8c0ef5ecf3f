import { fork, type ChildProcess } from 'node:child_process';

type Answer<Reply> = { id: number; reply: Reply } | { id: number; failure: string };

/** One of the benchmark's own programs in a process of its own, asked over IPC. It ends with whoever forked it. */
export class ChildProgram<Request, Reply> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #asked = 0;

  /** @param program - a compiled file beside this one */
  constructor(private readonly program: string) {
    this.#child = fork(new URL(program, import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', (answer: Answer<Reply>) => this.#settle(answer));
    this.#child.once('exit', () => this.#fail(new Error(`${program} has ended unexpectedly`)));
    this.#child.once('error', (error) => this.#fail(error));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error with what the program said, or when it has ended */
  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const id = (this.#asked += 1);
      this.#waiting.set(id, { resolve, reject });
      if (!this.#child.connected) return this.#fail(new Error(`${this.program} has ended`));
      this.#child.send({ id, request });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await exited;
  }

  #settle(answer: Answer<Reply>): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting?.reject(new Error(`${this.program}: ${answer.failure}`));
    else waiting?.resolve(answer.reply);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The other side: answers every request of the parent, and ends with it. */
export function answerParent(answer: (request: never) => Promise<object>): void {
  process.on('message', ({ id, request }: { id: number; request: never }) => {
    answer(request).then(
      (reply) => process.send?.({ id, reply }),
      (error: unknown) => process.send?.({ id, failure: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit());
}
