package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user is told when a start cannot succeed: one sentence, an exit code, no stack. */
class StartErrorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --smp 0                       | --smp 0: at least 1 shard is needed
                    --smp -1                      | --smp -1: at least 1 shard is needed
                    --smp 9999                    | --smp 9999: this process may use
                    --cpuset 1077                 | --cpuset 1077: expected processor numbers such as 0-3,6
                    --cpuset 1023                 | --cpuset 1023: this process may use only processors
                    --frobnicate                  | Unknown option: '--frobnicate'
                    --port 99999                  | --port 99999: a port is between 0 and 65535
                    --port http                   | Invalid value for option '--port': 'http' is not an int
                    --network-stack frob          | --network-stack frob: expected posix or native
                    --reactor-backend frob        | --reactor-backend frob: expected epoll or io_uring or nio, as
                    --reactor-backend native      | --reactor-backend native: expected epoll or io_uring or nio, as --network-stack is posix
                    --dns-server ns.example.com   | --dns-server ns.example.com: expected an address such as 192.0.2.53
                    --device tap:bys0             | --device needs --network-stack native
                    --host-ipv4-addr 10.0.0.2     | --host-ipv4-addr needs --network-stack native
                    --netmask-ipv4-addr 255.0.0.0 | --netmask-ipv4-addr needs --network-stack native
                    --gw-ipv4-addr 10.0.0.1       | --gw-ipv4-addr needs --network-stack native
                    --mtu 1400                    | --mtu needs --network-stack native
                    --tso off                     | --tso needs --network-stack native
                    --pcap frames.pcap            | --pcap needs --network-stack native
                    --thread-affinity maybe       | Invalid value for option '--thread-affinity'
                    --task-quota-ms 0             | --task-quota-ms 0: must be more than zero
                    --stall-threshold 500us       | --stall-threshold 0.5ms: must be between 1ms and 1h, or off
                    --stall-threshold 2000000s    | --stall-threshold 2000000000ms: must be between 1ms and 1h, or off
                    --stall-threshold nonsense    | 'nonsense' is not a time such as 25ms or 1s, or off
                    --idle-poll-time-us -1        | --idle-poll-time-us -1: must not be negative
                    --shutdown-grace -1           | --shutdown-grace -1: must not be negative
                    --shutdown-grace soon         | 'soon' is not a number of seconds
                    """)
    void wrongOptionIsToldInOneSentenceAndEndsWith2(String options, String sentence) {
        Child.Ended ended = run("echo", options.split(" "));
        assertOneLine(ended, sentence);
        assertThat(ended.status()).isEqualTo(2);
    }

    @Test
    void unknownExampleIsToldInOneSentenceAndEndsWith2() {
        Child.Ended ended = run("frobnicate");
        assertOneLine(ended, "frobnicate");
        assertThat(ended.status()).isEqualTo(2);
    }

    @Test
    void proxyWithoutATargetIsToldInOneSentenceAndEndsWith2() {
        Child.Ended ended = run("proxy");
        assertOneLine(ended, "Missing required option: '--to=HOST:PORT'");
        assertThat(ended.status()).isEqualTo(2);
    }

    @Test
    void targetThatIsNoAddressIsToldInOneSentenceAndEndsWith2() {
        Child.Ended ended = run("proxy", "--to", "nowhere");
        assertOneLine(ended, "--to nowhere: expected HOST:PORT");
        assertThat(ended.status()).isEqualTo(2);
    }

    @Test
    void unknownHostIsToldInOneSentenceAndEndsWith1() {
        Child.Ended ended = run("echo", "--host", "nosuchhost.invalid");
        assertOneLine(ended, "nosuchhost.invalid");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void addressOfAnotherMachineIsToldInOneSentenceAndEndsWith1() {
        Child.Ended ended = run("echo", "--host", "192.0.2.1");
        assertOneLine(ended, "bind: Cannot assign requested address: 192.0.2.1:0");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void secondStartOnThePortIsToldWhyAndTheFirstGoesOn() throws Exception {
        try (RunningExample first = RunningExample.start("echo")) {
            Child.Ended second = run("echo", "--port", Integer.toString(first.port()));
            assertThat(second).isEqualTo(addressInUse(first.port()));

            Child.Ended nc =
                    Child.run("x\n", "nc", "-N", "127.0.0.1", Integer.toString(first.port()));
            assertThat(nc.out()).isEqualTo("x\n");
            first.stopCleanly();
        }
    }

    @Test
    void portThatAnotherProgramHoldsIsToldInOneLine() throws Exception {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            Child.Ended ended = run("hello", "--port", Integer.toString(holder.getLocalPort()));
            assertThat(ended).isEqualTo(addressInUse(holder.getLocalPort()));
        }
    }

    @Test
    void serverStartsAgainOnItsPortRightAfterItsEnd() throws Exception {
        int port;
        try (RunningExample first = RunningExample.start("hello")) {
            port = first.port();
            // The server closes first, so that its side lingers in TIME-WAIT.
            assertThat(Child.run("", "nc", "127.0.0.1", Integer.toString(port)).status()).isZero();
            first.stopCleanly();
        }
        try (RunningExample again =
                RunningExample.start("hello", "--port", Integer.toString(port))) {
            assertThat(again.port()).isEqualTo(port);
            again.stopCleanly();
        }
    }

    private static Child.Ended addressInUse(int port) {
        return new Child.Ended(1, "", "bind: Address already in use: 0.0.0.0:" + port + "\n");
    }

    private static Child.Ended run(String name, String... options) {
        try (Child child = RunningExample.launch(name, options)) {
            return child.awaitEnd();
        }
    }

    private static void assertOneLine(Child.Ended ended, String part) {
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).endsWith("\n").contains(part);
        assertThat(ended.err().lines()).hasSize(1);
    }
}
