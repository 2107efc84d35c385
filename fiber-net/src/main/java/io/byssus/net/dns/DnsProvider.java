package io.byssus.net.dns;

import io.byssus.net.spi.NameService;
import io.byssus.net.spi.NameServiceProvider;
import io.byssus.net.spi.NetworkStack;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.spi.InetAddressResolverProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.random.RandomGenerator;

/** Gives every shard its resolver, by {@code --dns-server}. */
public final class DnsProvider implements NameServiceProvider {
    private static final String SYSTEM = "system";
    private static final int PORT_MAX = 65_535;

    private ResolverOptions options;

    /** What resolv.conf names, when the servers are to be those. */
    private List<InetSocketAddress> configured = List.of();

    private boolean system;

    /** For the service loader. */
    public DnsProvider() {}

    @Override
    public void prepare(RuntimeOptions runtime) {
        options = ResolverOptions.defaults();
        List<String> given = runtime.dnsServers();
        if (given.equals(List.of(SYSTEM))) {
            system = true;
        } else if (given.isEmpty()) {
            Path file = options.resolvConf();
            system = !Files.exists(file);
            configured = system ? List.of() : serversOf(file);
        } else {
            List<InetSocketAddress> servers = new ArrayList<>();
            given.forEach(text -> servers.add(parse(text)));
            options = options.withServers(servers.toArray(new InetSocketAddress[0]));
        }
    }

    private static List<InetSocketAddress> serversOf(Path file) {
        try {
            return ResolvConf.parse(Files.readString(file)).serversOrLocal();
        } catch (IOException e) {
            return List.of(); // the first look-up will say so
        }
    }

    @Override
    public NameService create(Shard shard, NetworkStack stack) {
        if (shard.id() == 0) {
            warnOfOtherResolvers();
        }
        RandomGenerator random = new SecureRandom();
        random.nextInt(); // seeds it, which may take a moment
        NameService names =
                system || isOutOfReach(shard, stack)
                        ? new SystemNames()
                        : new Resolver(shard.reactor(), options, stack, random);
        Surroundings.SHARD.set(shard.reactor(), new Surroundings(stack, random, names));
        return names;
    }

    private boolean isOutOfReach(Shard shard, NetworkStack stack) {
        boolean out = !stack.sharesLoopback() && areLoopback(configured);
        if (out && shard.id() == 0) {
            ShardLog.info(
                    "the C library resolves names, as this network stack does not reach "
                            + configured
                            + " of /etc/resolv.conf; --dns-server names others");
        }
        return out;
    }

    /** Whether only the kernel's programs can ask these. */
    static boolean areLoopback(List<InetSocketAddress> servers) {
        return !servers.isEmpty()
                && servers.stream().allMatch(server -> server.getAddress().isLoopbackAddress());
    }

    /** dnsjava brings one too, and the JDK takes that of the jar that comes first. */
    private static void warnOfOtherResolvers() {
        ServiceLoader.load(InetAddressResolverProvider.class, ClassLoader.getSystemClassLoader())
                .stream()
                .findFirst()
                .map(ServiceLoader.Provider::type)
                .filter(type -> type.getPackageName().startsWith("org.xbill.DNS"))
                .ifPresent(type ->
                        ShardLog.warning(
                                "InetAddress asks "
                                        + type.getName()
                                        + " for addresses: put byssus-net before dnsjava on the"
                                        + " class path"));
    }

    /** {@code 192.0.2.53}, {@code 192.0.2.53:5353}, {@code 2001:db8::53}, {@code [::1]:5353}. */
    static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean hasPort =
                colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
        try {
            int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : ResolvConf.DNS_PORT;
            if (port < 1 || port > PORT_MAX) {
                throw new IllegalArgumentException("port=" + port);
            }
            return new InetSocketAddress(
                    InetAddress.ofLiteral(hasPort ? text.substring(0, colon) : text), port);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--dns-server "
                            + text
                            + ": expected an address such as 192.0.2.53, 192.0.2.53:5353 or"
                            + " [2001:db8::53]:53, or system",
                    e);
        }
    }
}
