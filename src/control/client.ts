/** The command's side of the control socket. */
import type { ExportSelection } from './request.js';
import net, { type Socket } from 'node:net';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Item } from '../store/snapshot.js';
import { controlAddress, controlSocketName } from './address.js';
import { ControlError, ControlProtocolError, NoServerError } from './errors.js';
import { answerBytesMax, controlVersion, FrameReader, jsonFrame, jsonOf, type Frame } from './frame.js';
import { ItemDecoder } from './items.js';
import type { ControlRequest } from './request.js';
import type { ServerStatus } from './status.js';

/** Milliseconds for a server to say hello: it may be busy, but not for that long. */
const helloMs = 30_000;

/** `status` as it comes over the socket: times are text. */
export type StatusAnswer = Jsonified<ServerStatus>;

type Jsonified<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Jsonified<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Jsonified<T[K]> }
      : T;

export interface ExportListener {
  /** A record that is not what was written; it is left out. */
  readonly damaged: (id: number, message: string) => void;
  /** Entries written so far. */
  readonly progress: (entries: number) => void;
}

/** Throws NoServerError if none serves the folder, ControlError where it cannot be asked. */
export async function askStatus(folder: string): Promise<StatusAnswer> {
  for await (const frame of ask(folder, { request: 'status' })) {
    if (frame.kind === 'end') return jsonOf(frame) as unknown as StatusAnswer;
  }
  throw cutOff();
}

/** Does a server that can be asked have the database in this folder open? Throws ControlError if that cannot be told. */
export async function isServed(folder: string): Promise<boolean> {
  try {
    (await connect(folder)).destroy();
    return true;
  } catch (error) {
    if (error instanceof NoServerError) return false;
    throw error;
  }
}

/** The LDIF of a running server's database, which is one state of it. Throws as `askStatus`. */
export async function* askExport(
  folder: string,
  selection: ExportSelection,
  listener: ExportListener,
): AsyncGenerator<Buffer, void, void> {
  for await (const frame of ask(folder, { request: 'export', ...selection })) {
    if (frame.kind === 'data') {
      yield frame.payload;
      continue;
    }
    const { entries, damaged, message } = jsonOf(frame);
    if (typeof entries === 'number') listener.progress(entries);
    if (typeof damaged === 'number') listener.damaged(damaged, String(message));
  }
}

/** A running server's database, item by item, which is one state of it. Throws as `askStatus`. */
export async function* askBackup(folder: string): AsyncGenerator<Item[], void, void> {
  const decoder = new ItemDecoder();
  let items = 0;
  for await (const frame of ask(folder, { request: 'backup' })) {
    if (frame.kind === 'data') {
      const chunk = decoder.push(frame.payload);
      items += chunk.length;
      yield chunk;
      continue;
    }
    if (frame.kind !== 'end') continue;
    decoder.end();
    const all = jsonOf(frame)['items'];
    if (all !== items) throw new ControlProtocolError(`received ${items} of ${String(all)} items`);
  }
}

/** All frames of the answer, the last of which is `end`. */
async function* ask(folder: string, request: ControlRequest): AsyncGenerator<Frame, void, void> {
  const socket = await connect(folder);
  const hello = setTimeout(() => socket.destroy(new ControlError('the server does not answer on its control socket')), helloMs);
  try {
    const frames = framesOf(socket);
    const first = await frames.next();
    clearTimeout(hello);
    if (first.done) throw cutOff();
    checkHello(first.value);
    socket.write(jsonFrame('request', { control: controlVersion, ...request }));
    for (let next = await frames.next(); !next.done; next = await frames.next()) {
      const frame = next.value;
      throwFailure(frame);
      yield frame;
      if (frame.kind === 'end') return;
    }
    throw cutOff();
  } finally {
    clearTimeout(hello);
    socket.destroy();
  }
}

async function* framesOf(socket: Socket): AsyncGenerator<Frame, void, void> {
  const reader = new FrameReader(answerBytesMax);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      reader.push(chunk);
      for (let frame = reader.next(); frame; frame = reader.next()) yield frame;
    }
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw cutOff(error);
  }
}

function checkHello(frame: Frame): void {
  throwFailure(frame);
  if (frame.kind !== 'hello') throw new ControlProtocolError('the control socket belongs to another program');
  const { control, version } = jsonOf(frame);
  if (control === controlVersion) return;
  throw new ControlError(
    `the server is ${String(version)}, which speaks another version of the control protocol: use the commands it came with`,
  );
}

function throwFailure(frame: Frame): void {
  if (frame.kind !== 'failure') return;
  const { reason } = jsonOf(frame);
  throw new ControlError(typeof reason === 'string' ? reason : 'the server failed');
}

function cutOff(cause?: unknown): ControlError {
  return new ControlError('the server closed the connection before its answer was complete', { cause });
}

async function connect(folder: string): Promise<Socket> {
  if (!(await stat(folder).catch(() => undefined))) throw new NoServerError(`${folder}: no such folder`);
  const address = controlAddress(folder);
  const socket = net.connect({ path: address.path });
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') throw new NoServerError(`no server is running on ${folder}`);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new ControlError(`${folder}/${controlSocketName} is accessible only to the user the server runs as`);
    }
    throw new ControlError(`${folder}/${controlSocketName}: ${message}`);
  } finally {
    address.release();
  }
}
