/** Reading into memory that all sockets share. */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { withSharedReads } from '../../src/server/shared-reads.js';

const open: { close?: () => void; destroy?: () => void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) (one.destroy ?? one.close)!.call(one);
});

async function serve(onSocket: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer(onSocket).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return server;
}

async function connect(server: net.Server): Promise<net.Socket> {
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function until(done: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !done() && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(done()).toBe(true);
}

it('gives each chunk memory of its own, and answers go the same way', async () => {
  const chunks: Buffer[] = [];
  const server = await serve((accepted) => {
    const socket = withSharedReads(accepted, (chunk) => {
      chunks.push(chunk);
      socket!.write(chunk);
    });
    socket!.resume();
  });
  const clients = await Promise.all([connect(server), connect(server)]);
  const sent: string[] = [];
  for (let round = 0; round < 20; round++) {
    for (const [index, client] of clients.entries()) {
      const text = `${index} ${round} `.padEnd(10 + round * 997, 'x');
      sent.push(text);
      let echoed = '';
      const listen = (bytes: Buffer): void => void (echoed += bytes.toString('latin1'));
      client.on('data', listen);
      client.write(text);
      await until(() => echoed.length >= text.length);
      client.off('data', listen);
      expect(echoed).toBe(text);
    }
  }
  expect(chunks.map((chunk) => chunk.toString('latin1')).join('')).toBe(sent.join(''));
});

it('notices the end of a connection, and so does its server', async () => {
  let ended = 0;
  const server = await serve((accepted) => {
    const socket = withSharedReads(accepted, () => undefined)!;
    socket.on('close', () => ended++).resume();
  });
  const client = await connect(server);
  client.end();
  await until(() => ended === 1);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(server.listening).toBe(false);
});

it('stops and goes on reading', async () => {
  let received = 0;
  let socket: net.Socket | undefined;
  const server = await serve((accepted) => {
    socket = withSharedReads(accepted, (chunk) => (received += chunk.length));
    socket!.resume();
  });
  const client = await connect(server);
  const bytes = 8 << 20;
  client.write(Buffer.alloc(1));
  await until(() => received === 1);
  socket!.pause();
  client.write(Buffer.alloc(bytes));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(received).toBe(1);
  socket!.resume();
  await until(() => received === 1 + bytes);
});

it('leaves a socket alone that has been read from, or that has no handle', async () => {
  let accepted: net.Socket | undefined;
  const server = await serve((socket) => (accepted = socket.on('data', () => undefined)));
  const client = await connect(server);
  client.write('a');
  await until(() => (accepted?.bytesRead ?? 0) > 0);
  expect(withSharedReads(accepted!, () => undefined)).toBeUndefined();
  expect(accepted!.destroyed).toBe(false);
  open.push(accepted!);
  expect(withSharedReads(new net.Socket(), () => undefined)).toBeUndefined();
});
