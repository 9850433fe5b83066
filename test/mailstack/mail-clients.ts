/** What a mail program does over IMAP and POP3: log in and read. A line at a time, on one connection per call. */
import { connect, type Socket } from 'node:net';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The server refused the log-in; `answer` is its line. */
export class LoginRefused extends Error {
  constructor(readonly answer: string) {
    super(`log-in refused: ${answer}`);
  }
}

/** All messages of the inbox, as sent. Rejects with LoginRefused. */
export async function imapInbox(port: number, login: Login): Promise<string> {
  const line = await Conversation.open(port, /^\* OK/m);
  try {
    const answer = await line.say(`1 LOGIN ${quoted(login.user)} ${quoted(login.password)}`, /^1 (OK|NO|BAD).*$/m);
    if (!answer.includes('1 OK')) throw new LoginRefused(answer);
    await line.say('2 SELECT INBOX', /^2 OK.*$/m);
    const messages = await line.say('3 UID FETCH 1:* (BODY.PEEK[])', /^3 (OK|NO|BAD).*$/m);
    await line.say('4 LOGOUT', /^4 OK.*$/m);
    return messages;
  } finally {
    line.close();
  }
}

/** Logs in, sends each command (without its tag), and answers with what came back for each. Rejects with LoginRefused. */
export async function imapSession(port: number, login: Login, commands: readonly string[]): Promise<string[]> {
  const line = await Conversation.open(port, /^\* OK/m);
  try {
    const answer = await line.say(`a LOGIN ${quoted(login.user)} ${quoted(login.password)}`, /^a (OK|NO|BAD).*\r\n/m);
    if (!/^a OK/m.test(answer)) throw new LoginRefused(answer);
    const answers: string[] = [];
    for (const [index, command] of commands.entries()) {
      answers.push(await line.say(`b${index} ${command}`, new RegExp(`^b${index} (OK|NO|BAD).*\\r\\n`, 'm')));
    }
    return answers;
  } finally {
    line.close();
  }
}

/** What an SMTP server says to RCPT TO for a message that is announced to have `size` bytes. */
export async function smtpRecipient(port: number, to: string, size: number): Promise<string> {
  const line = await Conversation.open(port, /^220 .*\r\n/m);
  try {
    await line.say('EHLO client.away.example', /^250 .*\r\n/m);
    await line.say(`MAIL FROM:<someone@away.example> SIZE=${size}`, /^\d{3} .*\r\n/m);
    return await line.say(`RCPT TO:<${to}>`, /^\d{3} .*\r\n/m);
  } finally {
    line.close();
  }
}

/** How many messages there are. Rejects with LoginRefused. */
export async function pop3Count(port: number, login: Login): Promise<number> {
  const line = await Conversation.open(port, /^\+OK/m);
  try {
    await line.say(`USER ${login.user}`, /^(\+OK|-ERR).*\r\n/m);
    const answer = await line.say(`PASS ${login.password}`, /^(\+OK|-ERR).*\r\n/m);
    if (!answer.startsWith('+OK')) throw new LoginRefused(answer);
    const status = await line.say('STAT', /^(\+OK|-ERR).*\r\n/m);
    await line.say('QUIT', /^\+OK.*\r\n/m);
    return Number(/^\+OK (\d+) /.exec(status)?.[1]);
  } finally {
    line.close();
  }
}

export async function imapAccepts(port: number, login: Login): Promise<boolean> {
  return accepted(imapInbox(port, login));
}

export async function pop3Accepts(port: number, login: Login): Promise<boolean> {
  return accepted(pop3Count(port, login));
}

async function accepted(attempt: Promise<unknown>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    if (error instanceof LoginRefused) return false;
    throw error;
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

class Conversation {
  readonly #socket: Socket;
  #received = '';
  #check: () => void = () => undefined;
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.#received += chunk;
      this.#check();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#check();
    });
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number, greeting: RegExp): Promise<Conversation> {
    const conversation = new Conversation(connect(port, '127.0.0.1'));
    await conversation.#until(greeting);
    return conversation;
  }

  say(line: string, answer: RegExp): Promise<string> {
    this.#received = '';
    this.#socket.write(`${line}\r\n`);
    return this.#until(answer);
  }

  close(): void {
    this.#socket.destroy();
  }

  #until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`no answer like ${pattern}, but: ${this.#received}`));
      }, 20_000);
      this.#check = (): void => {
        const found = pattern.test(this.#received);
        if (!found && !this.#ended) return;
        clearTimeout(timer);
        if (found) resolve(this.#received);
        else reject(new Error(`the server went away after: ${this.#received}`));
      };
      this.#check();
    });
  }
}
