/*
 * Queue (src/queue): store.ts, deliveries.ts, and of line.ts and side.ts how the two sides wait for each other. Each side has a
 * monitor of its own; monitor.pml has shown that its chain is whole whoever dies, so here linking and unlinking are one store
 * each. What is under a guard is one step up to the next access to a word that the other side also reads or writes: the two
 * counters and the heads of the chains.
 *
 * Threads 1 .. GETTERS get TAKES items each, then come PUTTERS that put ITEMS each, then WATCHERS that wait until something
 * is there or the queue is shut down, which is what getters do at last, and take nothing. MAX: most items in the queue; 0: any number. REDELIVER: who has got an item reports it as
 * done, and only then gets the next one; what the dead have is delivered again, so that getters go on for ever.
 *
 * Always:  items come out whole (both words of one item), in the order in which they were counted, each once; an item is
 *          delivered again only when it is not done and its owner is dead
 * In the end: nobody waits beside an item, or beside room (end states; if threads are killed: `served`)
 *
 * BROKEN_COUNT     a message is counted before its last word is written
 * BROKEN_POSITION  one position only, which is moved on before the count
 * BROKEN_LOOK      who queues up does not look again
 * BROKEN_HEAD      who puts looks for waiting ones before it counts
 * BROKEN_SIZE      one is called for each message, though one who was called before may count for it
 * BROKEN_WATCHER   watchers count as if they took something
 * BROKEN_ROOM      who gets does not call who waits for room
 * BROKEN_DELIVERY  the delivery is linked after the count
 * BROKEN_VOID      a delivery whose maker died before it counted stands
 * BROKEN_OWNER     items of the living are taken over, too
 * BROKEN_ABANDONED items of the dead are not looked for
 */
#ifndef GETTERS
#define GETTERS 2
#endif
#ifndef PUTTERS
#define PUTTERS 2
#endif
#ifndef WATCHERS
#define WATCHERS 0
#endif
#ifndef ITEMS
#define ITEMS 1
#endif
#ifndef TAKES
#define TAKES 1
#endif
#ifndef MAX
#define MAX 0
#endif
#define TOTAL (PUTTERS * ITEMS)
#define N (GETTERS + PUTTERS + WATCHERS)
#define GETS(t) (t <= GETTERS)
#define PUTS(t) (t > GETTERS && t <= GETTERS + PUTTERS)
#define WATCHES(t) (t > GETTERS + PUTTERS)
#include "support/threads.pml"
#include "support/parking.pml"

#define AT_PUT 0 /* the monitors of the two sides */
#define AT_GET 1
byte guards[2], heads[2];

byte puts, gets;              /* QUEUE; no more items than a byte counts */
byte putAt[2], getAt[2];      /* the positions: which holds says the lowest bit of the counter */
byte word1[TOTAL + 1], word2[TOTAL + 1]; /* a message, of two words */

byte order[TOTAL + 1];        /* which item was counted as which */
byte holder[TOTAL + 1];       /* who got the item last */
bool finished[TOTAL + 1];
bool waits[N + 1];
#if WATCHERS > 0
bool closing;
#else
#define closing false
#endif

/* DELIVERY: as many cells as deliveries can be made. 0: none. */
#ifdef REDELIVER
#define CELLS (TOTAL + CRASHES)
byte inFlight, older[CELLS + 1], owner[CELLS + 1], count[CELLS + 1], item[CELLS + 1];
bool used[CELLS + 1];
#endif

/* Monitor.enter, exit */
inline enterAt(s) { atomic { guards[s] == 0 || dead[guards[s]] -> guards[s] = me; CRASH } }
inline leaveAt(s) { guards[s] = 0 }

inline pushAt(s, r) {
  d_step {
    next[r] = 0;
    linked[r] = true;
    one = heads[s];
    do
    :: one != 0 && next[one] != 0 -> one = next[one]
    :: else -> break
    od;
    if
    :: one == 0 -> heads[s] = r
    :: else -> next[one] = r
    fi;
    one = 0
  }
}

inline unlinkAt(s, r) {
  d_step {
    before = 0;
    one = heads[s];
    do
    :: one != r -> before = one; one = next[one]
    :: else -> break
    od;
    if
    :: before == 0 -> heads[s] = next[r]
    :: else -> next[before] = next[r]
    fi;
    linked[r] = false;
    state[r] = IDLE;
    one = 0;
    before = 0
  }
}

