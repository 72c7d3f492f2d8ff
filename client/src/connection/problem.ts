import type { Problem, Retry } from '../protocol/shapes';

/** The server's refusal of a request, with its code and whether trying again helps. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly retry: Retry;
  readonly retryAfterMs: number | null;
  /** What is wrong with each field, by the field's name. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.retry = problem.retry;
    this.retryAfterMs = problem.retry_after_ms ?? null;
    this.fields = Object.fromEntries(
      (problem.errors ?? []).map(({ field, message }) => [field, message]),
    );
  }
}

/** No answer came, so whether the server acted is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** An answer came that this client cannot read. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

/** Say in a sentence what went wrong, for people. */
export function explain(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  if (error instanceof NoAnswer) return 'The server did not answer. Check your connection.';
  if (error instanceof UnreadableAnswer) {
    return 'The server answered in a form this page does not know. Reload to get its latest version.';
  }
  return 'Something failed in this page. Reload it to go on.';
}
