// A to-do list that several terminals share. The list lives in a manager: one terminal keeps it, others use it.
//
//   node examples/todo.ts keep              in one terminal, until Ctrl-C
//   node examples/todo.ts add "buy milk"    in others
//   node examples/todo.ts done 1
//   node examples/todo.ts show
import os from 'node:os';
import path from 'node:path';
import { BaseManager } from 'multiprocess';

class TodoList {
  #items: { text: string; done: boolean }[] = [];

  add(text: string): number {
    return this.#items.push({ text, done: false });
  }

  finish(number: number): string {
    const item = this.#items[number - 1];
    if (!item) throw new RangeError(`there is no item ${number}`);
    item.done = true;
    return item.text;
  }

  show(): string[] {
    return this.#items.map(({ text, done }, i) => `${i + 1} [${done ? 'x' : ' '}] ${text}`);
  }
}

// There is one list, whoever asks.
const list = new TodoList();
const Todo = class Todo extends BaseManager {}.register('list', () => list);

// A socket that only this user can use, and a key on top of it.
const address = process.env.TODO_SOCKET ?? path.join(os.tmpdir(), `todo-${os.userInfo().username}.sock`);
const manager = new Todo({ address, authKey: 'to do' });

const [command = 'show', argument = ''] = process.argv.slice(2);
if (command === 'keep') {
  const server = await manager.getServer();
  console.log(`keeping the list at ${server.address}`);
  process.once('SIGINT', () => server.stop());
  await server.serveForever();
  console.log('bye');
} else {
  await manager.connect();
  const todo = await manager.list();
  if (command === 'add') console.log(`added as ${await todo.add(argument)}`);
  else if (command === 'done') console.log(`done: ${await todo.finish(Number(argument))}`);
  for (const line of await todo.show()) console.log(line);
}
