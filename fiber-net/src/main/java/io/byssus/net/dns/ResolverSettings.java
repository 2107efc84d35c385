package io.byssus.net.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** What is in force: the options, and what they leave open, as resolv.conf says. */
record ResolverSettings(
        List<InetSocketAddress> servers,
        List<String> search,
        int ndots,
        Duration timeout,
        int attempts,
        boolean rotate,
        boolean tcpOnly) {
    static ResolverSettings of(ResolverOptions options, ResolvConf conf) {
        return new ResolverSettings(
                options.servers().isEmpty() ? conf.serversOrLocal() : options.servers(),
                options.search().orElse(conf.search()),
                options.ndots().orElse(conf.ndots()),
                options.timeout().orElse(conf.timeout()),
                options.attempts().orElse(conf.attempts()),
                options.rotate().orElse(conf.rotate()),
                options.tcpOnly() || conf.tcpOnly());
    }
}
