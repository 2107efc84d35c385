package io.byssus.stack.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.Here;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.ChildJvm;
import io.byssus.testing.OpenDescriptors;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said when an interface cannot be opened, and what is left when it is closed. */
@Tag("tun")
@Timeout(60)
class TapOpeningTest {
    private static final String NAME = TapHost.NAME;
    private static final TapOptions OPTIONS = TapOptions.of(NAME);

    private TapHost host;

    @BeforeEach
    void makeNamespace() throws Exception {
        host = new TapHost();
    }

    @AfterEach
    void noFrameLeaks() throws Exception {
        if (host != null) {
            host.close();
        }
    }

    private void assertRefused(TapOptions options, String sentence) {
        long before = OpenDescriptors.count();
        assertThatThrownBy(() -> host.open(options))
                .isInstanceOf(IOException.class)
                .hasMessage(sentence);
        assertThat(OpenDescriptors.count()).as("open descriptors").isEqualTo(before);
    }

    @Test
    void closingReleasesTheDescriptorAndTheInterfaceThatOpeningMade() throws Exception {
        TapDevice first = host.open(OPTIONS); // classes and the thread's own state are there now
        first.close();
        long before = OpenDescriptors.count();
        TapDevice device = host.open(OPTIONS);
        assertThat(OpenDescriptors.count()).isEqualTo(before + 1);
        host.namespace.must("ip", "link", "show", NAME);
        device.close();
        device.close();
        assertThat(device.hasRoom()).isFalse();
        assertThat(device.receive()).isNull();
        assertThat(OpenDescriptors.count()).isEqualTo(before);
        assertThat(host.namespace.exec("ip", "link", "show", NAME).status()).isNotZero();
    }

    @Test
    void anInterfaceThatWasThereBeforeStays() throws Exception {
        host.namespace.must("ip", "tuntap", "add", "dev", NAME, "mode", "tap");
        host.open(OPTIONS).close();
        host.namespace.must("ip", "link", "show", NAME);
    }

    @Test
    void anInterfaceWithOneQueueIsBusyWhenItIsOpen() throws Exception {
        host.open(OPTIONS);
        assertRefused(OPTIONS, NAME + " is in use by another process");
    }

    @Test
    void anInterfaceWithOneQueueHasNotTwo() throws Exception {
        host.namespace.must("ip", "tuntap", "add", "dev", NAME, "mode", "tap");
        assertRefused(
                OPTIONS.withQueues(2),
                NAME
                        + " has one queue, and 2 are wanted: make it with"
                        + " `ip tuntap add dev byssus0 mode tap multi_queue`");
    }

    @Test
    void anotherKindOfInterfaceIsNoTap() throws Exception {
        assertRefused(TapOptions.of("lo"), "lo exists and is no TAP interface");
        host.namespace.must("ip", "tuntap", "add", "dev", NAME, "mode", "tun");
        assertRefused(OPTIONS, NAME + " exists and is no TAP interface");
    }

    @Test
    void theKernelsOwnAddressIsNotForTheStack() throws Exception {
        host.namespace.must("ip", "tuntap", "add", "dev", NAME, "mode", "tap");
        host.namespace.must("ip", "link", "set", NAME, "address", "02:00:00:00:00:07");
        assertRefused(
                OPTIONS.withMacAddress(MacAddress.parse("02:00:00:00:00:07")),
                "the kernel's end of byssus0 has the address 02:00:00:00:00:07 itself;"
                        + " the stack needs another one");
    }

    @Test
    void withoutTheCapabilityNoInterfaceIsMade() throws Exception {
        assertThat(openedWithoutCapability())
                .isEqualTo(
                        NAME
                                + " may not be opened by this user: give the process CAP_NET_ADMIN,"
                                + " or make the interface for its user with"
                                + " `ip tuntap add dev byssus0 mode tap user USER`");
    }

    @Test
    void anInterfaceThatWasMadeForTheUserNeedsNoCapability() throws Exception {
        host.namespace.must("ip", "tuntap", "add", "dev", NAME, "mode", "tap", "user", "root");
        assertThat(openedWithoutCapability()).isEqualTo("opened");
    }

    /** What happens in a process that has given up the capability. */
    private String openedWithoutCapability() throws Exception {
        String without = "exec setpriv --inh-caps=-net_admin --bounding-set=-net_admin \"$@\";";
        ChildJvm child =
                host.namespace.run(() -> ChildJvm.start(without, List.of(), OpenTap.class));
        try (child) {
            return child.awaitLine("result: ");
        }
    }

    /** The program that tries. */
    static final class OpenTap {
        private OpenTap() {}

        public static void main(String[] arguments) {
            BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.RECYCLING);
            try {
                TapDevice.open(OPTIONS, pool).close();
                System.out.println("result: opened");
            } catch (IOException e) {
                System.out.println("result: " + e.getMessage());
            }
        }
    }
}
