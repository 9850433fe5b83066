/** Reads everything that a node of a cluster holds, as it was at one moment, and what place in the cluster's log that is. */
import type { TlsConfig } from '../config/model.js';
import type { SyncreplSettings } from '../config/syncrepl-settings.js';
import type { NodeContents, NodeEnd } from '../directory/cluster/join.js';
import { parseFilter } from '../filter/text.js';
import { controlOids, type ResponseControl } from '../ldap/control.js';
import { ResultCode } from '../ldap/result.js';
import { parseSyncCookie } from '../ldap/sync-cookie.js';
import { syncOids } from '../ldap/sync.js';
import { decodeSyncDone, decodeSyncState, encodeSyncRequest } from '../protocol/sync-values.js';
import { ProviderError } from './errors.js';
import { ProviderConnection } from './provider-connection.js';
import type { ProviderResult } from './response-decoder.js';

/** An empty place asks for the node's. */
const cookie = Buffer.from('rid=000,cluster=');

/** Throws ProviderError, BerError; ReplicaStopped after the signal. */
export async function* nodeContents(
  settings: SyncreplSettings,
  ownTls: TlsConfig | undefined,
  signal: AbortSignal,
): NodeContents {
  const connection = await ProviderConnection.open(settings, ownTls, signal);
  try {
    const search = {
      base: settings.base.toString(),
      scope: settings.scope,
      filter: parseFilter(settings.filter),
      sizeLimit: 0,
      timeLimit: 0,
      attributes: ['*', '+'],
    };
    const id = connection.search(search, [
      { oid: syncOids.request, critical: true, value: encodeSyncRequest({ mode: 'refreshOnly', cookie, reloadHint: false }) },
      { oid: controlOids.manageDsaIT, critical: true, value: undefined },
    ]);
    for (;;) {
      const message = await connection.next();
      if (message.messageId !== id) continue;
      const { response, controls } = message;
      if (response.kind === 'search') return endOf(response, controls);
      if (response.kind !== 'entry') continue;
      const value = controls.find(({ oid }) => oid === syncOids.state)?.value;
      if (!value) throw new ProviderError('the other node tells entries without their UUIDs');
      const { entryUuid: uuid } = decodeSyncState(value);
      yield { kind: 'entry', uuid, name: response.name, attributes: response.attributes, cookie: undefined };
    }
  } finally {
    connection.close();
  }
}

const noNode = 'this server is no node of a cluster';

/** Throws ProviderError. */
function endOf({ code, diagnostic }: ProviderResult, controls: readonly ResponseControl[]): NodeEnd {
  if (code === ResultCode.unavailableCriticalExtension) throw new ProviderError(noNode, code);
  if (code !== ResultCode.success) {
    throw new ProviderError(`search: result ${code}${diagnostic === '' ? '' : ` (${diagnostic})`}`, code);
  }
  const value = controls.find(({ oid }) => oid === syncOids.done)?.value;
  const { seen, place } = parseSyncCookie((value && decodeSyncDone(value).cookie?.toString()) ?? '');
  if (place === undefined || place === '') throw new ProviderError(noNode);
  return { context: seen.values(), place };
}
