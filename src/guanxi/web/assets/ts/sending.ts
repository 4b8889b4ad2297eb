// Requests of our own script: JSON answers, errors in words, never a lost input.

import { text, token } from "./texts";

export interface Refusal {
  message: string;
  fields?: Record<string, string[]>;
  status: number;
}

/** What the server said no to. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

async function answered(promise: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await promise;
  } catch {
    throw new Refused({ message: text("failed"), status: 0 });
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as Partial<Refusal>;
  throw new Refused({ ...body, message: body.message ?? text("refused"), status: response.status });
}

/** Send a form by POST; the answer is JSON. */
export async function post<T>(address: string, body: FormData | URLSearchParams): Promise<T> {
  const headers = { "X-CSRFToken": token(), "X-Guanxi": "1" };
  const response = await answered(fetch(address, { method: "POST", body, headers, credentials: "same-origin" }));
  return (response.status === 204 ? {} : await response.json()) as T;
}

/** Fetch JSON. */
export async function getJson<T>(address: string, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { headers: { "X-Guanxi": "1" }, credentials: "same-origin" };
  if (signal) init.signal = signal;
  const response = await answered(fetch(address, init));
  return (await response.json()) as T;
}

/** Fetch a fragment of HTML. */
export async function getHtml(address: string, signal?: AbortSignal): Promise<string> {
  const init: RequestInit = { headers: { "X-Guanxi": "1", "HX-Request": "true" }, credentials: "same-origin" };
  if (signal) init.signal = signal;
  return (await answered(fetch(address, init))).text();
}
