package io.byssus.testing;

import java.util.concurrent.ThreadLocalRandom;

/** The seed of a random test: that of {@code -Dbyssus.seed} if it is set, else a new one. */
public final class Seeds {
    private static final String PROPERTY = "byssus.seed";

    private Seeds() {}

    /** The seed for {@code test}, which is printed. */
    public static long next(String test) {
        String given = System.getProperty(PROPERTY, "");
        long seed =
                given.isEmpty() ? ThreadLocalRandom.current().nextLong() : Long.parseLong(given);
        System.out.println(test + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }
}
