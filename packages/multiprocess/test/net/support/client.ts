/** The other end of a server. */
import { once } from 'node:events';
import net from 'node:net';
import { everything } from '../../descriptor/support/connections.ts';

interface Place {
  readonly address: net.AddressInfo | string;
}

export async function connect({ address }: Place): Promise<net.Socket> {
  const socket = typeof address === 'string' ? net.connect(address) : net.connect(address.port, address.address);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Says `text`, ends its side, and gives the whole answer. */
export async function talk(server: Place, text: string): Promise<string> {
  const socket = await connect(server);
  socket.end(text);
  return everything(socket);
}

/** The next piece of what the server says. */
export async function heard(socket: net.Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}
