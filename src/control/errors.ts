/** What can go wrong between a command and the server's control socket. Messages are meant for people. */

export class ControlError extends Error {
  override readonly name: string = 'ControlError';
}

/** Nobody serves the control socket of this folder. */
export class NoServerError extends ControlError {
  override readonly name = 'NoServerError';
}

/** The other side has sent what the protocol does not know. */
export class ControlProtocolError extends ControlError {
  override readonly name = 'ControlProtocolError';
}
