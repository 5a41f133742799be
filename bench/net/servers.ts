/** The servers that are compared: programs of their own that print their port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pythonVersion } from '../python.ts';

export const WORKERS = 2;

export interface Server {
  name: string;
  port: number;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Server[]> {
  const ours = 'multiprocess-server.ts';
  const servers = [
    await start('multiprocess forkServer', process.execPath, ours, 'fork'),
    await start(`multiprocess preforkServer (${WORKERS})`, process.execPath, ours, 'prefork', String(WORKERS)),
    await start(`node:cluster (${WORKERS})`, process.execPath, 'cluster-server.ts', String(WORKERS)),
  ];
  if (pythonVersion()) servers.push(await start('CPython ForkingTCPServer', 'python3', 'forking_server.py'));
  return servers;
}

async function start(name: string, program: string, file: string, ...args: string[]): Promise<Server> {
  const child = spawn(program, [`${import.meta.dirname}/fixtures/${file}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  return { name, port: Number(port), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
