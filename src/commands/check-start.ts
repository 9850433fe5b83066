/** Finds what would keep a configuration from being served, without serving it. */
import type { Config } from '../config/model.js';
import { readRootDseFiles, RootDseFileError } from '../directory/server-entries/root-dse-file.js';
import { isOverTls, type ListenUrl, ListenUrlError, parseListenUrls } from '../server/listen-url.js';
import { ServerIdError, withServerId } from '../server/server-id.js';
import { secureContext, TlsConfigError } from '../server/tls-files.js';
import { processFileProblems } from './process-files.js';

/** One line for each problem. `urls`: where the server is to listen, if known. */
export async function startProblems(config: Config, urls: string | undefined): Promise<string[]> {
  return [
    ...(await rootDseProblems(config)),
    ...processFileProblems(config),
    ...tlsProblems(config),
    ...(urls === undefined ? [] : listenerProblems(config, urls)),
    ...(urls === undefined ? [] : await serverIdProblems(config, urls)),
  ];
}

async function rootDseProblems(config: Config): Promise<string[]> {
  try {
    await readRootDseFiles(config.rootDseFiles, config.schema);
    return [];
  } catch (error) {
    if (!(error instanceof RootDseFileError)) throw error;
    return [error.message];
  }
}

function tlsProblems({ tls }: Config): string[] {
  try {
    if (tls) secureContext(tls);
    return [];
  } catch (error) {
    if (!(error instanceof TlsConfigError)) throw error;
    return [error.message];
  }
}

async function serverIdProblems(config: Config, urls: string): Promise<string[]> {
  try {
    await withServerId(config, urls);
    return [];
  } catch (error) {
    // A URL that cannot be read is reported with the listeners.
    if (error instanceof ListenUrlError) return [];
    if (!(error instanceof ServerIdError)) throw error;
    return [error.message];
  }
}

function listenerProblems({ tls }: Config, urls: string): string[] {
  let parsed: readonly ListenUrl[];
  try {
    parsed = parseListenUrls(urls);
  } catch (error) {
    if (!(error instanceof ListenUrlError)) throw error;
    return [`-h ${error.message}`];
  }
  const secured = parsed.find(({ scheme }) => isOverTls(scheme));
  return secured && !tls ? [`-h ${secured.scheme}:// needs TLSCertificateFile and TLSCertificateKeyFile`] : [];
}
