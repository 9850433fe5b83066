/** TLS for a directory beside a mail host of another release: its certificate, the authority behind it, and one nobody trusts. */
import { readFile } from 'node:fs/promises';
import { Certificates, type Identity } from '../server/certificates.js';
import type { Host } from './host.js';

export class ReleaseCertificates {
  readonly identity: Identity;
  /** Files with the authority that signed, and with one that did not. */
  readonly authority: string;
  readonly stranger: string;
  readonly #certificates = new Certificates();

  constructor() {
    this.identity = this.#certificates.issue('server', '/CN=127.0.0.1');
    this.authority = this.#certificates.authority.certificate;
    this.stranger = this.#certificates.stranger().certificate;
  }

  /** Lines of slapd.conf. */
  get directives(): string {
    return `TLSCACertificateFile ${this.authority}
TLSCertificateFile ${this.identity.certificate}
TLSCertificateKeyFile ${this.identity.key}`;
  }

  /** Under the same paths as on the machine, so that one configuration serves both servers. */
  async install(host: Host): Promise<void> {
    await host.runOrFail('install', ['-d', '-m', '0755', this.#certificates.folder]);
    for (const file of [this.authority, this.stranger, this.identity.certificate, this.identity.key]) {
      await host.write(file, await readFile(file, 'utf8'));
    }
  }

  remove(): void {
    this.#certificates.remove();
  }
}
