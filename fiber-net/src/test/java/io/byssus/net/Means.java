package io.byssus.net;

import io.byssus.runtime.fiber.AbortSource;
import io.byssus.runtime.fiber.AbortedException;
import io.byssus.runtime.fiber.Deadline;
import io.byssus.runtime.fiber.DeadlineExceededException;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.fiber.FiberAction;
import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.testing.Eventually;
import java.time.Duration;

/** How a fiber is stopped while it waits. */
enum Means {
    CANCEL(FiberCancelledException.class) {
        @Override
        void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
            operation.run();
        }

        @Override
        void stop(AbortSource source, Fiber<?> fiber) {
            fiber.cancel();
        }
    },
    DEADLINE(DeadlineExceededException.class) {
        @Override
        void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
            Deadline.within(SHORT, operation);
        }

        @Override
        void stop(AbortSource source, Fiber<?> fiber) {
            // time does
        }

        @Override
        void awaitParked(Fiber<?> fiber) {
            Eventually.parkedOrEnded(fiber.thread());
        }
    },
    ABORT(AbortedException.class) {
        @Override
        void run(AbortSource source, FiberAction<Exception> operation) throws Exception {
            source.run(operation);
        }

        @Override
        void stop(AbortSource source, Fiber<?> fiber) {
            source.abort();
        }
    };

    private static final Duration SHORT = Duration.ofMillis(100);

    private final Class<? extends Exception> thrown;

    Means(Class<? extends Exception> thrown) {
        this.thrown = thrown;
    }

    /** Waits until {@code fiber} has come so far that {@link #stop} stops it. */
    void awaitParked(Fiber<?> fiber) {
        Eventually.parked(fiber.thread());
    }

    /** What comes out of {@link #run}. */
    Class<? extends Exception> thrown() {
        return thrown;
    }

    /** Runs {@code operation} so that it can be stopped. */
    abstract void run(AbortSource source, FiberAction<Exception> operation) throws Exception;

    /** Stops it, or lets it be stopped. */
    abstract void stop(AbortSource source, Fiber<?> fiber);
}
