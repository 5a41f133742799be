/*
 * How threads wait and are called (src/sync/parking.ts): on the futex of their record, or through their slot's doorbell.
 *
 * ASYNCS   how many threads wait for the doorbell; the others block
 * POLLS    whether waiters look for themselves. 0: never. 1: at any time (for what must never happen). 2: when nothing
 *          else can happen any more (for what must happen in the end): 20 ms and more are an age to all the others, and a
 *          cycle of vain polls is a thread that is blocked for ever
 * GIVE_UP  waiters may come to their time-out, or be cancelled
 */
#ifndef POLLS
#define POLLS 0
#endif
#if POLLS == 0
#define POLL false
#elif POLLS == 1
#define POLL true
#else
#define POLL timeout
#endif
#ifndef ASYNCS
#define ASYNCS 0
#endif
#define IS_ASYNC(t) (t <= ASYNCS)

/* Decided beforehand, so that it keeps nobody from polling; the decision may take any time. */
#ifdef GIVE_UP
#define WILL_GIVE_UP true
#else
#define WILL_GIVE_UP false
#endif

#define AWAKE 0 /* Parking, src/sync/layout.ts */
#define BLOCKED 1
#define ASYNC 2

byte parked[N + 1];
bool asleep[N + 1];  /* in the kernel's queue of the futex */
bool listens[N + 1]; /* its event loop hears the doorbell */
bool bell[N + 1];    /* rung and not heard yet: one bit, as rings arrive in batches */

bool ticks[N + 1];   /* it is time to look for oneself */

/* The local variables of a thread that these need. */
#define WAITER                                                                                                         \
  byte one, before, found;                                                                                             \
  bool blocked, heard, polling, last

/* call: wakes the owner of record `to`, which is marked already; 0: of none. */
inline call(to) {
  if
  :: to != 0 ->
    atomic {
      blocked = parked[to] == BLOCKED;
      if
      :: parked[to] == ASYNC && listens[to] -> bell[to] = true /* doorbell.ring */
      :: else
      fi;
      CRASH
    }
    if
    :: atomic { blocked -> asleep[to] = false; blocked = false; CRASH } /* futexWake */
    :: else
    fi
  :: else
  fi
}

/* The beginning of waitSync and of waitAsync. */
inline beginWait() {
  atomic {
    heard = false;
    polling = false;
    last = false;
    parked[me] = (IS_ASYNC(me) -> ASYNC : AWAKE)
  }
}

/*
 * Between two attempts. blockUntilCalled: to see the state after `parked` is stored, and to sleep if it is the same in the
 * kernel, are one step here, because only the thread itself takes the state back. Spinning is to be called before it.
 */
inline park() {
  polling = false;
  if
  :: WILL_GIVE_UP -> last = true
  :: !IS_ASYNC(me) -> block()
  :: IS_ASYNC(me) -> listen()
  fi;
  CRASH
}

/* Time has passed for all: with POLLS 2 the others look for themselves, too, before it passes again. */
inline tick() {
#if POLLS == 2
  d_step {
    one = (ticks[me] -> N + 1 : 1);
    do
    :: one <= N -> ticks[one] = true; one++
    :: else -> break
    od;
    one = 0;
    ticks[me] = false
  }
#else
  skip
#endif
}

inline block() {
  atomic { parked[me] = BLOCKED; CRASH }
#ifdef BROKEN_PARK
  asleep[me] = true; /* without a look at the state */
#else
  asleep[me] = !CALLED(me);
#endif
  CRASH;
  if
  :: !asleep[me]
  :: atomic { asleep[me] && (POLL || ticks[me]) -> tick(); asleep[me] = false; polling = !CALLED(me) }
  fi;
  parked[me] = AWAKE
}

/* listen subscribes, then looks once; then lookAtCalled looks after each ring, pollAll attempts without looking. */
inline listen() {
  blocked = true;
  if
  :: !heard -> atomic { listens[me] = true; CRASH } atomic { heard = true; blocked = !CALLED(me) }
  :: else
  fi;
  do
  :: !blocked -> break
  :: atomic { blocked && bell[me] -> bell[me] = false; blocked = !CALLED(me) }
  :: atomic { blocked && (POLL || ticks[me]) -> tick(); blocked = false; polling = true; break }
  od
}
