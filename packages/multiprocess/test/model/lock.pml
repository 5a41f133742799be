/*
 * Lock (src/sync/lock.ts, owned.ts) and how its waiters wait: the owner word with RESERVED, and the store that gives it back.
 *
 * That store is plain: it stands in its processor's queue, and the others see it later (x86-TSO; Sewell and others, 2010),
 * perhaps after the thread has looked at the queue of waiters. `storing` says whose store is on its way. An atomic
 * operation of that thread waits for it, and so does its death. Who joins the queue waits for those that are on their way,
 * which is what changesSoon is to the processor: 5 us are an age to a store.
 *
 * Always:  at most one living owner; who takes the lock of the dead finds it abandoned, and nobody else does
 * In the end: whoever waits gets the lock (end states, acceptance cycles)
 *
 * ROUNDS     how often each thread acquires; 0: for ever
 * BARGERS    how many threads never wait: tryAcquire, again and again
 * STORM      the guarded stretches are atomic, as weak fairness promises nobody a guard that others take again and again
 *            (the spinning of enterHeld is fair enough in practice), and a thread that was overtaken is Starving
 *
 * BROKEN_DELAY    who joins the queue does not look at the owner again
 * BROKEN_LOOK     who gave the lock back does not look at the queue again
 * BROKEN_PARK     a waiter goes to sleep without looking at its state after storing `parked`
 * BROKEN_STORM    what is free is never kept for a starving waiter
 * BROKEN_RESERVED as it was at first: what is kept for a waiter that died is kept from tryAcquire for ever
 */
#ifndef N
#define N 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef BARGERS
#define BARGERS 0
#endif
#define BARGES(t) (t > N - BARGERS)
#define DRAIN                                                                                                          \
  if                                                                                                                   \
  :: storing[me] -> word = 0; storing[me] = false                                                                      \
  :: else                                                                                                              \
  fi
#include "support/threads.pml"
#include "support/parking.pml"

#ifdef STORM
#define WHOLE(body) atomic { body }
#define starving true
#else
#define WHOLE(body) body
#endif

byte word; /* OWNED.owner: a thread, and this bit */
#define R 8
#define OWNER(w) ((w) & 7)
bool storing[N + 1]; /* a plain store of 0 to the owner word is on its way */
bool abandoned;

byte inside; /* who has acquired and not begun to release */
bool died;   /* its last owner died without releasing */
bool wants[N + 1];

/* Atomics.compareExchange of the owner word; the result is `swapped`. Within an atomic sequence. */
inline swap(from, to) {
  DRAIN;
  swapped = (word == from);
  if
  :: swapped -> word = to
  :: else
  fi
}

/* What happens right after the word was taken: #inherit */
inline inherit(from) {
  if
  :: OWNER(from) != 0 -> died = true; CRASH; abandoned = true
  :: else
  fi;
  CRASH
}

/* #isReserved: looked up without the guard */
#ifdef BROKEN_RESERVED
#define IS_KEPT true
#else
#define IS_KEPT (head != 0 && !dead[head])
#endif

/* Lock.tryAcquire, tryAcquireSlowly; the result is `got`. */
inline tryAcquire() {
  atomic { swap(0, me); got = swapped; CRASH }
  do
  :: got -> break
  :: !got ->
    seen = word;
    if
    :: OWNER(seen) == 0 && (seen & R) && IS_KEPT -> break
    :: OWNER(seen) != 0 && !dead[OWNER(seen)] -> break
    :: else ->
      atomic {
        swap(seen, me);
        got = swapped;
        if
        :: swapped -> inherit(seen)
        :: else
        fi
      }
    fi
  od;
  atomic { seen = 0; swapped = false }
}

/* parking.ts: attempt; owned.ts: #attempt. The result is `got`. */
inline attempt() {
  atomic { enter(); seen = word }
  do
  :: atomic {
#ifdef BROKEN_DEATH
       OWNER(seen) != 0 ->
#else
       OWNER(seen) != 0 && !dead[OWNER(seen)] ->
#endif
       CRASH;
       break
     }
  :: atomic {
#ifdef BROKEN_DEATH
       OWNER(seen) == 0 ->
#else
       OWNER(seen) == 0 || dead[OWNER(seen)] ->
#endif
       if
       :: (seen & R) && !polling -> first()
       :: else -> found = me
       fi;
       if
       :: found != me -> swapped = false; break
       :: else -> swap(seen, me)
       fi;
       if
       :: swapped -> got = true; inherit(seen); break
       :: !swapped -> seen = word
       fi
     }
  od;
  atomic {
    found = 0;
    seen = 0;
    swapped = false;
    if
    :: !got && !linked[me] -> push(me)
    :: else
    fi;
    if
    :: !got -> state[me] = (starving && overtaken -> STARVING : WAITING); overtaken = true; CRASH
    :: else
    fi;
    if
    :: (got || last) && linked[me] -> remove(me)
    :: else
    fi;
    leave()
  }
}

