/** Where a site's activity is read. */
export type ActivitySource =
  | {
      /** jammd's audit log, on this machine. */
      readonly kind: 'audit-log';
      readonly path: string;
    }
  | {
      /** The database of slapd's accesslog overlay, as far as the person may read it. */
      readonly kind: 'accesslog';
      readonly base: string;
    };

export const defaultAccessLog = 'cn=accesslog';
