package io.byssus.benchmarks.load;

import io.byssus.benchmarks.Arguments;
import io.byssus.benchmarks.load.ClosedLoop.Waiting;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a load generator is asked to do.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param given everything on the command line, for the options of one generator alone
 * @param host an IPv4 address, in the order of the wire
 * @param requestsMax ends the measured interval early; 0 is no such bound
 * @param serverPid 0 when the server's CPU time is not to be read
 */
record LoadOptions(
        Arguments given,
        int host,
        int port,
        int connections,
        int warmupSeconds,
        int seconds,
        int requestsMax,
        int serverPid,
        Waiting waiting) {

    static final int LOOPBACK = 0x7f000001;

    private static final String USAGE =
            """
            usage: --port N [options]
              --host A.B.C.D       default 127.0.0.1
              --connections C      default 64
              --warmup-seconds S   least load before the measured interval, default 5
              --seconds S          length of the measured interval, default 5
              --requests N         ends the measured interval after N requests
              --server-pid PID     the process whose CPU time is read at both ends of the interval,
                                   and whose JIT compiler is waited for
              --wait spin|block    what to do when nothing is ready, default spin
            """;
    private static final List<String> COMMON =
            List.of(
                    "host",
                    "port",
                    "connections",
                    "warmup-seconds",
                    "seconds",
                    "requests",
                    "server-pid",
                    "wait");

    /**
     * Parses the common options and those of one generator.
     *
     * @param specialUsage help lines of the generator's own options
     */
    static LoadOptions parse(String[] arguments, String specialUsage, List<String> special) {
        List<String> valued = new ArrayList<>(COMMON);
        valued.addAll(special);
        Arguments given = Arguments.parse(arguments, USAGE + specialUsage, valued, List.of());
        LoadOptions options =
                new LoadOptions(
                        given,
                        address(given),
                        given.number("port", 0),
                        given.number("connections", 64),
                        given.number("warmup-seconds", 5),
                        given.number("seconds", 5),
                        given.number("requests", 0),
                        given.number("server-pid", 0),
                        given.constant("wait", Waiting.class, Waiting.SPIN));
        if (options.port == 0 || options.connections == 0) {
            throw given.refusal("--port and --connections must be given, not 0");
        }
        return options;
    }

    private static int address(Arguments given) {
        String text = given.text("host", "127.0.0.1");
        if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            throw given.refusal("--host " + text + ": expected an IPv4 address");
        }
        int address = 0;
        for (String octet : text.split("\\.")) {
            address = (address << Byte.SIZE) | Integer.parseInt(octet);
        }
        return address;
    }

    /** Where the server listens. */
    InetSocketAddress socketAddress() throws UnknownHostException {
        byte[] address = ByteBuffer.allocate(Integer.BYTES).putInt(host).array();
        return new InetSocketAddress(InetAddress.getByAddress(address), port);
    }

    /** A positive number that only one generator knows. */
    int special(String name, int otherwise) {
        int number = given.number(name, otherwise);
        if (number == 0) {
            throw given.refusal("--" + name + " must not be 0");
        }
        return number;
    }
}
