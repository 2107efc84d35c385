package io.byssus.net;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Time limits of the streams. */
final class Timeouts {
    private Timeouts() {}

    /** Nanoseconds; 0 for no limit. */
    static long nanos(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("timeout=" + limit);
        }
        return TimeUnit.NANOSECONDS.convert(limit);
    }
}
