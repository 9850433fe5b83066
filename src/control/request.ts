/** What a command may ask of a running server. */
import { ControlProtocolError } from './errors.js';
import { controlVersion } from './frame.js';

export type ControlRequest =
  | { readonly request: 'status' }
  /** The database's items, from one snapshot. */
  | { readonly request: 'backup' }
  /** LDIF, as `jammd export` writes it. */
  | ({ readonly request: 'export' } & ExportSelection);

export interface ExportSelection {
  readonly filter?: string;
  readonly subtree?: string;
  /** Of the subtree: `base`, `one`, `sub` or `children`. */
  readonly scope?: string;
  /** Of the lines, in decimal digits, or `no` for lines that are not folded. */
  readonly columns?: string;
}

const parametersOf: Readonly<Record<ControlRequest['request'], readonly string[]>> = {
  status: [],
  backup: [],
  export: ['filter', 'subtree', 'scope', 'columns'],
};

/** Throws ControlProtocolError for anything that is not a request of this version. */
export function parseRequest(value: Readonly<Record<string, unknown>>): ControlRequest {
  const { control, request, ...parameters } = value;
  if (control !== controlVersion) {
    throw new ControlProtocolError(
      `the request has version ${JSON.stringify(control) ?? 'none'} of the control protocol; this server speaks ${controlVersion}`,
    );
  }
  if (!isRequest(request)) throw new ControlProtocolError(`unknown request ${JSON.stringify(request) ?? ''}`);
  for (const [name, parameter] of Object.entries(parameters)) {
    if (!parametersOf[request].includes(name))
      throw new ControlProtocolError(`${request} has no parameter ${JSON.stringify(name)}`);
    if (typeof parameter !== 'string') throw new ControlProtocolError(`${name} is not a string`);
  }
  return { request, ...parameters };
}

function isRequest(value: unknown): value is ControlRequest['request'] {
  return typeof value === 'string' && Object.hasOwn(parametersOf, value);
}
