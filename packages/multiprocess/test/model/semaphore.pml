/*
 * Semaphore (src/sync/semaphore.ts) and its accounts (accounts.ts). Each thread acquires and releases what it acquired.
 *
 * Always:  available + all balances = base = the permits it was made with, whenever somebody leaves the guard; never more
 *          threads with a permit than there are permits
 * In the end: whoever waits gets a permit (end states, acceptance cycles); also under a storm of tryAcquire
 *
 * EVENTS   one thread only releases, the others only acquire: no permit comes back, none is lost but to who acquired it
 * INITIAL, ROUNDS (0: for ever), BARGERS (threads that never wait), STORM (who was overtaken is starving)
 *
 * BROKEN_CLOSE  an account is closed without a note of what base will be
 * BROKEN_LAST   who gives up leaves without a last attempt, though it may have been called
 * BROKEN_STORM  as it was at first: a permit was kept only while the waiter was not called yet, that is never
 */
#ifndef N
#define N 3
#endif
#ifndef INITIAL
#define INITIAL 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef BARGERS
#define BARGERS 0
#endif
#define BARGES(t) (t > N - BARGERS)
#define REPAIR repair()
#include "support/threads.pml"
#include "support/parking.pml"

#ifdef BROKEN_STORM
#define IS_STARVING(r) (r != 0 && state[r] == STARVING)
#define KEPT 32767
#else
#define IS_STARVING(r) (r != 0 && starves[r])
#define KEPT 1 /* for the first; the others may have what there is besides */
#endif

#ifdef STORM
#define starving true
#endif

short available = INITIAL, base = INITIAL; /* SEMAPHORE */
bool open[N + 1];                          /* the account is in the list; opened beforehand */
short balance[N + 1], baseAfter[N + 1];    /* RECORD.value and .state of the account */
bool closing[N + 1];                       /* RECORD.parked of the account */
bool starves[N + 1];                       /* RECORD.value of the waiting record */

bool holds[N + 1], wants[N + 1];
short events = INITIAL; /* released and not acquired, by anybody, dead or not */

#ifdef EVENTS
#define RELEASES(t) (t == 1)
#define ACQUIRES(t) (t != 1)
#else
#define RELEASES(t) true
#define ACQUIRES(t) true
#endif

/* Accounts.repair; needs `byte i` and `short sum`, as do those below. */
inline repair() {
  i = 1;
  do
  :: i <= N ->
     if
     :: open[i] && closing[i] -> finishClosing()
     :: else
     fi;
     i++
  :: else -> break
  od;
  total();
  available = base - sum;
  sum = 0;
  i = 0;
  CRASH
}

inline total() {
  d_step {
    sum = 0;
    i = 1;
    do
    :: i <= N -> sum = sum + (open[i] -> balance[i] : 0); i++
    :: else -> break
    od;
    i = 0
  }
}

/* Accounts.closeDead */
inline closeDead() {
  i = 1;
  do
  :: i <= N ->
     if
     :: open[i] && dead[i] -> close()
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* Accounts.#close: the balance of the dead comes back as far as permits are missing. */
inline close() {
  d_step {
    sum = INITIAL - available;
    j = 1;
    do
    :: j <= N -> sum = sum - ((j != i && open[j] && balance[j] > 0) -> balance[j] : 0); j++
    :: else -> break
    od;
    j = 0;
    sum = (balance[i] < sum -> balance[i] : sum);
    sum = (sum < 0 -> 0 : sum)
  }
#ifdef BROKEN_CLOSE
  base = base - balance[i] + sum; CRASH;
  open[i] = false; CRASH;
#else
  baseAfter[i] = base - balance[i] + sum; CRASH;
  closing[i] = true; CRASH;
  finishClosing();
#endif
  available = available + sum;
  sum = 0;
  CRASH
}

inline finishClosing() {
  base = baseAfter[i]; CRASH;
  open[i] = false; CRASH
}

/* Monitor.exit, after a look at the books */
inline check() {
  total();
  assert(available + sum == base);
#ifdef EVENTS
  assert(available == events);
#else
  assert(base == INITIAL);
#endif
  sum = 0;
  leave()
}

/* #take; the result is `got`. */
inline take(record, insist) {
  if
  :: available <= 0 -> closeDead()
  :: else
  fi;
  first();
  if
  :: available > ((found != record && !(insist) && IS_STARVING(found)) -> KEPT : 0) ->
     atomic { balance[me]++; events-- }; CRASH;
     available--;
     got = true; CRASH
  :: else
  fi;
  found = 0
}

/* #attempt, within parking.ts: attempt */
inline attempt() {
  atomic {
    enter();
#ifdef BROKEN_LAST
    if
    :: last
    :: else -> take(me, polling)
    fi;
#else
    take(me, polling);
#endif
    if
    :: !got && !linked[me] -> push(me)
    :: else
    fi;
    if
    :: !got -> starves[me] = starving && overtaken; overtaken = true;
       state[me] = (starves[me] -> STARVING : WAITING);
       CRASH
    :: else
    fi;
    if
    :: (got || last) && linked[me] -> remove(me); starves[me] = false
    :: else
    fi;
    check()
  }
}

inline acquire() {
  atomic {
    enter();
    take(0, false);
    check()
  }
  if
  :: got || BARGES(me)
  :: else ->
    beginWait();
    overtaken = false;
    wants[me] = true;
    do
    :: attempt();
       if
       :: got || last -> break
       :: else -> park()
       fi
    od;
    wants[me] = false;
    atomic { parked[me] = AWAKE; state[me] = IDLE; last = false; polling = false; heard = false }
  fi
}

/* release, #wake */
inline release_() {
  atomic {
    enter();
    atomic { balance[me]--; events++ }; CRASH;
    available++; CRASH;
    count = available;
    i = head;
    do
    :: i != 0 && count > 0 ->
       j = next[i];
       if
       :: dead[i] -> drop(i)
       :: else ->
          count--;
          if
          :: state[i] != WOKEN -> state[i] = WOKEN; called[i] = true; CRASH
          :: else
          fi
       fi;
       i = j;
       j = 0
    :: else -> break
    od;
    count = 0;
    i = 0;
    check()
  }
  CRASH;
  i = 1;
  do
  :: i <= N ->
     if
     :: called[i] -> called[i] = false; call(i)
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte i, j, rounds;
  short sum, count;
  bool called[N + 1];
  bool got, overtaken;
#ifndef STORM
  bool starving;
  if /* whether it has waited for longer than UNFAIR */
  :: starving = true
  :: starving = false
  fi;
#endif
  open[me] = true;
  do
  :: ROUNDS == 0 || rounds < ROUNDS ->
     if
     :: ROUNDS > 0 -> rounds++
     :: else
     fi;
     if
     :: ACQUIRES(me) -> acquire()
     :: !ACQUIRES(me) -> got = true
     fi;
     if
     :: got && !RELEASES(me) -> got = false
     :: got && RELEASES(me) ->
       atomic {
         got = false;
         holds[me] = true;
         assert((holds[1] && !dead[1]) + (holds[2] && !dead[2]) + (N > 2 && holds[N] && !dead[N]) <= INITIAL || !ACQUIRES(me));
         CRASH
       }
       holds[me] = false;
       release_()
     :: else
     fi
  :: ROUNDS > 0 && rounds == ROUNDS -> break
  od;
gone:
  skip
}

ltl served { [] (wants[1] -> <> (!wants[1] || dead[1])) }
