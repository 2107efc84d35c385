package io.byssus.stack.tcp;

/**
 * Sequence numbers: 32 bits that wrap around (RFC 9293, 3.4). Two of them can be compared while
 * they are less than 2^31 apart, as all that belong to one connection at one time are.
 */
public final class SequenceNumber {
    private SequenceNumber() {}

    /** How far {@code to} is after {@code from}; negative if it is before. */
    public static int distance(int from, int to) {
        return to - from;
    }

    public static boolean isBefore(int a, int b) {
        return a - b < 0;
    }

    public static boolean isAtOrBefore(int a, int b) {
        return a - b <= 0;
    }

    public static boolean isAfter(int a, int b) {
        return a - b > 0;
    }

    public static boolean isAtOrAfter(int a, int b) {
        return a - b >= 0;
    }

    /** Whether {@code number} is one of the {@code length} that begin with {@code start}. */
    public static boolean isWithin(int number, int start, int length) {
        return Integer.compareUnsigned(number - start, length) < 0;
    }

    /** The later one. */
    public static int max(int a, int b) {
        return isAfter(a, b) ? a : b;
    }

    /** The earlier one. */
    public static int min(int a, int b) {
        return isBefore(a, b) ? a : b;
    }
}
