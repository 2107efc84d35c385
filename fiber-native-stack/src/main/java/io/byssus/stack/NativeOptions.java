package io.byssus.stack;

import io.byssus.runtime.shard.DeviceOptions;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.wire.Ipv4Address;
import java.util.List;

/**
 * The native stack's options, checked.
 *
 * @param device its kind and name
 * @param subnets our addresses
 * @param gateway or {@link Ipv4Configuration#NO_GATEWAY}
 * @param mtu 0 for the device's
 */
record NativeOptions(
        Kind kind,
        String device,
        List<Ipv4Subnet> subnets,
        int gateway,
        int mtu,
        boolean tso,
        String pcapFile) {
    /** Kinds of devices. */
    enum Kind {
        TAP,
        /** There is no wire: the host talks to itself. */
        LOOPBACK
    }

    private static final String TAP_PREFIX = "tap:";

    /** RFC 5737: an address of nobody. */
    private static final String ADDRESS_WITHOUT_WIRE = "192.0.2.1";

    private static final String DEFAULT_NETMASK = "255.255.255.0";

    /**
     * Reads what the command line said.
     *
     * @throws IllegalArgumentException with a sentence that names the option
     */
    static NativeOptions of(DeviceOptions options) {
        Kind kind = kind(options.device());
        String name = kind == Kind.TAP ? options.device().substring(TAP_PREFIX.length()) : "";
        return new NativeOptions(
                kind,
                name,
                subnets(kind, options),
                gateway(options),
                mtu(options),
                options.tso(),
                options.pcapFile());
    }

    private static Kind kind(String device) {
        if (device.equals("loopback")) {
            return Kind.LOOPBACK;
        }
        if (device.startsWith(TAP_PREFIX) && device.length() > TAP_PREFIX.length()) {
            return Kind.TAP;
        }
        throw new IllegalArgumentException(
                device.isEmpty()
                        ? "--network-stack native needs --device, such as tap:byssus0"
                        : "--device " + device + ": expected tap:NAME or loopback");
    }

    private static List<Ipv4Subnet> subnets(Kind kind, DeviceOptions options) {
        if (options.hostIpv4Address().isEmpty()) {
            if (kind == Kind.TAP) {
                throw new IllegalArgumentException(
                        "--network-stack native needs --host-ipv4-addr, the stack's own address");
            }
            return List.of(Ipv4Subnet.parse(ADDRESS_WITHOUT_WIRE, DEFAULT_NETMASK));
        }
        String mask =
                options.netmaskIpv4Address().isEmpty()
                        ? DEFAULT_NETMASK
                        : options.netmaskIpv4Address();
        try {
            return List.of(Ipv4Subnet.parse(options.hostIpv4Address(), mask));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--host-ipv4-addr "
                            + options.hostIpv4Address()
                            + " --netmask-ipv4-addr "
                            + mask
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static int gateway(DeviceOptions options) {
        if (options.gatewayIpv4Address().isEmpty()) {
            return Ipv4Configuration.NO_GATEWAY;
        }
        try {
            return Ipv4Address.parse(options.gatewayIpv4Address());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--gw-ipv4-addr " + options.gatewayIpv4Address() + ": " + e.getMessage(), e);
        }
    }

    private static int mtu(DeviceOptions options) {
        int mtu = options.mtu();
        if (mtu != 0 && (mtu < Ipv4Configuration.MTU_MIN || mtu > Ipv4Configuration.MTU_MAX)) {
            throw new IllegalArgumentException(
                    "--mtu "
                            + mtu
                            + ": expected "
                            + Ipv4Configuration.MTU_MIN
                            + " to "
                            + Ipv4Configuration.MTU_MAX);
        }
        return mtu;
    }

    /**
     * Who we are on a device.
     *
     * @throws IllegalArgumentException if the addresses do not fit together
     */
    Ipv4Configuration configuration(int deviceMtu, long macAddress) {
        int largest = mtu == 0 ? deviceMtu : Math.min(mtu, deviceMtu);
        return new Ipv4Configuration(subnets, gateway, largest, macAddress);
    }
}
