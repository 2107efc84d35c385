package io.byssus.runtime.fiber;

import java.util.List;

/**
 * Something that a fiber can be parked for, as a dump shows it: its {@code toString} says in one
 * line what it is and how it stands. Operations of the runtime hand it to {@link
 * java.util.concurrent.locks.LockSupport#park(Object)}, so that other tools see it too.
 *
 * <p><b>Ownership:</b> belongs to its shard, but is read from outside at any moment, without
 * synchronisation: the answers may be late, and must not throw or wait.
 */
public interface Awaited {
    /**
     * The threads one of which has to do something before a waiter can go on, such as a lock's
     * owner; empty if that cannot be known. A dump finds deadlocks with it.
     */
    List<Thread> holders();
}
