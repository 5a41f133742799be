// The client of chat-server.ts: sends what is typed, line by line, and prints what comes. q ends it.
import net from 'node:net';
import readline from 'node:readline';

const socket = net.connect(Number(process.argv[2]), '127.0.0.1');
socket.on('data', (text) => process.stdout.write(text));

for await (const line of readline.createInterface({ input: process.stdin })) {
  socket.write(`${line}\n`);
  if (line === 'q') break;
}
socket.end();
