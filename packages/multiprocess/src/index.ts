export { MultiprocessError } from './errors.ts';
