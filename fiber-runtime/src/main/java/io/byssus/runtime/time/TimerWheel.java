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
 * {@link #advance}.
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

    /** The list of timers that the current call of {@link #advance} is firing. */
    private static final int EXPIRING = LEVELS * SLOTS;

    private final Timer[] slots = new Timer[LEVELS * SLOTS + 1];
    private final long[] occupied = new long[LEVELS];
    private final long originNanos;

    /** Every timer of this tick and before has fired. */
    private long currentTick;

    private int armedCount;

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
        long sinceOrigin = deadlineNanos - originNanos;
        long tick = sinceOrigin <= 0 ? 0 : ((sinceOrigin - 1) >>> TICK_SHIFT) + 1;
        timer.tick = Math.max(tick, currentTick + 1);
        place(timer);
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
        int level = lowestOccupiedLevel();
        return level == LEVELS
                ? Long.MAX_VALUE
                : originNanos + (firstTickOfNextSlot(level) << TICK_SHIFT);
    }

    /**
     * Fires every timer that is due.
     *
     * @return how many fired
     */
    public int advance(long nowNanos) {
        long nowTick = (nowNanos - originNanos) >>> TICK_SHIFT;
        assert nowTick >= currentTick : "time went back";
        int fired = 0;
        for (int level = lowestOccupiedLevel(); level < LEVELS; level = lowestOccupiedLevel()) {
            long tick = firstTickOfNextSlot(level);
            if (tick > nowTick) {
                break;
            }
            currentTick = tick;
            fired += empty(level, digit(tick, level));
        }
        currentTick = Math.max(currentTick, nowTick);
        return fired;
    }

    /** Fires the slot's timers that are due at the current tick and moves the others down. */
    private int empty(int level, int digit) {
        int index = level * SLOTS + digit;
        Timer timer = slots[index];
        slots[index] = null;
        occupied[level] &= ~(1L << digit);
        slots[EXPIRING] = timer;
        for (Timer t = timer; t != null; t = t.next) {
            t.slot = EXPIRING;
        }
        int fired = 0;
        while ((timer = slots[EXPIRING]) != null) {
            unlink(timer);
            if (timer.tick <= currentTick) {
                armedCount--;
                fired++;
                timer.onExpiry();
            } else {
                place(timer);
            }
        }
        return fired;
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

    private void link(Timer timer, int index) {
        Timer head = slots[index];
        timer.slot = index;
        timer.previous = null;
        timer.next = head;
        if (head != null) {
            head.previous = timer;
        }
        slots[index] = timer;
    }

    private void unlink(Timer timer) {
        int index = timer.slot;
        if (timer.previous == null) {
            assert slots[index] == timer;
            slots[index] = timer.next;
        } else {
            timer.previous.next = timer.next;
        }
        if (timer.next != null) {
            timer.next.previous = timer.previous;
        }
        if (slots[index] == null && index != EXPIRING) {
            occupied[index / SLOTS] &= ~(1L << (index % SLOTS));
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
