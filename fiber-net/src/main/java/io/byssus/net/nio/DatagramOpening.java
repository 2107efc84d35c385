package io.byssus.net.nio;

import io.byssus.net.Addresses;
import io.byssus.net.DatagramOptions;
import io.byssus.net.spi.UdpPorts;
import io.byssus.runtime.os.HostSystem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/** How UDP sockets come to be bound and connected. Cold. */
final class DatagramOpening {
    private DatagramOpening() {}

    /** A socket that is bound. */
    static NioDatagrams bound(NioStack stack, InetSocketAddress address, DatagramOptions options)
            throws IOException {
        DatagramChannel channel = open(address, options);
        boolean opened = false;
        try {
            int shard = stack.shard().id();
            UdpPorts ports = stack.ports().udp();
            UdpPorts.Port port =
                    ports.bind(shard, address, joins -> bind(stack, channel, address, joins));
            opened = true;
            return new NioDatagrams(
                    stack, channel, port.bound(), null, options, () -> ports.release(shard, port));
        } finally {
            if (!opened) {
                NioHandle.closeQuietly(channel);
            }
        }
    }

    /** A socket that is connected. */
    static NioDatagrams connected(
            NioStack stack, InetSocketAddress address, DatagramOptions options) throws IOException {
        DatagramChannel channel = open(address, options);
        boolean opened = false;
        try {
            channel.connect(address);
            InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
            opened = true;
            return new NioDatagrams(stack, channel, local, address, options, () -> {});
        } catch (IOException e) {
            throw NioFailures.of("connect", e, Addresses.format(address));
        } finally {
            if (!opened) {
                NioHandle.closeQuietly(channel);
            }
        }
    }

    /**
     * As listeners: the first socket is bound without SO_REUSEPORT, so that a port which another
     * process holds is an error, and gets it after its bind.
     */
    private static InetSocketAddress bind(
            NioStack stack, DatagramChannel channel, InetSocketAddress address, boolean joins)
            throws IOException {
        if (joins && !stack.kernelSpreads()) {
            throw new UnsupportedOperationException(
                    "another shard has "
                            + Addresses.format(address)
                            + ", and "
                            + HostSystem.name()
                            + " does not spread datagrams over sockets that share a port");
        }
        try {
            if (joins) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.bind(address);
            if (stack.kernelSpreads()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw NioFailures.of("bind", e, Addresses.format(address));
        }
    }

    private static DatagramChannel open(InetSocketAddress address, DatagramOptions options)
            throws IOException {
        if (options.destinations()) {
            throw new UnsupportedOperationException(
                    "destinations: the JDK has no IP_PKTINFO: they need --reactor-backend epoll");
        }
        DatagramChannel channel = DatagramChannel.open(NioStack.family(address));
        boolean ready = false;
        try {
            channel.configureBlocking(false);
            apply(channel, options);
            ready = true;
            return channel;
        } finally {
            if (!ready) {
                NioHandle.closeQuietly(channel);
            }
        }
    }

    private static void apply(DatagramChannel channel, DatagramOptions options) throws IOException {
        if (options.reusesAddress()) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        }
        if (options.broadcast()) {
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
        }
        NioOptions.applyBufferSizes(
                channel, options.sendBufferBytes(), options.receiveBufferBytes());
        if (options.multicastTtl() != DatagramOptions.defaults().multicastTtl()) {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, options.multicastTtl());
        }
        if (!options.multicastLoop()) {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
        }
        if (options.multicastInterface().isPresent()) {
            channel.setOption(
                    StandardSocketOptions.IP_MULTICAST_IF, options.multicastInterface().get());
        }
    }
}
