/** Percent escapes in the parts of an LDAP URL (RFC 4516). */

export class UrlSyntaxError extends Error {
  override readonly name = 'UrlSyntaxError';
}

/** Throws UrlSyntaxError. */
export function decodeUrlPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UrlSyntaxError(`"${text}": invalid % escape`);
  }
}
