package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Awaited;
import io.byssus.runtime.fiber.Fiber;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * What threads are parked for, in words, and who holds it. Strangers are told by their class alone:
 * their {@code toString} might wait for a lock, perhaps for that of the shard that stands still.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class Blockers {
    /** Null unless the JVM was started with the package opened to us. */
    private static final VarHandle OWNER = owner();

    private Blockers() {}

    static String describe(Object blocker) {
        try {
            return switch (blocker) {
                case CharSequence text -> text.toString();
                case Awaited awaited -> awaited.toString();
                case AbstractQueuedSynchronizer queue -> withoutPackage(queue.toString());
                default -> className(blocker);
            };
        } catch (RuntimeException e) {
            return className(blocker); // it was looked at as it changed
        }
    }

    /** The threads one of which must act before a waiter can go on; empty if that is not known. */
    static List<Thread> holders(Object blocker) {
        try {
            return switch (blocker) {
                case Awaited awaited -> List.copyOf(awaited.holders());
                case AbstractOwnableSynchronizer lock when OWNER != null -> {
                    Thread owner = (Thread) OWNER.get(lock);
                    yield owner == null ? List.of() : List.of(owner);
                }
                case null, default -> List.of();
            };
        } catch (RuntimeException e) {
            return List.of(); // it was looked at as it changed
        }
    }

    /** A fiber with its shard, or another thread. */
    static String describe(Thread thread) {
        Fiber<?> fiber = Fiber.of(thread);
        if (fiber != null) {
            return fiber.toString();
        }
        String name = thread.getName();
        return "thread " + (name.isEmpty() ? "#" + thread.threadId() : "'" + name + "'");
    }

    private static String className(Object blocker) {
        return withoutPackage(
                blocker.getClass().getName()
                        + "@"
                        + Integer.toHexString(System.identityHashCode(blocker)));
    }

    /** Of a text that begins with the name of a class. */
    private static String withoutPackage(String text) {
        int end = text.indexOf('@');
        return end < 0 ? text : text.substring(text.lastIndexOf('.', end) + 1);
    }

    private static VarHandle owner() {
        Class<?> type = AbstractOwnableSynchronizer.class;
        try {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                    .findVarHandle(type, "exclusiveOwnerThread", Thread.class);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
