/** The second door, for the library's own protocols. */
export { PythonCall } from './pickle/index.ts';
