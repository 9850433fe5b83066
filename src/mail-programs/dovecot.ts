/** The configuration that is the same for every version of Dovecot. */

/** The characters of addresses; with Dovecot's own list, nobody with a plus or an apostrophe in the address could log in. */
export const dovecotLoginLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@+'=&!~^";

/**
 * Where Postfix finds Dovecot: for logins, for delivery, and to ask whether a mailbox is full before it accepts. Paths
 * are below Postfix's queue, which is all that its daemons see in a chroot.
 */
export const socketsForPostfix = `service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
service lmtp {
  unix_listener /var/spool/postfix/private/dovecot-lmtp {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  unix_listener /var/spool/postfix/private/dovecot-quota {
    mode = 0600
    user = postfix
    group = postfix
  }
}
`;

export interface DovecotOptions {
  /** Where the files are: /etc/dovecot. */
  readonly folder: string;
  /** Postfix runs on the same host. */
  readonly postfix: boolean;
}
