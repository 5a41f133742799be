/*
 * Condition (src/sync/condition.ts). Its lock is a word that a thread takes when it is free or its owner dead; how threads
 * wait for that is the matter of lock.pml.
 *
 * Threads 1 and 2 each want one of the goods in `stock`, and wait while there is none; thread 3 puts one there and
 * notifies one, NOTIFIES times. Who waits may come to its time-out, or be cancelled: then it goes with nothing.
 *
 * Always:  no more waits end by a notification than were notified; who returns has the lock
 * In the end: while there is stock and no more notifications will come, no living thread waits; nor does one that was
 *          notified. Who is killed takes the notification that it got along, and nothing else.
 *
 * BROKEN_WAIT    the lock is let go before the record is in the queue
 * BROKEN_CANCEL  as it was at first: who is cancelled after it was notified keeps the notification
 */
#define N 3
#ifndef NOTIFIES
#define NOTIFIES 2
#endif
#include "support/threads.pml"
#include "support/parking.pml"

byte lock;
byte stock;
byte sent, used; /* notifications that found somebody, and waits that they ended */
bool isOver;     /* no more notifications */
bool wants[N + 1];

/* OwnedLock.acquire, release */
inline lockIt() {
  atomic { lock == 0 || dead[lock] -> lock = me; CRASH }
}

inline unlockIt() {
  assert(lock == me);
  lock = 0;
  CRASH
}

/* #beginWait: attempt, within parking.ts: attempt. Releasing the lock is its one step that others see at once. */
inline attempt() {
#ifdef BROKEN_WAIT
  if
  :: !released -> lock = 0
  :: else
  fi;
#endif
  atomic {
    enter();
    if
    :: state[me] == RELEASED -> got = true
    :: state[me] != RELEASED && !released ->
       state[me] = WAITING;
       push(me);
       released = true;
#ifndef BROKEN_WAIT
       lock = 0;
#endif
       CRASH
    :: else
    fi;
    if
    :: (got || last) && linked[me] -> remove(me)
    :: else
    fi;
    leave()
  }
}

/* #wake(1) */
inline notify() {
  atomic {
    enter();
    first();
    if
    :: found != 0 -> sent++; release(found, RELEASED)
    :: else
    fi;
    target = found;
    found = 0;
    leave()
  }
  CRASH;
  call(target);
  target = 0
}

/* wait: the lock is held before and after */
inline wait() {
  beginWait();
  atomic { released = false; got = false };
  do
  :: attempt();
     if
     :: got || last -> break
     :: else -> park()
     fi
  od;
  atomic {
    parked[me] = AWAKE;
    state[me] = IDLE;
    if
    :: got -> used++; assert(used <= sent)
    :: else
    fi
  }
  if
  :: last -> /* time-out, where got means that it was in time; or cancelled, where got is to be undone */
     if
     :: true
     :: leaves = true;
#ifndef BROKEN_CANCEL
        if
        :: got -> atomic { sent--; used-- } notify()
        :: else
        fi
#endif
     fi
  :: else
  fi;
  lockIt()
}

active [2] proctype waiter() {
  byte me = _pid + 1;
  WAITER;
  byte target;
  bool released, got, leaves;
  wants[me] = true;
  lockIt();
  do
  :: stock > 0 && !leaves -> stock--; break
  :: stock == 0 && !leaves -> wait(); leaves = leaves || (last && !got)
  :: leaves -> break
  od;
  wants[me] = false;
  unlockIt();
gone:
  skip
}

active proctype notifier() {
  byte me = _pid + 1;
  WAITER;
  byte target, times;
  do
  :: times < NOTIFIES ->
     lockIt();
     stock++;
     notify();
     unlockIt();
     times++
  :: else -> break
  od;
  isOver = true;
gone:
  skip
}

ltl served { [] ((wants[2] && isOver && stock > 0) -> <> (!wants[2] || dead[2] || stock == 0)) }
ltl returns { [] ((state[2] == RELEASED && wants[2]) -> <> (state[2] != RELEASED || dead[2])) }
