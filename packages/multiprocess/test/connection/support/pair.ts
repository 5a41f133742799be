/** Two ends of one connection, in this process. */
import { Client, type ClientOptions, type Connection, Listener, type ListenerOptions } from 'multiprocess/connection';

export async function pair(
  client: ClientOptions = {},
  listening: ListenerOptions = {},
): Promise<[Connection, Connection]> {
  const listener = await Listener.open(null, listening);
  try {
    return await Promise.all([Client(listener.address, client), listener.accept()]);
  } finally {
    listener.close();
  }
}

/** Gives a test both ends, and closes them after it. */
export function withPair(
  body: (a: Connection, b: Connection) => unknown,
  client: ClientOptions = {},
  listening: ListenerOptions = {},
): () => Promise<void> {
  return async () => {
    const ends = await pair(client, listening);
    try {
      await body(...ends);
    } finally {
      for (const end of ends) end.close();
    }
  };
}
