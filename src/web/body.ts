/** Receives forms within bounds of bytes and time: strangers' ones more narrowly than those of people who are logged in. */
import type { Context } from 'hono';
import { bodyLimits } from './limits.js';
import { Form } from './form.js';

/** Bytes that may be under way at once. */
export class BodyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @returns how to give them back; undefined where they cannot be had */
  take(bytes: number): (() => void) | undefined {
    if (bytes > this.#left) return undefined;
    this.#left -= bytes;
    return () => {
      this.#left += bytes;
    };
  }
}

export interface BodyBounds {
  readonly bytesMax: number;
  /** Smaller ones are received whatever else is. */
  readonly freeBytes: number;
  readonly budget: BodyBudget;
  readonly timeMs?: number;
}

/** Why there is no form: it should be told to whoever sent it, or they have gone. */
export type NoForm = 'no-length' | 'too-big' | 'busy' | 'too-slow' | 'malformed' | 'aborted';

export async function receiveForm(context: Context, bounds: BodyBounds): Promise<Form | NoForm> {
  const length = context.req.header('Content-Length');
  // Browsers tell it; without it nothing could be set aside.
  if (length === undefined || !/^\d{1,12}$/.test(length)) return 'no-length';
  const bytes = Number(length);
  if (bytes > bounds.bytesMax) return 'too-big';
  const giveBack = bytes <= bounds.freeBytes ? () => undefined : bounds.budget.take(bytes);
  if (giveBack === undefined) return 'busy';
  let timer: NodeJS.Timeout | undefined;
  const reading = Form.read(context).catch((error: unknown): NoForm => {
    if (context.req.raw.signal.aborted) return 'aborted';
    if (error instanceof TypeError) return 'malformed';
    throw error;
  });
  const late = new Promise<NoForm>((resolve) => {
    if (bounds.timeMs !== undefined) timer = setTimeout(resolve, bounds.timeMs, 'too-slow');
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
    giveBack();
  }
}

/** The bounds of one site. */
export class FormBounds {
  readonly #members = new BodyBudget(bodyLimits.membersBytes);
  readonly #strangers = new BodyBudget(bodyLimits.strangersBytes);

  get stranger(): BodyBounds {
    const { formBytes: bytesMax, loginBytes: freeBytes, strangersMs: timeMs } = bodyLimits;
    return { bytesMax, freeBytes, budget: this.#strangers, timeMs };
  }

  member(isUpload: boolean): BodyBounds {
    return {
      bytesMax: isUpload ? bodyLimits.uploadBytes : bodyLimits.formBytes,
      freeBytes: bodyLimits.memberBytes,
      budget: this.#members,
    };
  }
}
