package io.byssus.stack.tcp;

import java.util.Random;

/** A flow that is nothing else. */
record TestFlow(long localHigh, long localLow, long remoteHigh, long remoteLow, int ports)
        implements Flow {
    private static final long MAPPED = 0xffff_0000_0000L;

    static TestFlow ofIpv4(int local, int localPort, int remote, int remotePort) {
        return new TestFlow(
                0,
                MAPPED | Integer.toUnsignedLong(local),
                0,
                MAPPED | Integer.toUnsignedLong(remote),
                Flow.ports(localPort, remotePort));
    }

    static TestFlow random(Random random) {
        return random.nextBoolean()
                ? ofIpv4(
                        random.nextInt(),
                        random.nextInt(0x10000),
                        random.nextInt(),
                        random.nextInt(0x10000))
                : new TestFlow(
                        random.nextLong(),
                        random.nextLong(),
                        random.nextLong(),
                        random.nextLong(),
                        random.nextInt());
    }
}
