package io.byssus.benchmarks.cubic;

/**
 * Two network namespaces, each with a TAP interface and an address, between which {@link Wire} is
 * the only way.
 *
 * @param sender its name
 * @param receiver its name
 */
record Namespaces(String sender, String receiver) {
    static final String INTERFACE = "bys0";
    static final String RECEIVER_ADDRESS = "10.97.0.2";
    static final int RECEIVER_ADDRESS_NUMBER = 10 << 24 | 97 << 16 | 2;

    /** Those that {@code scripts/bench-cubic.sh} has made for {@code number}. */
    static Namespaces of(String prefix, int number) {
        return new Namespaces(prefix + "-s" + number, prefix + "-r" + number);
    }
}
