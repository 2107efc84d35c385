package io.byssus.stack.device;

import io.byssus.runtime.os.InterfaceRequest;
import io.byssus.stack.wire.MacAddress;
import java.nio.charset.StandardCharsets;

/**
 * Which TAP interface to open, and how.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param interfaceName of an interface that exists, or is to be made and to vanish with its last
 *     descriptor
 * @param queues how many devices share it, one for each shard, all opened with these options
 * @param offloads what is left to the interface
 * @param macAddress of the stack's end; not that of the interface itself, which is the kernel's end
 */
public record TapOptions(String interfaceName, int queues, Offloads offloads, long macAddress) {
    /** What each end of the interface leaves to the other. */
    public enum Offloads {
        /** Every frame is complete and fits the MTU, both ways. */
        NONE,
        /** Checksums, and cutting large TCP segments. */
        TCP_SEGMENTATION
    }

    /** As many as the kernel gives one interface. */
    public static final int QUEUES_MAX = 256;

    private static final long HASH_START = 0xcbf2_9ce4_8422_2325L;
    private static final long HASH_PRIME = 0x100_0000_01b3L;

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException for a name, count or address that cannot be
     */
    public TapOptions {
        checkName(interfaceName);
        if (queues < 1 || queues > QUEUES_MAX) {
            throw new IllegalArgumentException(
                    "queues=" + queues + ": expected 1 to " + QUEUES_MAX);
        }
        boolean fits = (macAddress & MacAddress.BROADCAST) == macAddress;
        if (!fits || MacAddress.isGroup(macAddress) || macAddress == 0) {
            throw new IllegalArgumentException(
                    "macAddress="
                            + MacAddress.format(macAddress)
                            + ": expected the address of one station");
        }
    }

    /** One queue, no offloads, and an address that follows from the name. */
    public static TapOptions of(String interfaceName) {
        checkName(interfaceName);
        return new TapOptions(interfaceName, 1, Offloads.NONE, addressFor(interfaceName));
    }

    public TapOptions withQueues(int count) {
        return new TapOptions(interfaceName, count, offloads, macAddress);
    }

    public TapOptions withOffloads(Offloads which) {
        return new TapOptions(interfaceName, queues, which, macAddress);
    }

    public TapOptions withMacAddress(long address) {
        return new TapOptions(interfaceName, queues, offloads, address);
    }

    /** The name by FNV-1a: the same at every start, so that neighbours may remember it. */
    private static long addressFor(String interfaceName) {
        long hash = HASH_START;
        for (byte octet : interfaceName.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ Byte.toUnsignedLong(octet)) * HASH_PRIME;
        }
        return MacAddress.local(hash ^ (hash >>> Integer.SIZE));
    }

    /** The kernel's rules; and no {@code %}, which stands for a number of the kernel's choice. */
    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > InterfaceRequest.NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "interface name '"
                            + name
                            + "': expected 1 to "
                            + InterfaceRequest.NAME_LENGTH_MAX
                            + " bytes");
        }
        if (name.matches("\\.{1,2}|.*[/:%\\s\\p{Cntrl}].*")) {
            throw new IllegalArgumentException(
                    "interface name '" + name + "': expected no blank and none of / : %");
        }
    }
}
