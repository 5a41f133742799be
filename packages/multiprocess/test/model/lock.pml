/*
 * Lock (src/sync/lock.ts, owned.ts) and how its waiters wait: the owner word with WAITERS and RESERVED.
 *
 * Always:  at most one living owner; who takes the lock of the dead finds it abandoned, and nobody else does; WAITERS is
 *          set while a living waiter is in the queue and nobody has the guard
 * In the end: whoever waits gets the lock (end states, acceptance cycles)
 *
 * ROUNDS     how often each thread acquires; 0: for ever
 * BARGERS    how many threads never wait: tryAcquire, again and again
 * STORM      the guarded stretches are atomic, as weak fairness promises nobody a guard that others take again and again
 *            (the spinning of enterHeld is fair enough in practice), and a thread that was overtaken is Starving
 *
 * BROKEN_WAITERS  a newcomer takes a free lock without keeping WAITERS
 * BROKEN_MARK     a waiter queues up without setting WAITERS
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
#include "support/threads.pml"
#include "support/parking.pml"

#ifdef STORM
#define WHOLE(body) atomic { body }
#define starving true
#else
#define WHOLE(body) body
#endif

byte word; /* OWNED.owner: a thread, and these bits */
#define W 8
#define R 16
#define OWNER(w) ((w) & 7)
#define FLAGS(w) ((w) & 24)
bool abandoned;

byte inside; /* who has acquired and not begun to release */
bool died;   /* its last owner died without releasing */
bool wants[N + 1];

#define WAITS(t) (t <= N && linked[t] && !dead[t])
#define IS_MARKED ((word & W) || !(WAITS(1) || WAITS(2) || (N > 2 && WAITS(N))))
#define CHECK_MARKED assert(guard != 0 || IS_MARKED)

/* Atomics.compareExchange of the owner word; the result is `swapped`. Within an atomic sequence. */
inline swap(from, to) {
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
#ifdef BROKEN_WAITERS
        swap(seen, me);
#else
        swap(seen, (seen & W) | me);
#endif
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
#ifdef BROKEN_MARK
       swapped = true;
#else
       if
       :: seen & W -> swapped = true
       :: else -> swap(seen, seen | W)
       fi;
#endif
       if
       :: swapped -> CRASH; break
       :: !swapped -> seen = word
       fi
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
       :: else -> value = (ALONE(me) -> me : me | W); swap(seen, value)
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
    value = 0;
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
    assert(IS_MARKED);
    leave()
  }
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
    do
    :: WHOLE(attempt());
       if
       :: got || last -> break
       :: else -> park()
       fi
    od;
    wants[me] = false;
    atomic { parked[me] = AWAKE; state[me] = IDLE; last = false; polling = false; heard = false }
  fi
}

/* Lock.release, releaseSlowly */
inline release_() {
  if
  :: abandoned -> atomic { abandoned = false; died = false; CRASH }
  :: else -> died = false
  fi;
  atomic { swap(me, 0); CRASH }
  if
  :: swapped
  :: else -> WHOLE(releaseSlowly()); call(called)
  fi;
  atomic { called = 0; swapped = false }
}

inline releaseSlowly() {
  atomic { enter(); seen = word }
  do
  :: atomic {
       first();
       CRASH;
#ifdef BROKEN_STORM
       blocked = false;
#else
       blocked = (found != 0 && state[found] == STARVING);
#endif
       if
       :: found != 0 && state[found] != WOKEN -> called = found; state[found] = WOKEN; CRASH
       :: else
       fi;
       if
       :: found == 0 -> value = 0
       :: found != 0 -> value = (blocked -> W | R : W)
       fi;
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
  atomic { seen = 0; CRASH; assert(IS_MARKED); leave(); CRASH }
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte seen, value, called, rounds;
  bool got, swapped, overtaken;
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
         CHECK_MARKED;
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

ltl tried { [] (dead[1] -> <> (inside == N || dead[N])) }
ltl served { [] (wants[1] -> <> (!wants[1] || dead[1])) }
