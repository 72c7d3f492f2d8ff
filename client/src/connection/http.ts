import * as v from 'valibot';

import { Problem } from '../protocol/shapes';
import { ApiProblem, NoAnswer, UnreadableAnswer } from './problem';

/** The server gives up on a trade after 10 s; a little more lets its own answer arrive. */
const ANSWER_WITHIN_MS = 12_000;
const API_ROOT = '/api/v1';

export interface Request<Schema extends v.GenericSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the API's root, with its query. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The command's id, where no body carries it. */
  readonly commandId?: string;
  readonly answer: Schema;
}

/** Where access tokens come from. */
export interface TokenSource {
  accessToken(): Promise<string>;
  renew(): Promise<string>;
}

/**
 * Send a request without a token.
 *
 * @throws ApiProblem, NoAnswer, UnreadableAnswer
 */
export async function send<Schema extends v.GenericSchema>(
  request: Request<Schema>,
  token?: string,
): Promise<v.InferOutput<Schema>> {
  const response = await answerOf(request, token);
  const text = await response.text().catch(() => {
    throw new NoAnswer('the answer broke off');
  });
  const body = parseJson(text);
  if (!response.ok) throw problemOf(response.status, body);
  const result = v.safeParse(request.answer, body);
  if (!result.success) {
    const where = v.getDotPath(result.issues[0]) ?? 'the answer';
    throw new UnreadableAnswer(`${request.path}: ${where}: ${result.issues[0].message}`);
  }
  return result.output;
}

/**
 * Send a request as the signed-in player; a token that the server no longer takes is renewed once.
 *
 * @throws ApiProblem, NoAnswer, UnreadableAnswer
 */
export async function sendAs<Schema extends v.GenericSchema>(
  tokens: TokenSource,
  request: Request<Schema>,
): Promise<v.InferOutput<Schema>> {
  try {
    return await send(request, await tokens.accessToken());
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 401)) throw error;
    return send(request, await tokens.renew());
  }
}

async function answerOf(request: Request<v.GenericSchema>, token?: string): Promise<Response> {
  try {
    return await fetch(API_ROOT + request.path, {
      method: request.method,
      headers: {
        Accept: 'application/json',
        ...(request.body && { 'Content-Type': 'application/json' }),
        ...(request.commandId !== undefined && { 'Idempotency-Key': request.commandId }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      ...(request.body && { body: JSON.stringify(request.body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch {
    throw new NoAnswer(`${request.method} ${request.path}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(status: number, body: unknown): Error {
  const problem = v.safeParse(Problem, body);
  if (problem.success) return new ApiProblem(problem.output);
  // A gateway in front of the server answers in its own words: the server was not reached.
  return status >= 500
    ? new NoAnswer(`status ${status}`)
    : new UnreadableAnswer(`status ${status} without a problem`);
}
