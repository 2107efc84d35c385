package io.byssus.net;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.NetworkStack;
import io.byssus.runtime.fiber.Deadline;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;

/**
 * The network of the calling fiber's shard.
 *
 * <p>All methods are for fibers of a shard and throw {@link IllegalStateException} elsewhere.
 */
public final class Network {
    private static final int PORT_MAX = 65_535;

    private Network() {}

    /** Listens on {@code port} of every local IPv4 address. */
    public static Listener listen(int port) throws IOException {
        return listen(port, ListenOptions.defaults());
    }

    /** As {@link #listen(int)}, with options. */
    public static Listener listen(int port, ListenOptions options) throws IOException {
        return listen(new InetSocketAddress("0.0.0.0", port), options);
    }

    /**
     * Listens on {@code address}; port 0 takes a free one. Every shard that is to accept
     * connections calls this with the same address and options; they share the port, and the n-th
     * call for port 0 on each shard means the same port. Another program on the port, or a second
     * start of this one, is an error.
     *
     * @return open until it is closed or the runtime stops
     * @throws java.net.BindException if the address is in use or not this machine's
     * @throws UnknownHostException if the address is not resolved
     * @throws IllegalArgumentException if the options name a shard that does not exist, or differ
     *     from another shard's for the same address
     */
    public static Listener listen(InetSocketAddress address, ListenOptions options)
            throws IOException {
        Objects.requireNonNull(options);
        return new Listener(NetworkExtension.stack().listen(resolved(address), options), options);
    }

    /**
     * Listens on a Unix socket. All shards may call this with the same address; they accept from
     * one queue, and who is idle gets the next connection, unless the options say otherwise.
     *
     * <p>A path on which nobody listens any more, left behind by a program that was killed, is
     * taken over; anything else that is there is an error. The path is removed when the last
     * listener is closed.
     *
     * @return open until it is closed or the runtime stops
     * @throws java.net.BindException if somebody listens there, or the path cannot be made
     * @throws UnsupportedOperationException if the network stack has no Unix sockets
     */
    public static Listener listen(UnixAddress address, ListenOptions options) throws IOException {
        Objects.requireNonNull(address);
        return new Listener(NetworkExtension.stack().listen(address, options), options);
    }

    /**
     * Connects to a Unix socket, parking the calling fiber while the queue of the listener is full.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.ConnectException if nobody listens there
     * @throws java.net.SocketException if there is no such path, or its permissions forbid it
     * @throws java.net.SocketTimeoutException if it takes longer than the options allow
     * @throws UnsupportedOperationException if the network stack has no Unix sockets
     */
    public static Connection connect(UnixAddress address, ConnectOptions options)
            throws IOException {
        Objects.requireNonNull(address);
        return new Connection(
                NetworkExtension.stack().connect(address, options, deadlineNanos(options)),
                options.settings());
    }

    private static long deadlineNanos(ConnectOptions options) {
        return Timeouts.nanos(options.timeout()) == 0
                ? Long.MAX_VALUE
                : Deadline.after(options.timeout()).nanos();
    }

    /** As {@link #connect(String, int, ConnectOptions)}, with the defaults. */
    public static Connection connect(String host, int port) throws IOException {
        return connect(host, port, ConnectOptions.defaults());
    }

    /**
     * Connects to {@code host}, a name or an address, parking the calling fiber. Of a name with
     * several addresses the first that answers is taken (RFC 8305): they are tried in the order of
     * RFC 6724 with IPv6 and IPv4 in turns, the next one when an attempt has failed or has taken
     * 250 ms, and the attempts that are open when one succeeds are given up. The timeout of the
     * options is for all of it, the look-up included. How names are looked up: {@code
     * io.byssus.net.dns.Names}.
     *
     * <p>A local address in the options restricts it to the addresses of that family, and a local
     * port to one attempt at a time.
     *
     * @return owned by the caller, who closes it
     * @throws UnknownHostException if the name has no address, or nobody could say
     * @throws java.net.ConnectException if no address could be connected to; it lists all that were
     *     tried, and their own exceptions are suppressed in it. Of a single address it is that
     *     address's own exception
     * @throws java.net.SocketTimeoutException if it takes longer than the options allow
     */
    public static Connection connect(String host, int port, ConnectOptions options)
            throws IOException {
        requirePort(port);
        NameService names = NetworkExtension.names();
        List<InetAddress> known = names.known(host);
        if (known.size() == 1) {
            return connect(new InetSocketAddress(known.getFirst(), port), options);
        }
        NetworkStack stack = NetworkExtension.stack();
        AddressRace race =
                new AddressRace(
                        names,
                        (address, deadlineNanos) -> stack.connect(address, options, deadlineNanos),
                        host,
                        port,
                        new AddressQueue(families(options)),
                        pace(options),
                        deadlineNanos(options));
        return new Connection(race.run(known), options.settings());
    }

    private static AddressQueue.Families families(ConnectOptions options) {
        return options.localAddress()
                .filter(local -> !local.getAddress().isAnyLocalAddress())
                .map(local ->
                        local.getAddress() instanceof Inet4Address
                                ? AddressQueue.Families.IPV4
                                : AddressQueue.Families.IPV6)
                .orElse(AddressQueue.Families.BOTH);
    }

