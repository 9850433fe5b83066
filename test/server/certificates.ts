/** An authority, a server and some clients, made by openssl in a folder of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'jammd-tls-'));
  readonly authority = this.#selfSigned('authority', '/CN=Test Authority');
  #serial = 1;

  /** `subject`: as openssl takes it: `/DC=example/CN=jd`. Signed by `authority`. */
  issue(name: string, subject: string, authority = this.authority): Identity {
    const request = this.#file(name, 'csr');
    const identity = { certificate: this.#file(name, 'crt'), key: this.#file(name, 'key') };
    const extensions = this.#file(name, 'ext');
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    this.#openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', identity.key, '-out', request, '-utf8', '-subj', subject);
    this.#openssl(
      ...['x509', '-req', '-in', request, '-CA', authority.certificate, '-CAkey', authority.key, '-days', '2'],
      ...['-set_serial', String(this.#serial++), '-extfile', extensions, '-out', identity.certificate],
    );
    return identity;
  }

  /** An authority that nobody trusts. */
  stranger(): Identity {
    return this.#selfSigned('stranger', '/CN=Stranger');
  }

  /** Of a kind of key, and a signature, as `openssl req -newkey` takes them. */
  selfSignedOf(name: string, kind: readonly string[]): Identity {
    return this.#selfSigned(name, '/CN=localhost', ['-addext', 'subjectAltName=IP:127.0.0.1', '-newkey', ...kind]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #selfSigned(name: string, subject: string, more: readonly string[] = ['-newkey', 'rsa:2048']): Identity {
    const identity = { certificate: this.#file(name, 'crt'), key: this.#file(name, 'key') };
    this.#openssl(
      ...['req', '-x509', ...more, '-nodes', '-days', '2', '-subj', subject],
      ...['-keyout', identity.key, '-out', identity.certificate],
    );
    return identity;
  }

  #file(name: string, extension: string): string {
    return join(this.folder, `${name}.${extension}`);
  }

  #openssl(...parameters: string[]): void {
    execFileSync('openssl', parameters, { stdio: 'ignore' });
  }
}
