import './rehearsal.ts';

export { type ForkServer, forkServer } from './fork-server.ts';
export type { CloseOptions, ForkServerOptions, Handler, PreforkServerOptions, ServerOptions } from './options.ts';
export { type PreforkServer, preforkServer } from './prefork-server.ts';
