export { Descriptor } from './descriptor.ts';
export { detach, inodeOf, listenOn, pathOf } from './server.ts';

export { makeSocket } from './socket.ts';
