/** What TypeScript knows of queues and pipes. It only has to compile: `npm run typecheck`. */
import { test } from 'node:test';
import { JoinableQueue, Pipe, type PipeConnection, Queue, SimpleQueue, wait } from 'multiprocess';

/** Never called. */
export async function compiles(): Promise<void> {
  const queue = new Queue<number>({ maxSize: 3, maxBytes: 100, waitForPeers: true });
  const n: number = await queue.get();
  const m: number = queue.getSync({ timeout: 5 }) + queue.getNowait();
  const found: { value: number } | undefined = queue.tryGet();
  const many: number[] = await queue.getMany(3, { signal: AbortSignal.timeout(1) });
  for await (const one of queue) one.toFixed();
  await queue.put(1, 5);
  await queue.putMany(new Set([1, 2]));
  // @ts-expect-error a number
  await queue.put('1');
  // @ts-expect-error numbers
  queue.putManySync(['1']);
  // @ts-expect-error no such option
  new Queue({ size: 3 });
  // @ts-expect-error for joinable queues
  new Queue({ redeliver: true });
  // @ts-expect-error a SimpleQueue has no limits
  new SimpleQueue(3);
  // @ts-expect-error and no shutdown
  new SimpleQueue().shutdown();
  const joinable = new JoinableQueue<{ job: string }>({ redeliver: true });
  const { job }: { job: string } = await joinable.get();
  const joined: boolean = await joinable.join(5);
  // @ts-expect-error only a JoinableQueue
  queue.taskDone();
  const [here, there]: [PipeConnection<number, string>, PipeConnection<string, number>] = Pipe<number, string>();
  await here.send(1);
  const answer: string = await here.recv();
  there.sendSync(String(there.recvSync() + 1));
  // @ts-expect-error strings come back
  there.sendSync(1);
  const ready: (Queue<number> | PipeConnection<number, string>)[] = await wait([queue, here]);
  // @ts-expect-error milliseconds are a number
  await queue.get('5');
  void [n, m, found, many, job, joined, answer, ready];
}

test('types are checked by the compiler', () => {});
