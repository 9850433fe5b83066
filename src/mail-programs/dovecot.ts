/** What Dovecot is told in every version. */

/** What addresses are made of; Dovecot's own list lets nobody in whose address has a plus or an apostrophe. */
export const dovecotLoginLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@+'=&!~^";
