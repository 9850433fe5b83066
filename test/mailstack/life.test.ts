/** The directory restarted, killed and left alone under mail servers that hold connections to it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { people } from '../support/hosting-tree.js';
import { freePort } from '../support/place.js';
import type { Courier } from './courier.js';
import type { Dovecot } from './dovecot.js';
import { mailHostObstacle, vmail } from './mail-host.js';
import type { Postfix } from './postfix.js';
import { MailStack } from './stack.js';

const obstacle = mailHostObstacle();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Between the mail servers and jammd: lets a test cut connections in the middle of an answer. */
class Gate {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Answers are held back, and the connection is cut when one comes. */
  cutting = false;

  private constructor(port: number, target: number) {
    this.port = port;
    this.#server = createServer((client) => {
      const server = connect(target, '127.0.0.1');
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      client.on('data', (chunk) => server.write(chunk));
      server.on('data', (chunk) => {
        if (!this.cutting) client.write(chunk);
        // Half an answer, then nothing any more.
        else client.write(chunk.subarray(0, chunk.length >> 1), () => client.destroy());
      });
    });
  }

  static async open(target: number): Promise<Gate> {
    const gate = new Gate(await freePort(), target);
    await new Promise<void>((resolve) => gate.#server.listen(gate.port, '127.0.0.1', resolve));
    return gate;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe.skipIf(obstacle)('the directory goes and comes back', () => {
  let stack: MailStack;
  let gate: Gate;
  let postfix: Postfix;
  let courier: Courier;
  let dovecot: Dovecot;

  beforeAll(async () => {
    stack = await MailStack.start();
    gate = await Gate.open(stack.server.port);
    const url = ['-H', `ldap://127.0.0.1:${gate.port}`];
    [courier, dovecot] = await Promise.all([stack.startCourier(url), stack.startDovecot(url)]);
    postfix = await stack.startPostfix(url);
  });

  afterAll(async () => {
    await stack.stop();
    gate.close();
  });

  const inbox = (path: string): Promise<string[]> => readdir(stack.host.outside(`${vmail.domains}/${path}/new`)).catch(() => []);

  const waitFor = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`did not happen: ${what}\n${postfix.log}`);
      await pause(20);
    }
  };

  /**
   * With the daemons that lived through it. An smtpd(8) keeps how it resolved each of its last hundred addresses, a
   * failure too, for as long as it lives: these are addresses that none was asked for while the directory was away.
   */
  const accepted = async (): Promise<void> => {
    const others = ['stranger@two.example', 'chief@two.example', 'neighbour@one.example'];
    await waitFor('mail accepted again', async () => {
      const answers = await Promise.all(others.map((address) => postfix.send(address)));
      return answers.every(({ code }) => code === 0);
    });
  };

  test('down: mail is put off with a temporary code and never refused for good; up again: it arrives', async () => {
    expect((await postfix.send('user@one.example')).code).toBe(0);
    await stack.server.halt();
    for (const address of ['user@one.example', 'noone@one.example']) {
      const { code, transcript } = await postfix.send(address);
      expect({ code, transcript }).toEqual({ code: 24, transcript: expect.stringMatching(/^<\*\* 4\d\d /m) as string });
    }
    await stack.server.resume();
    await accepted();
    // The two addresses above are put off for good by the smtpd that was asked; none of its kind may be left.
    await postfix.halt();
    await postfix.resume();
    expect((await postfix.send('user@one.example')).code).toBe(0);
    await waitFor('both messages', async () => (await inbox('one.example/user')).length === 2);
    expect((await postfix.send('noone@one.example')).transcript).toMatch(/550 5\.1\.1/);
  });

  test('restarted between two messages: nobody notices', async () => {
    await accepted();
    await stack.server.halt();
    await stack.server.resume();
    for (const address of ['user@one.example', 'chief@two.example']) {
      const { code, transcript } = await postfix.send(address);
      expect(code, transcript).toBe(0);
    }
  });

  test('what is in the queue when it goes down waits there and is delivered', async () => {
    await waitFor('an empty queue', async () => (await postfix.queue()).length === 0);
    // pickup takes mail without a look at the directory; cleanup and virtual(8) need one.
    await stack.server.halt();
    await stack.host.runOrFail('sendmail', ['-f', 'someone@away.example', 'Mixed.Case@One.Example'], {
      input: 'Subject: queued\n\nhello\n',
    });
    await pause(1_500);
    expect(await inbox('one.example/Mixed.Case')).toEqual([]);
    expect(postfix.log).not.toMatch(/status=bounced/);
    await stack.server.resume();
    await accepted();
    await postfix.flush();
    await waitFor('delivery', async () => (await inbox('one.example/Mixed.Case')).length === 1);
    expect(postfix.log).not.toMatch(/status=bounced/);
  });

  test('restarted again and again under load: no look-up and no log-in gets a wrong answer', async () => {
    const wrong: string[] = [];
    const right = { lookups: 0, logins: 0 };
    let done = false;
    const lookup = async (): Promise<void> => {
      while (!done) {
        const { code, stdout, stderr } = await postfix.query('ldap:/etc/postfix/jammd-accounts.cf', people.user.mail);
        if (code === 0 && stdout === 'one.example/user/\n') right.lookups++;
        // postmap tells a miss by silence.
        else if (stderr === '') wrong.push(`look-up: exit ${code} "${stdout}"`);
      }
    };
    const login = async (): Promise<void> => {
      while (!done) {
        if (await courier.authenticate(people.user.mail, people.user.password)) right.logins++;
        if (await courier.authenticate(people.user.mail, 'wrong')) wrong.push('log-in with a wrong password');
        if ((await dovecot.authenticate(people.user.mail, 'wrong')) === 'accepted')
          wrong.push('Dovecot log-in with a wrong password');
      }
    };
    const load = [lookup(), lookup(), lookup(), login()];
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
      await pause(700);
      await stack.server.halt(signal);
      await pause(100);
      await stack.server.resume();
    }
    await pause(700);
    done = true;
    await Promise.all(load);
    expect(wrong).toEqual([]);
    expect(right.lookups).toBeGreaterThan(10);
    expect(right.logins).toBeGreaterThan(0);
  });

  test('cut off in the middle of an answer: trouble is told as trouble', async () => {
    gate.cutting = true;
    const { code, stdout, stderr } = await postfix.query('ldap:/etc/postfix/jammd-accounts.cf', people.user.mail);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/dict_ldap|unavailable|lookup error/);
    gate.cutting = false;
    expect((await postfix.query('ldap:/etc/postfix/jammd-accounts.cf', people.user.mail)).stdout).toBe('one.example/user/\n');
    expect(await courier.authenticate(people.user.mail, people.user.password)).toBe(true);
    expect(await dovecot.authenticate(people.user.mail, people.user.password)).toBe('accepted');
  });

  test('connections left idle longer than idletimeout are opened anew without a word', async () => {
    await stack.server.halt();
    const config = await readFile(stack.server.configFile, 'utf8');
    await writeFile(stack.server.configFile, `idletimeout 1\n${config}`);
    await stack.server.resume();
    await accepted();
    expect(await courier.authenticate(people.user.mail, people.user.password)).toBe(true);
    await pause(3_000);
    const sent = await postfix.send('user@one.example');
    expect(sent.code, sent.transcript + postfix.log.slice(-3_000)).toBe(0);
    expect(await courier.authenticate(people.user.mail, people.user.password)).toBe(true);
    expect(await dovecot.authenticate(people.user.mail, people.user.password)).toBe('accepted');
  });
});
