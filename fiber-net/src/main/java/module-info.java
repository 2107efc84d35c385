/** The network API, its SPI, and the posix stack. */
@SuppressWarnings("module")
module io.byssus.net {
    requires transitive io.byssus.runtime;
    requires jdk.net;
    requires org.dnsjava;
    requires static io.netty.buffer;
    requires static io.netty.common;
    requires static io.netty.handler;

    exports io.byssus.net;
    exports io.byssus.net.dns;
    exports io.byssus.net.spi;
    exports io.byssus.net.tls;

    uses io.byssus.net.spi.NameServiceProvider;
    uses io.byssus.net.spi.NetworkStackProvider;
    uses java.net.spi.InetAddressResolverProvider;

    provides io.byssus.net.spi.NameServiceProvider with
            io.byssus.net.dns.DnsProvider;
    provides io.byssus.net.spi.NetworkStackProvider with
            io.byssus.net.posix.PosixStackProvider;
    provides io.byssus.runtime.reactor.ReactorBackendProvider with
            io.byssus.net.posix.EpollBackendProvider,
            io.byssus.net.posix.UringBackendProvider,
            io.byssus.net.nio.NioBackendProvider;
    provides io.byssus.runtime.shard.ShardExtension with
            io.byssus.net.NetworkExtension;
    provides java.net.spi.InetAddressResolverProvider with
            io.byssus.net.dns.OffShardResolverProvider;
}
