package io.byssus.runtime.fiber;

/**
 * The {@link FiberLocal} values of a fiber, which is one, or of another thread, which has one.
 *
 * <p><b>Ownership:</b> confined to its fiber or thread; the parent writes to a child that has not
 * run yet.
 */
class Locals {
    static final Object[] NONE = {};

    private static final ThreadLocal<Locals> OF_OTHER_THREADS =
            ThreadLocal.withInitial(Locals::new);

    /** By index, of those that stay with the fiber; written in place. */
    Object[] confined = NONE;

    /** By index, of those that children and calls are given; shared with them, so never written. */
    Object[] carried = NONE;

    Locals() {}

    /** Those of the calling fiber or thread. */
    static Locals current() {
        Fiber<?> fiber = Fiber.of(Thread.currentThread());
        return fiber != null ? fiber : OF_OTHER_THREADS.get();
    }

    /** Before a fiber does something that has nothing to do with what it did before. */
    final void forgetLocals() {
        confined = NONE;
        carried = NONE;
    }
}
