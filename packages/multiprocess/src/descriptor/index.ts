export { Descriptor } from './descriptor.ts';
export { detach, inodeOf, listenOn, pathOf } from './server.ts';

import './socket.ts';
