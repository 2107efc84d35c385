package io.byssus.runtime;

import io.byssus.runtime.shard.DeviceOptions;
import picocli.CommandLine.Option;

/** The native stack's command-line options, a group of {@link RuntimeArguments}. */
final class DeviceArguments {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "layer-2 device, as in tap:NAME")
    private String device = "";

    @Option(
            names = "--host-ipv4-addr",
            paramLabel = "ADDRESS",
            description = "the stack's own address")
    private String hostIpv4Address = "";

    @Option(
            names = "--netmask-ipv4-addr",
            paramLabel = "MASK",
            description = "mask of the device's network (default: 255.255.255.0)")
    private String netmaskIpv4Address = "";

    @Option(
            names = "--gw-ipv4-addr",
            paramLabel = "ADDRESS",
            description = "the way to other networks (default: none)")
    private String gatewayIpv4Address = "";

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            description = "the largest packet (default: the device's)")
    private int mtu;

    @Option(
            names = "--tso",
            paramLabel = "on|off",
            description = "let the device cut segments and complete checksums (default: on)")
    private RuntimeArguments.Switch tso = RuntimeArguments.Switch.on;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "write every frame to FILE.SHARD, for tcpdump and Wireshark")
    private String pcapFile = "";

    DeviceArguments() {}

    void apply(DeviceOptions options) {
        options.device(device)
                .hostIpv4Address(hostIpv4Address)
                .netmaskIpv4Address(netmaskIpv4Address)
                .gatewayIpv4Address(gatewayIpv4Address)
                .mtu(mtu)
                .tso(tso.isOn())
                .pcapFile(pcapFile);
    }
}
