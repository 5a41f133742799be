// Two ways to say what a process does: give it a function, or write a class with a run() method.
import { Process } from 'multiprocess';

// 1. A function. `args` are its arguments; it may be an arrow function or a closure as well.
function greet(who: string) {
  console.log(`  child ${process.pid}: hello ${who}, I run a function`);
}

// 2. A subclass of Process. What it keeps in its own fields travels to the child with it.
class Greeter extends Process {
  who: string;

  constructor(who: string) {
    super();
    this.who = who;
  }

  override run() {
    console.log(`  child ${process.pid}: hello ${this.who}, I run a method`);
  }
}

console.log(`parent ${process.pid}: starts two children`);

const byFunction = new Process({ target: greet, args: ['Ada'] });
byFunction.start();
await byFunction.join();

const bySubclass = new Greeter('Grace');
bySubclass.start();
await bySubclass.join();

console.log(`parent ${process.pid}: ${byFunction.pid} and ${bySubclass.pid} have ended`);
