package io.byssus.runtime.sync;

import java.util.ArrayList;
import java.util.List;

/**
 * The threads that share a lock: a hash table with open addressing, which allocates only when it
 * grows.
 *
 * <p><b>Ownership:</b> confined to its shard; {@link #snapshot} and {@link #size} from any thread.
 */
final class HolderSet {
    private static final int SLOTS_INITIAL = 8;

    /** A power of two, at least half of them null. */
    private Thread[] slots = new Thread[SLOTS_INITIAL];

    private int size;

    int size() {
        return size;
    }

    boolean contains(Thread thread) {
        return slots[slotOf(thread)] == thread;
    }

    /** False if it was there already. */
    boolean add(Thread thread) {
        int slot = slotOf(thread);
        if (slots[slot] == thread) {
            return false;
        }
        slots[slot] = thread;
        size++;
        if (size > slots.length / 2) {
            grow();
        }
        return true;
    }

    /** False if it was not there. */
    boolean remove(Thread thread) {
        int slot = slotOf(thread);
        if (slots[slot] != thread) {
            return false;
        }
        slots[slot] = null;
        size--;
        closeGap(slot);
        return true;
    }

    /** Who is in it; perhaps a moment late. */
    List<Thread> snapshot() {
        List<Thread> threads = new ArrayList<>();
        for (Thread thread : slots) {
            if (thread != null) {
                threads.add(thread);
            }
        }
        return threads;
    }

    /** Where {@code thread} is, or where it would go. */
    private int slotOf(Thread thread) {
        int slot = home(thread);
        while (slots[slot] != null && slots[slot] != thread) {
            slot = next(slot);
        }
        return slot;
    }

    /** Moves up those that a look-up would not find any more, after the gap at {@code gap}. */
    private void closeGap(int gap) {
        int mask = slots.length - 1;
        for (int slot = next(gap); slots[slot] != null; slot = next(slot)) {
            int distance = (slot - home(slots[slot])) & mask;
            if (distance >= ((slot - gap) & mask)) {
                slots[gap] = slots[slot];
                slots[slot] = null;
                gap = slot;
            }
        }
    }

    private void grow() {
        Thread[] old = slots;
        slots = new Thread[old.length * 2];
        for (Thread thread : old) {
            if (thread != null) {
                slots[slotOf(thread)] = thread;
            }
        }
        assert snapshot().size() == size : "size=" + size;
    }

    private int home(Thread thread) {
        return (int) thread.threadId() & (slots.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (slots.length - 1);
    }
}
