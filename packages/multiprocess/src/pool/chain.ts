/** What a member of a chain has for it. */
export interface Member<T> {
  previous?: T | undefined;
  next?: T | undefined;
}

/** Members in the order of their coming. They hold the chain together, which is quicker than a Set when thousands come and go. */
export class Chain<T extends Member<T>> implements Iterable<T> {
  #first: T | undefined;
  #last: T | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** It is in no chain. */
  add(member: T): void {
    member.previous = this.#last;
    if (this.#last) this.#last.next = member;
    else this.#first = member;
    this.#last = member;
  }

  /** Whether it was there. */
  delete(member: T): boolean {
    const { previous, next } = member;
    if (!previous && this.#first !== member) return false;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    member.previous = undefined;
    member.next = undefined;
    return true;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let member = this.#first; member; member = member.next) yield member;
  }
}
