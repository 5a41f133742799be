// A chat server with a process for each client: it answers every line in capitals, until the client says q.
//
//   node examples/chat-server.ts 5000        and elsewhere: node examples/chat-client.ts 5000
import type net from 'node:net';
import readline from 'node:readline';
import { forkServer } from 'multiprocess/net';

// Runs in a child of its own for each connection. When it returns, the socket is ended and the process exits.
async function chat(socket: net.Socket) {
  socket.write(`process ${process.pid} listens, q ends\n`);
  for await (const line of readline.createInterface({ input: socket })) {
    if (line === 'q') return;
    socket.write(`${line.toUpperCase()}\n`);
  }
}

const server = await forkServer(chat, {
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  maxProcesses: 20, // whoever comes then waits until another client has left
  onError: (error) => console.log(`a client is lost: ${error.message}`),
});
console.log(`server ${process.pid}: port ${server.port}`);

// Ctrl-C: nobody new is let in, those who are here may finish. Their processes do not hear Ctrl-C.
process.once('SIGINT', async () => {
  console.log(`server ${process.pid}: closing, ${server.connections} clients left`);
  await server.close();
  console.log(`server ${process.pid}: closed`);
});
