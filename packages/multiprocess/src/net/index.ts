import './rehearsal.ts';

export { type ForkServer, forkServer } from './fork-server.ts';
export type { CloseOptions, ForkServerOptions, Handler, ServerOptions } from './options.ts';
