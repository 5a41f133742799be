/*
 * Barrier (src/sync/barrier.ts). Threads 1 .. WAITERS wait, ROUNDS times each, for PARTIES to come; so there are early
 * arrivals while the action of a round runs. The action may fail. With CONTROL one more thread aborts or resets, once.
 *
 * Always:  a round ends with the indices 0 to PARTIES - 1, each once
 * In the end: nobody waits, unless the barrier is whole, nobody of the queue is dead, and fewer than PARTIES are there
 *
 * As it was at first:
 * BROKEN_FINISH  the barrier is Filling before those who came early have their index
 * BROKEN_BREAK   who is still in the queue of a broken barrier, since its breaker died, goes on waiting
 * BROKEN_RESET   the barrier is Filling while reset takes the records out
 * BROKEN_CANCEL  who is cancelled when it is to act for the next round just goes
 */
#ifndef WAITERS
#define WAITERS 3
#endif
#ifndef PARTIES
#define PARTIES 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifdef CONTROL
#define N (WAITERS + 1)
#else
#define N WAITERS
#endif
#ifdef ONLY_CONTROL_DIES
#define MORTAL(t) (t > WAITERS)
#endif
#define ON_LINK(r) member[r] = true
#define ON_UNLINK(r) member[r] = false
bool member[N + 1]; /* in the queue */
#include "support/threads.pml"
#include "support/parking.pml"

#define FILLING 0 /* BarrierState */
#define ACTING 1
#define BROKEN 2
#define EARLY 7 /* -1 */

byte phase, actor, round; /* BARRIER.state, .actor, .round */
byte value[N + 1];        /* RECORD.value: the index of arrival */
bool wants[N + 1];

#define IS_WAITING(t) (t <= N && wants[t] && !dead[t])
#define HAS_DIED(t) (t <= N && member[t] && dead[t])
#define IS_LONELY                                                                                                      \
  (phase == FILLING && !HAS_DIED(1) && !HAS_DIED(2) && !HAS_DIED(3) &&                                                  \
   IS_WAITING(1) + IS_WAITING(2) + (WAITERS > 2 && IS_WAITING(3)) < PARTIES)

/* #releaseAll; `early` too? */
inline releaseAll(outcome, early) {
  i = head;
  do
  :: i != 0 ->
     j = next[i];
     if
     :: early || value[i] != EARLY -> toCall[i] = true; release(i, outcome)
     :: else
     fi;
     i = j;
     j = 0
  :: else -> break
  od
}

/* #break */
inline break_() {
  phase = BROKEN; CRASH;
  releaseAll(BROKEN_OFF, true)
}

/* #breakForTheDead */
inline breakForTheDead() {
  d_step {
    blocked = phase == ACTING && dead[actor];
    i = head;
    do
    :: i != 0 -> blocked = blocked || dead[i]; i = next[i]
    :: else -> break
    od
  }
  if
  :: blocked -> break_()
  :: else
  fi;
  blocked = false
}

/* #arrive */
inline arrive() {
  if
  :: phase == BROKEN -> state[me] = BROKEN_OFF
  :: else ->
    d_step {
      j = 0;
      i = head;
      do
      :: i != 0 -> j++; i = next[i]
      :: else -> break
      od;
      value[me] = (phase == ACTING -> EARLY : j)
    }
    state[me] = WAITING; CRASH;
    j = 0;
    push(me);
    if
    :: value[me] == PARTIES - 1 -> actor = me; CRASH; phase = ACTING; CRASH
    :: else
    fi
  fi
}

#ifdef BROKEN_BREAK
#define IS_BROKEN (state[me] == BROKEN_OFF)
#else
#define IS_BROKEN (state[me] == BROKEN_OFF || (phase == BROKEN && state[me] != RELEASED))
#endif

