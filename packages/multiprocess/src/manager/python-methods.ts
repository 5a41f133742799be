import type { PythonMethods } from './registry.ts';
export const pythonMethods: Readonly<Record<string, PythonMethods>> = {};
