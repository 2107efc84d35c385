package io.byssus.runtime.diagnostics;

import io.byssus.runtime.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The runtimes of this process that a dump looks at.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class RunningRuntimes {
    /** A runtime, with its number. */
    record Entry(int number, List<Reactor> shards) {}

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final List<Entry> ENTRIES = new CopyOnWriteArrayList<>();

    private RunningRuntimes() {}

    static List<Entry> all() {
        return new ArrayList<>(ENTRIES);
    }

    static Entry add(List<Reactor> shards) {
        Entry entry = new Entry(NUMBERS.incrementAndGet(), List.copyOf(shards));
        ENTRIES.add(entry);
        return entry;
    }

    static void remove(Entry entry) {
        ENTRIES.remove(entry);
    }
}
