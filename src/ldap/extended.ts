/** The object identifiers of extended operations (RFC 4511, 3062, 3909, 4532, 5805). */
export const extendedOids = {
  passwordModify: '1.3.6.1.4.1.4203.1.11.1',
  whoAmI: '1.3.6.1.4.1.4203.1.11.3',
  startTls: '1.3.6.1.4.1.1466.20037',
  cancel: '1.3.6.1.1.8',
  startTransaction: '1.3.6.1.1.21.1',
  endTransaction: '1.3.6.1.1.21.3',
  /** An unsolicited notification. */
  abortedTransaction: '1.3.6.1.1.21.4',
} as const;