/* #isFreeSoon: until the owner's store, if it is on its way, is seen. The result is `due`. */
inline look() {
#ifdef BROKEN_DELAY
  due = false;
#else
  seen = word;
  if
  :: OWNER(seen) == 0 -> due = true
  :: OWNER(seen) != 0 ->
    if
    :: atomic { word != seen -> due = true }
    :: atomic { word == seen && !storing[OWNER(seen)] -> due = false }
    fi
  fi;
  atomic { seen = 0; CRASH }
#endif
}

/* Acquirable.acquireSync and acquire; with GIVE_UP also with a time-out. */
inline acquire() {
  tryAcquire();
  if
  :: got || BARGES(me) -> skip
  :: else ->
    beginWait();
    overtaken = false;
    wants[me] = true;
    WHOLE(attempt());
    if
    :: !got && !last -> look()
    :: else
    fi;
    do
    :: got || last -> break
    :: else ->
       if
       :: due -> due = false
       :: else -> park()
       fi;
       WHOLE(attempt())
    od;
    wants[me] = false;
    atomic { parked[me] = AWAKE; state[me] = IDLE; last = false; polling = false; heard = false }
  fi
}

/* Lock.release: giveAt, and what is left to do after it */
inline release_() {
  if
  :: head == 0 ->
    endAbandoned();
    atomic { storing[me] = true; CRASH }
#ifdef BROKEN_LOOK
    seen = 0;
#else
    seen = head;
#endif
    if
    :: seen != 0 -> WHOLE(callFirst()); call(called)
    :: else
    fi
  :: else ->
    endAbandoned();
    WHOLE(releaseSlowly());
    call(called)
  fi;
  atomic { called = 0; swapped = false; seen = 0 }
}

inline endAbandoned() {
  if
  :: abandoned -> atomic { abandoned = false; died = false; CRASH }
  :: else -> died = false
  fi
}

inline markFirst() {
  first();
  CRASH;
  if
  :: found != 0 && state[found] != WOKEN -> called = found; state[found] = WOKEN; CRASH
  :: else
  fi
}

inline callFirst() {
  atomic { enter(); markFirst(); found = 0; leave(); CRASH }
}

inline releaseSlowly() {
  atomic { enter(); seen = word }
  do
  :: atomic {
       first();
#ifdef BROKEN_STORM
       blocked = false;
#else
       blocked = (found != 0 && state[found] == STARVING);
#endif
       markFirst();
       value = (blocked -> R : 0);
       swap(seen, value);
       value = 0;
       found = 0;
       blocked = false;
       if
       :: swapped -> break
       :: !swapped -> seen = word
       fi
     }
  od;
  atomic { seen = 0; CRASH; leave(); CRASH }
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte seen, value, called, rounds;
  bool got, swapped, overtaken, due;
#ifndef STORM
  bool starving;
  if /* whether it has waited for longer than UNFAIR */
  :: starving = true
  :: starving = false
  fi;
#endif
  do
  :: ROUNDS == 0 || rounds < ROUNDS ->
     if
     :: ROUNDS > 0 -> rounds++
     :: else
     fi;
     acquire();
     if
     :: got ->
       atomic {
         assert(inside == 0 || dead[inside]);
         inside = me;
         assert(OWNER(word) == me);
         assert(abandoned == died);
         CRASH
       }
       atomic { got = false; inside = 0 }
       release_()
     :: else
     fi
  :: ROUNDS > 0 && rounds == ROUNDS -> break
  od;
gone:
  skip
}

/* Stores arrive. After the threads, whose numbers are those of their processes. */
active proctype memory() {
end:
  do
  :: atomic { storing[1] -> word = 0; storing[1] = false }
  :: atomic { storing[2] -> word = 0; storing[2] = false }
  :: atomic { N > 2 && storing[N] -> word = 0; storing[N] = false }
  od
}

ltl tried { [] (dead[1] -> <> (inside == N || dead[N])) }
ltl served { [] (wants[1] -> <> (!wants[1] || dead[1])) }
