package io.byssus.runtime.shard;

import java.util.BitSet;

/** Which processors there are, and the {@code 0-3,6} notation for sets of them. */
final class Cpus {
    private static final int CPU_MAX = 1023;

    private Cpus() {}

    /**
     * Reads {@code 0-3,6}.
     *
     * @throws IllegalArgumentException with a sentence that names the text
     */
    static BitSet parse(String text) {
        BitSet cpus = new BitSet();
        for (String part : text.split(",", -1)) {
            String[] bounds = part.trim().split("-", 2);
            try {
                int from = Integer.parseInt(bounds[0]);
                int to = bounds.length == 1 ? from : Integer.parseInt(bounds[1]);
                if (from < 0 || to < from || to > CPU_MAX) {
                    throw malformed(text);
                }
                cpus.set(from, to + 1);
            } catch (NumberFormatException e) {
                throw malformed(text);
            }
        }
        return cpus;
    }

    /** {@code cpus} as {@code 0-3,6}. */
    static String format(BitSet cpus) {
        StringBuilder text = new StringBuilder();
        for (int from = cpus.nextSetBit(0); from >= 0; ) {
            int end = cpus.nextClearBit(from);
            text.append(text.isEmpty() ? "" : ",").append(from);
            if (end - from > 1) {
                text.append('-').append(end - 1);
            }
            from = cpus.nextSetBit(end);
        }
        return text.toString();
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "--cpuset " + text + ": expected processor numbers such as 0-3,6");
    }
}
