/*
 * Event (src/sync/event.ts): set() stores the flag and releases the queue under the guard; clear() uses no guard.
 *
 * Threads 1 and 2 wait; the others set the flag. With PULSE they take it back at once, and when both waiters have gone or
 * are in the queue set it again: nobody may be left over then.
 *
 * In the end: who waits returns (end states; if threads are killed: once the flag is stored). Who returns was set free by
 * a flag that was stored, or still stood, after its wait began (`since`).
 *
 * BROKEN_SET   the flag is stored before the guard is taken: what is left of an old set() ends a new wait
 * BROKEN_WAIT  the flag is looked at before the guard is taken, and not again
 */
#ifndef SETTERS
#define SETTERS 1
#endif
#define N (2 + SETTERS)
#include "support/threads.pml"
#include "support/parking.pml"

bool isSet; /* EVENT.isSet */
bool wants[N + 1];
bool since[3]; /* the flag has been seen to stand since the wait began */

/* Event.wait: parking.ts, attempt and #attempt. The flag is also read without the guard. */
inline attempt() {
#ifdef BROKEN_WAIT
  got = isSet;
#endif
  atomic {
    enter();
    if
    :: state[me] == RELEASED -> got = true
    :: else ->
      if
      :: !linked[me] -> state[me] = WAITING; push(me)
      :: else
      fi
    fi
  }
#ifndef BROKEN_WAIT
  got = got || isSet;
#endif
  atomic {
    CRASH;
    if
    :: (got || last) && linked[me] -> remove(me)
    :: else
    fi;
    leave()
  }
}

inline wait() {
  beginWait();
  atomic { wants[me] = true; since[me] = isSet }
  do
  :: attempt();
     assert(!got || since[me]);
     if
     :: got || last -> break
     :: else -> park()
     fi
  od;
  atomic { wants[me] = false; parked[me] = AWAKE; state[me] = IDLE }
}

#define STORE isSet = true; since[1] = true; since[2] = true

/* Event.set */
inline set() {
  if
  :: isSet -> skip
  :: else ->
#ifdef BROKEN_SET
    atomic { STORE; CRASH }
    atomic { enter();
#else
    atomic { enter(); STORE; CRASH;
#endif
      do
      :: head != 0 -> found = head; called[found] = true; release(found, RELEASED)
      :: else -> break
      od;
      found = 0;
      leave()
    }
    CRASH;
    i = 1;
    do
    :: i <= 2 ->
       if
       :: called[i] -> called[i] = false; call(i)
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0
  fi
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte i;
  bool called[N + 1];
  bool got;
  if
  :: me <= 2 -> wait()
  :: me > 2 ->
     set();
#ifdef PULSE
     atomic { isSet = false; CRASH }
     (!wants[1] || linked[1] || dead[1]) && (!wants[2] || linked[2] || dead[2]);
     set()
#endif
  fi;
gone:
  skip
}

ltl served { [] ((wants[1] && isSet) -> <> (!wants[1] || dead[1])) }