/* Side.callFirst with markFirst: who was called before counts, watchers do not. */
inline callFirst(s, most) {
  n = most;
  if
  :: heads[s] == 0 || n == 0
  :: else ->
    atomic {
      enterAt(s);
      r = heads[s];
      do
      :: r != 0 && n > 0 ->
         i = next[r];
         if
         :: dead[r] -> unlinkAt(s, r); CRASH
         :: else ->
#ifdef BROKEN_WATCHER
           n--;
#else
           n = (WATCHES(r) -> n : n - 1);
#endif
           if
           :: state[r] != WOKEN -> state[r] = WOKEN; called[r] = true; CRASH
           :: else
           fi
         fi;
         r = i
      :: else -> break
      od;
      i = 0;
      r = 0;
      leaveAt(s)
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
  fi;
  n = 0
}

/* MessageStore.append, if there is room; the result is `got`. The item is `x`. */
#define ROOM (MAX == 0 || puts - gets < MAX)
#ifdef BROKEN_POSITION
#define HOLDS(c) 0
#else
#define HOLDS(c) ((c) & 1)
#endif

inline append() {
  if
  :: ROOM ->
    word1[putAt[HOLDS(puts)]] = x; CRASH;
#ifdef BROKEN_COUNT
    putAt[HOLDS(puts + 1)] = putAt[HOLDS(puts)] + 1;
    atomic { order[puts] = x; puts++; got = true; CRASH }
    word2[putAt[HOLDS(puts - 1)]] = x; CRASH
#else
    word2[putAt[HOLDS(puts)]] = x; CRASH;
    putAt[HOLDS(puts + 1)] = putAt[HOLDS(puts)] + 1; CRASH;
    atomic { order[puts] = x; puts++; got = true; CRASH }
#endif
  :: else
  fi
}

/* MessageStore.take, then Deliveries.takeOver; the results are `got` and the item `x`. */
inline take() {
  atomic {
    if
    :: puts != gets ->
      x = word1[getAt[HOLDS(gets)]];
      assert(x == word2[getAt[HOLDS(gets)]]); /* whole */
#ifdef REDELIVER
#ifndef BROKEN_DELIVERY
      begin(gets + 1);
#endif
#endif
      getAt[HOLDS(gets + 1)] = getAt[HOLDS(gets)] + 1; CRASH;
      assert(x == order[gets]);                /* in order */
      assert(x != 0 && holder[x] == 0);        /* once */
      gets++;
      holder[x] = me;
      got = true; CRASH;
#ifdef BROKEN_DELIVERY
      begin(gets)
#endif
    :: else ->
#ifdef REDELIVER
      takeOver()
#else
      skip
#endif
    fi
  }
}

#ifdef REDELIVER
/* Deliveries.begin: linked by one store. Cells left by the dead, which go with the queue, are used again here. */
inline begin(number) {
  dropVoid();
  d_step {
    r = 1;
    do
    :: used[r] -> r++
    :: else -> break
    od;
    used[r] = true;
    older[r] = inFlight;
    owner[r] = me;
    count[r] = number;
    item[r] = x;
    inFlight = r;
    r = 0
  }
  CRASH
}

inline dropVoid() {
#ifdef BROKEN_VOID
  skip
#else
  if
  :: inFlight != 0 && count[inFlight] > gets ->
    r = inFlight;
    inFlight = older[r]; CRASH;
    used[r] = false;
    r = 0
  :: else
  fi
#endif
}

/* The oldest item of the dead. */
inline takeOver() {
  dropVoid();
  d_step {
    r = inFlight;
    n = 0;
    do
    :: r != 0 ->
       if
#ifdef BROKEN_OWNER
       :: owner[r] != me -> n = r
#else
       :: dead[owner[r]] -> n = r
#endif
       :: else
       fi;
       r = older[r]
    :: else -> break
    od;
  }
#ifdef BROKEN_ABANDONED
  n = 0;
#endif
  if
  :: n != 0 ->
    x = item[n];
    assert(holder[x] != 0 && dead[holder[x]] && !finished[x]); /* only what the dead have got and not done */
    owner[n] = me;
    holder[x] = me;
    got = true;
    n = 0;
    CRASH
  :: else
  fi
}

/* JoinableQueue.taskDone, Deliveries.finish */
inline taskDone() {
  atomic {
    enterAt(AT_GET);
    dropVoid();
    d_step {
      n = 0; /* the newer neighbour */
      r = inFlight;
      do
      :: r != 0 && owner[r] != me -> n = r; r = older[r]
      :: else -> break
      od
    }
    assert(r != 0 && item[r] == x && !finished[x]); /* it has one: this one */
    if
    :: n == 0 -> inFlight = older[r]
    :: else -> older[n] = older[r]
    fi;
    finished[x] = true; CRASH;
    used[r] = false;
    r = 0;
    n = 0;
    leaveAt(AT_GET)
  }
}
#endif

/* Side.waiting: look, queue up, look again; then parking.ts, attempt: who has got leaves the chain. */
inline attempt(s) {
  enterAt(s);
  look(s);
  if
  :: !got ->
    atomic {
      if
      :: !linked[me] -> pushAt(s, me); CRASH
      :: else
      fi;
      state[me] = WAITING; CRASH
    }
#ifndef BROKEN_LOOK
    look(s)
#endif
  :: else
  fi;
  atomic {
    if
    :: got && linked[me] -> unlinkAt(s, me); CRASH
    :: else
    fi;
    leaveAt(s)
  }
}

inline look(s) {
  if
  :: s == AT_PUT -> append()
  :: s == AT_GET && GETS(me) -> take()
  :: s == AT_GET && WATCHES(me) -> got = puts != gets || closing /* Side.watching */
  fi
}

/* Line.tryPut and put, tryGet and get; awaiting */
inline wait(s) {
  got = false;
  beginWait();
  waits[me] = true;
  do
  :: attempt(s);
     if
     :: got -> break
     :: else -> park()
     fi
  od;
  atomic { waits[me] = false; parked[me] = AWAKE; state[me] = IDLE }
}

inline put() {
#ifdef BROKEN_HEAD
  awaited = heads[AT_GET] != 0;
#endif
  wait(AT_PUT);
  CRASH;
#ifdef BROKEN_HEAD
  if
  :: awaited -> callFirst(AT_GET, puts - gets)
  :: else
  fi
#elif defined(BROKEN_SIZE)
  callFirst(AT_GET, 1)
#else
  callFirst(AT_GET, puts - gets)
#endif
}

inline get() {
  wait(AT_GET);
  CRASH;
#if MAX > 0
#ifndef BROKEN_ROOM
  callFirst(AT_PUT, MAX - (puts - gets))
#endif
#endif
}

active [N] proctype thread() {
  byte me = _pid + 1;
  WAITER;
  byte i, n, r, x, rounds;
  bool called[N + 1];
  bool got;
#ifdef BROKEN_HEAD
  bool awaited;
#endif
  if
  :: PUTS(me) ->
    do
    :: rounds < ITEMS -> rounds++; x = (me - GETTERS - 1) * ITEMS + rounds; put()
    :: else -> break
    od
  :: GETS(me) ->
    do
#ifdef REDELIVER
    :: get(); taskDone(); x = 0
#else
    :: rounds < TAKES -> rounds++; get(); x = 0
    :: else -> break
#endif
    od
#if WATCHERS > 0
    ;
    closing = true; CRASH; /* Line.shutDown */
    callFirst(AT_GET, N)
#endif
  :: WATCHES(me) -> wait(AT_GET)
  fi;
gone:
  skip
}

#define ITEM_LEFT (puts != gets || ABANDONED)
#ifdef REDELIVER
#define IS_ABANDONED(x) (holder[x] != 0 && dead[holder[x]] && !finished[x])
#define ABANDONED (IS_ABANDONED(1) || IS_ABANDONED(TOTAL))
#else
#define ABANDONED false
#endif
#define WAITS(t) (waits[t] && !dead[t])
#define ANYBODY_GETS (WAITS(1) || WAITS(GETTERS))
#define ANYBODY_PUTS (WAITS(GETTERS + 1) || WAITS(GETTERS + PUTTERS))

/* Nobody waits for ever beside an item, or beside room. */
ltl served { ([]<> !(ITEM_LEFT && ANYBODY_GETS)) && ([]<> !(ROOM && ANYBODY_PUTS)) }
