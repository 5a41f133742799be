/*
 * The pool of records (src/sync/records.ts): threads claim a record, queue up with it, leave the queue and give it back,
 * and may be killed anywhere. Meanwhile others drop the records of the dead from the queue, which frees them, and claim
 * what dead threads have left behind. There are fewer records than threads.
 *
 * A record that a living thread has claimed must stay its own until it gives it back, and linked while it is in the queue.
 *
 * BROKEN  as it was at first: the record of the dead is cleared and freed although somebody may have claimed it already
 */
#define N 3
#define RECORDS 2
#define IS_DEAD(r) (owner[r] != 0 && dead[owner[r]])
byte owner[RECORDS + 1];
bool inUse[N + 1]; /* between claimRecord and releaseRecord */
byte place[N + 1]; /* the record of each thread */

/* disposeRecord */
#ifdef BROKEN
#define DISPOSE(r) disposeAtFirst(r)
#else
#define DISPOSE(r) dispose(r)
#endif
#include "support/threads.pml"

inline dispose(r) {
  was = owner[r];
  linked[r] = false; CRASH;
  if
  :: atomic { owner[r] == was -> owner[r] = 0 }
  :: atomic { owner[r] != was } /* claimed meanwhile */
  fi;
  was = 0; CRASH
}

inline disposeAtFirst(r) {
  linked[r] = false; CRASH;
  clear(r); CRASH;
  owner[r] = 0; CRASH
}

inline clear(r) {
  state[r] = IDLE;
  next[r] = 0;
  linked[r] = false
}

/* tryClaim, isForgotten */
inline tryClaim(r) {
  was = owner[r];
  if
  :: was == 0 || (!linked[r] && dead[was]) ->
    if
    :: atomic { owner[r] == was -> owner[r] = me; place[me] = r; inUse[me] = true }; CRASH;
       clear(r); CRASH
    :: atomic { owner[r] != was }
    fi
  :: else
  fi;
  was = 0
}

inline mine() {
  assert(owner[place[me]] == me)
}

active [N] proctype thread() {
  byte me = _pid + 1;
  byte one, before, found, was;
  do
  :: !inUse[me] -> tryClaim(1)
  :: !inUse[me] -> tryClaim(2)
  :: inUse[me] ->
     enter();
     mine();
     push(place[me]);
     leave();
     CRASH;
     enter();
     mine();
     assert(linked[place[me]]);
     remove(place[me]);
     leave();
     CRASH;
     mine(); /* releaseRecord */
     atomic { inUse[me] = false; clear(place[me]) };
     atomic { owner[place[me]] = 0; place[me] = 0 }
  :: !inUse[me] -> /* anybody who looks for the first */
     enter();
     first();
     found = 0;
     leave()
  od;
gone:
  skip
}
