package io.byssus.benchmarks;

import io.byssus.benchmarks.tls.TlsComparison;
import java.io.IOException;
import java.util.Arrays;

/**
 * What {@code ./byssus bench} runs: the comparison that is asked for by name, and the side-by-side
 * one when no name is given.
 */
public final class Benchmarks {
    private static final String USAGE =
            """
            usage: ./byssus bench [NAME] [options]
              side-by-side   speed of Byssus and its peers, round by round (the default)
              paired         the same with all servers up at once, in short bursts in turn: the
                             steadier comparison of CPU time on a machine that others use too
              udp            datagrams echoed: CPU time of each beside a C loop of recvmmsg
              relay          CPU time of a relay: transferTo beside a loop of read and write
              idle-memory    what an idle connection costs
              fiber-memory   what a parked fiber costs, beside a virtual thread of the JDK's, and a timer
              tls            what handshakes and bulk over TLS cost, beside Netty with the same
                             provider; --stalled N: one connection beside N stalled handshakes
              cubic          a lossy path under the kernel's CUBIC and under ours; as root
              native         the native stack over TAP beside the posix one over veth, the kernel at
                             the other end of both; as root
              jmh            the JMH benchmarks; its options are JMH's
            Each tells its options with --help.
            """;

    private Benchmarks() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean named = arguments.length > 0 && !arguments[0].startsWith("-");
        String name = named ? arguments[0] : "side-by-side";
        String[] rest = named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        switch (name) {
            case "side-by-side" -> SideBySide.main(rest);
            case "paired" -> Paired.main(rest);
            case "udp" -> UdpComparison.main(rest);
            case "relay" -> RelayComparison.main(rest);
            case "idle-memory" -> IdleMemory.main(rest);
            case "fiber-memory" -> FiberMemory.main(rest);
            case "tls" -> TlsComparison.main(rest);
            case "help" -> System.out.print(USAGE);
            default -> {
                System.err.print("no benchmark is called " + name + "\n" + USAGE);
                System.exit(2);
            }
        }
    }
}
