/** What guards every request: headers, proof that a form was sent from this site, and signatures. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const fixedHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not no-referrer: with that, browsers send `Origin: null` along with our own forms.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Security headers on every answer; pages are never stored. */
export function securityHeaders(overTls: boolean): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(fixedHeaders)) context.header(name, value);
    if (overTls) context.header('Strict-Transport-Security', 'max-age=31536000');
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store');
  };
}

/**
 * Whether the browser itself says that a page of this site sent the request. Browsers older than both headers say
 * nothing ('unknown'), and are left to the form's token.
 */
export function senderOf(context: Context, publicUrl: string | undefined): 'same' | 'foreign' | 'unknown' {
  const site = context.req.header('Sec-Fetch-Site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'foreign';
  const origin = context.req.header('Origin');
  if (origin === undefined) return site === 'same-origin' ? 'same' : 'unknown';
  const host = publicUrl === undefined ? context.req.header('Host') : new URL(publicUrl).host;
  try {
    return new URL(origin).host === host ? 'same' : 'foreign';
  } catch {
    return 'foreign';
  }
}

/** Signs what this process hands out and takes back; a restart ends all of it, as it ends all sessions. */
export class Signer {
  readonly secret = randomBytes(32).toString('base64url');

  sign(purpose: string, text: string): string {
    return createHmac('sha256', this.secret).update(`${purpose}\n${text}`).digest('base64url');
  }

  isSigned(purpose: string, text: string, signature: string): boolean {
    return equalTexts(this.sign(purpose, text), signature);
  }
}

export function equalTexts(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

const anySite = 'http://site.invalid';

/**
 * A path of this site, for going back to; anything that could lead elsewhere becomes `fallback`. It is looked at as a
 * browser reads it: dot segments gone, after which two slashes at the beginning would name another host.
 */
export function localPath(text: string | undefined, fallback: string): string {
  if (text === undefined || !/^\/[\x21-\x7e]*$/.test(text) || text.includes('\\') || !URL.canParse(text, anySite))
    return fallback;
  const { origin, pathname, search } = new URL(text, anySite);
  return origin === anySite && !pathname.startsWith('//') ? `${pathname}${search}` : fallback;
}
