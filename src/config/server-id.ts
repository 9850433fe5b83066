/** `serverID N [URL]`: one number, or one for each of several servers that share a configuration and are told apart by their URLs. */
import { ConfigError, requireWords, wholeNumber, type Directive } from './directive.js';
import type { ConfigReader } from './reader.js';

export const serverIdMax = 4_095;

const urlForm = /^(p?ldaps?|ldapi):\/\/(?:\[([^\]]*)\]|([^:/?]*))(?::(\d+))?(?:[/?].*)?$/i;

export function readServerId(directive: Directive, { global }: ConfigReader): void {
  requireWords(directive, 1, 2);
  const [number, text] = directive.words as [string, string?];
  const id = wholeNumber(number, 'serverID', 0, serverIdMax);
  if (text === undefined) {
    if (global.serverId !== undefined || global.serverUrls.length > 0) {
      throw new ConfigError('"serverID" without a URL is given together with another one');
    }
    global.serverId = id;
    return;
  }
  if (global.serverId !== undefined) throw new ConfigError('"serverID" is given already, without a URL: it is the only one then');
  const [, scheme, address, host = '', port] = urlForm.exec(text) ?? [];
  if (scheme === undefined) throw new ConfigError(`serverID: "${text}" is not an LDAP URL`);
  global.serverUrls.push({
    id,
    text,
    scheme: scheme.toLowerCase(),
    host: address ?? host,
    port: port === undefined ? undefined : Number(port),
  });
}
