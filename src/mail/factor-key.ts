/** The key that second factors are sealed with. It lies outside the directory: whoever reads that learns no secret. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const purpose = 'jammd second factor';

export class FactorKey {
  readonly #sealing: Buffer;
  readonly #hashing: Buffer;

  /** @param key 32 random bytes */
  constructor(key: Buffer) {
    if (key.length !== keyBytes) throw new Error(`a key has ${keyBytes} bytes, not ${key.length}`);
    this.#sealing = Buffer.from(hkdfSync('sha256', key, '', `${purpose}: sealing`, keyBytes));
    this.#hashing = Buffer.from(hkdfSync('sha256', key, '', `${purpose}: recovery codes`, keyBytes));
  }

  /** @throws Error that names the file, where it cannot be read or does not hold 32 bytes in base64 */
  static read(file: string): FactorKey {
    const text = readFileSync(file, 'utf8').trim();
    const key = Buffer.from(text, 'base64');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || key.length !== keyBytes) {
      throw new Error(`${file}: does not hold ${keyBytes} bytes in base64; make one with: openssl rand -base64 ${keyBytes}`);
    }
    return new FactorKey(key);
  }

  /** AES-256-GCM. */
  seal(text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce, { authTagLength: tagBytes });
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** Undefined where it was not sealed with this key, or has been changed since. */
  unseal(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    const cipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    cipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(nonceBytes, -tagBytes)), cipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** Stands for a recovery code, which has too few bits for a hash without a key. */
  hash(code: string): string {
    return createHmac('sha256', this.#hashing).update(code).digest('hex');
  }
}
