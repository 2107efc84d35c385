package io.byssus.runtime.shard;

import java.util.Objects;

/**
 * Which layer-2 device a network stack of our own uses, and its addresses there. The names are the
 * command line's; the stack looks at the values when the runtime starts.
 *
 * <p><b>Ownership:</b> as the {@link RuntimeOptions} that it is part of.
 */
public final class DeviceOptions {
    private String device = "";
    private String hostIpv4Address = "";
    private String netmaskIpv4Address = "";
    private String gatewayIpv4Address = "";
    private int mtu;
    private boolean tso = true;
    private String pcapFile = "";

    DeviceOptions() {}

    /** The device, as in {@code tap:NAME}; empty for none. */
    public DeviceOptions device(String name) {
        device = Objects.requireNonNull(name);
        return this;
    }

    public String device() {
        return device;
    }

    /** The stack's own address on the device. */
    public DeviceOptions hostIpv4Address(String address) {
        hostIpv4Address = Objects.requireNonNull(address);
        return this;
    }

    public String hostIpv4Address() {
        return hostIpv4Address;
    }

    /** The mask of the device's network. */
    public DeviceOptions netmaskIpv4Address(String mask) {
        netmaskIpv4Address = Objects.requireNonNull(mask);
        return this;
    }

    public String netmaskIpv4Address() {
        return netmaskIpv4Address;
    }

    /** The way to other networks; empty for none. */
    public DeviceOptions gatewayIpv4Address(String address) {
        gatewayIpv4Address = Objects.requireNonNull(address);
        return this;
    }

    public String gatewayIpv4Address() {
        return gatewayIpv4Address;
    }

    /** The largest packet, in bytes; 0 for the device's. */
    public DeviceOptions mtu(int bytes) {
        mtu = bytes;
        return this;
    }

    public int mtu() {
        return mtu;
    }

    /** Whether the device may cut segments and complete checksums. */
    public DeviceOptions tso(boolean on) {
        tso = on;
        return this;
    }

    public boolean tso() {
        return tso;
    }

    /** A file that every frame is written to, with the shard's number added; empty for none. */
    public DeviceOptions pcapFile(String file) {
        pcapFile = Objects.requireNonNull(file);
        return this;
    }

    public String pcapFile() {
        return pcapFile;
    }

    /** The command line's name of an option that differs from its default; empty if none does. */
    public String firstGiven() {
        if (!device.isEmpty()) {
            return "--device";
        }
        if (!hostIpv4Address.isEmpty()) {
            return "--host-ipv4-addr";
        }
        if (!netmaskIpv4Address.isEmpty()) {
            return "--netmask-ipv4-addr";
        }
        if (!gatewayIpv4Address.isEmpty()) {
            return "--gw-ipv4-addr";
        }
        if (mtu != 0) {
            return "--mtu";
        }
        if (!tso) {
            return "--tso";
        }
        return pcapFile.isEmpty() ? "" : "--pcap";
    }
}
