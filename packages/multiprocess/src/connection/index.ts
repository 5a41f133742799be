/** `multiprocess/connection`: listeners and clients, compatible with Python's `multiprocessing.connection`. */
export { BufferTooShortError, Connection } from '../channel/index.ts';
export type { Address, Family } from './address.ts';
export type { Digest } from './auth.ts';
export { Client, type ClientOptions } from './client.ts';
export { Listener, type ListenerOptions } from './listener.ts';
export type { ConnectionOptions } from './options.ts';
export {
  type Float,
  float,
  type Globals,
  type Make,
  Pickle,
  type PythonClass,
  type Tuple,
  tuple,
} from './pickle/index.ts';
export type { Codec, SocketConnection } from './socket-connection.ts';
