package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.testing.Eventually;
import io.byssus.testing.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tun")
class NetworkNamespaceTest {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    @Test
    void itIsOfItsThreadAndTheProcessesStartedThereAndOfNobodyElse() throws Exception {
        String before = Files.readSymbolicLink(OWN).toString();
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            String inside = namespace.run(() -> Files.readSymbolicLink(OWN).toString());
            assertThat(inside).startsWith("net:[").isNotEqualTo(before);
            assertThat(namespace.must("readlink", "/proc/self/ns/net").strip()).isEqualTo(inside);
            assertThat(Files.readSymbolicLink(OWN)).hasToString(before);
        }
    }

    @Test
    void whatIsMadeInsideIsNotSeenOutside() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            namespace.must("ip", "tuntap", "add", "dev", "byssus-inside", "mode", "tap");
            assertThat(namespace.must("ip", "-brief", "link")).contains("byssus-inside");
            assertThat(Files.readString(Path.of("/proc/net/dev"))).doesNotContain("byssus-inside");
        }
    }

    @Test
    void aSocketMadeInsideWorksFromAnyThread() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ServerSocket server = namespace.run(() -> new ServerSocket(0));
                Socket client =
                        namespace.run(() ->
                                new Socket(
                                        InetAddress.getLoopbackAddress(), server.getLocalPort()));
                Socket accepted = server.accept()) {
            client.getOutputStream().write(42);
            assertThat(accepted.getInputStream().read()).isEqualTo(42);
        }
    }

    @Test
    void commandsTellTheirStatusAndOutput() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            NetworkNamespace.Ended ended =
                    namespace.exec("sh", "-c", "echo out; echo err >&2; exit 3");
            assertThat(ended.status()).isEqualTo(3);
            assertThat(ended.output()).isEqualTo("out\nerr\n");
            assertThatThrownBy(() -> namespace.must("false")).hasMessageContaining("[false]");
            assertThatThrownBy(() -> namespace.exec("no-such-command"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingEndsItsThreadAndItsProcesses() throws Exception {
        NetworkNamespace.Running sleeping;
        Thread thread;
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            sleeping = namespace.start("sleep", "1000");
            thread = namespace.run(Thread::currentThread);
        }
        Eventually.until("the thread has ended", () -> !thread.isAlive());
        assertThat(sleeping.isAlive()).isFalse();
    }
}
