/*
 * Event (src/sync/event.ts): set() and clear() use the flag, and look at the queue, without the guard.
 *
 * Threads 1 and 2 wait; the others set the flag. With PULSE they take it back at once, and when both waiters have gone or
 * are in the queue set it again: nobody may be left over then.
 *
 * In the end: who waits returns (end states; if threads are killed: once the flag is stored).
 *
 * BROKEN_SET   the queue is looked at before the flag is stored
 * BROKEN_WAIT  the flag is looked at before the record is in the queue
 */
#ifndef SETTERS
#define SETTERS 1
#endif
#define N (2 + SETTERS)
#include "support/threads.pml"
#include "support/parking.pml"

bool isSet; /* EVENT.isSet */
bool wants[N + 1];

/* Event.wait: parking.ts, attempt and #attempt. What the queue begins with is also read without the guard. */
inline attempt() {
  atomic {
    enter();
#ifdef BROKEN_WAIT
    got = isSet
  }
  atomic {
#endif
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
  wants[me] = true;
  do
  :: attempt();
     if
     :: got || last -> break
     :: else -> park()
     fi
  od;
  atomic { wants[me] = false; parked[me] = AWAKE; state[me] = IDLE }
}

/* Event.set, #releaseAll */
inline set() {
#ifdef BROKEN_SET
  blocked = head != 0;
  atomic { isSet = true; CRASH }
#else
  atomic { isSet = true; CRASH }
  blocked = head != 0;
#endif
  if
  :: blocked ->
    atomic {
      blocked = false;
      enter();
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
  :: else
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