    private static AddressRace.Pace pace(ConnectOptions options) {
        return options.localAddress().filter(local -> local.getPort() != 0).isPresent()
                ? AddressRace.Pace.ONE_BY_ONE
                : AddressRace.Pace.STAGGERED;
    }

    private static void requirePort(int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("port=" + port + ": expected 0 to " + PORT_MAX);
        }
    }

    /**
     * Connects to {@code address}, parking the calling fiber.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.ConnectException if nobody listens there
     * @throws java.net.SocketTimeoutException if it takes longer than the options allow
     * @throws UnknownHostException if the address is not resolved
     */
    public static Connection connect(InetSocketAddress address, ConnectOptions options)
            throws IOException {
        return new Connection(
                NetworkExtension.stack()
                        .connect(resolved(address), options, deadlineNanos(options)),
                options.settings());
    }

    /** A UDP socket on {@code port} of every local IPv4 address. */
    public static UdpSocket bindUdp(int port) throws IOException {
        return bindUdp(new InetSocketAddress("0.0.0.0", port), DatagramOptions.defaults());
    }

    /**
     * A UDP socket on {@code address}. Every shard may call this with the same address; they share
     * the port, and the kernel spreads the senders over them by its hash of both addresses, so that
     * a sender's datagrams come to one shard. Port 0 takes a free port for this socket; other
     * shards share it if they ask for it by its number. Another program on the port, or a second
     * start of this one, is an error.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.BindException if the address is in use or not this machine's
     * @throws UnknownHostException if the address is not resolved
     * @throws UnsupportedOperationException if the network stack has no UDP
     */
    public static UdpSocket bindUdp(InetSocketAddress address, DatagramOptions options)
            throws IOException {
        Objects.requireNonNull(options);
        return new UdpSocket(NetworkExtension.stack().openUdp(resolved(address), null, options));
    }

    /**
     * A UDP socket that sends to {@code address} and receives from there alone, with a free local
     * port. Does not park; whether anybody is there will show.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.NoRouteToHostException if there is no way to it
     * @throws UnknownHostException if the address is not resolved
     * @throws UnsupportedOperationException if the network stack has no UDP
     */
    public static UdpSocket connectUdp(InetSocketAddress address, DatagramOptions options)
            throws IOException {
        Objects.requireNonNull(options);
        return new UdpSocket(NetworkExtension.stack().openUdp(null, resolved(address), options));
    }

    /**
     * As {@link #connectUdp(InetSocketAddress, DatagramOptions)}, to {@code host}, a name or an
     * address. Of several addresses it takes the first, which is of a family that this machine has
     * a way for.
     */
    public static UdpSocket connectUdp(String host, int port) throws IOException {
        requirePort(port);
        return connectUdp(new InetSocketAddress(resolve(host), port), DatagramOptions.defaults());
    }

    /**
     * A Unix datagram socket on {@code address}. One shard may have it; a path is made, taken over
     * and removed as {@link #listen(UnixAddress, ListenOptions)} says.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.BindException if somebody has it, or the path cannot be made
     * @throws UnsupportedOperationException if the network stack has no Unix sockets
     */
    public static UnixDatagramSocket bindDatagram(UnixAddress address, DatagramOptions options)
            throws IOException {
        Objects.requireNonNull(address);
        return openUnix(address, null, options);
    }

    /**
     * A Unix datagram socket that sends to {@code address} and receives from there alone. It has an
     * abstract name of the kernel's choice, so that it can be answered by who is in the same
     * network namespace.
     *
     * @return owned by the caller, who closes it
     * @throws java.net.ConnectException if nobody has that name
     * @throws java.net.SocketException if there is no such path, or its permissions forbid it
     * @throws UnsupportedOperationException if the network stack has no Unix sockets
     */
    public static UnixDatagramSocket connectDatagram(UnixAddress address, DatagramOptions options)
            throws IOException {
        Objects.requireNonNull(address);
        return openUnix(null, address, options);
    }

    /**
     * As {@link #connectDatagram(UnixAddress, DatagramOptions)}, from an address of one's own,
     * which is taken as {@link #bindDatagram} does.
     */
    public static UnixDatagramSocket connectDatagram(
            UnixAddress from, UnixAddress to, DatagramOptions options) throws IOException {
        Objects.requireNonNull(from);
        Objects.requireNonNull(to);
        return openUnix(from, to, options);
    }

    private static UnixDatagramSocket openUnix(
            UnixAddress local, UnixAddress remote, DatagramOptions options) throws IOException {
        Objects.requireNonNull(options);
        return new UnixDatagramSocket(
                NetworkExtension.stack().openUnixDatagrams(local, remote, options));
    }

    /**
     * The calling shard's connections and the counters of its network stack, in the manner of
     * {@code netstat} and with the names of {@code nstat}; for people and for logs. Cold.
     */
    public static String report() {
        return NetworkExtension.stack().report();
    }

    private static InetAddress resolve(String host) throws IOException {
        NameService names = NetworkExtension.names();
        List<InetAddress> known = names.known(host);
        return known.isEmpty()
                ? names.resolve(host, Long.MAX_VALUE, early -> {}).getFirst()
                : known.getFirst();
    }

    private static InetSocketAddress resolved(InetSocketAddress address)
            throws UnknownHostException {
        if (address.isUnresolved()) {
            throw new UnknownHostException(address.getHostString() + ": unknown host");
        }
        return address;
    }
}
