package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Fiber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Who waits for whom. A thread is stuck if it is parked for something that others hold, and all of
 * these are stuck, too: any one of them could let it go on.
 *
 * <p>It is read while fibers go on, so a ring that it seems to show is looked at again a moment
 * later: a deadlock is still the same then.
 *
 * <p><b>Ownership:</b> confined to the thread that dumps.
 */
final class WaitForGraph {
    private static final long CONFIRM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /**
     * What a thread is parked for.
     *
     * @param holders of that; not empty
     */
    private record Wait(Object blocker, List<Thread> holders) {
        /** Null if it waits for nothing that somebody holds. */
        static Wait of(Thread thread) {
            Object blocker = Fiber.blockerOf(thread);
            List<Thread> holders = blocker == null ? List.of() : Blockers.holders(blocker);
            return holders.isEmpty() ? null : new Wait(blocker, holders);
        }
    }

    private final Map<Thread, Wait> waits = new LinkedHashMap<>();

    private WaitForGraph() {}

    /** The rings among {@code threads} and those that they wait for. */
    static List<Deadlock> deadlocks(Collection<Thread> threads) {
        List<List<Thread>> rings = read(threads).rings();
        if (rings.isEmpty()) {
            return List.of();
        }
        LockSupport.parkNanos(CONFIRM_NANOS);
        WaitForGraph later = read(rings.stream().flatMap(List::stream).toList());
        return later.rings().stream().filter(rings::contains).map(later::describe).toList();
    }

    private static WaitForGraph read(Collection<Thread> threads) {
        WaitForGraph graph = new WaitForGraph();
        Deque<Thread> toRead = new ArrayDeque<>(threads);
        for (Thread thread = toRead.poll(); thread != null; thread = toRead.poll()) {
            Wait wait = graph.waits.containsKey(thread) ? null : Wait.of(thread);
            if (wait != null) {
                graph.waits.put(thread, wait);
                toRead.addAll(wait.holders); // perhaps no fibers
            }
        }
        graph.removeWhoCanGoOn();
        return graph;
    }

    private void removeWhoCanGoOn() {
        Map<Thread, List<Thread>> waiters = new HashMap<>();
        waits.forEach((thread, wait) -> {
            for (Thread holder : wait.holders) {
                waiters.computeIfAbsent(holder, key -> new ArrayList<>()).add(thread);
            }
        });
        Deque<Thread> free = new ArrayDeque<>(waiters.keySet());
        free.removeIf(waits::containsKey);
        for (Thread thread = free.poll(); thread != null; thread = free.poll()) {
            for (Thread waiter : waiters.getOrDefault(thread, List.of())) {
                if (waits.remove(waiter) != null) {
                    free.add(waiter);
                }
            }
        }
    }

    /** Each ring once, from its thread with the lowest id on. */
    private List<List<Thread>> rings() {
        List<List<Thread>> rings = new ArrayList<>();
        Set<Thread> seen = new HashSet<>();
        for (Thread start : waits.keySet()) {
            Set<Thread> path = new LinkedHashSet<>();
            Thread thread = start;
            while (seen.add(thread)) {
                path.add(thread);
                thread = waits.get(thread).holders.getFirst();
            }
            List<Thread> walked = new ArrayList<>(path);
            int begin = walked.indexOf(thread);
            if (begin >= 0) { // else the walk has led to what is known already
                rings.add(fromLowestId(walked.subList(begin, walked.size())));
            }
        }
        return rings;
    }

    private static List<Thread> fromLowestId(List<Thread> ring) {
        int lowest = 0;
        for (int i = 1; i < ring.size(); i++) {
            if (ring.get(i).threadId() < ring.get(lowest).threadId()) {
                lowest = i;
            }
        }
        List<Thread> turned = new ArrayList<>(ring.subList(lowest, ring.size()));
        turned.addAll(ring.subList(0, lowest));
        return turned;
    }

    private Deadlock describe(List<Thread> ring) {
        return new Deadlock(
                ring.stream()
                        .map(thread ->
                                new Deadlock.Link(
                                        Blockers.describe(thread),
                                        Blockers.describe(waits.get(thread).blocker)))
                        .toList());
    }
}
