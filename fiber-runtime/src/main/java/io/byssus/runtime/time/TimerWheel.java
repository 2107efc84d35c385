package io.byssus.runtime.time;

/**
 * All timers of a shard: a hierarchical timing wheel (Varghese and Lauck, "Hashed and Hierarchical
 * Timing Wheels", 1987) with O(1) arm and cancel.
 *
 * <p>Time is counted in ticks of 65.5 microseconds. A timer sits at the level of the highest
 * base-64 digit in which its tick differs from the current one:
 *
 * <pre>
 * level 0   64 slots of 1 tick      (65.5 us .. 4.2 ms)
 * level 1   64 slots of 64 ticks    (.. 268 ms)
 * level 2   64 slots of 4096 ticks  (.. 17 s)      ... level 5: 52 days
 * </pre>
 *
 * Invariant: at every level only slots after the current tick's own digit are occupied, so the
 * first set bit of the lowest occupied level is the next thing to do. When the time reaches a slot
 * of a higher level, its timers move down (each at most five times in its life).
 *
 * <p>A timer never fires early; it fires late by at most one tick plus the lateness of the call to
 * {@link #advance}. Those of one tick fire in the order in which they were armed.
 *
 * <p>A call may be given a bound on the timers it touches. What is left is gone on with in the next
 * one, before anything later; meanwhile the wheel {@linkplain #isBehind is behind}.
 *
 * <p>A timer can also be armed for a duration, without a reading of the clock: it waits in a list,
 * and the next call of {@code advance}, which is told the time, gives it its place.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class TimerWheel {
    /** log2 of the nanoseconds in a tick. */
    static final int TICK_SHIFT = 16;

    private static final int DIGIT_BITS = 6;
    private static final int SLOTS = 1 << DIGIT_BITS;
    private static final int LEVELS = 6;

    /** Furthest tick ahead; what is armed beyond it is looked at again when it comes near. */
    private static final long TICKS_AHEAD_MAX = (1L << (DIGIT_BITS * LEVELS)) - 1;

    /** The list of timers that count from the next call of {@link #advance} on. */
    private static final int RELATIVE = LEVELS * SLOTS;

    private static final int NONE = -1;

    /** The first timer of each list; its {@code previous} is the last. */
    private final Timer[] slots = new Timer[LEVELS * SLOTS + 1];

    private final long[] occupied = new long[LEVELS];
    private final long originNanos;

    /** Every timer before this tick has fired, and of this tick all but those that expire. */
    private long currentTick;

    /**
     * The slot that is being emptied, or {@link #NONE}. Its bit is cleared already, and as {@link
     * #currentTick} is its first tick, nothing new can get into it.
     */
    private int expiring = NONE;

    private int armedCount;

    /** Steps down a level, of all timers. */
    private long moves;

    public TimerWheel(long nowNanos) {
        originNanos = nowNanos;
    }

    public boolean isEmpty() {
        return armedCount == 0;
    }

    public int armedCount() {
        return armedCount;
    }

    /**
     * Arms {@code timer} to fire at or after {@code deadlineNanos} of the shard's clock. One that
     * has passed fires at the next tick.
     */
    public void arm(Timer timer, long deadlineNanos) {
        assert !timer.isArmed() : "armed twice";
        timer.tick = tickOf(deadlineNanos);
        place(timer);
        armedCount++;
    }

    /**
     * Arms {@code timer} to fire {@code durationNanos} after the time that the next call of {@link
     * #advance} is told, or later.
     *
     * @param durationNanos not negative
     */
    public void armAfter(Timer timer, long durationNanos) {
        assert !timer.isArmed() : "armed twice";
        assert durationNanos >= 0 : "durationNanos=" + durationNanos;
        timer.tick = durationNanos;
        link(timer, RELATIVE);
        armedCount++;
    }

    /** Disarms {@code timer}; nothing happens if it is not armed. */
    public void cancel(Timer timer) {
        if (!timer.isArmed()) {
            return;
        }
        unlink(timer);
        armedCount--;
    }

    /**
     * The time at which {@link #advance} has something to do: the next deadline, or earlier, when
     * timers must move down a level. {@code Long.MAX_VALUE} if nothing is armed.
     */
    public long nextDeadlineNanos() {
        if (isBehind()) {
            return originNanos + (currentTick << TICK_SHIFT);
        }
        int level = lowestOccupiedLevel();
        return level == LEVELS
                ? Long.MAX_VALUE
                : originNanos + (firstTickOfNextSlot(level) << TICK_SHIFT);
    }

    /** Whether the next call of {@link #advance} has something to do, whatever time it is told. */
    public boolean isBehind() {
        return expiring != NONE || slots[RELATIVE] != null;
    }

    /** How often a timer moved down a level, since the beginning. */
    long moves() {
        return moves;
    }

    /**
     * Fires every timer that is due.
     *
     * @return how many fired
     */
    public int advance(long nowNanos) {
        return advance(nowNanos, Integer.MAX_VALUE);
    }

    /**
     * Fires timers that are due, in the order of their ticks, and moves others down a level: {@code
     * timersMax} of them in all. If that was not enough, the wheel {@linkplain #isBehind is
     * behind}.
     *
     * @return how many fired
     */
    public int advance(long nowNanos, int timersMax) {
        long nowTick = (nowNanos - originNanos) >>> TICK_SHIFT;
        assert nowTick >= currentTick : "time went back";
        placeRelative(nowNanos);
        int fired = 0;
        int left = timersMax;
        while (expiring != NONE || beginNextSlot(nowTick)) {
            Timer timer;
            while ((timer = slots[expiring]) != null) {
                if (left == 0) {
                    return fired;
                }
                left--;
                unlink(timer);
                if (timer.tick <= currentTick) {
                    armedCount--;
                    fired++;
                    timer.onExpiry();
                } else {
                    place(timer);
                    moves++;
                }
            }
            expiring = NONE;
        }
        currentTick = Math.max(currentTick, nowTick);
        return fired;
    }

    /** Goes on to the first slot that has begun by {@code nowTick}; false if there is none. */
    private boolean beginNextSlot(long nowTick) {
        int level = lowestOccupiedLevel();
        if (level == LEVELS) {
            return false;
        }
        long tick = firstTickOfNextSlot(level);
        if (tick > nowTick) {
            return false;
        }
        currentTick = tick;
        int digit = digit(tick, level);
        expiring = level * SLOTS + digit;
        occupied[level] &= ~(1L << digit);
        return true;
    }

    private void placeRelative(long nowNanos) {
        Timer timer;
        while ((timer = slots[RELATIVE]) != null) {
            unlink(timer);
            long deadlineNanos = nowNanos + timer.tick;
            timer.tick = tickOf(deadlineNanos < nowNanos ? Long.MAX_VALUE - 1 : deadlineNanos);
            place(timer);
        }
    }

    /** The tick at which a timer with this deadline fires, if it is armed now. */
    private long tickOf(long deadlineNanos) {
        long sinceOrigin = deadlineNanos - originNanos;
        long tick = sinceOrigin <= 0 ? 0 : ((sinceOrigin - 1) >>> TICK_SHIFT) + 1;
        return Math.max(tick, currentTick + 1);
    }

    private void place(Timer timer) {
        long tick = Math.min(timer.tick, currentTick + TICKS_AHEAD_MAX);
        long difference = tick ^ currentTick;
        assert difference != 0 : "due now";
        int highestBit = Long.SIZE - 1 - Long.numberOfLeadingZeros(difference);
        int level = Math.min(highestBit / DIGIT_BITS, LEVELS - 1);
        int digit = digit(tick, level);
        link(timer, level * SLOTS + digit);
        occupied[level] |= 1L << digit;
    }

    /** Appends to a list. */
    private void link(Timer timer, int index) {
        Timer head = slots[index];
        timer.slot = index;
        timer.next = null;
        if (head == null) {
            timer.previous = timer;
            slots[index] = timer;
        } else {
            Timer last = head.previous;
            last.next = timer;
            timer.previous = last;
            head.previous = timer;
        }
    }

    private void unlink(Timer timer) {
        int index = timer.slot;
        Timer head = slots[index];
        Timer next = timer.next;
        if (timer == head) {
            slots[index] = next;
            if (next != null) {
                next.previous = timer.previous;
            } else if (index != RELATIVE) {
                occupied[index / SLOTS] &= ~(1L << (index % SLOTS));
            }
        } else {
            timer.previous.next = next;
            (next != null ? next : head).previous = timer.previous;
        }
        timer.next = null;
        timer.previous = null;
        timer.slot = Timer.NOT_ARMED;
    }

    private int lowestOccupiedLevel() {
        int level = 0;
        while (level < LEVELS && occupied[level] == 0) {
            level++;
        }
        return level;
    }

    private long firstTickOfNextSlot(int level) {
        int digit = nextDigit(level);
        int shift = level * DIGIT_BITS;
        long window = currentTick >>> (shift + DIGIT_BITS) << (shift + DIGIT_BITS);
        long tick = window | (long) digit << shift;
        // Only the top level wraps: a slot not after the current digit is in the next window.
        return tick > currentTick ? tick : tick + (1L << (shift + DIGIT_BITS));
    }

    /** The first occupied digit after the current one; at the top level, cyclically. */
    private int nextDigit(int level) {
        int current = digit(currentTick, level);
        long rotated = Long.rotateRight(occupied[level], current + 1);
        return (current + 1 + Long.numberOfTrailingZeros(rotated)) % SLOTS;
    }

    private static int digit(long tick, int level) {
        return (int) (tick >>> (level * DIGIT_BITS)) & (SLOTS - 1);
    }
}
