package io.byssus.stack;

import java.util.Comparator;
import java.util.PriorityQueue;

/** What is to be done at some time; what is due together, in the order in which it was made. */
final class Appointments {
    /** None is made. */
    static final long NONE = Long.MAX_VALUE;

    private record Appointment(long dueNanos, long number, Runnable task) {}

    private final PriorityQueue<Appointment> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Appointment::dueNanos)
                            .thenComparingLong(Appointment::number));
    private long count;

    void add(long dueNanos, Runnable task) {
        queue.add(new Appointment(dueNanos, count++, task));
    }

    /** When the next one is due, or {@link #NONE}. */
    long deadline() {
        return queue.isEmpty() ? NONE : queue.peek().dueNanos();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** The next one that is due, or null. */
    Runnable poll(long now) {
        return deadline() <= now && !isEmpty() ? queue.poll().task() : null;
    }
}
