package io.byssus.runtime.shard;

import io.byssus.runtime.os.Loom;
import java.util.concurrent.Callable;

/**
 * How deep in calls of {@link CallGroup}s the calling thread is: 0 outside, 1 in a call, 2 in a
 * call made by that call, and so on. It goes along with calls that have no group, and to the fibers
 * and other threads that a call starts, since the call may wait for them.
 *
 * <p>A fiber without a level has no inheritable thread-locals at all, mostly, and that is all that
 * a call without a group looks at.
 *
 * <p><b>Ownership:</b> any thread, about itself.
 */
final class CallNesting {
    private static final InheritableThreadLocal<Integer> LEVEL = new InheritableThreadLocal<>();

    private CallNesting() {}

    /** Of the calling thread. */
    static int level() {
        if (!Loom.hasInheritableThreadLocals(Thread.currentThread())) {
            return 0;
        }
        Integer level = LEVEL.get();
        return level == null ? 0 : level;
    }

    /** Sets that of the calling thread, whose one task begins. */
    static void begin(int level) {
        if (level > 0) {
            LEVEL.set(level);
        }
    }

    /** {@code body}, to be run by another thread at the level of the calling one. */
    static <T> Callable<T> carry(Callable<T> body) {
        int level = level();
        if (level == 0) {
            return body;
        }
        return () -> {
            begin(level);
            return body.call();
        };
    }
}
