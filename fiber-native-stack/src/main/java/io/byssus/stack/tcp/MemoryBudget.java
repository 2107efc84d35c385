package io.byssus.stack.tcp;

/**
 * The memory that all connections of one stack may hold together, in bytes of capacity: what their
 * queues say they have charged.
 *
 * <p>The level follows from what is charged, with hysteresis, so that it does not change with every
 * segment. The budget only counts and says; who holds the memory acts on it.
 *
 * <p><b>Ownership:</b> one per stack, confined to its shard.
 */
final class MemoryBudget {
    /** How scarce memory is. */
    enum Level {
        NONE,
        /** New connections get small windows, and no window grows any more. */
        PRESSURE,
        /**
         * Data out of order and half-open connections are dropped, those that get nowhere are given
         * up, and others get their minimum and no more.
         */
        CRITICAL
    }

    /** What a connection may hold at any level, while the stack has it: some full segments. */
    static final int CONNECTION_MIN = 8 << 10;

    /** Levels begin and end at so many sixteenths of the capacity. */
    private static final int PARTS = 16;

    private static final int PRESSURE_BEGIN = 12;
    private static final int PRESSURE_END = 10;
    private static final int CRITICAL_BEGIN = 15;
    private static final int CRITICAL_END = 14;

    private final long capacity;
    private long charged;
    private long chargedHighest;
    private Level level = Level.NONE;

    private long pressures;
    private long criticals;

    /**
     * @param capacity bytes
     * @throws IllegalArgumentException if it is less than one connection's minimum
     */
    MemoryBudget(long capacity) {
        if (capacity < CONNECTION_MIN) {
            throw new IllegalArgumentException("capacity=" + capacity);
        }
        this.capacity = capacity;
    }

    long capacity() {
        return capacity;
    }

    /** Bytes that are held now. */
    long charged() {
        return charged;
    }

    /** The most that was ever held. */
    long chargedHighest() {
        return chargedHighest;
    }

    Level level() {
        return level;
    }

    /** How often memory became scarce. */
    long pressures() {
        return pressures;
    }

    /** How often it became critical. */
    long criticals() {
        return criticals;
    }

    /**
     * Whether a connection that holds {@code held} bytes may hold {@code more}. One that holds
     * nothing gets a large frame too, or those whose peers send none but such would never go on.
     *
     * @param spare bytes that must be left beside these
     */
    boolean admits(long held, long more, long spare) {
        assert held >= 0 && more >= 0 && spare >= 0;
        return charged + more + spare <= capacity
                && (level != Level.CRITICAL || held == 0 || held + more <= CONNECTION_MIN);
    }

    /** Bytes to be given back until the level is not critical any more. */
    long excess() {
        return level == Level.CRITICAL ? charged - share(CRITICAL_END) + 1 : 0;
    }

    /** Bytes that nobody holds. */
    long left() {
        return capacity - charged;
    }

    /**
     * How much more an application may queue on a connection that holds {@code held} bytes; 0 or
     * less for nothing.
     */
    long room(long held) {
        return level == Level.CRITICAL ? Math.min(left(), CONNECTION_MIN - held) : left();
    }

    /** A connection's queues hold {@code after} bytes where they held {@code before}. */
    void change(long before, long after) {
        assert before >= 0 && after >= 0;
        charged += after - before;
        assert charged >= 0 : "charged=" + charged;
        chargedHighest = Math.max(chargedHighest, charged);
        updateLevel();
    }

    /** The stack has closed: every byte must have been given back. */
    void close() {
        assert charged == 0 : "charged=" + charged;
    }

    private void updateLevel() {
        if (charged >= share(CRITICAL_BEGIN)) {
            rise(Level.CRITICAL);
        } else if (charged >= share(PRESSURE_BEGIN)) {
            rise(Level.PRESSURE);
        }
        if (level == Level.CRITICAL && charged < share(CRITICAL_END)) {
            level = Level.PRESSURE;
        }
        if (level == Level.PRESSURE && charged < share(PRESSURE_END)) {
            level = Level.NONE;
        }
    }

    private void rise(Level to) {
        if (level.compareTo(to) >= 0) {
            return;
        }
        if (level == Level.NONE) {
            pressures++;
        }
        if (to == Level.CRITICAL) {
            criticals++;
        }
        level = to;
    }

    /** Exact for any capacity, as it does not multiply first. */
    private long share(int parts) {
        return capacity / PARTS * parts + capacity % PARTS * parts / PARTS;
    }

    @Override
    public String toString() {
        return "MemoryBudget[" + charged + " of " + capacity + " bytes, " + level + "]";
    }
}
