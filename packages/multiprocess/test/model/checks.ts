/** What `npm run model` checks. The options are explained at the head of each model. */
export interface Check {
  readonly model: string;
  readonly title: string;
  readonly defines: string;
  /** The LTL formula of the model; without: assertions and end states. */
  readonly claim?: string;
  /** What was broken on purpose: must be refuted. */
  readonly broken?: string;
}

const holds = (model: string, title: string, defines = '', claim?: string): Check => ({
  model,
  title,
  defines,
  ...(claim !== undefined && { claim }),
});
const refuted = (model: string, broken: string, defines: string, claim?: string): Check => ({
  ...holds(model, broken, defines, claim),
  broken,
});

export const checks: readonly Check[] = [
  holds('monitor', 'queue whole, guard exclusive, nobody lost, 2 deaths', 'CRASHES=2'),
  refuted('monitor', 'linked before its next is cleared', 'CRASHES=2 BROKEN_PUSH'),
  refuted('monitor', 'guard given back before the last store', 'CRASHES=2 BROKEN_GUARD'),
  refuted('monitor', 'taken out before the state says why', 'CRASHES=2 BROKEN_RELEASE'),
  refuted('monitor', 'half removed record expected in the chain', 'CRASHES=2 BROKEN_UNLINK'),

  holds('records', 'a claimed record stays its own, 2 deaths', 'CRASHES=2'),
  refuted('records', 'freed though claimed', 'CRASHES=2 BROKEN'),

  holds('doorbell', 'every ring is heard, few datagrams', 'RINGERS=3 ROUNDS=1'),
  holds('doorbell', 'as above, two ringers, 1 death', 'ROUNDS=2 CRASHES=1'),
  refuted('doorbell', 'marked as rung before it has sent', 'ROUNDS=2 CRASHES=1 BROKEN_ORDER'),
  refuted('doorbell', 'asleep without a look', 'BROKEN_LOOK'),
  refuted('doorbell', 'a late ringer marks the next sleep', 'ROUNDS=3 BROKEN_SLEEPS'),
  refuted('doorbell', 'leaves datagrams lying', 'ROUNDS=4 BROKEN_DRAIN'),

  holds('lock', 'exclusion, no lost wake-up without polling', 'ROUNDS=1 GIVE_UP'),
  holds('lock', 'as above, two threads for ever', 'N=2 ROUNDS=0 GIVE_UP'),
  holds('lock', 'as above, asynchronous', 'ROUNDS=1 GIVE_UP ASYNCS=3'),
  holds('lock', 'as above, mixed', 'ROUNDS=1 GIVE_UP ASYNCS=1'),
  holds('lock', 'exclusion, abandoned, polls at any time, 1 death', 'ROUNDS=1 CRASHES=1 POLLS=1'),
  holds('lock', 'served in the end, 1 death', 'ROUNDS=1 CRASHES=1 POLLS=2', 'served'),
  holds('lock', 'served in the end, asynchronous, 1 death', 'N=2 ROUNDS=2 CRASHES=1 POLLS=2 ASYNCS=1', 'served'),
  holds('lock', 'no starvation under a storm of tryAcquire', 'ROUNDS=0 STORM BARGERS=1', 'served'),
  holds('lock', 'tryAcquire in the end, 1 death', 'N=2 ROUNDS=0 STORM BARGERS=1 CRASHES=1', 'tried'),
  refuted('lock', 'no look at the owner after a delay', 'ROUNDS=1 BROKEN_DELAY'),
  refuted('lock', 'no look at the queue after the release', 'ROUNDS=1 BROKEN_LOOK'),
  refuted('lock', 'asleep without a look', 'ROUNDS=1 BROKEN_PARK'),
  refuted('lock', 'waiters do not notice a death', 'N=2 ROUNDS=2 CRASHES=1 POLLS=2 BROKEN_DEATH', 'served'),
  refuted('lock', 'nothing is kept for the starving', 'ROUNDS=0 STORM BARGERS=1 BROKEN_STORM', 'served'),
  refuted('lock', 'kept for the dead', 'N=2 ROUNDS=0 STORM BARGERS=1 CRASHES=1 BROKEN_RESERVED', 'tried'),

  holds('semaphore', 'permits, no lost wake-up without polling', 'ROUNDS=1 GIVE_UP ASYNCS=1'),
  holds('semaphore', 'as above, two permits', 'ROUNDS=2 INITIAL=2'),
  holds('semaphore', 'conservation, polls at any time, 2 deaths', 'ROUNDS=1 CRASHES=2 POLLS=1 STORM'),
  holds('semaphore', 'counting events, 2 deaths', 'ROUNDS=2 CRASHES=2 POLLS=1 STORM EVENTS INITIAL=0'),
  holds('semaphore', 'served in the end, 1 death', 'ROUNDS=1 CRASHES=1 POLLS=2', 'served'),
  holds('semaphore', 'no starvation under a storm of tryAcquire', 'ROUNDS=0 STORM BARGERS=1', 'served'),
  refuted('semaphore', 'who gives up does not look again', 'ROUNDS=1 GIVE_UP BROKEN_LAST'),
  refuted('semaphore', 'closed without a note', 'ROUNDS=2 CRASHES=2 POLLS=1 STORM EVENTS INITIAL=0 BROKEN_CLOSE'),
  refuted('semaphore', 'nothing is kept for the starving', 'ROUNDS=0 STORM BARGERS=1 BROKEN_STORM', 'served'),

  holds('condition', 'no lost notification without polling'),
  holds('condition', 'as above, asynchronous', 'ASYNCS=2'),
  holds('condition', 'cancelled and timed out waits lose none', 'GIVE_UP NOTIFIES=1', 'served'),
  holds('condition', 'served in the end, 1 death', 'CRASHES=1 POLLS=2', 'served'),
  holds('condition', 'who was notified returns, 1 death', 'CRASHES=1 POLLS=2', 'returns'),
  refuted('condition', 'lock let go before queueing up', 'BROKEN_WAIT'),
  refuted('condition', 'cancelled with a notification', 'GIVE_UP NOTIFIES=1 BROKEN_CANCEL', 'served'),

  holds('event', 'no lost wake-up without polling, two setters', 'SETTERS=2'),
  holds('event', 'no lost wake-up when set and cleared', 'PULSE GIVE_UP ASYNCS=1'),
  holds('event', 'as above, two setters', 'SETTERS=2 PULSE'),
  holds('event', 'served in the end, 1 death', 'SETTERS=2 CRASHES=1 POLLS=2', 'served'),
  refuted('event', 'a set that ends later waits', 'SETTERS=2 PULSE BROKEN_SET'),
  refuted('event', 'looks at the flag without the guard', 'BROKEN_WAIT'),

  holds('barrier', 'rounds complete, nobody waits for ever', 'ROUNDS=2', 'served'),
  holds('barrier', 'as above, time-outs, cancelling', 'ROUNDS=1 GIVE_UP ASYNCS=1', 'served'),
  holds('barrier', 'as above, many early arrivals', 'PARTIES=1 WAITERS=2 ROUNDS=2 GIVE_UP', 'served'),
  holds('barrier', 'nobody waits for ever, 1 death', 'ROUNDS=1 CRASHES=1 POLLS=2', 'served'),
  holds('barrier', 'early arrivals, 1 death', 'PARTIES=1 WAITERS=2 ROUNDS=2 CRASHES=1 POLLS=2', 'served'),
  holds('barrier', 'abort and reset, 1 death', 'WAITERS=2 ROUNDS=1 CONTROL CRASHES=1 POLLS=2', 'served'),
  holds('barrier', 'as above, more parties than come', 'PARTIES=3 WAITERS=2 CONTROL CRASHES=1 POLLS=2', 'served'),
  holds('barrier', 'indices, abort and reset die', 'PARTIES=3 CONTROL ONLY_CONTROL_DIES CRASHES=1 POLLS=1'),
  refuted('barrier', 'Filling too early', 'PARTIES=1 WAITERS=2 ROUNDS=2 CRASHES=1 POLLS=2 BROKEN_FINISH', 'served'),
  refuted(
    'barrier',
    'broken, but not all let go',
    'PARTIES=3 WAITERS=2 CONTROL CRASHES=1 POLLS=2 BROKEN_BREAK',
    'served',
  ),
  refuted('barrier', 'reset while Filling', 'PARTIES=3 CONTROL ONLY_CONTROL_DIES CRASHES=1 POLLS=1 BROKEN_RESET'),
  refuted('barrier', 'cancelled when it was to act', 'PARTIES=1 WAITERS=2 ROUNDS=2 GIVE_UP BROKEN_CANCEL', 'served'),

  holds('queue', 'whole, in order, once, no lost wake-up without polling'),
  holds('queue', 'as above, asynchronous', 'ASYNCS=4'),
  holds('queue', 'as above, room for one', 'MAX=1 GETTERS=1 TAKES=2'),
  holds('queue', 'as above, a watcher, shut down', 'WATCHERS=1 GETTERS=1 PUTTERS=1'),
  holds('queue', 'whole, in order, once, polls at any time, 1 death', 'MAX=1 GETTERS=1 TAKES=2 CRASHES=1 POLLS=1'),
  holds('queue', 'served in the end, 1 death', 'PUTTERS=1 CRASHES=1 POLLS=2 MAX=1 ITEMS=2', 'served'),
  holds('queue', 'delivered again when its owner is dead, 1 death', 'REDELIVER PUTTERS=1 CRASHES=1 POLLS=1'),
  holds('queue', 'delivered again in the end, 1 death', 'REDELIVER PUTTERS=1 CRASHES=1 POLLS=2', 'served'),
  refuted('queue', 'counted before it is whole', 'BROKEN_COUNT'),
  refuted('queue', 'one position only', 'MAX=1 GETTERS=1 TAKES=2 CRASHES=1 POLLS=1 BROKEN_POSITION'),
  refuted('queue', 'does not look again when queued up', 'BROKEN_LOOK'),
  refuted('queue', 'looks for waiting ones before it counts', 'BROKEN_HEAD'),
  refuted('queue', 'calls one for each message', 'BROKEN_SIZE'),
  refuted('queue', 'watchers count as getters', 'WATCHERS=1 GETTERS=1 PUTTERS=1 BROKEN_WATCHER'),
  refuted('queue', 'who gets does not call who puts', 'MAX=1 GETTERS=1 TAKES=2 BROKEN_ROOM'),
  refuted(
    'queue',
    'delivery linked after the count',
    'REDELIVER PUTTERS=1 CRASHES=1 POLLS=2 BROKEN_DELIVERY',
    'served',
  ),
  refuted('queue', 'void delivery stands', 'REDELIVER PUTTERS=1 CRASHES=1 POLLS=1 BROKEN_VOID'),
  refuted('queue', 'items of the living taken over', 'REDELIVER PUTTERS=1 CRASHES=1 POLLS=1 BROKEN_OWNER'),
  refuted('queue', 'nobody asks for the dead', 'REDELIVER PUTTERS=1 CRASHES=1 POLLS=2 BROKEN_ABANDONED', 'served'),
];
