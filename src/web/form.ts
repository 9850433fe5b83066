/** A form as it was sent, and how it waits while its sender logs in again. */
import type { Context } from 'hono';
import type { Signer } from './security.js';
import { bodyLimits } from './limits.js';

/** Fields that never wait anywhere: no password is kept. */
const secretFields: readonly string[] = ['password', 'repeat', 'old', 'code'];
/** Fields that belong to one sending. */
const passingFields: readonly string[] = ['_token', 'confirmed'];

export class Form {
  readonly #fields: readonly (readonly [name: string, value: string])[];

  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    this.#fields = [...fields];
  }

  /** Reads the body; a file counts as the text in it, where the field's text is empty. */
  static async read(context: Context): Promise<Form> {
    const fields: (readonly [string, string])[] = [];
    const body = await context.req.formData();
    for (const [name, value] of body.entries()) {
      const text = typeof value === 'string' ? value : await value.text();
      fields.push([name, text.replaceAll('\r\n', '\n')]);
    }
    return new Form(fields);
  }

  /** The last value of a field; empty where there is none. */
  text(name: string): string {
    return this.#fields.findLast(([field, value]) => field === name && value !== '')?.[1] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#fields.filter(([field]) => field === name).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.text(name) !== '';
  }

  /** What may be shown and sent again. */
  get lasting(): readonly (readonly [name: string, value: string])[] {
    return this.#fields.filter(([name]) => !secretFields.includes(name) && !passingFields.includes(name));
  }

  get hadSecrets(): boolean {
    return this.#fields.some(([name, value]) => secretFields.includes(name) && value !== '');
  }
}

/** A form that its sender finds again after the login. */
export interface StashedForm {
  readonly path: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly hadSecrets: boolean;
}

const purpose = 'stash';

/** As text for a hidden field of the login form; empty where the form is too big to wait. */
export function stashForm(signer: Signer, form: Form, path: string): string {
  const stashed: StashedForm = { path, fields: form.lasting, hadSecrets: form.hadSecrets };
  const text = Buffer.from(JSON.stringify(stashed)).toString('base64url');
  return text.length > bodyLimits.stashBytes ? '' : `${text}.${signer.sign(purpose, text)}`;
}

export function unstashForm(signer: Signer, stash: string): StashedForm | undefined {
  const [text = '', signature = ''] = stash.split('.');
  if (!signer.isSigned(purpose, text, signature)) return undefined;
  // Signed here, so it is what stashForm() wrote.
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as StashedForm;
}
