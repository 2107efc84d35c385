package io.byssus.runtime.fiber;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.Callable;

/**
 * The values of thread-locals that accessors are registered for, if the library for it is there;
 * what it needs of that library is in a class of its own, which is not loaded without.
 *
 * <p><b>Ownership:</b> immutable; any thread.
 */
final class CarriedThreadLocals {
    private static final boolean LIBRARY_IS_THERE = isLibraryThere();

    private final Object snapshot;

    private CarriedThreadLocals(Object snapshot) {
        this.snapshot = snapshot;
    }

    /** Those of the calling thread; null if there are none. */
    static CarriedThreadLocals capture() {
        return LIBRARY_IS_THERE ? Library.capture() : null;
    }

    /** Runs {@code body} with them, and then gives the calling thread its own back. */
    <T> T call(Callable<T> body) throws Exception {
        return Library.call(snapshot, body);
    }

    private static boolean isLibraryThere() {
        try {
            Class<?> ignored =
                    Class.forName(
                            "io.micrometer.context.ContextSnapshotFactory",
                            false,
                            CarriedThreadLocals.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static final class Library {
        private static final ContextSnapshotFactory FACTORY =
                ContextSnapshotFactory.builder().build();

        /** What the library answers, always the same object, when there is no value. */
        private static final ContextSnapshot NOTHING =
                ContextSnapshotFactory.builder()
                        .contextRegistry(new ContextRegistry())
                        .build()
                        .captureAll();

        private Library() {}

        static CarriedThreadLocals capture() {
            ContextSnapshot snapshot = FACTORY.captureAll();
            return snapshot == NOTHING ? null : new CarriedThreadLocals(snapshot);
        }

        static <T> T call(Object snapshot, Callable<T> body) throws Exception {
            try (ContextSnapshot.Scope scope = ((ContextSnapshot) snapshot).setThreadLocals()) {
                assert scope != null;
                return body.call();
            }
        }
    }
}