/* #attempt, within parking.ts: attempt */
inline attempt() {
  atomic {
    enter();
    if
    :: polling || cancelled -> breakForTheDead()
    :: else
    fi;
    if
    :: state[me] == IDLE -> arrive()
    :: else
    fi;
    if
    :: IS_BROKEN -> fails = true
    :: else ->
      if
      :: state[me] == RELEASED || (phase == ACTING && value[me] == PARTIES - 1) -> got = true; mine = round
      :: else ->
        if
        :: last -> break_(); fails = true
        :: else
        fi
      fi
    fi;
    if
    :: (got || fails) && linked[me] -> remove(me)
    :: else
    fi;
    leave()
  }
}

/* #callAll */
inline callAll() {
  i = 1;
  do
  :: i <= N ->
     if
     :: toCall[i] -> toCall[i] = false; call(i)
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* #finish */
inline finish() {
  atomic {
    enter();
    if
    :: phase == ACTING && round == mine ->
       checkIndices();
       releaseAll(RELEASED, false);
#ifdef BROKEN_FINISH
       round = 1 - round; CRASH;
       phase = FILLING; CRASH;
#endif
       i = head;
       j = 0;
       do
       :: i != 0 && j < PARTIES -> value[i] = j; CRASH; found = i; i = next[i]; j++
       :: else -> break
       od;
#ifndef BROKEN_FINISH
       round = 1 - round; CRASH;
#endif
       if
       :: j == PARTIES -> actor = found; CRASH; phase = ACTING; CRASH; state[found] = WOKEN; toCall[found] = true; CRASH
       :: else -> phase = FILLING; CRASH
       fi;
       i = 0;
       j = 0;
       found = 0
    :: else
    fi;
    leave()
  }
}

/* Those who are let go, and the one that acts. */
inline checkIndices() {
  d_step {
    j = 1 << (PARTIES - 1);
    i = head;
    do
    :: i != 0 ->
       if
       :: value[i] != EARLY -> assert((j & (1 << value[i])) == 0); j = j | (1 << value[i])
       :: else
       fi;
       i = next[i]
    :: else -> break
    od;
    assert(j == (1 << PARTIES) - 1);
    i = 0;
    j = 0
  }
}

/* abort; and what becomes of the round of an actor that was cancelled: #forsake */
inline abort_(condition) {
  atomic {
    enter();
    if
    :: condition -> break_()
    :: else
    fi;
    leave()
  }
}

inline reset() {
  atomic {
    enter();
#ifndef BROKEN_RESET
    phase = BROKEN; CRASH;
#endif
    releaseAll(BROKEN_OFF, true);
    round = 1 - round; CRASH;
    phase = FILLING; CRASH;
    leave()
  }
}

inline wait() {
  beginWait();
  atomic { got = false; fails = false; cancelled = false; wants[me] = true };
  do
  :: attempt();
     if
     :: got || fails -> break
     :: else -> park()
     fi;
     if
     :: last -> cancelled = true
     :: last
     :: !last
     fi
  od;
  atomic { parked[me] = AWAKE; state[me] = IDLE }
  if
  :: got && value[me] == PARTIES - 1 && !cancelled ->
     CRASH;
     if
     :: finish()
     :: abort_(true) /* the action failed */
     fi
  :: got && value[me] == PARTIES - 1 && cancelled ->
#ifdef BROKEN_CANCEL
     skip
#else
     abort_((phase == ACTING && round == mine))
#endif
  :: else
  fi;
  CRASH;
  callAll();
  atomic { wants[me] = false; got = false; fails = false; cancelled = false; value[me] = 0; mine = 0 }
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte i, j, rounds, mine;
  bool toCall[N + 1];
  bool got, fails, cancelled;
  if
  :: me <= WAITERS ->
     do
     :: rounds < ROUNDS -> wait(); rounds++
     :: else -> break
     od
  :: me > WAITERS ->
     if
     :: abort_(true)
     :: reset()
     fi;
     callAll()
  fi;
gone:
  skip
}

ltl served { [] (wants[1] -> <> (!wants[1] || dead[1] || IS_LONELY)) }
