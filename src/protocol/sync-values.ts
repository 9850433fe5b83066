/** The values of the controls and messages of content synchronisation (RFC 4533 section 2), both ways. */
import {
  BerError,
  berBoolean,
  berElement,
  berEnumerated,
  berOctetString,
  BerReader,
  berSequence,
  contextTag,
  elementBytes,
  Tag,
  writeHeader,
  writeInteger,
} from '../ber/ber.js';
import type { SyncDone, SyncEntryState, SyncInfo, SyncMode, SyncRequest, SyncState } from '../ldap/sync.js';

const modes: ReadonlyMap<number, SyncMode> = new Map([
  [1, 'refreshOnly'],
  [3, 'refreshAndPersist'],
]);
const states: readonly SyncEntryState[] = ['present', 'add', 'modify', 'delete'];
const uuidBytes = 16;
/** Of an ENUMERATED up to 127, with its header. */
const enumeratedBytes = 3;

const newCookieTag = contextTag(0);
const refreshDeleteTag = contextTag(1, 'constructed');
const refreshPresentTag = contextTag(2, 'constructed');
const syncIdSetTag = contextTag(3, 'constructed');

/** Throws BerError. */
export function decodeSyncRequest(value: Buffer): SyncRequest {
  const reader = new BerReader(value);
  reader.enter(Tag.sequence);
  const mode = modes.get(reader.integer(Tag.enumerated));
  if (!mode) throw new BerError('unknown mode of synchronisation');
  const cookie = optionalCookie(reader);
  const reloadHint = optionalBoolean(reader, false);
  demandEnd(reader);
  return { mode, cookie, reloadHint };
}

export function encodeSyncRequest({ mode, cookie, reloadHint }: SyncRequest): Buffer {
  return berSequence(
    berEnumerated(mode === 'refreshOnly' ? 1 : 3),
    ...(cookie ? [berOctetString(cookie)] : []),
    ...(reloadHint ? [berBoolean(true)] : []),
  );
}

/** Throws BerError. */
export function decodeSyncState(value: Buffer): SyncState {
  const reader = new BerReader(value);
  reader.enter(Tag.sequence);
  const state = states[reader.integer(Tag.enumerated)];
  if (!state) throw new BerError('unknown state of an entry');
  const entryUuid = uuid(reader);
  const cookie = optionalCookie(reader);
  demandEnd(reader);
  return { state, entryUuid, cookie };
}

/** By hand: a refresh has one for each entry. */
export function encodeSyncState({ state, entryUuid, cookie }: SyncState): Buffer {
  const cookieBytes = cookie ? elementBytes(cookie.length) : 0;
  const content = enumeratedBytes + elementBytes(entryUuid.length) + cookieBytes;
  const encoded = Buffer.allocUnsafe(elementBytes(content));
  let position = writeHeader(encoded, 0, Tag.sequence, content);
  position = writeInteger(encoded, position, Tag.enumerated, states.indexOf(state));
  position = writeHeader(encoded, position, Tag.octetString, entryUuid.length);
  position += entryUuid.copy(encoded, position);
  if (cookie) cookie.copy(encoded, writeHeader(encoded, position, Tag.octetString, cookie.length));
  return encoded;
}

/** Throws BerError. */
export function decodeSyncDone(value: Buffer): SyncDone {
  const reader = new BerReader(value);
  reader.enter(Tag.sequence);
  const cookie = optionalCookie(reader);
  const refreshDeletes = optionalBoolean(reader, false);
  demandEnd(reader);
  return { cookie, refreshDeletes };
}

export function encodeSyncDone({ cookie, refreshDeletes }: SyncDone): Buffer {
  return berSequence(...(cookie ? [berOctetString(cookie)] : []), ...(refreshDeletes ? [berBoolean(true)] : []));
}

/** Throws BerError. */
export function decodeSyncInfo(value: Buffer): SyncInfo {
  const reader = new BerReader(value);
  const tag = reader.peekTag();
  if (tag === newCookieTag) return { kind: 'newCookie', cookie: reader.octets(newCookieTag) };
  if (tag === refreshDeleteTag || tag === refreshPresentTag) {
    reader.enter(tag);
    const cookie = optionalCookie(reader);
    const refreshDone = optionalBoolean(reader, true);
    demandEnd(reader);
    return { kind: tag === refreshDeleteTag ? 'refreshDelete' : 'refreshPresent', cookie, refreshDone };
  }
  reader.enter(syncIdSetTag);
  const cookie = optionalCookie(reader);
  const refreshDeletes = optionalBoolean(reader, false);
  const entryUuids: Buffer[] = [];
  const outerEnd = reader.enter(Tag.set);
  while (!reader.atEnd) entryUuids.push(uuid(reader));
  reader.leave(outerEnd);
  demandEnd(reader);
  return { kind: 'syncIdSet', cookie, refreshDeletes, entryUuids };
}

export function encodeSyncInfo(info: SyncInfo): Buffer {
  switch (info.kind) {
    case 'newCookie':
      return berOctetString(info.cookie, newCookieTag);
    case 'refreshDelete':
    case 'refreshPresent':
      return berElement(
        info.kind === 'refreshDelete' ? refreshDeleteTag : refreshPresentTag,
        ...(info.cookie ? [berOctetString(info.cookie)] : []),
        ...(info.refreshDone ? [] : [berBoolean(false)]),
      );
    case 'syncIdSet':
      return berElement(
        syncIdSetTag,
        ...(info.cookie ? [berOctetString(info.cookie)] : []),
        ...(info.refreshDeletes ? [berBoolean(true)] : []),
        berElement(Tag.set, ...info.entryUuids.map((one) => berOctetString(one))),
      );
  }
}

function optionalCookie(reader: BerReader): Buffer | undefined {
  return reader.peekTag() === Tag.octetString ? reader.octets() : undefined;
}

function optionalBoolean(reader: BerReader, otherwise: boolean): boolean {
  return reader.peekTag() === Tag.boolean ? reader.boolean() : otherwise;
}

function uuid(reader: BerReader): Buffer {
  const octets = reader.octets();
  if (octets.length !== uuidBytes) throw new BerError('an entryUUID has 16 octets');
  return octets;
}

function demandEnd(reader: BerReader): void {
  if (!reader.atEnd) throw new BerError(`unexpected element at byte ${reader.position}`);
}
