/** Why a session with a provider ends. The message is for the log, the status and cn=Monitor. */

export class ProviderError extends Error {
  override readonly name = 'ProviderError';

  /** `code`: of the provider's answer; undefined where it gave none. */
  constructor(
    message: string,
    readonly code?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The replica is being stopped. */
export class ReplicaStopped extends Error {
  override readonly name = 'ReplicaStopped';
}
