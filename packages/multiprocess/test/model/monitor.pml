/*
 * The monitor of a cell (src/sync/monitor.ts), store by store: here no stretch under the guard is atomic.
 *
 * Threads enter, push their record, take it out, end the wait of the first in the queue, and leave. Each may be killed
 * between any two stores. Whoever enters then must
 *   - be the only living thread inside
 *   - find the chain from `head` to hold exactly the records that were pushed and not taken out, and `tail` to be its last
 *   - find no living thread that waits (its state says so) without being in the chain: nobody would ever end its wait
 *
 * BROKEN_PUSH     the record is linked before its own `next` is cleared: the chain is not whole at every moment
 * BROKEN_GUARD    the guard is given back before the last store
 * BROKEN_RELEASE  the record is taken out before its state says why
 * BROKEN_UNLINK   a record that its remover, since dead, had half taken out is expected to be in the chain
 */
#define N 3
#define ON_LINK(r) member[r] = true
#define ON_UNLINK(r) member[r] = false
bool member[N + 1]; /* what the queue should hold */
byte inside;        /* the living thread between enter and exit */
#include "support/threads.pml"

#define IS_LOST(r) (!dead[r] && state[r] == WAITING && !member[r])

inline check() {
  d_step {
    one = head;
    do
    :: one != 0 && found <= N -> assert(member[one]); found++; before = one; one = next[one]
    :: else -> break
    od;
    assert(found == member[1] + member[2] + member[3]);
    assert(tail == before);
    assert(!IS_LOST(1) && !IS_LOST(2) && !IS_LOST(3));
    one = 0;
    before = 0;
    found = 0
  }
}

inline enterAlone() {
  enter();
  atomic { assert(inside == 0 || dead[inside]); inside = me };
  check()
}

active [N] proctype thread() {
  byte me = _pid + 1;
  byte one, before, found;
  do
  :: enterAlone(); /* a waiting thread: parking.ts, attempt */
     if
     :: !linked[me] -> state[me] = WAITING; push(me)
     :: linked[me] -> remove(me)
     fi;
     inside = 0;
     leave();
#ifdef BROKEN_GUARD
     if
     :: linked[me] -> tail = me
     :: else
     fi
#endif
  :: enterAlone(); /* one that ends the wait of another: notify, set, finish */
     first();
     if
     :: found != 0 && found != me -> release(found, RELEASED)
     :: else
     fi;
     found = 0;
     inside = 0;
     leave()
  od;
gone:
  skip
}
