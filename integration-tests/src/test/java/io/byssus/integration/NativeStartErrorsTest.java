package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.RunningExample.Buffers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user is told when the native stack cannot start: one sentence, an exit code, no stack. */
@Tag("tun")
@Timeout(60)
class NativeStartErrorsTest {
    private static TapNetwork network;

    @BeforeAll
    static void start() throws Exception {
        network = TapNetwork.create();
    }

    @AfterAll
    static void stop() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --device frob                       | --device frob: expected tap:NAME
                    --device tap:                       | --device tap:: expected tap:NAME
                    --device tap:lo                     | lo exists and is no TAP interface
                    --device tap:bys0 --smp 2           | bys0 has one queue, and 2 are wanted: make it with `ip tuntap add dev bys0 mode tap multi_queue`
                    --host-ipv4-addr 10.99.0            | --host-ipv4-addr 10.99.0
                    --host-ipv4-addr 10.99.0.255        | it is the broadcast address
                    --host-ipv4-addr fe80::1            | --host-ipv4-addr fe80::1
                    --netmask-ipv4-addr 255.0.255.0     | --netmask-ipv4-addr 255.0.255.0
                    --gw-ipv4-addr frob                 | --gw-ipv4-addr frob
                    --gw-ipv4-addr 10.98.0.1            | gateway 10.98.0.1 is not on the link
                    --mtu 10                            | --mtu 10: expected 576 to 65535
                    --mtu 9000                          | --mtu 9000: bys0 takes at most 1500
                    --tso maybe                         | Invalid value for option '--tso'
                    --pcap /nowhere/x                   | --pcap /nowhere/x.0: No such file or directory
                    --reactor-backend epoll             | --reactor-backend epoll: --network-stack native has a backend of its own
                    """)
    void wrongOptionIsToldInOneSentenceAndEndsWith2(String options, String sentence)
            throws Exception {
        String[] all = TapNetwork.onNative(options.split(" "));
        assertRefused(network.launch("echo", all), sentence);
    }

    @Test
    void withoutADeviceItDoesNotStart() throws Exception {
        assertRefused(
                network.launch("echo", "--network-stack", "native"),
                "--network-stack native needs --device, such as tap:byssus0");
    }

    @Test
    void withoutAnAddressItDoesNotStart() throws Exception {
        assertRefused(
                network.launch("echo", "--network-stack", "native", "--device", "tap:bys0"),
                "--network-stack native needs --host-ipv4-addr, the stack's own address");
    }

    @Test
    void interfaceThatIsInUseIsToldAndItsUserGoesOn() throws Exception {
        try (RunningExample first = network.start("echo")) {
            assertRefused(
                    network.launch("echo", TapNetwork.onNative()),
                    "bys0 is in use by another process");
            assertThat(
                            network.run(
                                            "x\n",
                                            "nc",
                                            "-N",
                                            TapNetwork.NATIVE,
                                            Integer.toString(first.port()))
                                    .out())
                    .isEqualTo("x\n");
            first.stopCleanly();
        }
    }

    @Test
    void interfaceThatIsNotThereIsNotMadeWithoutPermission() throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--inh-caps=-net_admin",
                                "--bounding-set=-net_admin",
                                Child.JAVA.toString()));
        command.addAll(
                RunningExample.arguments(
                        Buffers.TRACKING, "echo", TapNetwork.onNative("--device", "tap:nosuch0")));
        assertRefused(
                network.namespace.run(() -> Child.start(command)),
                "nosuch0 may not be opened by this user: give the process CAP_NET_ADMIN,"
                        + " or make the interface for its user with"
                        + " `ip tuntap add dev nosuch0 mode tap user USER`");
    }

    @Test
    void addressOfAnotherHostIsToldInOneSentenceAndEndsWith1() throws Exception {
        String[] options = TapNetwork.onNative("--host", "10.99.0.3");
        try (Child child = network.launch("echo", options)) {
            assertThat(child.awaitEnd())
                    .isEqualTo(
                            new Child.Ended(
                                    1, "", "bind: Cannot assign requested address: 10.99.0.3:0\n"));
        }
    }

    private static void assertRefused(Child refused, String sentence) {
        try (refused) {
            Child.Ended ended = refused.awaitEnd();
            assertThat(ended.err()).contains(sentence);
            assertThat(ended.err().lines()).hasSize(1);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.status()).isEqualTo(2);
        }
    }
}
