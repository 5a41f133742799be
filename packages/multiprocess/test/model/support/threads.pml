/*
 * What all models share: threads that may be killed, records, and the monitor of one cell (src/sync/monitor.ts).
 *
 * Threads are 1 .. N, 0 is nobody. Thread t uses record t: the pool of records has a model of its own (records.pml).
 *
 * The guard makes its holder's accesses commute with those of others, unless the word is also used without the guard. So a
 * stretch under the guard is one atomic step up to its next access to such a word (Lipton, "Reduction", 1975), but with a
 * CRASH after every store: there its holder may be killed, with the guard, and leave things half done.
 */
#ifndef CRASHES
#define CRASHES 0
#endif

#define IDLE 0 /* State, src/sync/layout.ts */
#define WAITING 1
#define STARVING 2
#define WOKEN 3
#define RELEASED 4
#define BROKEN_OFF 5
#define CALLED(r) (state[r] >= WOKEN) /* parking.ts: isCalled */

#ifndef RECORDS
#define RECORDS N
#define IS_DEAD(r) dead[r] /* whose record it is */
#define DISPOSE(r) linked[r] = false; CRASH
#endif

bool dead[N + 1];
byte guard, head, tail; /* MONITOR */
byte next[RECORDS + 1]; /* RECORD.next, .linked, .state */
bool linked[RECORDS + 1];
byte state[RECORDS + 1];

#ifndef MORTAL
#define MORTAL(t) true
#endif

/* Where stores may be seen late: has those of this thread seen now, as its atomic operations and its death do. */
#ifndef DRAIN
#define DRAIN skip
#endif

/* SIGKILL may come here. Every thread has a label `gone` at its end. */
#if CRASHES > 0
byte crashes = CRASHES;
#define CRASH                                                                                                          \
  if                                                                                                                   \
  :: true                                                                                                              \
  :: crashes > 0 && MORTAL(me) -> crashes--; DRAIN; dead[me] = true; goto gone                                                \
  fi
#else
#define CRASH skip
#endif

/* What a kind repairs besides, when it takes the guard of the dead (the second argument of Monitor's constructor). */
#ifndef REPAIR
#define REPAIR skip
#endif

/* What a model notes at the store that puts a record into the chain, or takes it out. */
#ifndef ON_LINK
#define ON_LINK(r) skip
#define ON_UNLINK(r) skip
#endif

/* Monitor.enter, enterHeld. To be the first statement of an atomic sequence; needs `byte one`, like all below. */
inline enter() {
  if
  :: atomic { guard == 0 -> DRAIN; guard = me; CRASH }
  :: atomic { guard != 0 && dead[guard] -> DRAIN; guard = me; CRASH; findTail(); CRASH; REPAIR }
  fi
}

/* Monitor.#findTail: the store is the last thing it does. */
inline findTail() {
  d_step {
    one = head;
    do
    :: one != 0 && next[one] != 0 -> one = next[one]
    :: else -> break
    od;
    tail = one;
    one = 0
  }
}

/* Monitor.exit: a plain store, which x64 shows to others after all stores before it. */
inline leave() { guard = 0 }

/* Monitor.push */
inline push(r) {
#ifndef BROKEN_PUSH
  next[r] = 0;
#endif
  linked[r] = true; CRASH;
  if
  :: tail == 0 -> atomic { head = r; ON_LINK(r) }
  :: else -> atomic { next[tail] = r; ON_LINK(r) }
  fi; CRASH;
#ifdef BROKEN_PUSH
  next[r] = 0;
#endif
#ifndef BROKEN_GUARD
  tail = r; CRASH
#endif
}

/* Monitor.#unlink: a record that is linked but not in the chain was being unlinked by somebody who died. */
inline unlink(r) {
  d_step {
    before = 0;
    one = head;
    do
    :: one != r && one != 0 -> before = one; one = next[one]
    :: else -> break
    od
  }
#ifdef BROKEN_UNLINK
  assert(one != 0); /* as it was at first: it looked for the record beyond the end, with the guard, for ever */
#endif
  if
  :: one == 0 -> skip
  :: one != 0 ->
    if
    :: before == 0 -> atomic { head = next[r]; ON_UNLINK(r) }
    :: else -> atomic { next[before] = next[r]; ON_UNLINK(r) }
    fi; CRASH;
    if
    :: next[r] == 0 -> tail = before; CRASH
    :: else
    fi
  fi;
  one = 0;
  before = 0
}

/* Monitor.remove */
inline remove(r) {
  unlink(r);
  state[r] = IDLE; CRASH;
  linked[r] = false; CRASH
}

/* Monitor.release: what ends the wait is stored first, so that whoever is out of the queue knows it. */
inline release(r, outcome) {
#ifdef BROKEN_RELEASE /* as it was at first */
  unlink(r);
  linked[r] = false; CRASH;
  state[r] = outcome; CRASH
#else
  state[r] = outcome; CRASH;
  unlink(r);
  linked[r] = false; CRASH
#endif
}

/* Monitor.first: the result is `found`. */
inline first() {
  do
  :: head != 0 && IS_DEAD(head) -> found = head; drop(found)
  :: else -> break
  od;
  found = head
}

/* Monitor.drop */
inline drop(r) {
  unlink(r);
  DISPOSE(r)
}
