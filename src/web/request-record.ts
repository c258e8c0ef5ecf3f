/** One request in the log. Tokens, addresses and who asked are not in it. */
export interface RequestRecord {
  method: string;
  /** The route's pattern; empty where there is none. */
  route: string;
  status: number;
  /** Milliseconds. */
  ms: number;
  /** Code or name of what went wrong on our side. */
  error?: string;
}
