/*
 * Doorbell (native/wait/bell.cc, doorbell.cc): rings are counted; one that comes while the loop sleeps sends a datagram.
 *
 * Thread 0 is the loop, the others ring ROUNDS times each. In the end the loop has heard every ring (end states), but for those of
 * a ringer that was killed between counting and sending. No more datagrams lie there than two for each ringer.
 *
 * CRASHES        so many ringers may be killed
 * BROKEN_ORDER   marks the sleep as rung before it has sent
 * BROKEN_LOOK    the loop looks at the count before it says that it sleeps
 * BROKEN_SLEEPS  sleeps are not told apart
 * BROKEN_DRAIN   one datagram is taken for each sleep
 */
#ifndef RINGERS
#define RINGERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#define AWAKE 0
#define ASLEEP 1
#define RUNG 2

byte count;     /* doorbell */
byte sleeper;   /* doorbellSleeper: the state; the sleeps are the next word here */
byte sleeps;
byte datagrams;
byte heard;
bool idle;
byte gone;      /* ringers that have ended */
byte deaths;
bool isLost;    /* a ringer was killed before it had sent */

active proctype loop() {
  bool moved;
  do
  ::
    /* beforePoll */
#ifdef BROKEN_LOOK
    moved = (count != heard);
#endif
    atomic {
      sleeper = ASLEEP;
#ifndef BROKEN_SLEEPS
      sleeps++
#endif
    }
#ifndef BROKEN_LOOK
    moved = (count != heard);
#endif
    idle = moved;
    /* uv__io_poll */
    if
    :: atomic { datagrams > 0 ->
#ifdef BROKEN_DRAIN
         datagrams--
#else
         datagrams = 0
#endif
       }
    :: atomic { idle && datagrams == 0 -> skip }
    :: gone == RINGERS && (heard == count || isLost) -> break
    fi;
    /* afterPoll */
    sleeper = AWAKE;
    idle = false;
    atomic { heard = count; moved = false }
  od
}

active [RINGERS] proctype ringer() {
  byte turns, seen, sleep;
  do
  :: turns < ROUNDS ->
     turns++;
     count++;
     if
     :: deaths < CRASHES -> deaths++; isLost = true; break
     :: true
     fi;
     atomic { seen = sleeper; sleep = sleeps }
     if
     :: seen == ASLEEP ->
#ifdef BROKEN_ORDER
        atomic { if :: sleeper == ASLEEP && sleeps == sleep -> sleeper = RUNG :: else fi }
        if
        :: deaths < CRASHES -> deaths++; break
        :: true
        fi;
#endif
        atomic { datagrams++; assert(datagrams <= 2 * RINGERS) }
        if
        :: deaths < CRASHES -> deaths++; break
        :: true
        fi;
#ifndef BROKEN_ORDER
        atomic { if :: sleeper == ASLEEP && sleeps == sleep -> sleeper = RUNG :: else fi }
#endif
     :: else
     fi;
     seen = 0;
     sleep = 0
  :: else -> break
  od;
  gone++
}
