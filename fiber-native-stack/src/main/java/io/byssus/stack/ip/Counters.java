package io.byssus.stack.ip;

/**
 * How often each of some things has happened. The enum's constants say what is counted.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public final class Counters<E extends Enum<E>> {
    private final E[] kinds;
    private final long[] counts;

    Counters(Class<E> kinds) {
        this.kinds = kinds.getEnumConstants();
        counts = new long[this.kinds.length];
    }

    public long count(E kind) {
        return counts[kind.ordinal()];
    }

    /** Of all kinds. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    void add(E kind) {
        counts[kind.ordinal()]++;
    }

    /** What is not zero. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (E kind : kinds) {
            if (count(kind) != 0) {
                text.append(text.isEmpty() ? "" : " ").append(kind).append('=').append(count(kind));
            }
        }
        return text.toString();
    }
}
